"""What a worker is told before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from core.patience import Patience
from pressroom.schema import Addresses
from pressroom.settings import Settings
from tests.torture.plan import Case


@dataclass(frozen=True)
class Orders:
    """All that a worker needs, and the plan."""

    settings: Settings
    addresses: Addresses
    patience: Patience
    cases: Mapping[UUID, Case]  # by post
    marks: Path
    lateness: float
    """Seconds from a lost connection to the effect, where that comes later."""
    blind: bool
    """The control: repeat without looking first."""

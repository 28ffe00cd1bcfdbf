"""What the use-cases work with, put together once by whoever starts Pressroom."""

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Database
from core.downloads import Downloader
from core.graph.api import GraphAPI
from core.models import AuditHead
from core.pace import Pace
from core.patience import Patience
from core.stores import MediaStore
from core.vault import Vault


class Announcer(Protocol):
    """Shows people what became of a post; Slack's side of it stands in bot/announcer.py.

    All are called with no transaction open, may be called again after a crash, and raise
    TryAgainLater(after=...) when Slack asks us to wait.
    """

    async def show_card(self, agency_id: UUID, post_id: UUID) -> None:
        """Post the card, or redraw it in place."""

    async def reply(self, agency_id: UUID, post_id: UUID, payload: dict[str, Any]) -> None:
        """Say something in the card's thread."""

    async def summarize(self, agency_id: UUID, member_id: UUID) -> None:
        """Tell a member what waits for them, if anything does."""

    async def witness(self, agency_id: UUID, head: AuditHead) -> None:
        """Tell the channel that the agency chose for it how far its audit trail goes."""

    async def alert(self, agency_id: UUID, alert_id: UUID) -> None:
        """Tell a member that a login ends soon, or has ended."""

    async def departing(self, agency_id: UUID, departure_id: UUID) -> None:
        """Tell a client's channel that the client is being removed, and what becomes of its posts."""

    async def departed(self, agency_id: UUID, departure_id: UUID) -> None:
        """Tell whoever had a client removed that it is gone, and where its export is."""

    async def farewell(self, agency_id: UUID) -> None:
        """Tell whoever had an agency leave that everything is gone, and where the exports are."""


class Notifier(Protocol):
    """Tells people in Slack what happened on the web."""

    async def accounts_connected(
        self, agency_id: UUID, *, client_id: UUID, member_id: UUID, account_ids: list[UUID]
    ) -> None:
        """Show the member and the client's channel what was connected."""


class Transport(Protocol):
    """Runs work soon, on some process. Its jobs may be lost, doubled or late; nothing depends on them."""

    async def advance(self, session: AsyncSession, publication_ids: list[UUID], *, agency_id: UUID) -> None:
        """Go on with these publications once the session commits."""

    async def announce(self, session: AsyncSession, post_id: UUID, *, agency_id: UUID) -> None:
        """Tell Slack what is owed of this post once the session commits."""

    async def summarize(self, session: AsyncSession, member_id: UUID, *, agency_id: UUID) -> None:
        """Send a member their summary once the session commits."""

    async def witness(self, session: AsyncSession, *, agency_id: UUID) -> None:
        """Post an agency's newest head once the session commits."""

    async def alert(self, session: AsyncSession, alert_id: UUID, *, agency_id: UUID) -> None:
        """Send somebody an alert once the session commits."""

    async def say_goodbye(self, session: AsyncSession, departure_id: UUID, *, agency_id: UUID) -> None:
        """Tell whoever had a client removed once the session commits."""

    async def say_farewell(self, session: AsyncSession, *, agency_id: UUID) -> None:
        """Tell whoever had an agency leave that everything is gone, once the session commits."""

    async def waiting(self, queue: str = "advance") -> int:
        """Count what waits for a free worker: publications, or posts to speak of ("announce")."""

    async def still_waiting(self, publication_ids: list[UUID]) -> set[UUID]:
        """Give those of these publications that wait for a free worker."""


@dataclass(frozen=True)
class Services:
    """Everything a use-case may need; made in pressroom/wiring.py."""

    db: Database
    graph: GraphAPI
    vault: Vault
    store: MediaStore
    downloader: Downloader
    transport: Transport
    public_url: str
    facebook_url: str
    facebook_config_id: str | None
    signing_key: bytes = field(repr=False)
    former_signing_keys: tuple[bytes, ...] = field(default=(), repr=False)  # what they signed still counts
    pace: Pace = field(default_factory=Pace)  # the one that `graph` tells of Meta's limits
    patience: Patience = field(default_factory=Patience)

"""What the listeners work with, put together once."""

from asyncio import Semaphore, Task
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bot.channels import Channels
from bot.current import People
from bot.installations import Installations
from bot.lookups import Lookup
from bot.settings import SlackSettings
from core.grace import Leaving
from core.services import Services

MOST_REMEMBERED = 1000
PLACES = 4


class Remembered:
    """The newest of what was done with each of a thousand things; an older one is told apart."""

    def __init__(self) -> None:
        self._newest: OrderedDict[str, str] = OrderedDict()

    def is_newest(self, thing: str, moment: str) -> bool:
        """Say whether nothing newer was done with this thing, as far as this process knows."""
        newest = max(moment, self._newest.get(thing, ""))
        self._newest[thing] = newest
        self._newest.move_to_end(thing)
        if len(self._newest) > MOST_REMEMBERED:
            self._newest.popitem(last=False)
        return moment == newest

    def is_new(self, thing: str) -> bool:
        """Say whether we see this thing for the first time."""
        known = thing in self._newest
        self.is_newest(thing, "")
        return not known


@dataclass(frozen=True)
class Desk:
    """Everything that a listener may need."""

    services: Services
    slack: SlackSettings
    installations: Installations
    people: People
    channels: Channels = field(default_factory=Channels)
    changes: Remembered = field(default_factory=Remembered)  # of views, by action_ts
    # How many turns are worked on at once, once they are acknowledged. So an answer never waits behind much.
    places: Semaphore = field(default_factory=lambda: Semaphore(PLACES))
    leaving: dict[UUID, Lookup[Leaving | None]] = field(default_factory=dict)  # by agency
    events: Remembered = field(default_factory=Remembered)  # by event_id; Slack sends one again when in doubt
    turns: set[Task[Any]] = field(default_factory=set)  # under way

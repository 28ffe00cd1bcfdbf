"""Lives of logins: how each ends, what whoever connected it does then, and what became of it in truth.

The truth is what the simulated Meta was told. What Pressroom found out is compared with it.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from core.models import Client, Ending, Member, Platform
from simulator.meta.seed import ALL_TASKS
from simulator.meta.world import Instagram, Page, Person, World
from tests.drivers.meta import Meta

DATA_ACCESS = timedelta(days=90)
BOTH = (Platform.FACEBOOK, Platform.INSTAGRAM)
LAPSED, HIDDEN = "data access over", "hidden for days"  # the two that nobody does
HIDDEN_FOR = timedelta(days=10)


@dataclass
class Life:
    """One login, the Page and perhaps the Instagram account that came of it, and those whom that concerns."""

    number: int
    person: str
    page: str
    instagram: str | None
    client: Client
    managers: tuple[Member, ...]
    connector: Member
    way: "Way"
    dies_after: timedelta  # from the year's first moment
    heeds: int | None
    """The warning after which they log in anew, in days ahead; None: not before the end."""
    answers_after: timedelta | None
    """How long after they heard of the end they log in anew; None: never."""
    logins: list["Login"] = field(default_factory=list)
    has_died: bool = False
    """Whether it has died in its way by now; once is enough."""
    hidden_until: datetime | None = None
    back_at: datetime | None = None
    """When somebody is going to log in anew."""
    accounts: dict[Platform, UUID] = field(default_factory=dict)

    @property
    def values(self) -> list[str]:
        """Give what is ticked in the choice of accounts."""
        found = [f"facebook_page:{self.page}"]
        return [*found, f"instagram_business:{self.instagram}"] if self.instagram else found

    @property
    def assets(self) -> list[str]:
        """Give the ids of the Page and of the Instagram account."""
        return [self.page, *([self.instagram] if self.instagram else [])]

    def login_at(self, moment: datetime) -> "Login":
        """Give the login that counted at a moment."""
        return [one for one in self.logins if one.at <= moment][-1]

    def works(self, platform: Platform, moment: datetime) -> bool:
        """Say whether Meta would have published for an account at that moment."""
        end = self.login_at(moment).end_of(platform)
        return end is None or moment < end

    def lapses_within(self, now: datetime, left: timedelta) -> bool:
        """Say whether the access to data ends so soon that the dialog must be asked to renew it."""
        lapses_at = self.logins[-1].lapses_at if self.logins else None
        return lapses_at is not None and lapses_at < now + left

    def back_after(self, moment: datetime) -> datetime | None:
        """Give when somebody logged in anew after that, if ever."""
        return next((one.at for one in self.logins if one.at > moment), None)


@dataclass
class Login:
    """From one login to the next: by whom, until when there is access to data, and when it died before."""

    at: datetime
    connector: Member
    connection_id: UUID
    lapses_at: datetime | None
    died_at: datetime | None = None
    until: datetime | None = None
    """When the next one took its place."""

    def end_of(self, platform: Platform) -> datetime | None:
        """Give when an account could not be used any more."""
        ends = [self.died_at, self.lapses_at if platform is Platform.INSTAGRAM else None]
        return min((one for one in ends if one), default=None)


Deed = Callable[[Meta, Life], Awaitable[None]]


@dataclass(frozen=True)
class Way:
    """A way in which a login, or its accounts, end: what is done at Meta, and what puts that right."""

    name: str
    ending: Ending | None
    do: Deed
    whole: bool = True
    """Whether Meta then refuses the login itself, and not only its accounts."""
    undo: Deed | None = None


def token(state: str) -> Deed:
    """Give what ends all of a person's tokens."""

    async def do(meta: Meta, life: Life) -> None:
        await meta.tokens(state, who=life.person)

    return do


def withdrawn(what: Callable[[Life], dict[str, object]]) -> Deed:
    """Give what takes something of a login back."""

    async def do(meta: Meta, life: Life) -> None:
        await meta.withdraw(person=life.person, **what(life))

    return do


def role(state: str) -> Deed:
    """Give what takes the roles on a Page away, or gives them back."""

    async def do(meta: Meta, life: Life) -> None:
        await meta.tokens(state, account=life.page)

    return do


async def remove_app(meta: Meta, life: Life) -> None:
    """Remove the app, on the person's own settings page."""
    await meta.remove_app(life.person)


async def nothing(_: Meta, __: Life) -> None:
    """Do nothing: time does it."""


def tasks(*names: str) -> Deed:
    """Give what changes what a person may do on the Page."""
    return withdrawn(lambda life: {"tasks": {life.page: list(names)}})


WAYS = (
    Way("expired", Ending.EXPIRED, token("expired")),
    Way("password changed", Ending.PASSWORD, token("password")),
    Way("app removed", Ending.REMOVED, remove_app),
    Way("checkpoint", Ending.CHECKPOINT, token("checkpoint")),
    Way("blocked", Ending.CHECKPOINT, token("blocked")),
    Way("unconfirmed", Ending.UNCONFIRMED, token("unconfirmed")),
    Way("logged out", Ending.LOGGED_OUT, token("logged_out")),
    Way("role lost", Ending.ROLE_LOST, role("role_lost"), whole=False, undo=role("valid")),
    Way("task lost", Ending.TASK_LOST, tasks("ANALYZE"), whole=False, undo=tasks(*ALL_TASKS)),
    Way(
        "permission withdrawn",
        Ending.PERMISSION,
        withdrawn(lambda _: {"permissions": ["pages_read_engagement"]}),
        whole=False,
    ),
    Way(
        "no longer shared",
        Ending.PERMISSION,
        withdrawn(lambda life: {"unshared": life.assets}),
        whole=False,
    ),
    Way(LAPSED, Ending.DATA_ACCESS, nothing, whole=False),
    Way(HIDDEN, None, tasks(), undo=tasks(*ALL_TASKS)),
)


def settle(world: World, number: int, *, instagram: bool) -> tuple[str, str, str | None]:
    """Have a person with a Page, and perhaps an Instagram account, live at Meta; give the ids."""
    person, page, linked = f"7000{number:06}", f"8000{number:06}", f"9000{number:06}" if instagram else None
    name = f"Shop {number}"
    world.people[person] = Person(id=person, name=f"Person {number}", tasks={page: list(ALL_TASKS)})
    looks = {"username": f"shop.{number}", "website": "shop.example", "art": "coffee", "followers": 1}
    world.pages[page] = Page(
        id=page,
        name=name,
        category="Shop",
        about="A shop.",
        instagram_id=linked,
        **looks,  # type: ignore[arg-type]
    )
    if linked:
        world.instagrams[linked] = Instagram(
            id=linked,
            name=name,
            biography="",
            page_id=page,
            follows=1,
            **looks,  # type: ignore[arg-type]
        )
    return person, page, linked


def another_person(world: World, life: Life) -> str:
    """Have somebody else get a role on a life's Page; give their id."""
    other = f"7100{life.number:06}"
    world.people[other] = Person(id=other, name=f"Other {life.number}", tasks={life.page: list(ALL_TASKS)})
    return other


def fate(dice: random.Random, way: Way) -> tuple[int | None, timedelta | None]:
    """Give which warning is heeded, and how long after the end somebody comes back."""
    heeds = None if way.name == LAPSED else dice.choice((14, 7, 1))
    comes_back = dice.random() < 2 / 3
    return heeds, timedelta(hours=dice.randint(1, 20 * 24)) if comes_back else None

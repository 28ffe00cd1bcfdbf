"""What is to be published, and what goes wrong with it: all of it follows from a seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from core.models import Kind, StepName

STEPS = {
    Kind.INSTAGRAM_PHOTO: (StepName.CONTAINER, StepName.PUBLISH),
    Kind.FACEBOOK_PHOTO: (StepName.PHOTO, StepName.FEED),
    Kind.FACEBOOK_TEXT: (StepName.FEED,),
    Kind.FACEBOOK_LINK: (StepName.FEED,),
}


NOWHERE = UUID(int=0)


class Moment(StrEnum):
    """When in a step something goes wrong."""

    BEFORE_INTENT = "before the intent"
    AFTER_INTENT = "after the intent"
    UNDER_WAY = "while the request is under way"
    AFTER_EFFECT = "after the effect, before the answer"
    AFTER_ANSWER = "after the answer"
    AFTER_OUTCOME = "after the outcome is written"


class What(StrEnum):
    """What goes wrong."""

    KILL = "kill -9"
    RESTART = "PostgreSQL restarts"
    UNREACHABLE = "Meta cannot be reached"
    DROP = "the connection is lost"
    LATE = "the connection is lost, the effect comes later"
    ERROR = "a 500"
    LIMIT = "a rate limit, 4/2207051"


Mishap = tuple[What, Moment]
KILLS: list[Mishap] = [(What.KILL, moment) for moment in Moment]
RESTARTS: list[Mishap] = [(What.RESTART, moment) for moment in Moment]
CALLS: list[Mishap] = [
    (What.UNREACHABLE, Moment.AFTER_INTENT),
    (What.DROP, Moment.UNDER_WAY),
    (What.DROP, Moment.AFTER_EFFECT),
    (What.LATE, Moment.UNDER_WAY),
    (What.ERROR, Moment.UNDER_WAY),
    (What.ERROR, Moment.AFTER_EFFECT),
    (What.LIMIT, Moment.UNDER_WAY),
    (What.LIMIT, Moment.AFTER_EFFECT),
]
LIVE_UNHEARD: list[Mishap] = [  # the public sees the post, or soon will, and nobody here knows
    (What.DROP, Moment.AFTER_EFFECT),
    (What.LATE, Moment.UNDER_WAY),
    (What.ERROR, Moment.AFTER_EFFECT),
    (What.LIMIT, Moment.AFTER_EFFECT),
    (What.KILL, Moment.UNDER_WAY),
    (What.KILL, Moment.AFTER_EFFECT),
    (What.KILL, Moment.AFTER_ANSWER),
    (What.RESTART, Moment.AFTER_ANSWER),
]
HOW_MANY, SHARES = (0, 1, 2, 3), (25, 40, 25, 10)  # mishaps of one publication, and how often that many
SHARE_OF = ((KILLS, 40), (RESTARTS, 3), (CALLS, 57))


@dataclass(frozen=True)
class Trouble:
    """One mishap, at one step; it happens once."""

    step: StepName
    what: What
    moment: Moment

    def __str__(self) -> str:
        """Say it as a line of a report has it."""
        return f"{self.step.value}: {self.what} {self.moment}"


@dataclass(frozen=True)
class Case:
    """One publication, and all that goes wrong with it."""

    number: int
    kind: Kind
    troubles: tuple[Trouble, ...]
    waits: float = 0.0
    """Seconds from when it is submitted to its minute; 0 is at once."""
    slow: bool = False
    """Whether its account shows posts late, also to those who look for them."""
    account: int = 0
    """Its place among the accounts of its speed."""
    post_id: UUID = NOWHERE

    def __str__(self) -> str:
        """Say it as a line of a report has it."""
        when = f"{self.waits:.0f} s ahead" if self.waits else "at once"
        words = [f"case {self.number}", self.kind.value, when, *(["slowly visible"] if self.slow else [])]
        return f"{', '.join(words)}; {'; '.join(map(str, self.troubles)) or 'nothing goes wrong'}"


def plan(name: str, seed: int, cases: Sequence[Case]) -> list[Case]:
    """Give the cases of a run in an order of chance, numbered, each with its post and its account.

    An account has one publication, or as many as chance gives it.
    """
    chance = random.Random(f"{name} {seed}")
    mixed = list(cases)
    chance.shuffle(mixed)
    accounts = {False: 0, True: 0}
    planned = []
    for number, case in enumerate(mixed):
        known = accounts[case.slow]
        account = chance.randrange(known) if known and chance.random() < 0.5 else known
        accounts[case.slow] = max(known, account + 1)
        post_id = uuid5(NAMESPACE_URL, f"torture:{name}:{seed}:{number}")
        planned.append(replace(case, number=number, account=account, post_id=post_id))
    return planned


def each(ahead: float) -> Iterator[Case]:
    """Give every mishap at every step of every kind: at once, and `ahead` seconds before its minute.

    The database restarts for each only once, in turns at once and ahead. Where the post is live and its
    answer was lost, it is also tried with a post that shows late.
    """
    for kind, names in STEPS.items():
        for step in names:
            for what, moment in (*KILLS, *CALLS):
                for waits in (0.0, ahead):
                    yield Case(0, kind, (Trouble(step, what, moment),), waits)
            for number, (what, moment) in enumerate(RESTARTS):
                yield Case(0, kind, (Trouble(step, what, moment),), (number % 2) * ahead)
        for what, moment in LIVE_UNHEARD:
            yield Case(0, kind, (Trouble(names[-1], what, moment),), slow=True)


def combined(seed: int, count: int, ahead: float) -> Iterator[Case]:
    """Give so many publications with mishaps of chance."""
    chance = random.Random(seed)
    for _ in range(count):
        kind = chance.choice(list(STEPS))
        [how_many] = chance.choices(HOW_MANY, SHARES)
        troubles = tuple(trouble(chance, kind) for _ in range(how_many))
        waits = chance.uniform(2, ahead) if chance.random() < 0.5 else 0.0
        yield Case(0, kind, troubles, waits, slow=chance.random() < 0.3)


def trouble(chance: random.Random, kind: Kind) -> Trouble:
    """Give a mishap of chance at one of the steps of a kind."""
    [mishaps] = chance.choices([mishaps for mishaps, _ in SHARE_OF], [share for _, share in SHARE_OF])
    what, moment = chance.choice(mishaps)
    return Trouble(chance.choice(STEPS[kind]), what, moment)


def unheard(count: int) -> list[Case]:
    """Give publications that are live, while nobody here has heard of it: what a control needs."""
    mishaps = [one for one in LIVE_UNHEARD if one[0] is not What.RESTART]
    kinds = list(STEPS)
    chosen = [(kinds[n % len(kinds)], mishaps[n // len(kinds) % len(mishaps)]) for n in range(count)]
    return [Case(0, kind, (Trouble(STEPS[kind][-1], *mishap),)) for kind, mishap in chosen]


def late(count: int) -> list[Case]:
    """Give publications that go live some time after the answer was lost."""
    kinds = (Kind.INSTAGRAM_PHOTO, Kind.FACEBOOK_PHOTO)
    mishap = What.LATE, Moment.UNDER_WAY
    return [Case(0, kinds[n % 2], (Trouble(STEPS[kinds[n % 2]][-1], *mishap),)) for n in range(count)]

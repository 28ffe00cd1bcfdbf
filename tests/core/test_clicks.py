"""Twenty people click in the same instant; what each click came to is what some order of them explains."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from core import approvals, clients, policies, withdrawals
from core.clients import Details
from core.db import Database
from core.decisions import Seen
from core.errors import Changed
from core.models import AuditEntry, Decision, Member, Mode, PostState, PublicationState
from core.policies import Rules, Stage
from core.posts import PostView
from core.services import Services
from tests.conftest import Cast, MakeServices, new_agency, welcome
from tests.core.asking import asked, edits
from tests.core.desk import Desk, make_desk
from tests.core.timetable import trail
from tests.drivers.meta import Meta

NEEDS = 3  # approvals of twenty
AND_BACK = ("approve", "take back")
STORMS: tuple[tuple[tuple[str, ...], ...], ...] = (  # what people click in one, each as likely
    (("approve",), ("approve",), ("approve",), ("ask for changes",), ("reject",), ("edit",)),
    (("approve",), ("approve",), AND_BACK, (*AND_BACK, "approve"), ("take back",)),
    (("approve",), ("approve",), ("approve",), AND_BACK, ("ask for changes",), ("reject",)),
    (("approve",),),
    (AND_BACK, AND_BACK, (*AND_BACK, "approve"), ("edit",)),
)
DEEDS = {
    "post_approved": "approve",
    "post_changes_requested": "ask for changes",
    "post_rejected": "reject",
    "post_taken_back": "take back",
    "approval_requested": "edit",
}
DECISIONS = {
    "approve": Decision.APPROVED,
    "ask for changes": Decision.CHANGES_REQUESTED,
    "reject": Decision.REJECTED,
}
AFTER = {"ask for changes": PostState.CHANGES_REQUESTED, "reject": PostState.REJECTED}
OVER = {
    PostState.CHANGES_REQUESTED: "Somebody has asked for changes already.",
    PostState.REJECTED: "Somebody has rejected this post already.",
    PostState.PUBLISHING: "Everybody has approved this post already.",
}
EDITED = "This post was changed in the meantime. Have a look at the newest version."
AGREED = "You have approved this already. To say something else, take your approval back first."
OTHER_STAGE = "This waits at another stage by now. Have a look, and decide about that one."
NOTHING_SAID = "You have not approved this."
ALL_AGREED = "Everybody has approved this post already."
TOO_LATE = "This post is already on its way, and the approval can no longer be taken back."


@dataclass(frozen=True)
class Model:
    """What a post is, as far as the clicks go; all of them were made in sight of the first round."""

    state: PostState = PostState.IN_APPROVAL
    round: int = 1
    agreed: frozenset[str] = frozenset()

    def refusal(self, who: str, click: str) -> str | None:
        """Give what somebody must hear who clicks now; nothing where the click counts."""
        if self.round != 1:
            return EDITED
        if click == "edit":  # also of what no worker has begun yet
            return None
        if click == "take back":
            return self.kept(who)
        return OVER.get(self.state) or (AGREED if who in self.agreed else None)

    def kept(self, who: str) -> str | None:
        """Say why somebody cannot take an approval back now."""
        if who not in self.agreed:
            return NOTHING_SAID
        return TOO_LATE if self.state in AFTER.values() else None

    def after(self, who: str, click: str) -> "Model":
        """Give what becomes of it by a click that counts."""
        if click == "edit":
            return Model(round=2)
        if click in AFTER:
            return replace(self, state=AFTER[click])
        agreed = self.agreed | {who} if click == "approve" else self.agreed - {who}
        enough = PostState.PUBLISHING if len(agreed) == NEEDS else PostState.IN_APPROVAL
        return replace(self, agreed=agreed, state=enough)


@dataclass(frozen=True)
class Click:
    """What somebody clicked, from when to when, and what they heard where it did not count."""

    who: str
    what: str
    began: datetime
    ended: datetime
    refused: str | None


@dataclass(frozen=True)
class Crowd:
    """A desk, and twenty people who may approve what is written there."""

    desk: Desk
    people: tuple[Member, ...]


@pytest.fixture
async def crowd(db: Database, make_services: MakeServices, meta: Meta) -> Crowd:
    agency = await new_agency(db)
    people = [await welcome(db, agency.id, f"Approver {number}") for number in range(20)]
    desk = await make_desk(make_services("http://pressroom.example"), agency, meta)
    await hire(desk.services, agency, people)
    rules = Rules(Mode.REQUIRED, (Stage("Agency", NEEDS, roles=frozenset({"manager"})),))
    boss = agency.actor(agency.admin)
    await policies.change(desk.services, boss, client_id=agency.client.id, rules=rules)
    return Crowd(desk, tuple(people))


async def hire(services: Services, agency: Cast, people: list[Member]) -> None:
    """Make everybody a manager of the client."""
    managers = frozenset(one.id for one in people)
    details = Details(agency.client.name, None, managers, frozenset({agency.author.id}))
    await clients.change(services.db, agency.actor(agency.admin), agency.client.id, details)


async def test_some_order_of_the_clicks_explains_each_of_them_and_the_outcome(
    crowd: Crowd, storms: int
) -> None:
    dice, desk, outcomes, counted = random.Random(storms), crowd.desk, set(), set()
    for number in range(storms):
        post = await asked(desk, f"Post {uuid4()}")
        planned = [dice.choice(STORMS[number % len(STORMS)]) for _ in crowd.people]
        clicking = (clicks(desk, post, *one) for one in zip(crowd.people, planned, strict=True))
        clicked = [click for person in await asyncio.gather(*clicking) for click in person]
        entries = (await trail(desk, post.post.id))[1:]
        in_order = matched(entries, [one for one in clicked if one.refused is None])
        states = explained(in_order)
        for one in clicked:
            if one.refused is not None:
                must_be_true(one, in_order, entries, states)
        await must_be(desk, post, states[-1])
        outcomes.add(states[-1].state)
        counted |= {one.what for one in in_order}
    assert len(outcomes) > 1, "a storm that always ends in the same way shows nothing"
    assert counted >= {"approve", "take back", "edit"}


def matched(entries: list[AuditEntry], counted: list[Click]) -> list[Click]:
    """Give the clicks that counted in the order of the trail; each has its entry, and there is no other."""
    left, in_order = list(counted), []
    for entry in entries:
        who, what = entry.user_id, DEEDS[entry.action]
        click = next((one for one in left if (one.who, one.what) == (who, what)), None)
        assert click, f"nobody is told that {who} did {what}"
        assert click.began <= entry.created_at <= click.ended
        left.remove(click)
        in_order.append(click)
    assert left == []
    return in_order


def explained(in_order: list[Click]) -> list[Model]:
    """Give what the post was before, and after each click that counted."""
    states = [Model()]
    for one in in_order:
        assert states[-1].refusal(one.who, one.what) is None, (one, states[-1])
        states.append(states[-1].after(one.who, one.what))
    return states


def must_be_true(one: Click, in_order: list[Click], entries: list[AuditEntry], states: list[Model]) -> None:
    """Fail when what a click was refused for was not so at any moment between its start and its end.

    What was over when it began comes before it, and what was not yet written when it ended, after.
    """
    first = max((n for n, other in enumerate(in_order, 1) if other.ended < one.began), default=0)
    last = sum(entry.created_at < one.ended for entry in entries)
    could_be = [state.refusal(one.who, one.what) for state in states[first : last + 1]]
    assert one.refused in could_be, (one, could_be)


async def must_be(desk: Desk, post: PostView, model: Model) -> None:
    """Fail when a post is not as the clicks made it."""
    now = await desk.look(post)
    assert (now.post.state, now.post.round) == (model.state, model.round)
    assert now.standing
    assert {one.slack_user_id for one in now.standing.stages[0].agreed} == model.agreed
    sent = PublicationState.QUEUED if model.state is PostState.PUBLISHING else PublicationState.HELD
    assert {one.state for one in now.publications} == {sent}


async def clicks(desk: Desk, post: PostView, person: Member, planned: tuple[str, ...]) -> list[Click]:
    """Click one after the other as this person, in sight of the first round."""
    return [await click(desk, post, person, what) for what in planned]


async def click(desk: Desk, post: PostView, person: Member, what: str) -> Click:
    """Click as this person, in sight of the first round; give what that came to."""
    began, refused = datetime.now(UTC), None
    try:
        await does(desk, post, person, what)()
    except Changed as changed:
        refused = changed.sentence
    return Click(person.slack_user_id, what, began, datetime.now(UTC), refused)


def does(desk: Desk, post: PostView, person: Member, what: str) -> Callable[[], Awaitable[object]]:
    """Give what a click does."""
    seen, actor = Seen.of(post.post), desk.cast.actor(person)
    if what == "edit":
        return lambda: edits(replace(desk, actor=actor), post, f"Other words {uuid4()}")
    if what == "take back":
        return lambda: withdrawals.take_back(desk.services, actor, seen)
    return lambda: approvals.decide(desk.services, actor, seen, DECISIONS[what], comment="Because.")


# --- two stages -------------------------------------------------------------------------------------------


async def test_no_click_in_sight_of_one_stage_approves_the_next(crowd: Crowd, storms: int) -> None:
    desk, boss = crowd.desk, crowd.desk.cast.actor(crowd.desk.cast.admin)
    both = [Stage(name, 1, roles=frozenset({"manager"})) for name in ("Brand check", "Final")]
    rules = Rules(Mode.REQUIRED, tuple(both))
    await policies.change(desk.services, boss, client_id=desk.cast.client.id, rules=rules)
    for _ in range(max(1, storms // 5)):
        posts = [await asked(desk, f"Post {uuid4()}") for _ in range(2)]
        for stage in (1, len(both)):
            clicked = await storm(crowd, posts)
            for post in posts:
                counted = [one for one in clicked if one.what == str(post.post.id) and one.refused is None]
                assert len(counted) == 1, f"{len(counted)} approvals of stage {stage} in sight of it"
            heard = {one.refused for one in clicked} - {None}
            assert heard == {OTHER_STAGE if stage == 1 else ALL_AGREED}
            posts = [await desk.look(post) for post in posts]
            given = [[one.given for one in post.standing.stages] for post in posts if post.standing]
            assert given == [[1, stage - 1]] * 2
        assert {post.post.state for post in posts} == {PostState.PUBLISHING}


async def storm(crowd: Crowd, posts: list[PostView]) -> list[Click]:
    """Have half of them press Approve of each post twice at once, and the others tick both."""
    desk, half = crowd.desk, len(crowd.people) // 2
    twice = [approves(desk, [post], one) for one in crowd.people[:half] for post in posts for _ in range(2)]
    several = [approves(desk, posts, one) for one in crowd.people[half:]]
    return [one for clicked in await asyncio.gather(*twice, *several) for one in clicked]


async def approves(desk: Desk, posts: list[PostView], person: Member) -> list[Click]:
    """Approve one after the other as this person, as several that were ticked are."""
    clicked = [await click(desk, post, person, "approve") for post in posts]
    return [replace(one, what=str(post.post.id)) for one, post in zip(clicked, posts, strict=True)]

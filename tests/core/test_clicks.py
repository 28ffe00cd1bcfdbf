"""Twenty people click in the same instant; what came of it is what some order of their clicks explains."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest

from core import approvals, clients, drafts, policies, submissions
from core.approvals import Seen
from core.clients import Details
from core.db import Database
from core.errors import Changed, NotAllowed
from core.models import Decision, Member, Mode, PostState
from core.policies import Rules, Stage
from core.posts import PostView
from core.services import Services
from tests.conftest import Cast, MakeServices, new_agency, welcome
from tests.core.desk import Desk, make_desk
from tests.core.timetable import CHANNEL, trail
from tests.drivers.meta import Meta

NEEDS = 3  # approvals of twenty
STORMS = (  # what people click in one, each as likely
    ("approve", "approve", "approve", "ask for changes", "reject", "edit"),
    ("approve", "approve", "approve", "approve", "ask for changes", "reject"),
    ("approve",),
)
DEEDS = {
    "post_approved": "approve",
    "post_changes_requested": "ask for changes",
    "post_rejected": "reject",
    "approval_requested": "edit",
}
AFTER = {"ask for changes": PostState.CHANGES_REQUESTED, "reject": PostState.REJECTED}


@dataclass(frozen=True)
class Model:
    """What a post is, as far as the clicks go; all of them were made in sight of the first round."""

    state: PostState = PostState.IN_APPROVAL
    round: int = 1
    agreed: frozenset[str] = frozenset()

    def after(self, who: str, click: str) -> "Model | None":
        """Give what becomes of it, or nothing where the click must be refused."""
        if click == "edit":
            return Model(round=2) if self.round == 1 else None  # also of what no worker has begun yet
        if self.round != 1 or self.state is not PostState.IN_APPROVAL or who in self.agreed:
            return None
        if click != "approve":
            return replace(self, state=AFTER[click])
        agreed = self.agreed | {who}
        return replace(
            self, agreed=agreed, state=PostState.PUBLISHING if len(agreed) == NEEDS else self.state
        )


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


async def test_the_outcome_is_always_one_that_some_order_of_the_clicks_explains(
    crowd: Crowd, storms: int
) -> None:
    dice, desk, outcomes = random.Random(storms), crowd.desk, set()
    for number in range(storms):
        post = await asked(desk)
        planned = [(person, dice.choice(STORMS[number % 3])) for person in crowd.people]
        taken = await asyncio.gather(*(accepted(desk, post, *one) for one in planned))
        accepted_clicks = [
            (one.slack_user_id, click) for (one, click), yes in zip(planned, taken, strict=True) if yes
        ]
        in_order = [(one.user_id, DEEDS[one.action]) for one in (await trail(desk, post.post.id))[1:]]
        assert sorted(in_order) == sorted(accepted_clicks), "each accepted click has its entry, and no other"
        states = explained(in_order)
        refused = [
            (one.slack_user_id, click) for (one, click), yes in zip(planned, taken, strict=True) if not yes
        ]
        for who, click in refused:
            assert any(state.after(who, click) is None for state in states), (who, click, in_order)
        now = (await desk.look(post)).post
        assert (now.state, now.round) == (states[-1].state, states[-1].round)
        outcomes.add(now.state)
    assert len(outcomes) > 1, "a storm that always ends in the same way shows nothing"


def explained(in_order: list[tuple[str, str]]) -> list[Model]:
    """Give what the post was after each click that was accepted, in the order of the trail."""
    states = [Model()]
    for who, click in in_order:
        following = states[-1].after(who, click)
        assert following is not None, f"{who} cannot {click} after {in_order}"
        states.append(following)
    return states


async def asked(desk: Desk) -> PostView:
    """Ask for approval of a new post."""
    view = await desk.draft(desk.content(desk.facebook, caption=f"Post {uuid4()}"))
    return await submissions.submit(
        desk.services,
        desk.actor,
        post_id=view.post.id,
        version=view.version.version,
        channel_id=CHANNEL,
    )


async def accepted(desk: Desk, post: PostView, person: Member, click: str) -> bool:
    """Click as this person, in sight of the first round; say whether that did anything."""
    seen, actor = Seen.of(post.post), desk.cast.actor(person)
    decisions = {
        "approve": Decision.APPROVED,
        "ask for changes": Decision.CHANGES_REQUESTED,
        "reject": Decision.REJECTED,
    }
    click_it: Callable[[], Awaitable[object]] = lambda: approvals.decide(  # noqa: E731
        desk.services, actor, seen, decisions[click], comment="Because."
    )
    if click == "edit":
        click_it = lambda: edit(replace(desk, actor=actor), post)  # noqa: E731
    try:
        await click_it()
    except (Changed, NotAllowed):
        return False
    return True


async def edit(desk: Desk, post: PostView) -> None:
    """Write the post anew, and ask again."""
    base = post.post.version
    changed = await drafts.revise(
        desk.services,
        desk.actor,
        post_id=post.post.id,
        base_version=base,
        content=desk.content(desk.facebook, caption=f"Other words {uuid4()}"),
    )
    await submissions.submit(
        desk.services,
        desk.actor,
        post_id=post.post.id,
        version=changed.version.version,
        channel_id=CHANNEL,
        base_version=base,
    )

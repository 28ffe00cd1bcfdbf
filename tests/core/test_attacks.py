"""Whoever may not decide, whatever they click, and whichever version they saw: nothing comes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest

from core import agencies, approvals, drafts, policies, schedule
from core.agencies import Person
from core.approvals import Seen
from core.db import Actor, Origin
from core.errors import Changed, NotAllowed, NotFound
from core.models import ClientMember, ClientRole, Decision, Mode, PostState, PublicationState
from core.policies import Rules, Stage
from core.posts import PostView
from core.services import Services
from tests.conftest import Cast
from tests.core.asking import asked, decided, edits, says
from tests.core.desk import Desk, make_desk
from tests.core.timetable import actions
from tests.drivers.meta import Meta

WHO = ("author", "editor", "not asked", "stranger", "guest", "guest who reviews", "other agency", "nobody")
BUTTONS = ("approve", "ask for changes", "reject", "take back")
VERSIONS = ("this version", "an old version", "a version to come")
DECISIONS = {
    "approve": Decision.APPROVED,
    "ask for changes": Decision.CHANGES_REQUESTED,
    "reject": Decision.REJECTED,
}


@dataclass(frozen=True)
class Scene:
    """A post that waits for an admin, edited once by a manager; and everybody who may not decide about it."""

    desk: Desk
    post: PostView
    people: dict[str, Actor]


@pytest.fixture
async def scene(
    services: Services, agency: Cast, make_agency: Callable[[], Awaitable[Cast]], meta: Meta
) -> Scene:
    desk = await make_desk(services, agency, meta)
    manager, boss = agency.actor(agency.manager), agency.actor(agency.admin)
    stage = Stage("Boss", 1, frozenset({"admin", ClientRole.MANAGER}))
    rules = Rules(Mode.REQUIRED, (stage,))
    await policies.change(services, boss, client_id=agency.client.id, rules=rules)
    post = await edits(
        Desk(services, agency, manager, desk.instagram, desk.facebook), await asked(desk), "Anew"
    )
    other = await make_agency()
    people = {
        "author": desk.actor,
        "editor": manager,
        "not asked": await hired(desk, ClientRole.AUTHOR),
        "stranger": agency.actor(agency.stranger),
        "guest": await hired(desk, None, is_guest=True),
        "guest who reviews": await hired(desk, ClientRole.REVIEWER, is_guest=True),
        "other agency": other.actor(other.admin),
        "nobody": Actor(agency.id, uuid4()),
    }
    return Scene(desk, post, people)


async def hired(desk: Desk, role: ClientRole | None, *, is_guest: bool = False) -> Actor:
    """Let somebody more work for the client as this, or for nobody."""
    services, cast = desk.services, desk.cast
    person = Person(f"U{uuid4().hex[:10].upper()}", "Somebody", "UTC", is_admin=False, is_guest=is_guest)
    member = await agencies.welcome(services.db, cast.id, person)
    if role:
        async with services.db.session(cast.program) as session:
            session.add(
                ClientMember(client_id=cast.client.id, member_id=member.id, agency_id=cast.id, role=role)
            )
    return agencies.actor_of(member, Origin())


def seen(post: PostView, which: str) -> Seen:
    """Give what somebody claims to have seen."""
    version, asked_for = post.post.version, post.post.round
    by = {"this version": 0, "an old version": -1, "a version to come": 1}[which]
    return Seen(post.post.id, version + by, asked_for + by)


@pytest.mark.parametrize("which", VERSIONS)
@pytest.mark.parametrize("button", BUTTONS)
async def test_nobody_who_may_not_changes_anything(scene: Scene, button: str, which: str) -> None:
    desk, post = scene.desk, scene.post
    before = await actions(desk, post.post.id)
    for name in WHO:
        with pytest.raises((NotAllowed, NotFound, Changed)):
            await click(desk, scene.people[name], seen(post, which), button)
    assert await decided(desk, post) == []
    assert await actions(desk, post.post.id) == before
    now = await desk.look(post)
    assert now.post.state is PostState.IN_APPROVAL
    assert {one.state for one in now.publications} == {PublicationState.HELD}


@pytest.mark.parametrize("button", BUTTONS)
async def test_nor_does_whoever_may_with_an_old_version(scene: Scene, button: str) -> None:
    desk, post = scene.desk, scene.post
    boss = desk.cast.actor(desk.cast.admin)
    for which in ("an old version", "a version to come"):
        with pytest.raises(Changed):
            await click(desk, boss, seen(post, which), button)
    assert await decided(desk, post) == []
    assert (await says(desk, desk.cast.admin, post)).post.state is PostState.PUBLISHING


@pytest.mark.parametrize("name", ["stranger", "guest", "guest who reviews", "other agency", "nobody"])
async def test_who_does_not_write_for_the_client_neither_withdraws_nor_sends_nor_edits(
    scene: Scene, name: str
) -> None:
    desk, post, who = scene.desk, scene.post, scene.people[name]
    post_id, services = post.post.id, desk.services
    content = desk.content(desk.facebook, caption="Mine")
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: approvals.withdraw(services, who, post_id=post_id),
        lambda: schedule.publish_now(services, who, post_id=post_id),
        lambda: schedule.cancel(services, who, post_id=post_id),
        lambda: drafts.revise(services, who, post_id=post_id, base_version=2, content=content),
    ]
    for attempt in attempts:
        with pytest.raises((NotAllowed, NotFound)):
            await attempt()
    assert (await desk.look(post)).post.state is PostState.IN_APPROVAL


async def click(desk: Desk, who: Actor, what: Seen, button: str) -> object:
    """Press a button as somebody who claims to have seen this."""
    if button == "take back":
        return await approvals.take_back(desk.services, who, what)
    return await approvals.decide(desk.services, who, what, DECISIONS[button], comment="Because.")

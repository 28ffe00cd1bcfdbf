"""Whoever may not decide, whatever they click, and whichever version they saw: nothing comes of it."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege
from sqlmodel import select

from core import agencies, approvals, drafts, policies, schedule, withdrawals
from core.agencies import Person
from core.db import Actor, Origin
from core.decisions import Seen
from core.errors import Changed, NotAllowed, NotFound
from core.models import Client, ClientMember, ClientRole, Decision, Member, Mode, PostState, PublicationState
from core.policies import Rules, Stage
from core.posts import PostView
from core.services import Services
from tests.conftest import Cast
from tests.core.asking import DECIDE, MANAGERS, act, asked, decided, edits, rule, says, takes_back
from tests.core.desk import Desk, make_desk
from tests.core.timetable import actions, hand_over, scheduled, soon, work
from tests.drivers.meta import COFFEE, Meta

WHO = (
    "author",
    "editor",
    "not asked",
    "stranger",
    "guest",
    "guest who reviews",
    "who has left",
    "other agency",
    "nobody",
)
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
        "who has left": await hired(desk, ClientRole.MANAGER, has_left=True),
        "other agency": other.actor(other.admin),
        "nobody": Actor(agency.id, uuid4()),
    }
    return Scene(desk, post, people)


async def hired(desk: Desk, role: ClientRole | None, **said: bool) -> Actor:
    """Let somebody more work for the client as this, or for nobody, and be what Slack says of them."""
    services, cast = desk.services, desk.cast
    told = {"is_admin": False, "is_guest": False} | said
    person = Person(f"U{uuid4().hex[:10].upper()}", "Somebody", "UTC", **told)
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
    assert states(now) == {PublicationState.HELD}


@pytest.mark.parametrize("button", BUTTONS)
async def test_nor_does_whoever_may_with_an_old_version(scene: Scene, button: str) -> None:
    desk, post = scene.desk, scene.post
    boss = desk.cast.actor(desk.cast.admin)
    for which in ("an old version", "a version to come"):
        with pytest.raises(Changed):
            await click(desk, boss, seen(post, which), button)
    assert await decided(desk, post) == []
    assert (await says(desk, desk.cast.admin, post)).post.state is PostState.PUBLISHING


@pytest.mark.parametrize(
    "name", ["stranger", "guest", "guest who reviews", "who has left", "other agency", "nobody"]
)
async def test_who_does_not_write_for_the_client_neither_withdraws_nor_sends_nor_edits(
    scene: Scene, name: str
) -> None:
    desk, post, who = scene.desk, scene.post, scene.people[name]
    post_id, services = post.post.id, desk.services
    content = desk.content(desk.facebook, caption="Mine")
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: withdrawals.withdraw(services, who, Seen.of(post.post)),
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
        return await withdrawals.take_back(desk.services, who, what)
    return await approvals.decide(desk.services, who, what, DECISIONS[button], comment="Because.")


# --- what failed before the public saw any of it ----------------------------------------------------------


@pytest.fixture
async def half(services: Services, agency: Cast, meta: Meta) -> tuple[Desk, PostView]:
    """A post that everybody approved, for two accounts, one of which cannot be made ready."""
    desk = await make_desk(services, agency, meta)
    await rule(desk, MANAGERS, time_counts=True)
    content = desk.content(media_id=(await desk.keep()).id)
    post = await says(desk, agency.manager, await scheduled(desk, content, soon(hours=3)))
    await meta.fault(f"{COFFEE}/photos", "error", code=100, message="Invalid parameter", times=1)
    await hand_over(desk, post, only=desk.facebook)
    await work(desk)
    post = await desk.look(post)
    assert states(post) == {PublicationState.FAILED, PublicationState.SCHEDULED}
    return desk, post


def states(post: PostView) -> set[PublicationState]:
    """Give how far a post is, over all its accounts."""
    return {one.state for one in post.publications}


async def no(desk: Desk, post: PostView, how: str) -> PostView:
    """Have somebody say no to a post, in one of the ways there are."""
    if how == "withdraw":
        return await withdrawals.withdraw(desk.services, desk.actor, Seen.of(post.post))
    return await says(desk, desk.cast.manager, post, DECISIONS[how], "Not at all.")


@pytest.mark.parametrize("how", ["reject", "ask for changes", "withdraw"])
async def test_what_failed_does_not_go_out_by_a_retry_once_somebody_said_no(
    half: tuple[Desk, PostView], how: str
) -> None:
    desk, post = half
    post = await schedule.move(desk.services, desk.actor, post_id=post.post.id, due_at=soon(hours=5))
    post = await no(desk, post, how)
    for one in post.publications:
        with pytest.raises(Changed):
            await schedule.retry(desk.services, desk.actor, publication_id=one.id)
    assert states(await desk.look(post)) == {PublicationState.HELD}


async def test_what_failed_waits_with_the_rest_while_everybody_is_asked_anew(
    half: tuple[Desk, PostView],
) -> None:
    desk, post = half
    post = await schedule.publish_now(desk.services, desk.actor, post_id=post.post.id)
    assert (post.post.state, states(post)) == (PostState.IN_APPROVAL, {PublicationState.HELD})
    post = await says(desk, desk.cast.manager, post)
    assert states(post) == {PublicationState.QUEUED}


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE publications SET due_at = now() WHERE post_id = %s AND state = 'scheduled'",
        "UPDATE posts SET due_at = now() WHERE id = %s",
        "UPDATE posts SET due_at = NULL WHERE id = %s",
    ],
)
async def test_postgresql_itself_keeps_the_time_that_was_approved_where_it_counts(
    half: tuple[Desk, PostView], program: Connection[Any], attack: str
) -> None:
    desk, post = half
    act(program, desk, desk.cast.author)
    with pytest.raises(InsufficientPrivilege, match=r"asked anew|due before its post"):
        program.execute(attack, [post.post.id])


async def test_an_approval_is_taken_back_although_one_account_failed(half: tuple[Desk, PostView]) -> None:
    desk, post = half
    post = await takes_back(desk, desk.cast.manager, post)
    assert (post.post.state, states(post)) == (PostState.IN_APPROVAL, {PublicationState.HELD})
    post = await says(desk, desk.cast.manager, post)
    assert states(post) == {PublicationState.SCHEDULED}


async def test_what_failed_in_an_old_version_is_not_tried_again(half: tuple[Desk, PostView]) -> None:
    desk, old = half
    post = await edits(desk, old, "Other words")
    for one in old.publications:
        with pytest.raises(Changed):
            await schedule.retry(desk.services, desk.actor, publication_id=one.id)
    assert states(await desk.look(post)) == {PublicationState.HELD}


# --- one's own words --------------------------------------------------------------------------------------


async def test_nobody_approves_their_own_words_that_somebody_else_sent_anew(scene: Scene) -> None:
    """Dana's words: Lee sends them a second time, as a version of his."""
    desk, cast = scene.desk, scene.desk.cast
    post = await edits(desk, scene.post, scene.post.version.caption)
    assert post.version.created_by == cast.author.id
    for somebody, why in ((cast.manager, approvals.EARLIER_WORDS), (cast.author, approvals.OWN_WORDS)):
        with pytest.raises(NotAllowed, match=f"{why} Ada Lindqvist can approve it"):
            await says(desk, somebody, post)
    assert (await says(desk, cast.admin, post)).post.state is PostState.PUBLISHING


async def test_who_may_approve_their_own_words_but_is_not_asked_hears_that_others_are(scene: Scene) -> None:
    desk, cast = scene.desk, scene.desk.cast
    await rule(desk, Stage("Boss", 1, roles=frozenset({"admin"})), someone_else=False)
    post = await edits(desk, scene.post, "Anew again")
    for somebody in (cast.manager, cast.author):
        with pytest.raises(NotAllowed, match=f"{approvals.OTHERS_TURN} Ada Lindqvist can approve it"):
            await says(desk, somebody, post)


# --- PostgreSQL by itself: as the program's role, somebody who writes for the client ----------------------

EVERYBODY = Stage("Everybody", 1, roles=frozenset({"author", "manager", "admin"}))
RULES, NEVER = "a post comes under its client's rules", "never changes"
ROWS, RIGHTS, HELD = "row-level security", "permission denied", "not everybody has approved this"
OF_IT = "WHERE post_id = %(post)s"
POLICY = "INSERT INTO policies (client_id, version, agency_id, mode, created_by) VALUES"
STAGE = "INSERT INTO policy_stages (client_id, version, position, agency_id, name, needs) VALUES"
VERSION = (
    "INSERT INTO post_versions SELECT post_id, 9, agency_id, client_id, 'Unread', link, media_id, alt_text"
)
READY = (
    "INSERT INTO publications (id, agency_id, client_id, post_id, version, account_id, kind, state, due_at)"
)
UNREAD = "SELECT gen_random_uuid(), agency_id, client_id, post_id, 2, account_id, kind, 'queued', now()"
MINE = "WHERE client_id = %(client)s AND member_id = %(me)s"
REFUSED = {
    "no rules any more": ("UPDATE posts SET policy_version = NULL WHERE id = %(post)s", RULES),
    "no rules, and asked anew": (
        "UPDATE posts SET policy_version = NULL, round = round + 1 WHERE id = %(post)s",
        RULES,
    ),
    "old rules": ("UPDATE posts SET policy_version = 1, round = round + 1 WHERE id = %(post)s", RULES),
    "a round before": ("UPDATE posts SET round = round - 1 WHERE id = %(post)s", "one by one"),
    "a round to come": ("UPDATE posts SET round = round + 2 WHERE id = %(post)s", "one by one"),
    "another's post": ("UPDATE posts SET author_id = %(other)s WHERE id = %(post)s", NEVER),
    "asked in another's name": ("UPDATE posts SET asked_by = %(other)s WHERE id = %(post)s", "else's name"),
    "asked in nobody's name": ("UPDATE posts SET asked_by = NULL WHERE id = %(post)s", "else's name"),
    "another's Page": (
        "UPDATE clients_social_platforms SET platform_account_id = '9' WHERE parent_id = %(client)s",
        NEVER,
    ),
    "another client's post": ("UPDATE posts SET client_id = %(elsewhere)s WHERE id = %(post)s", NEVER),
    "one's own policy": (f"{POLICY} (%(client)s, 9, %(agency)s, 'none', %(me)s)", ROWS),
    "a manager's policy": (f"{POLICY} (%(client)s, 9, %(agency)s, 'none', %(other)s)", ROWS),
    "one's own stage": (
        f"{STAGE} (%(client)s, 2, 2, %(agency)s, 'Mine', 1)",
        ROWS,
    ),
    "softer rules": ("UPDATE policies SET someone_else = false WHERE client_id = %(client)s", RIGHTS),
    "softer stages": ("UPDATE policy_stages SET needs = 1 WHERE client_id = %(client)s", RIGHTS),
    "a version in another's name": (
        f"{VERSION}, fit, account_ids, 'hash', %(other)s, now() FROM post_versions {OF_IT} AND version = 1",
        ROWS,
    ),
    "other words": (f"UPDATE post_versions SET caption = 'Unread' {OF_IT}", RIGHTS),
    "another picture": ("UPDATE media SET sha256 = 'other' WHERE client_id = %(client)s", NEVER),
    "another version goes out": (f"UPDATE publications SET version = 2 {OF_IT}", NEVER),
    "another account": (f"UPDATE publications SET account_id = %(instagram)s {OF_IT}", NEVER),
    "another kind": (f"UPDATE publications SET kind = 'facebook_link' {OF_IT}", NEVER),
    "at once": (f"UPDATE publications SET state = 'queued' {OF_IT}", HELD),
    "at its minute": (f"UPDATE publications SET state = 'scheduled', next_run_at = now() {OF_IT}", HELD),
    "a publication more": (
        f"{READY} {UNREAD} FROM publications {OF_IT}",
        HELD,
    ),
    "no publication": (f"DELETE FROM publications {OF_IT}", RIGHTS),
}


@pytest.fixture
async def waiting(services: Services, agency: Cast, meta: Meta) -> tuple[Desk, PostView]:
    """A post of Lee's that waits for somebody else, with a second version that nobody was asked about."""
    desk = await make_desk(services, agency, meta)
    await rule(desk, EVERYBODY, someone_else=False)
    await rule(desk, EVERYBODY)
    await desk.keep()
    post = await asked(desk)
    content = desk.content(desk.facebook, caption="Unread")
    await drafts.revise(services, desk.actor, post_id=post.post.id, base_version=1, content=content)
    return desk, post


@pytest.mark.parametrize("attack", REFUSED)
async def test_postgresql_itself_refuses(
    waiting: tuple[Desk, PostView], program: Connection[Any], attack: str
) -> None:
    desk, post = waiting
    statement, refusal = REFUSED[attack]
    act(program, desk, desk.cast.author)
    with pytest.raises(InsufficientPrivilege, match=refusal):
        program.execute(statement, about(desk, post))
    await must_wait(desk, post)


# What reaches no row, or is refused; and who would be asked for approval, or would say by which rules.
OF_DANA = "WHERE client_id = %(client)s AND member_id = %(other)s"
ADDED = "INSERT INTO client_members (client_id, member_id, agency_id, role) VALUES"
POWERLESS = {
    "a manager of oneself": f"UPDATE client_members SET role = 'manager' {MINE}",
    "a friend as a manager": f"{ADDED} (%(client)s, %(friend)s, %(agency)s, 'manager')",
    "the manager an author": f"UPDATE client_members SET role = 'author' {OF_DANA}",
    "one's own row for a friend": f"UPDATE client_members SET member_id = %(friend)s {MINE}",
    "the manager's row for oneself": f"DELETE FROM client_members {OF_DANA}",
    "nobody": "DELETE FROM client_members WHERE client_id = %(client)s",
    "a manager of another client": f"{ADDED} (%(elsewhere)s, %(me)s, %(agency)s, 'manager')",
    "an admin of oneself": "UPDATE members SET role = 'admin' WHERE id = %(me)s",
    "no admin but a guest": "UPDATE members SET role = 'guest', left_at = now() WHERE id <> %(me)s",
    "an agency paused for ever": "UPDATE agencies SET paused_at = now() WHERE id = %(agency)s",
    "a client that may be late": "UPDATE clients SET late_minutes = 60 WHERE id = %(client)s",
    "no client, and no rules": "DELETE FROM clients WHERE id = %(client)s",
}


@pytest.mark.parametrize("attack", POWERLESS)
async def test_an_author_makes_nobody_a_manager(
    waiting: tuple[Desk, PostView], program: Connection[Any], attack: str
) -> None:
    desk, post = waiting
    before = await everybody(desk)
    act(program, desk, desk.cast.author)
    with contextlib.suppress(InsufficientPrivilege):
        assert program.execute(POWERLESS[attack], about(desk, post)).rowcount == 0
    assert await everybody(desk) == before
    with pytest.raises(InsufficientPrivilege, match=ROWS):
        program.execute(REFUSED["one's own policy"][0], about(desk, post))
    await must_wait(desk, post)


LINK = (
    "INSERT INTO sign_offs (id, agency_id, client_id, post_id, round, stage, token_hash, made_by, expires_at)"
    " SELECT gen_random_uuid(), agency_id, client_id, id, round, stage, sha256(id::text::bytea), %(me)s,"
    " now() + interval '1 day' FROM posts WHERE id = %(post)s"
)


async def test_an_author_makes_no_link_for_what_they_wrote_while_somebody_else_can(
    services: Services, agency: Cast, meta: Meta, program: Connection[Any]
) -> None:
    desk = await make_desk(services, agency, meta)
    await rule(desk, Stage("Client", 1, by_link=True))
    post = await asked(desk)
    act(program, desk, agency.author)
    with pytest.raises(InsufficientPrivilege, match=ROWS):
        program.execute(LINK, about(desk, post))
    act(program, desk, agency.manager)
    assert program.execute(LINK, about(desk, post) | {"me": agency.manager.id}).rowcount == 1


async def test_an_author_who_works_alone_for_a_client_makes_the_link(
    services: Services, agency: Cast, meta: Meta, program: Connection[Any]
) -> None:
    desk = await make_desk(services, agency, meta)
    await rule(desk, Stage("Client", 1, by_link=True))
    post = await asked(desk)
    act(program, desk, agency.manager)
    program.execute(POWERLESS["the manager's row for oneself"], about(desk, post))
    act(program, desk, agency.author)
    assert program.execute(LINK, about(desk, post)).rowcount == 1


async def everybody(desk: Desk) -> list[object]:
    """Give everything about who is what: in the agency, and for its clients."""
    async with desk.services.db.session(desk.cast.program) as session:
        found: list[object] = [
            one.model_dump() for table in (ClientMember, Client) for one in await session.exec(select(table))
        ]
        members = await session.exec(select(Member.id, Member.role, Member.left_at))
        return found + list(members)


async def test_a_reviewer_from_outside_makes_nobody_a_manager_either(
    waiting: tuple[Desk, PostView], program: Connection[Any]
) -> None:
    desk, post = waiting
    guest = await hired(desk, ClientRole.REVIEWER, is_guest=True)
    async with desk.services.db.session(desk.cast.program) as session:
        member = await session.get_one(Member, guest.member_id)
    act(program, desk, member)
    own = about(desk, post) | {"me": member.id}
    assert program.execute(POWERLESS["a manager of oneself"], own).rowcount == 0


async def test_a_manager_is_refused_nothing_of_it(
    waiting: tuple[Desk, PostView], program: Connection[Any]
) -> None:
    """That what is refused above is refused to an author, and not to everybody."""
    desk, post = waiting
    act(program, desk, desk.cast.manager)
    for attack in ("a manager of oneself", "a friend as a manager", "a client that may be late"):
        mine = about(desk, post) | {"me": desk.cast.manager.id}
        assert program.execute(POWERLESS[attack], mine).rowcount == 1


@pytest.mark.parametrize("state", ["approved", "scheduled", "publishing"])
async def test_a_post_that_claims_to_be_approved_releases_nothing(
    waiting: tuple[Desk, PostView], program: Connection[Any], state: str
) -> None:
    desk, post = waiting
    act(program, desk, desk.cast.author)
    claim = "UPDATE posts SET state = %s, stage = NULL, remind_at = NULL WHERE id = %s"
    assert program.execute(claim, [state, post.post.id]).rowcount == 1
    with pytest.raises(InsufficientPrivilege, match=HELD):
        program.execute(REFUSED["at once"][0], about(desk, post))


@pytest.mark.parametrize("attack", ["another version goes out", "another account", "a publication more"])
async def test_an_approved_post_goes_out_as_it_was_approved(
    waiting: tuple[Desk, PostView], program: Connection[Any], attack: str
) -> None:
    desk, post = waiting
    await says(desk, desk.cast.manager, post)
    statement, refusal = REFUSED[attack]
    act(program, desk, desk.cast.author)
    with pytest.raises(InsufficientPrivilege, match=refusal):
        program.execute(statement, about(desk, post))


async def test_who_makes_another_version_count_has_nothing_approved(
    waiting: tuple[Desk, PostView], program: Connection[Any]
) -> None:
    desk, post = waiting
    await says(desk, desk.cast.manager, post)
    act(program, desk, desk.cast.author)
    program.execute("UPDATE posts SET version = 2 WHERE id = %(post)s", about(desk, post))
    with pytest.raises(InsufficientPrivilege, match=HELD):
        program.execute(REFUSED["a publication more"][0], about(desk, post))


# What a temporary table would say, if PostgreSQL looked there; and who may decide then, or what goes out.
FORGED = {
    "posts": "UPDATE pg_temp.posts SET policy_version = NULL, state = 'approved', author_id = %(other)s",
    "post_versions": "UPDATE pg_temp.post_versions SET created_by = %(other)s",
    "policies": "UPDATE pg_temp.policies SET mode = 'none', someone_else = false",
    "policy_stages": "DELETE FROM pg_temp.policy_stages",
    "approvals": DECIDE.replace("public.approvals", "pg_temp.approvals")
    .replace("p.id = %s", "p.id = %(post)s")
    .replace("%s", "%(other)s"),
    "members": "UPDATE pg_temp.members SET role = 'admin'",
    "client_members": "UPDATE pg_temp.client_members SET role = 'manager'",
}


@pytest.mark.usefixtures("allowed_temporary")
@pytest.mark.parametrize("table", FORGED)
async def test_a_temporary_table_in_the_place_of_ours_approves_nothing(
    waiting: tuple[Desk, PostView], program: Connection[Any], table: str
) -> None:
    desk, post = waiting
    act(program, desk, desk.cast.author)
    program.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM public.{table}")
    assert program.execute(FORGED[table], about(desk, post)).rowcount
    with pytest.raises(InsufficientPrivilege, match=HELD):
        program.execute(f"UPDATE public.publications SET state = 'queued' {OF_IT}", about(desk, post))
    with pytest.raises(InsufficientPrivilege, match="nobody decides about their own post"):
        program.execute(DECIDE, [desk.cast.author.id, post.post.id])
    with pytest.raises(InsufficientPrivilege, match=ROWS):
        program.execute(
            REFUSED["one's own policy"][0].replace("policies", "public.policies"), about(desk, post)
        )
    await must_wait(desk, post)


def about(desk: Desk, post: PostView) -> dict[str, UUID]:
    """Give what an attack is about."""
    cast = desk.cast
    return {
        "post": post.post.id,
        "client": cast.client.id,
        "elsewhere": cast.other_client.id,
        "agency": cast.id,
        "me": cast.author.id,
        "other": cast.manager.id,
        "friend": cast.stranger.id,
        "instagram": desk.instagram.id,
    }


async def must_wait(desk: Desk, post: PostView) -> None:
    """Fail unless a post waits as before, and its client's rules are what they were."""
    now = await desk.look(post)
    assert (now.post.state, now.post.round, now.post.version) == (PostState.IN_APPROVAL, 1, 1)
    assert states(now) == {PublicationState.HELD}
    assert await decided(desk, post) == []
    async with desk.services.db.session(desk.actor) as session:
        assert await policies.rules_of(session, desk.cast.client.id) == Rules(Mode.REQUIRED, (EVERYBODY,))

"""Posts whose people changed: they wait for nobody who is not there, and say so where nobody is left."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from psycopg import Connection
from sqlmodel import select

from bot.views import approvals as card
from bot.views import thread
from core import agencies, clients, overdue, permissions, reminders, schedule, settling, summaries
from core.agencies import Person
from core.clients import Details
from core.errors import Invalid, NotAllowed, NotFound
from core.models import AuditEntry, Member, PostState, Summary
from core.policies import Stage
from core.posts import PostView
from core.services import Services
from tests.conftest import Cast, welcome
from tests.core.asking import MANAGERS, asked, edits, rule, says
from tests.core.desk import Desk, make_desk
from tests.core.timetable import actions, pass_time, replies, scheduled, soon
from tests.drivers.meta import Meta

LONG = {"days": 4}  # longer than any weekend
ALL = Stage("All", None, roles=frozenset({"manager", "reviewer"}))
REVIEWERS = Stage("Second", 1, roles=frozenset({"reviewer"}))


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    """A desk that nobody reaches, whose client requires one approval of somebody else's."""
    made = await make_desk(services, agency, meta)
    await rule(made, MANAGERS)
    return made


async def team(
    desk: Desk, *managers: Member, reviewers: Sequence[Member] = (), by: Member | None = None
) -> None:
    """Have these work for the client, beside its author."""
    of_it, reading = (frozenset(one.id for one in people) for people in (managers, reviewers))
    details = Details("Northwind Coffee", None, of_it, frozenset({desk.cast.author.id}), reviewers=reading)
    actor = desk.cast.actor(by or desk.cast.admin)
    await clients.change(desk.services.db, actor, desk.cast.client.id, details)


async def with_reviewer(desk: Desk, *stages: Stage) -> Member:
    """Have Rita review for the client too, under these stages."""
    rita = await welcome(desk.services.db, desk.cast.id, "Rita Ek")
    await team(desk, desk.cast.manager, reviewers=[rita])
    await rule(desk, *stages)
    return rita


async def slack_says(desk: Desk, member: Member, **more: bool) -> Member:
    """Take over what Slack says of somebody now."""
    told = Person(member.slack_user_id, member.name, member.timezone, is_admin=False, is_guest=False)
    return await agencies.welcome(desk.services.db, desk.cast.id, replace(told, **more))  # type: ignore[arg-type]


async def state(desk: Desk, post: PostView) -> PostState:
    """Let the sweep look, and give what has become of a post."""
    await asyncio.gather(*(settling.settle(desk.services) for _ in range(3)))
    return (await desk.look(post)).post.state


async def last_said(desk: Desk, post: PostView) -> str:
    """Give what a post's thread was told last."""
    told = thread.told(await desk.look(post), (await replies(desk, post.post.id))[-1])
    assert told
    return str(told["text"])


async def kinds(desk: Desk, post: PostView) -> list[str]:
    return [one["kind"] for one in await replies(desk, post.post.id)]


# --- whom it waited for is not there any more -------------------------------------------------------------


async def test_a_manager_who_removes_themself_is_not_waited_for(desk: Desk) -> None:
    other, cast = await welcome(desk.services.db, desk.cast.id, "Olga Ros"), desk.cast
    await team(desk, cast.manager, other)
    both = Stage("Both", None, member_ids=frozenset({cast.admin.id, cast.manager.id}))
    await rule(desk, both, remind_hours=None)
    post = await says(desk, cast.admin, await asked(desk))
    await team(desk, other, by=cast.manager)
    assert await state(desk, post) is PostState.PUBLISHING
    assert await kinds(desk, post) == ["asked", "approved", "nobody_left"]


async def test_an_admin_no_longer_is_not_waited_for(desk: Desk) -> None:
    ben = await welcome(desk.services.db, desk.cast.id, "Ben Holm", is_admin=True)
    await rule(desk, Stage("Admins", None, roles=frozenset({"admin"})), remind_hours=None)
    post = await says(desk, desk.cast.admin, await asked(desk))
    assert await state(desk, post) is PostState.IN_APPROVAL
    await slack_says(desk, ben)
    assert await state(desk, post) is PostState.PUBLISHING


async def test_who_left_slack_is_not_waited_for(desk: Desk) -> None:
    rita = await with_reviewer(desk, ALL)
    post = await says(desk, desk.cast.manager, await asked(desk))
    assert await state(desk, post) is PostState.IN_APPROVAL
    await slack_says(desk, rita, has_left=True)
    assert await state(desk, post) is PostState.PUBLISHING


async def test_who_left_before_is_not_asked_nor_counted_and_is_when_they_come_back(desk: Desk) -> None:
    rita = await with_reviewer(desk, ALL)
    await slack_says(desk, rita, has_left=True)
    post = await asked(desk)
    assert post.standing
    assert [one.name for one in post.standing.stages[0].asked] == [desk.cast.manager.name]
    async with desk.services.db.session(desk.cast.program) as session:
        assert (await clients.team(session, desk.cast.client.id)).reviewers == ()
    with pytest.raises(Invalid, match="There is only 1 to ask for 2"):
        await rule(desk, replace(ALL, needs=2))
    await slack_says(desk, rita)
    standing = (await desk.look(post)).standing
    assert standing
    assert [one.name for one in standing.stages[0].asked] == [desk.cast.manager.name, rita.name]


async def test_who_left_can_do_nothing(desk: Desk) -> None:
    rita, manager = await with_reviewer(desk, ALL), desk.cast.manager
    post = await asked(desk)
    for gone in (rita, manager):
        await slack_says(desk, gone, has_left=True)
        actor = desk.cast.actor(gone)
        with pytest.raises((NotAllowed, NotFound)):
            await says(desk, gone, post)
        with pytest.raises((NotAllowed, NotFound)):
            await schedule.cancel(desk.services, actor, post_id=post.post.id)
        async with desk.services.db.session(actor) as session:
            assert await clients.visible(session) == []
            with pytest.raises(NotAllowed):
                await permissions.acting_member(session, actor)


def test_postgresql_lets_nobody_who_left_see_anything(program: Connection[object], agency: Cast) -> None:
    program.execute("SELECT set_config('app.agency_id', %s, true)", [str(agency.id)])
    program.execute("SELECT set_config('app.program', 'on', true)")
    program.execute("UPDATE members SET role = 'guest', left_at = now() WHERE id = %s", [agency.manager.id])
    program.execute("SELECT set_config('app.program', 'off', true)")
    program.execute("SELECT set_config('app.member_id', %s, true)", [str(agency.manager.id)])
    assert program.execute("SELECT FROM clients").fetchall() == []


async def test_who_left_gets_no_summary(desk: Desk) -> None:
    await summaries.choose(desk.services, desk.cast.actor(desk.cast.manager), 9)
    await slack_says(desk, desk.cast.manager, has_left=True)
    async with desk.services.db.session(desk.cast.program) as session:
        assert await session.get(Summary, desk.cast.manager.id) is None


async def test_each_change_of_a_member_stands_in_the_trail(desk: Desk) -> None:
    rita = await welcome(desk.services.db, desk.cast.id, "Rita Ek")
    await slack_says(desk, rita)
    await slack_says(desk, replace_name(rita, "Rita Ek-Lund"))
    await slack_says(desk, rita, has_left=True)
    await slack_says(desk, rita, has_left=True)
    await slack_says(desk, rita)
    assert await trail_of(desk, rita) == ["member_added", "member_changed", "member_left", "member_returned"]


def replace_name(member: Member, name: str) -> Member:
    member.name = name
    return member


async def trail_of(desk: Desk, member: Member) -> list[str]:
    async with desk.services.db.session(desk.cast.program) as session:
        told = await session.exec(select(AuditEntry).where(AuditEntry.client_id.is_(None)))  # type: ignore[union-attr]
        about = [one for one in told if one.details.get("slack_user_id") == member.slack_user_id]
    return [one.action for one in sorted(about, key=lambda one: one.created_at)]


async def test_only_those_whom_we_know_are_news(desk: Desk) -> None:
    known = desk.cast.manager
    same = Person(known.slack_user_id, known.name, known.timezone, is_admin=False, is_guest=False)
    news = [same, replace(same, has_left=True), replace(same, name="M"), replace(same, slack_user_id="U0NEW")]
    db = desk.services.db
    assert [await agencies.is_news(db, desk.cast.id, one) for one in news] == [False, True, True, False]


# --- nobody is left ---------------------------------------------------------------------------------------


async def test_a_stage_that_nobody_is_left_for_says_so_and_tells_the_managers_once(desk: Desk) -> None:
    await with_reviewer(desk, MANAGERS, REVIEWERS)
    post = await asked(desk)
    await team(desk, desk.cast.manager)
    post = await says(desk, desk.cast.manager, post)
    assert "Next: *Second*. Nobody is there who could approve it." in await last_said(desk, post)
    assert await state(desk, post) is PostState.IN_APPROVAL
    text = await last_said(desk, post)
    assert f"<@{desk.cast.manager.slack_user_id}>, nobody is left who could approve this: *Second*." in text
    assert "/social clients" in text
    assert "*Edit*" in text
    for _ in range(3):
        await pass_time(desk, **LONG)
        await reminders.remind(desk.services)
        await settling.settle(desk.services)
    assert await kinds(desk, post) == ["asked", "approved", "stuck"]
    assert (await actions(desk, post.post.id)).count("approval_stuck") == 1
    now = await desk.look(post)
    shown = str(list(card.paragraphs(now)))
    assert "Asked" not in shown
    assert "Nobody is there who could approve this" in shown
    nobody = r"what you wrote. Nobody is left who could approve this. Ask Dana Reyes to add somebody"
    with pytest.raises(NotAllowed, match=nobody):
        await says(desk, desk.cast.author, post)


async def test_who_reviews_posts_is_told_who_writes_and_plans_them(desk: Desk) -> None:
    rita = desk.cast.actor(await with_reviewer(desk, MANAGERS))
    post = await asked(desk)
    others = r"You review the posts of Northwind Coffee; .* Ask Dana Reyes or Lee Okafor."
    with pytest.raises(NotAllowed, match=others):
        await schedule.cancel(desk.services, rita, post_id=post.post.id)


def test_many_names_are_counted() -> None:
    assert permissions.either(["Ada"]) == "Ada"
    assert permissions.either(["Ada", "Ben", "Cleo"]) == "Ada, Ben or Cleo"
    assert permissions.either([str(one) for one in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 or 2 more"


async def test_what_the_thread_advises_helps(desk: Desk) -> None:
    rita = await with_reviewer(desk, REVIEWERS)
    post, other = await asked(desk), await asked(desk, "Another one.")
    await slack_says(desk, rita, has_left=True)
    assert await state(desk, post) is PostState.IN_APPROVAL
    assert await kinds(desk, post) == ["asked", "stuck"]

    sam = await welcome(desk.services.db, desk.cast.id, "Sam Ito")
    await team(desk, desk.cast.manager, reviewers=[sam])
    await settling.settle(desk.services)
    assert (await desk.look(post)).post.stuck_at is None
    post = await says(desk, sam, post)
    assert post.post.state is PostState.PUBLISHING

    await rule(desk, MANAGERS)
    other = await edits(desk, await desk.look(other), "Today's rules.")
    assert (await says(desk, desk.cast.manager, other)).post.state is PostState.PUBLISHING


async def test_too_few_is_said_with_how_many(desk: Desk) -> None:
    rita = await with_reviewer(desk, replace(ALL, needs=2))
    post = await asked(desk)
    await slack_says(desk, rita, has_left=True)
    assert await state(desk, post) is PostState.IN_APPROVAL
    assert "this needs 2 approvals, and can get only 1 now" in await last_said(desk, post)


async def test_without_managers_the_admins_hear_of_it(desk: Desk) -> None:
    post = await asked(desk, "One")
    await rule(desk, Stage("Manager", 1, roles=frozenset({"manager"})))
    other = await asked(desk, "Two")
    await slack_says(desk, desk.cast.manager, has_left=True)
    assert await state(desk, post) is PostState.IN_APPROVAL
    assert await kinds(desk, post) == ["asked"]
    assert (await replies(desk, other.post.id))[-1]["whom"] == [desk.cast.admin.slack_user_id]


async def test_whoever_joins_is_reminded_though_all_others_were(desk: Desk) -> None:
    post = await asked(desk)
    for _ in range(4):
        await pass_time(desk, **LONG)
        await reminders.remind(desk.services)
    assert (await desk.look(post)).post.remind_at is None
    await team(desk, desk.cast.manager, await welcome(desk.services.db, desk.cast.id, "Nina Ny"))
    await settling.settle(desk.services)
    assert (await desk.look(post)).post.remind_at is not None


async def test_where_only_the_client_decides_the_managers_hear_that_it_is_the_client(desk: Desk) -> None:
    await rule(desk, Stage("Client", 1, by_link=True))
    post = await asked(desk)
    for _ in range(3):
        await pass_time(desk, **LONG)
        await settling.settle(desk.services)
        await reminders.remind(desk.services)
    assert await kinds(desk, post) == ["asked", "escalated"]
    assert "still waits for the client, who decides by a private link" in await last_said(desk, post)


# --- true advice ------------------------------------------------------------------------------------------


async def test_another_time_that_nobody_could_approve_says_what_helps(desk: Desk) -> None:
    await with_reviewer(desk, REVIEWERS)
    await rule(desk, REVIEWERS, time_counts=True)
    [rita] = (await standing_asked(desk))[:1]
    post = await says(desk, rita, await scheduled(desk, desk.content(desk.facebook), soon(hours=3)))
    await team(desk, desk.cast.manager)
    move = schedule.move(desk.services, desk.actor, post_id=post.post.id, due_at=soon(hours=5))
    with pytest.raises(Invalid, match="Or edit the post: then the rules of today count"):
        await move
    await rule(desk, MANAGERS)
    post = await edits(desk, post, "Under the rules of today.")
    assert post.post.state is PostState.IN_APPROVAL


async def standing_asked(desk: Desk) -> list[Member]:
    """Give who reviews for the client."""
    async with desk.services.db.session(desk.cast.program) as session:
        return list((await clients.team(session, desk.cast.client.id)).reviewers)


async def test_what_is_sent_on_its_way_says_what_helps(desk: Desk) -> None:
    rita = await with_reviewer(desk, REVIEWERS)
    await slack_says(desk, rita, has_left=True)
    with pytest.raises(Invalid, match=r"or to change who approves with /social approval\."):
        await asked(desk)


# --- at once ----------------------------------------------------------------------------------------------


async def test_people_who_leave_while_others_decide(desk: Desk) -> None:
    """Nothing waits for each other for ever, and nothing waits for who has left."""
    rita = await with_reviewer(desk, ALL)
    posts = [await asked(desk, f"Number {number}") for number in range(4)]
    manager = desk.cast.manager
    leaving = slack_says(desk, rita, has_left=True)
    renaming = team(desk, manager, reviewers=[rita, desk.cast.stranger])
    await asyncio.gather(leaving, renaming, *(says(desk, manager, one) for one in posts))
    await slack_says(desk, desk.cast.stranger, has_left=True)
    for post in posts:
        assert await state(desk, post) is PostState.PUBLISHING
    await overdue.guard(desk.services)

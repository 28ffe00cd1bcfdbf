"""Time and approvals: what nobody approved by its time, and who hears of what waits for them."""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core import overdue, reminders, schedule
from core.models import Decision, PostState
from core.policies import Stage
from core.posts import PostView
from core.reminders import working
from core.services import Services
from tests.conftest import Cast, welcome
from tests.core.asking import rule, says, takes_back
from tests.core.desk import Desk, make_desk
from tests.core.test_settling import last_said, slack_says
from tests.core.timetable import actions, pass_time, replies, scheduled, soon
from tests.drivers.meta import Meta

BOSS = Stage("Boss", 1, roles=frozenset({"admin"}))
LONG = {"days": 4}  # longer than any weekend


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    """A desk that nobody reaches, whose client requires the approval of one of the agency's admins."""
    made = await make_desk(services, agency, meta)
    await rule(made, BOSS)
    return made


async def kinds(desk: Desk, post: PostView) -> list[str]:
    return [one["kind"] for one in await replies(desk, post.post.id)]


# --- its time is over -------------------------------------------------------------------------------------


async def test_its_thread_is_told_once_that_its_time_is_over_and_it_can_still_be_approved(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=30))
    await overdue.guard(desk.services)
    assert await kinds(desk, post) == ["asked"]
    await pass_time(desk, hours=1)
    await asyncio.gather(*(overdue.guard(desk.services) for _ in range(3)))
    assert await kinds(desk, post) == ["asked", "overdue"]
    assert await actions(desk, post.post.id) == ["approval_requested", "post_overdue"]
    post = await desk.look(post)
    assert post.post.state is PostState.IN_APPROVAL
    post = await says(desk, desk.cast.admin, post)
    assert post.post.state is PostState.APPROVED


async def test_where_the_client_decides_by_link_nobody_else_is_asked_to_have_a_look(desk: Desk) -> None:
    await rule(desk, Stage("Client", 1, by_link=True))
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=30))
    await pass_time(desk, hours=1)
    await overdue.guard(desk.services)
    told = await last_said(desk, await desk.look(post))
    manager = desk.cast.manager.slack_user_id
    link = f"<@{manager}>, please press *Link for the client* on the card above."
    assert f"*Client*.\nThe client decides about it, by a private link. {link} Once it is approved" in told


async def test_with_another_time_it_can_be_over_again(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=30))
    await pass_time(desk, hours=1)
    await overdue.guard(desk.services)
    await schedule.move(desk.services, desk.actor, post_id=post.post.id, due_at=soon(minutes=30))
    await overdue.guard(desk.services)
    await pass_time(desk, hours=1)
    await overdue.guard(desk.services)
    assert await kinds(desk, post) == ["asked", "overdue", "moved", "overdue"]


async def test_where_the_policy_says_so_it_is_over_for_good(desk: Desk) -> None:
    await rule(desk, BOSS, expires=True)
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=30))
    await pass_time(desk, hours=1)
    await overdue.guard(desk.services)
    post = await desk.look(post)
    assert post.post.state is PostState.EXPIRED
    assert await kinds(desk, post) == ["asked", "expired"]


# --- reminders --------------------------------------------------------------------------------------------


async def test_who_is_asked_is_reminded_as_often_as_the_policy_says_and_then_the_managers(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(days=30))
    await reminders.remind(desk.services)
    for _ in range(5):
        await pass_time(desk, **LONG)
        await asyncio.gather(*(reminders.remind(desk.services) for _ in range(3)))
    assert await kinds(desk, post) == ["asked", "reminded", "reminded", "escalated"]
    said = await replies(desk, post.post.id)
    assert [one["whom"] for one in said[1:]] == [
        [desk.cast.admin.slack_user_id],
        [desk.cast.admin.slack_user_id],
        [desk.cast.manager.slack_user_id],
    ]
    assert (await desk.look(post)).post.remind_at is None


async def test_an_approval_that_is_taken_back_begins_no_new_count(desk: Desk) -> None:
    manager = desk.cast.manager
    first = Stage("Brand check", 1, roles=frozenset({"manager"}))
    await rule(desk, first, BOSS, most_reminders=1)
    post = await scheduled(desk, desk.content(desk.facebook), soon(days=90))
    for _ in range(3):
        for _ in range(2):
            await pass_time(desk, **LONG)
            await reminders.remind(desk.services)
        post = await says(desk, manager, post)
        post = await takes_back(desk, manager, post)
    assert (await kinds(desk, post)).count("reminded") == 1


async def test_without_reminders_the_managers_hear_of_it_after_as_long(desk: Desk) -> None:
    await rule(desk, BOSS, most_reminders=0)
    post = await scheduled(desk, desk.content(desk.facebook), soon(days=30))
    await pass_time(desk, **LONG)
    await reminders.remind(desk.services)
    assert await kinds(desk, post) == ["asked", "escalated"]


async def test_where_the_managers_are_those_who_are_asked_the_admins_hear_of_it(desk: Desk) -> None:
    await rule(desk, Stage("Managers", 1, roles=frozenset({"manager"})), most_reminders=1)
    post = await scheduled(desk, desk.content(desk.facebook), soon(days=90))
    for _ in range(4):
        await pass_time(desk, **LONG)
        await reminders.remind(desk.services)
    assert await kinds(desk, post) == ["asked", "reminded", "escalated"]
    assert (await replies(desk, post.post.id))[-1]["whom"] == [desk.cast.admin.slack_user_id]


async def test_where_all_managers_have_left_the_other_admins_hear_of_it(desk: Desk) -> None:
    ben = await welcome(desk.services.db, desk.cast.id, "Ben Holm", is_admin=True)
    named = Stage("Boss", 1, member_ids=frozenset({desk.cast.admin.id}))
    await rule(desk, named, most_reminders=0)
    post = await scheduled(desk, desk.content(desk.facebook), soon(days=30))
    await slack_says(desk, desk.cast.manager, has_left=True)
    for _ in range(2):
        await pass_time(desk, **LONG)
        await reminders.remind(desk.services)
    assert await kinds(desk, post) == ["asked", "escalated"]
    assert (await replies(desk, post.post.id))[-1]["whom"] == [ben.slack_user_id]


async def test_nobody_is_reminded_before_it_is_time(desk: Desk) -> None:
    await rule(desk, BOSS, remind_hours=168)
    post = await scheduled(desk, desk.content(desk.facebook), soon(days=30))
    await pass_time(desk, days=6)
    await reminders.remind(desk.services)
    assert await kinds(desk, post) == ["asked"]


async def test_all_is_quiet_once_it_is_decided_or_where_nobody_wants_reminders(desk: Desk) -> None:
    decided = await scheduled(desk, desk.content(desk.facebook), soon(days=30))
    await says(desk, desk.cast.admin, decided, Decision.REJECTED, "No.")
    await rule(desk, BOSS, remind_hours=None)
    quiet = await scheduled(desk, desk.content(desk.facebook), soon(days=30))
    await pass_time(desk, **LONG)
    await reminders.remind(desk.services)
    assert await kinds(desk, decided) == ["asked", "rejected"]
    assert await kinds(desk, quiet) == ["asked"]


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-20 10:00", "2026-11-20 10:00"),  # a Friday
        ("2026-11-20 17:00", "2026-11-23 09:00"),
        ("2026-11-20 06:30", "2026-11-20 09:00"),
        ("2026-11-21 12:00", "2026-11-23 09:00"),
        ("2026-11-22 23:59", "2026-11-23 09:00"),
        ("2026-10-23 18:00", "2026-10-26 09:00"),  # the clocks go back on Sunday
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Stockholm", "America/New_York", "Asia/Kolkata"])
def test_working_hours_are_those_on_somebody_s_own_clock(at: str, then: str, zone: str) -> None:
    assert working(moment(at, zone), ZoneInfo(zone)) == moment(then, zone)


def moment(written: str, zone: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

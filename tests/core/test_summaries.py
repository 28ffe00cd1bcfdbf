"""The daily summary: whose it is, when it comes, and that it comes once."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from core import summaries
from core.errors import Invalid, TryAgainLater
from core.models import AuditEntry, Member, Summary
from core.services import Services
from tests.conftest import Cast, Heard
from tests.core.recorder import Recorder, failing

LONG = timedelta(days=5)  # longer than from any hour to the same one of the next working day


@pytest.mark.parametrize(
    ("since", "then"),
    [
        ("2026-11-20 08:59", "2026-11-20 09:00"),  # a Friday
        ("2026-11-20 09:00", "2026-11-23 09:00"),
        ("2026-11-21 07:00", "2026-11-23 09:00"),
        ("2026-10-23 10:00", "2026-10-26 09:00"),  # the clocks go back on Sunday
        ("2026-03-27 10:00", "2026-03-30 09:00"),  # and forward
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Nowhere/Else"])
def test_it_comes_at_its_hour_of_a_working_day_on_the_member_s_clock(
    agency_member: Member, since: str, then: str, zone: str
) -> None:
    agency_member.timezone = zone
    after = summaries.next_after(moment(since, agency_member), 9, agency_member)
    assert after == moment(then, agency_member)


@pytest.fixture
def agency_member(agency: Cast) -> Member:
    return agency.author.model_copy()


def moment(written: str, member: Member) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=member.zone).astimezone(UTC)


async def chosen(services: Services, cast: Cast, hour: int | None = 9) -> None:
    await summaries.choose(services, cast.actor(cast.author), hour)


async def put(services: Services, cast: Cast, *, late: timedelta) -> None:
    """Have its time come so long ago."""
    then = datetime.now(UTC) - late
    async with services.db.session(cast.program) as session:
        await session.exec(update(Summary).values(due_at=then, next_run_at=then))


async def row(services: Services, cast: Cast) -> Summary | None:
    async with services.db.session(cast.program) as session:
        return await session.get(Summary, cast.author.id)


async def deliver(services: Services, cast: Cast, slack: Recorder) -> None:
    await summaries.deliver(services, slack, agency_id=cast.id, member_id=cast.author.id)


async def entries(services: Services, cast: Cast) -> Sequence[AuditEntry]:
    async with services.db.session(cast.program) as session:
        told = select(AuditEntry).where(AuditEntry.action == "summary_chosen")
        return (await session.exec(told.order_by(col(AuditEntry.created_at)))).all()


async def test_whoever_wants_one_chooses_the_hour_and_the_trail_says_so(
    services: Services, agency: Cast
) -> None:
    await chosen(services, agency, 9)
    await chosen(services, agency, 7)
    found = await row(services, agency)
    assert found
    assert (found.hour, found.due_at.astimezone(agency.author.zone).hour) == (7, 7)
    await chosen(services, agency, None)
    assert await row(services, agency) is None
    told = await entries(services, agency)
    assert [one.details["hour"] for one in told] == [9, 7, None]
    assert {one.user_id for one in told} == {agency.author.slack_user_id}


async def test_an_hour_at_night_is_refused(services: Services, agency: Cast) -> None:
    with pytest.raises(Invalid, match="between 6 and 19"):
        await chosen(services, agency, 3)


async def test_the_engine_hears_of_those_that_are_due_alone(services: Services, agency: Cast) -> None:
    heard = services.transport
    assert isinstance(heard, Heard)
    await chosen(services, agency)
    await summaries.hand_over(services)
    assert heard.summarized == []
    await put(services, agency, late=timedelta(minutes=1))
    await summaries.hand_over(services)
    assert heard.summarized == [agency.author.id]


async def test_it_is_sent_once_however_many_send_it(services: Services, agency: Cast) -> None:
    slack = Recorder()
    await chosen(services, agency)
    await put(services, agency, late=timedelta(minutes=1))
    await asyncio.gather(*(deliver(services, agency, slack) for _ in range(5)))
    assert slack.said == ["summary"]
    found = await row(services, agency)
    assert found
    assert datetime.now(UTC) < found.due_at == found.next_run_at < datetime.now(UTC) + LONG


async def test_while_slack_is_away_it_is_tried_again_a_little_later(services: Services, agency: Cast) -> None:
    slack = Recorder(meanwhile={"summary": failing(TryAgainLater("Slack is away."))})
    await chosen(services, agency)
    await put(services, agency, late=timedelta(minutes=1))
    await deliver(services, agency, slack)
    await deliver(services, agency, slack)
    assert slack.said == []
    found = await row(services, agency)
    assert found
    assert found.due_at < datetime.now(UTC) < found.next_run_at < datetime.now(UTC) + timedelta(minutes=6)
    await put(services, agency, late=timedelta(minutes=10))
    await deliver(services, agency, slack)
    assert slack.said == ["summary"]


async def test_one_that_is_hours_late_is_left_out(services: Services, agency: Cast) -> None:
    slack = Recorder()
    await chosen(services, agency)
    await put(services, agency, late=timedelta(hours=4))
    await deliver(services, agency, slack)
    assert slack.said == []
    found = await row(services, agency)
    assert found
    assert found.due_at > datetime.now(UTC)


async def test_another_hour_that_is_chosen_meanwhile_counts(services: Services, agency: Cast) -> None:
    slack = Recorder(meanwhile={"summary": lambda: chosen(services, agency, 7)})
    await chosen(services, agency, 9)
    await put(services, agency, late=timedelta(minutes=1))
    await deliver(services, agency, slack)
    found = await row(services, agency)
    assert found
    assert found.hour == 7
    assert found.due_at.astimezone(agency.author.zone).hour == 7

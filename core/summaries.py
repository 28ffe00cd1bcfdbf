"""The daily summary: what waits for somebody, by direct message, on working days at the hour that they chose.

It may come twice when a process dies, or Slack's answer is lost, in the moment between sending it and noting
that it was sent; it never fails to come because of that.
"""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit
from core.db import Actor, clock
from core.errors import Invalid, PressroomError
from core.models import Member, Summary
from core.reminders import WEEKEND
from core.rows import by_agency
from core.services import Announcer, Services

log = structlog.get_logger()

HOURS = range(6, 20)
AGAIN = timedelta(minutes=5)  # after a mishap
LATEST = timedelta(hours=3)  # an older one is of no use any more
MOST_AT_ONCE = 200


async def choose(services: Services, actor: Actor, hour: int | None) -> None:
    """Have a member's summary sent at this hour of their own clock, or none; raise Invalid (field `hour`)."""
    if hour is not None and hour not in HOURS:
        raise Invalid({"hour": f"Choose an hour between {HOURS[0]} and {HOURS[-1]}."})
    async with services.db.session(actor) as session:
        member = await session.get_one(Member, actor.member_id)
        if known := await session.get(Summary, member.id, with_for_update=True):
            await session.delete(known)
            await session.flush()
        if hour is not None:
            due_at = next_after(await clock(session), hour, member)
            session.add(planned(member, hour, due_at))
        audit.record(session, actor, "summary_chosen", hour=hour)


def planned(member: Member, hour: int, due_at: datetime) -> Summary:
    """Make the row of somebody's summary."""
    return Summary(
        member_id=member.id, agency_id=member.agency_id, hour=hour, due_at=due_at, next_run_at=due_at
    )


def next_after(moment: datetime, hour: int, member: Member) -> datetime:
    """Give when it is this hour for a member on a working day, for the first time after a moment; in UTC."""
    day = moment.astimezone(member.zone).date()
    while True:
        at = datetime.combine(day, time(hour), member.zone).astimezone(UTC)
        if at > moment and day.weekday() < WEEKEND:
            return at
        day += timedelta(days=1)


async def hour_of(session: AsyncSession, member: Member) -> int | None:
    """Give the hour at which a member hears what waits for them, if they want to."""
    known = await session.get(Summary, member.id)
    return known.hour if known else None


async def hand_over(services: Services) -> None:
    """Have the engine send those whose time has come. May run in any number of processes at once."""
    found = await services.db.ids("due_summaries", most=MOST_AT_ONCE)
    for agency_id, member_ids in by_agency(found).items():
        async with services.db.session(Actor.program(agency_id)) as session:
            for member_id in member_ids:
                await services.transport.summarize(session, member_id, agency_id=agency_id)


async def deliver(services: Services, announcer: Announcer, *, agency_id: UUID, member_id: UUID) -> None:
    """Send somebody's summary, if its time has come and nobody else is at it."""
    if (taken := await take(services, agency_id, member_id)) is None:
        return
    try:
        if datetime.now(UTC) - taken.due_at < LATEST:
            await announcer.summarize(agency_id, member_id)
    except PressroomError as error:
        log.warning("summary_not_sent", member_id=str(member_id), trouble=error.sentence)
        return
    await plan(services, taken)


async def take(services: Services, agency_id: UUID, member_id: UUID) -> Summary | None:
    """Take a summary whose time has come; whoever comes next finds it due again a little later."""
    now = func.clock_timestamp()
    due = col(Summary.member_id) == member_id, col(Summary.next_run_at) <= now
    taking = update(Summary).where(*due).values(next_run_at=now + AGAIN).returning(Summary)
    async with services.db.session(Actor.program(agency_id)) as session:
        taken: Summary | None = (await session.exec(taking)).scalar_one_or_none()
        return taken


async def plan(services: Services, taken: Summary) -> None:
    """Plan the next one, unless somebody chose another hour meanwhile."""
    async with services.db.session(Actor.program(taken.agency_id)) as session:
        member = await session.get_one(Member, taken.member_id)
        due_at = next_after(await clock(session), taken.hour, member)
        same = col(Summary.member_id) == member.id, col(Summary.due_at) == taken.due_at
        await session.exec(update(Summary).where(*same).values(due_at=due_at, next_run_at=due_at))

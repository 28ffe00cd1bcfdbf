"""Reminders: those who are asked to approve a post hear of it again, in their own working hours.

After as many as the policy allows, the client's managers hear of it once, or else the agency's admins.
Whoever decides ends all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, clients, deeds, posts, standings
from core.db import Actor, clock
from core.models import Member, Post, PostState, Reminder
from core.rows import by_agency
from core.services import Services
from core.standings import StageStanding, Standing

MOST_AT_ONCE = 200
BEGIN, END = time(9), time(17)  # of a working day, Monday to Friday, on the clock of the one who is reminded
WEEKEND = 5  # the first of its days


@dataclass(frozen=True)
class Due:
    """When somebody is to hear of a post next."""

    member: Member
    at: datetime
    is_escalation: bool = False


async def remind(services: Services) -> None:
    """Remind whoever should be. May run in any number of processes at once, and does it once."""
    found = await services.db.ids("due_reminders", most=MOST_AT_ONCE)
    for agency_id, ids in by_agency(found).items():
        for post_id in ids:
            await remind_of(services, agency_id, post_id)


async def remind_of(services: Services, agency_id: UUID, post_id: UUID) -> None:
    """Remind those of one post whose time has come, and note when to look again."""
    actor = Actor.program(agency_id)
    async with services.db.session(actor) as session:
        post, now = await posts.locked(session, post_id), await clock(session)
        if post.state is not PostState.IN_APPROVAL or post.remind_at is None or post.remind_at > now:
            return
        standing = await standings.of_post(session, post)
        assert standing is not None
        coming = await to_come(session, post, standing)
        due = [one for one in coming if one.at <= now]
        if due:
            await say(session, services, actor, post, standing, due=due)
        await plan(session, post, standing)  # what is next of each follows from this one


async def plan(session: AsyncSession, post: Post, standing: Standing) -> None:
    """Note when to look next who is to hear of a post."""
    coming = await to_come(session, post, standing)
    post.remind_at = min((one.at for one in coming), default=None)


async def to_come(session: AsyncSession, post: Post, standing: Standing) -> list[Due]:
    """Give who is to hear of a post next, and when; at last those who can change who approves."""
    stage, hours = standing.current, standing.policy.remind_hours
    if stage is None or hours is None or post.asked_at is None:
        return []
    if stage.is_stuck and not stage.asked:  # the managers have heard that (core/settling.py)
        return []
    said, pause = await reminders_of(session, post), timedelta(hours=hours)
    coming = []
    for member in stage.asked:
        theirs = [one.created_at for one in said if one.member_id == member.id and not one.is_escalation]
        if len(theirs) < standing.policy.most_reminders:
            coming.append(Due(member, working(max([post.asked_at, *theirs]) + pause, member.zone)))
    return coming or await escalation(session, post, stage, said, pause)


async def escalation(
    session: AsyncSession, post: Post, stage: StageStanding, said: Sequence[Reminder], pause: timedelta
) -> list[Due]:
    """Give who hears of it, once nobody who is asked is reminded any more; each once.

    Those are the managers; the admins where there are none but those who are asked.
    """
    assert post.asked_at is not None
    asked = {one.id for one in stage.asked}
    responsible = await clients.responsible(session, post.client_id, but=asked)
    known = {one.member_id for one in said if one.is_escalation}
    last = max([post.asked_at, *(one.created_at for one in said if not one.is_escalation)])
    return [
        Due(member, working(last + pause, member.zone), is_escalation=True)
        for member in responsible
        if member.id not in known
    ]


async def reminders_of(session: AsyncSession, post: Post) -> Sequence[Reminder]:
    """Give who heard of a post at this stage, in this round; an approval taken back does not begin anew."""
    theirs = select(Reminder).where(
        Reminder.post_id == post.id, Reminder.round == post.round, Reminder.stage == post.stage
    )
    return (await session.exec(theirs)).all()


async def say(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    standing: Standing,
    *,
    due: Sequence[Due],
) -> None:
    """Write down who is reminded, and have the thread name them."""
    now, kind = await clock(session), "escalated" if due[0].is_escalation else "reminded"
    session.add_all(reminder(post, one, now) for one in due)
    whom = [one.member.slack_user_id for one in due]
    about = {"whom": whom, "stage": post.stage, "round": post.round}
    deeds.record(session, actor, f"approval_{kind}", post, **about)
    of_client = standing.current is not None and not standing.current.asked
    reply = {"kind": kind, "whom": whom, "of_client": of_client}
    await announcements.owe_card(session, services, post, reply=reply)


def reminder(post: Post, due: Due, now: datetime) -> Reminder:
    """Make the row of a reminder."""
    assert post.stage is not None
    return Reminder(
        agency_id=post.agency_id,
        client_id=post.client_id,
        post_id=post.id,
        round=post.round,
        stage=post.stage,
        member_id=due.member.id,
        is_escalation=due.is_escalation,
        created_at=now,
    )


def working(at: datetime, zone: ZoneInfo) -> datetime:
    """Give the first moment from `at` on within somebody's working hours, in UTC as it came."""
    local = at.astimezone(zone)
    if local.time() >= END:
        local = datetime.combine(local.date() + timedelta(days=1), BEGIN, local.tzinfo)
    elif local.time() < BEGIN:
        local = datetime.combine(local.date(), BEGIN, local.tzinfo)
    while local.weekday() >= WEEKEND:
        local = datetime.combine(local.date() + timedelta(days=1), BEGIN, local.tzinfo)
    return max(at, local.astimezone(at.tzinfo))

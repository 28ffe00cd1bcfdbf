"""What is owed to Slack: written in the transaction that causes it, and paid afterwards, in order.

A reply waits for everything of its post that is older; the card is drawn at once, as the post is by then.
Nothing is left out: what cannot be paid is tried again, after longer and longer pauses, until it can. What an
outage of Slack's held up goes on as soon as anything gets through.

One process at a time speaks of a post: it holds the card's lease, under a fence that each later holder
raises. A reply stands twice in the thread when Slack took it and we do not know: its answer was lost, or
the process died or lost the database before it was written down; or when it took longer than the lease.
A card that was new may stand there twice as well, for a while (core/cards.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Update, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Actor, Database, clock
from core.errors import PressroomError, TryAgainLater
from core.models import Announcement, Card, Post
from core.services import Announcer, Services

log = structlog.get_logger()

LEASE = timedelta(minutes=2)  # longer than one payment takes: a few calls to Slack, of ten seconds each
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
LONGEST_PAUSE_AWAY = timedelta(minutes=1)


class SlackAway(TryAgainLater):
    """Slack cannot be reached."""


@dataclass(frozen=True)
class Lease:
    """The right to speak of one post; whoever takes it later has a higher fence."""

    db: Database
    actor: Actor
    post_id: UUID
    fence: int


async def owe_card(
    session: AsyncSession, services: Services, post: Post, *, reply: dict[str, Any] | None = None
) -> None:
    """Have the card drawn as the post is by then, and something said in its thread.

    Wakes the engine when this transaction commits.
    """
    session.add(announcement(post, "card", {}, await clock(session)))
    if reply is not None:
        session.add(announcement(post, "reply", reply, await clock(session)))
    await session.flush()
    await services.transport.announce(session, post.id, agency_id=post.agency_id)


async def owe_first_card(session: AsyncSession, services: Services, post: Post, channel_id: str) -> None:
    """Have a post's first card posted in a Slack channel."""
    card = Card(post_id=post.id, agency_id=post.agency_id, client_id=post.client_id, channel_id=channel_id)
    session.add(card)
    await session.flush()
    await owe_card(session, services, post)


def announcement(post: Post, kind: str, payload: dict[str, Any], now: datetime) -> Announcement:
    """Write down one thing that is owed; the order in which they are paid goes by the database's clock."""
    return Announcement(
        agency_id=post.agency_id,
        client_id=post.client_id,
        post_id=post.id,
        kind=kind,
        payload=payload,
        created_at=now,
        next_run_at=now,
    )


async def deliver(services: Services, announcer: Announcer, *, agency_id: UUID, post_id: UUID) -> None:
    """Pay all that is owed of one post. If another process is at it, leave it to that one."""
    more = True
    while more and (lease := await claim(services.db, agency_id, post_id)):
        try:
            paid = await pay_all(lease, announcer)
        finally:
            more = await release(lease)
        more = more and paid


async def claim(db: Database, agency_id: UUID, post_id: UUID) -> Lease | None:
    """Take the card's lease, if nobody has it."""
    actor = Actor.program(agency_id)
    free = col(Card.lease_until).is_(None) | (col(Card.lease_until) < func.clock_timestamp())
    taking = update(Card).where(col(Card.post_id) == post_id, free)
    taken = taking.values(fence=Card.fence + 1, lease_until=func.clock_timestamp() + LEASE)
    async with db.session(actor) as session:
        fence = (await session.exec(taken.returning(col(Card.fence)))).scalar()
    return None if fence is None else Lease(db, actor, post_id, fence)


async def pay_all(lease: Lease, announcer: Announcer) -> bool:
    """Pay what is due, for as long as the lease is ours; say whether nothing failed. Stop at what does."""
    while now_due := await next_due(lease):
        if not await pay(lease, announcer, now_due):
            return False
    return True


async def next_due(lease: Lease) -> list[Announcement]:
    """Keep the lease for as long again, and give what to pay now; nothing when another has it."""
    async with lease.db.session(lease.actor) as session:
        renewed = await session.exec(held(lease).values(lease_until=func.clock_timestamp() + LEASE))
        return due(await owed(session, lease.post_id)) if renewed.rowcount else []


async def release(lease: Lease) -> bool:
    """Give the lease back, and say whether more is due: its own job may have found the lease taken."""
    async with lease.db.session(lease.actor) as session:
        await session.exec(held(lease).values(lease_until=None))
        return bool(due(await owed(session, lease.post_id)))


def held(lease: Lease) -> Update:
    """Change the card, as long as the lease is ours."""
    return update(Card).where(col(Card.post_id) == lease.post_id, col(Card.fence) == lease.fence)


async def owed(session: AsyncSession, post_id: UUID) -> Sequence[tuple[Announcement, bool]]:
    """Give what is not paid yet of one post, oldest first, and whether its time has come."""
    has_come = col(Announcement.next_run_at) <= func.clock_timestamp()
    unpaid = select(Announcement, has_come).where(
        Announcement.post_id == post_id, col(Announcement.done_at).is_(None)
    )
    return (await session.exec(unpaid.order_by(col(Announcement.created_at)))).all()


def due(owed: Sequence[tuple[Announcement, bool]]) -> list[Announcement]:
    """Choose what to pay now: the card, once for all who want it; or else the oldest, if its time has come.

    The function due_announcements in the database finds the posts for which there is something.
    """
    if any(has_come for one, has_come in owed if one.kind == "card"):
        return [one for one, _ in owed if one.kind == "card"]
    return [one for one, has_come in owed[:1] if has_come]


async def pay(lease: Lease, announcer: Announcer, owed: list[Announcement]) -> bool:
    """Say one thing to Slack, and write down that it was said, or when to try again."""
    agency_id, first = lease.actor.agency_id, owed[0]
    try:
        if first.kind == "card":
            await announcer.show_card(agency_id, first.post_id)
        else:
            await announcer.reply(agency_id, first.post_id, first.payload)
    except PressroomError as error:
        await postpone(lease, owed, error, trouble=error.sentence)
        return False
    except Exception as error:  # a fault of ours: it must not be tried every few seconds for ever
        log.exception("announcement_broke", post_id=str(first.post_id), kind=first.kind)
        await postpone(lease, owed, error, trouble=type(error).__name__)
        return False
    await mark(lease, owed, done_at=func.clock_timestamp(), trouble=None)
    return True


async def postpone(lease: Lease, owed: list[Announcement], error: Exception, *, trouble: str) -> None:
    """Try again later: after as long as Slack asks, and longer each time."""
    longest = LONGEST_PAUSE_AWAY if isinstance(error, SlackAway) else LONGEST_PAUSE
    pause = min(SHORTEST_PAUSE * 2 ** min(owed[0].attempts, 10), longest)
    if isinstance(error, TryAgainLater):
        pause = max(pause, error.after)
    later, attempts = func.clock_timestamp() + pause, owed[0].attempts + 1
    await mark(lease, owed, next_run_at=later, attempts=attempts, trouble=trouble)


async def mark(lease: Lease, owed: list[Announcement], **values: Any) -> None:
    """Write the outcome down, whoever has the lease by now: what was said was said."""
    unpaid = col(Announcement.id).in_([one.id for one in owed]), col(Announcement.done_at).is_(None)
    async with lease.db.session(lease.actor) as session:
        await session.exec(update(Announcement).where(*unpaid).values(**values))
        if "done_at" in values:
            await wake(session)


async def wake(session: AsyncSession) -> None:
    """Slack is there: what waits only because it was not, in any thread of the agency, is due now."""
    now = func.clock_timestamp()
    waits = col(Announcement.done_at).is_(None), col(Announcement.next_run_at) > now
    stuck = select(Announcement.id).where(*waits, Announcement.trouble == SlackAway.__doc__)
    theirs = col(Announcement.id).in_(stuck.with_for_update(skip_locked=True))  # nobody waits for another
    await session.exec(update(Announcement).where(theirs).values(next_run_at=now))

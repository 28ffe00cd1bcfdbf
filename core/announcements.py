"""What is owed to Slack: written in the transaction that causes it, and paid afterwards, in order.

One process at a time pays what is owed of one post: the card's lease sees to that. A reply can be said twice
only if the process dies between Slack's answer and our commit; it is never left out.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.db import Actor
from core.errors import PressroomError, TryAgainLater
from core.models import Announcement, Card, Post
from core.services import Announcer, Services

LEASE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(minutes=5)


async def owe_card(
    session: AsyncSession, services: Services, post: Post, *, reply: dict[str, Any] | None = None
) -> None:
    """Have the card drawn as the post is by then, and something said in its thread.

    Wakes the engine when this transaction commits.
    """
    session.add(announcement(post, "card", {}))
    if reply is not None:
        session.add(announcement(post, "reply", reply))
    await session.flush()
    await services.transport.announce(session, post.id, agency_id=post.agency_id)


def announcement(post: Post, kind: str, payload: dict[str, Any]) -> Announcement:
    """Write down one thing that is owed."""
    return Announcement(
        agency_id=post.agency_id, client_id=post.client_id, post_id=post.id, kind=kind, payload=payload
    )


async def deliver(services: Services, announcer: Announcer, *, agency_id: UUID, post_id: UUID) -> None:
    """Pay all that is owed of one post. If another process is at it, leave it to that one."""
    actor, more = Actor.program(agency_id), True
    while more and await claim(services, actor, post_id):
        try:
            paid = await pay_all(services, announcer, actor, post_id)
        finally:
            more = await release(services, actor, post_id)
        more = more and paid


async def claim(services: Services, actor: Actor, post_id: UUID) -> bool:
    """Take the card's lease, if nobody has it."""
    free = col(Card.lease_until).is_(None) | (col(Card.lease_until) < func.clock_timestamp())
    taking = (
        update(Card)
        .where(col(Card.post_id) == post_id, free)
        .values(lease_until=func.clock_timestamp() + LEASE)
        .returning(col(Card.post_id))
    )
    async with services.db.session(actor) as session:
        return (await session.exec(taking)).first() is not None


async def release(services: Services, actor: Actor, post_id: UUID) -> bool:
    """Give the lease back, and say whether more is owed: its own job may have found the lease taken."""
    async with services.db.session(actor) as session:
        await session.exec(update(Card).where(col(Card.post_id) == post_id).values(lease_until=None))
        return (await session.exec(due(post_id).limit(1))).first() is not None


def due(post_id: UUID) -> SelectOfScalar[Announcement]:
    """Ask for what is due of one post, oldest first."""
    return (
        select(Announcement)
        .where(
            Announcement.post_id == post_id,
            col(Announcement.done_at).is_(None),
            col(Announcement.next_run_at) <= func.clock_timestamp(),
        )
        .order_by(col(Announcement.created_at))
    )


async def pay_all(services: Services, announcer: Announcer, actor: Actor, post_id: UUID) -> bool:
    """Pay what is due, oldest first; say whether all of it was paid. Stop where Slack asks us to wait."""
    async with services.db.session(actor) as session:
        owed = list(await session.exec(due(post_id)))
    cards = [one for one in owed if one.kind == "card"]
    if cards and not await pay(services, announcer, actor, cards):  # drawn once, as it is now
        return False
    for reply in (one for one in owed if one.kind == "reply"):
        if not await pay(services, announcer, actor, [reply]):
            return False
    return True


async def pay(services: Services, announcer: Announcer, actor: Actor, owed: list[Announcement]) -> bool:
    """Say one thing to Slack, and write down that it was said, or when to try again."""
    first = owed[0]
    try:
        if first.kind == "card":
            await announcer.show_card(actor.agency_id, first.post_id)
        else:
            await announcer.reply(actor.agency_id, first.post_id, first.payload)
    except PressroomError as error:
        await postpone(services, actor, owed, error)
        return False
    await mark(services, actor, owed, done_at=datetime.now(UTC), trouble=None)
    return True


async def postpone(services: Services, actor: Actor, owed: list[Announcement], error: PressroomError) -> None:
    """Try again later: after as long as Slack asks, and longer each time."""
    pause = min(timedelta(seconds=2) * 2 ** min(owed[0].attempts, 10), LONGEST_PAUSE)
    if isinstance(error, TryAgainLater):
        pause = max(pause, error.after)
    later = datetime.now(UTC) + pause
    await mark(
        services, actor, owed, next_run_at=later, attempts=owed[0].attempts + 1, trouble=error.sentence
    )


async def mark(services: Services, actor: Actor, owed: list[Announcement], **values: Any) -> None:
    """Write the outcome down."""
    ids = [one.id for one in owed]
    async with services.db.session(actor) as session:
        await session.exec(update(Announcement).where(col(Announcement.id).in_(ids)).values(**values))

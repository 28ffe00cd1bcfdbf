"""Heads: how far an audit trail went each day, told to a channel of the agency's choice as a witness.

Whoever can rewrite the whole chain in the database cannot rewrite what stands in Slack. A head may be posted
twice when Slack's answer is lost; that does no harm.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, permissions
from core.apart import apart
from core.db import Actor
from core.errors import PressroomError
from core.models import Agency, AuditHead
from core.services import Announcer, Services

log = structlog.get_logger()

AGAIN = timedelta(minutes=15)  # after a mishap
MOST_AT_ONCE = 200
TAKE_DOWN = text("""
INSERT INTO audit_heads (agency_id, day, number, hash, next_run_at)
SELECT c.agency_id, (now() AT TIME ZONE 'UTC')::date, c.number, c.hash,
    CASE WHEN a.audit_channel_id IS NOT NULL THEN now() END
FROM audit_chains c JOIN agencies a ON a.id = c.agency_id WHERE c.agency_id = :agency
ON CONFLICT DO NOTHING
""")


async def choose_channel(services: Services, actor: Actor, channel_id: str | None) -> None:
    """Have the heads of an agency posted in this channel of Slack, or nowhere; for its admins.

    The newest head is posted there at once.
    """
    async with services.db.session(actor) as session:
        await permissions.require_admin(session, actor)
        agency = await session.get_one(Agency, actor.agency_id)
        agency.audit_channel_id = channel_id
        if head := await newest(session):
            posting = update(AuditHead).where(col(AuditHead.day) == head.day)
            await session.exec(posting.values(next_run_at=func.now() if channel_id else None))
        audit.record(session, actor, "audit_channel_chosen", channel_id=channel_id)


async def newest(session: AsyncSession) -> AuditHead | None:
    """Give the newest head of the acting agency, for its admins."""
    return (await session.exec(select(AuditHead).order_by(col(AuditHead.day).desc()).limit(1))).first()


async def witness(services: Services) -> None:
    """Take down today's heads, and have the engine post those that are due. For any number of processes."""
    for (agency_id,) in await services.db.ids("agencies_without_head"):
        with apart(agency_id, "head_not_taken_down"):
            async with services.db.session(Actor.program(agency_id)) as session:
                await (await session.connection()).execute(TAKE_DOWN, {"agency": agency_id})
    for (agency_id,) in await services.db.ids("agencies_to_witness", most=MOST_AT_ONCE):
        with apart(agency_id, "head_not_handed_over"):
            async with services.db.session(Actor.program(agency_id)) as session:
                await services.transport.witness(session, agency_id=agency_id)


async def deliver(services: Services, announcer: Announcer, *, agency_id: UUID) -> None:
    """Post an agency's newest head, if that is due and nobody else is at it."""
    if (head := await take(services, agency_id)) is None:
        return
    try:
        await announcer.witness(agency_id, head)
    except PressroomError as error:
        log.warning("head_not_posted", agency_id=str(agency_id), trouble=error.sentence)
        return
    async with services.db.session(Actor.program(agency_id)) as session:
        done = update(AuditHead).where(col(AuditHead.day) == head.day)
        await session.exec(done.values(next_run_at=None, posted_at=func.clock_timestamp()))


async def take(services: Services, agency_id: UUID) -> AuditHead | None:
    """Take the newest head that is due; older ones say no more. Others find it a little later."""
    now = func.clock_timestamp()
    taking = update(AuditHead).where(col(AuditHead.next_run_at) <= now).values(next_run_at=now + AGAIN)
    async with services.db.session(Actor.program(agency_id)) as session:
        taken: list[AuditHead] = list((await session.exec(taking.returning(AuditHead))).scalars())
        head = max(taken, key=lambda one: one.day, default=None)
        if head:
            older = update(AuditHead).where(col(AuditHead.day) < head.day)
            await session.exec(older.values(next_run_at=None))
        return head

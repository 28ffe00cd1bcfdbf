"""The ledger: who is at work on a publication, and what was attempted at Meta.

A worker holds a publication by a lease with a fencing number. Whoever comes later has a higher number, and
what an earlier one still writes as the publication's holder changes nothing. The intent of a step is
committed before its call, its outcome after it; an outcome is a fact about Meta and is kept whatever the
number says.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Actor, Database
from core.errors import MetaError
from core.models import Publication, PublicationState, Step, StepName, StepState

LEASE = timedelta(seconds=120)
BUSY_ACCOUNT = timedelta(milliseconds=300)


class LostLease(RuntimeError):
    """Another worker has this publication now; leave it to that one."""


@dataclass(frozen=True)
class Lease:
    """The right to advance one publication, until somebody holds a higher number."""

    agency_id: UUID
    publication_id: UUID
    fence: int

    @property
    def actor(self) -> Actor:
        """The program, at work for the publication's agency."""
        return Actor.program(self.agency_id)


async def claim(db: Database, *, agency_id: UUID, publication_id: UUID) -> Lease | None:
    """Take a queued publication; None if it is not queued (any more), or its account is busy."""
    taking = (
        update(Publication)
        .where(col(Publication.id) == publication_id, col(Publication.state) == PublicationState.QUEUED)
        .values(
            state=PublicationState.RUNNING,
            fence=Publication.fence + 1,
            lease_until=func.clock_timestamp() + LEASE,
            queued_at=None,
        )
        .returning(col(Publication.fence))
    )
    actor = Actor.program(agency_id)
    try:
        async with db.session(actor) as session:
            row = (await session.exec(taking)).first()
    except IntegrityError:  # publications_one_an_account: another one of this account is running
        await put_back(db, actor, publication_id)
        return None
    return Lease(agency_id, publication_id, row.fence) if row else None


async def put_back(db: Database, actor: Actor, publication_id: UUID) -> None:
    """Let a queued publication wait a moment for its account."""
    waiting = (
        update(Publication)
        .where(col(Publication.id) == publication_id, col(Publication.state) == PublicationState.QUEUED)
        .values(
            state=PublicationState.SCHEDULED,
            queued_at=None,
            next_run_at=func.clock_timestamp() + BUSY_ACCOUNT,
        )
    )
    async with db.session(actor) as session:
        await session.exec(waiting)


async def renew(db: Database, lease: Lease) -> None:
    """Hold on to a publication for longer; raise LostLease if it is somebody else's by now."""
    async with db.session(lease.actor) as session:
        await hold(session, lease, lease_until=func.clock_timestamp() + LEASE)


async def hold(session: AsyncSession, lease: Lease, **values: Any) -> None:
    """Change the publication as its holder; raise LostLease, and change nothing, if we are not."""
    changing = (
        update(Publication)
        .where(
            col(Publication.id) == lease.publication_id,
            col(Publication.state) == PublicationState.RUNNING,
            col(Publication.fence) == lease.fence,
        )
        .values(**values)
    )
    changed = await session.exec(changing)
    assert isinstance(changed, CursorResult)
    if changed.rowcount == 0:
        raise LostLease


async def steps(session: AsyncSession, lease: Lease) -> dict[StepName, Step]:
    """Give the newest attempt at each step."""
    attempts = select(Step).where(Step.publication_id == lease.publication_id).order_by(col(Step.generation))
    return {step.name: step for step in await session.exec(attempts)}


def attempt(
    publication: Publication, lease: Lease, name: StepName, *, number: int, reference: str | None
) -> Step:
    """Write down an attempt at a step; `intend` commits it."""
    return Step(
        publication_id=publication.id,
        name=name,
        generation=number,
        agency_id=publication.agency_id,
        client_id=publication.client_id,
        state=StepState.INTENT,
        fence=lease.fence,
        reference=reference,
    )


async def intend(db: Database, lease: Lease, step: Step) -> None:
    """Commit that a call is about to be made. Refused without the lease, or while an intent is open."""
    async with db.session(lease.actor) as session:
        await hold(session, lease, lease_until=func.clock_timestamp() + LEASE, looks=0)
        session.add(step)


async def done(db: Database, lease: Lease, step: Step, remote_id: str) -> None:
    """Commit that Meta said yes."""
    await end(db, lease, step, state=StepState.DONE, remote_id=remote_id, http_status=200)


async def void(db: Database, lease: Lease, step: Step, error: MetaError | None = None) -> None:
    """Commit that the call is proven to have had no effect, or that its effect is not wanted."""
    await end(db, lease, step, state=StepState.VOID, **facts(error))


async def unknown(db: Database, lease: Lease, step: Step, error: MetaError) -> None:
    """Commit what was heard of a call whose outcome nobody knows; its intent stays open."""
    await end(db, lease, step, state=StepState.INTENT, **facts(error))


async def end(db: Database, lease: Lease, step: Step, *, state: StepState, **values: Any) -> None:
    """Write an outcome down, whoever holds the lease by now."""
    outcome = {"state": state, "ended_at": datetime.now(UTC), **values}
    ending = update(Step).where(
        col(Step.publication_id) == step.publication_id,
        col(Step.name) == step.name,
        col(Step.generation) == step.generation,
    )
    async with db.session(lease.actor) as session:
        await session.exec(ending.values(**outcome))
    step.sqlmodel_update(outcome)


def facts(error: MetaError | None) -> dict[str, Any]:
    """Give what Meta said, as the step's columns."""
    if error is None:
        return {}
    return {
        "http_status": error.status,
        "error_code": error.code,
        "error_subcode": error.subcode,
        "trace_id": error.trace_id,
    }

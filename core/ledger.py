"""The ledger: who is at work on a publication, and what was attempted at Meta.

A worker holds a publication by a lease with a fencing number. Whoever comes later has a higher number, and
what an earlier one still writes as the publication's holder changes nothing. The intent of a step is
committed before its call, its outcome after it; an outcome is a fact about Meta and is kept whatever the
number says.

The intent of a call that the public sees is where everything meets: it is refused when the publication was
moved, called off or written anew in the meantime, while its client is paused, and when it is too late.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Interval, bindparam, func, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Actor, Database, clock
from core.errors import MetaError
from core.models import Post, PostState, Publication, PublicationState, Step, StepName, StepState

VISIBLE = [name for name in StepName if name.visible]
BUSY_ACCOUNT = timedelta(milliseconds=300)


class LostLease(RuntimeError):
    """Another worker has this publication now, or a person changed it; leave it alone."""


class Paused(RuntimeError):
    """Its client, or the agency, is paused or leaving: hold it back."""


class TooLate(RuntimeError):
    """Its minute is over for longer than its client tolerates: a person must say what to do."""


# The rules are read under a lock that a pause waits for: once it is said that nothing goes out, nothing does.
GATE = text(
    """
    WITH rules AS (
        SELECT c.late_minutes, c.paused_at IS NOT NULL OR a.paused_at IS NOT NULL
            OR c.leaving_at IS NOT NULL OR a.leaves_at IS NOT NULL AS is_paused
        FROM clients c JOIN agencies a ON a.id = c.agency_id WHERE c.id = :client_id FOR SHARE
    )
    UPDATE publications p SET lease_until = clock_timestamp() + :lasting, looks = 0 FROM rules
    WHERE p.id = :publication_id AND p.state = 'running' AND p.fence = :fence
    RETURNING rules.is_paused,
        p.due_at < clock_timestamp() - make_interval(mins => rules.late_minutes) AS is_late
    """
).bindparams(bindparam("lasting", type_=Interval))


@dataclass(frozen=True)
class Lease:
    """The right to advance one publication, until somebody holds a higher number."""

    agency_id: UUID
    publication_id: UUID
    fence: int
    lasting: timedelta

    @property
    def actor(self) -> Actor:
        """The program, at work for the publication's agency."""
        return Actor.program(self.agency_id)


async def claim(db: Database, *, agency_id: UUID, publication_id: UUID, lasting: timedelta) -> Lease | None:
    """Take a queued publication; None if it is not queued (any more), or its account is busy."""
    taking = (
        update(Publication)
        .where(col(Publication.id) == publication_id, col(Publication.state) == PublicationState.QUEUED)
        .values(
            state=PublicationState.RUNNING,
            fence=Publication.fence + 1,
            lease_until=func.clock_timestamp() + lasting,
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
    return Lease(agency_id, publication_id, row.fence, lasting) if row else None


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
        await hold(session, lease, lease_until=func.clock_timestamp() + lease.lasting)


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


async def begun(session: AsyncSession, post: Post) -> set[UUID]:
    """Give the publications of a post, in the version that counts, of which the public may see something."""
    seen = (
        select(Step.publication_id)
        .join(Publication, col(Publication.id) == Step.publication_id)
        .where(Publication.post_id == post.id, Publication.version == post.version)
        .where(col(Step.name).in_(VISIBLE), Step.state != StepState.VOID)
    )
    return set(await session.exec(seen))


async def intend(db: Database, lease: Lease, step: Step) -> None:
    """Commit that a call is about to be made that nobody sees. Refused without the lease."""
    async with db.session(lease.actor) as session:
        await hold(session, lease, lease_until=func.clock_timestamp() + lease.lasting, looks=0)
        step.intent_at = await clock(session)
        session.add(step)


async def intend_visibly(db: Database, lease: Lease, step: Step, post: Post) -> None:
    """Commit that a call is about to be made that the public sees; from here on its post is on its way.

    Raise LostLease, Paused or TooLate, and commit nothing, when it must not be made.
    """
    async with db.session(lease.actor) as session:
        if post.state is PostState.SCHEDULED:
            scheduled = update(Post).where(col(Post.id) == post.id, col(Post.state) == PostState.SCHEDULED)
            await session.exec(scheduled.values(state=PostState.PUBLISHING))
        await pass_gate(session, lease, step)
        step.intent_at = await clock(session)
        session.add(step)


async def pass_gate(session: AsyncSession, lease: Lease, step: Step) -> None:
    """Ask all that may keep a call from being made, and hold on to the publication."""
    asked = {
        "client_id": step.client_id,
        "publication_id": lease.publication_id,
        "fence": lease.fence,
        "lasting": lease.lasting,
    }
    rules = (await (await session.connection()).execute(GATE, asked)).first()
    if rules is None:
        raise LostLease
    if rules.is_paused:
        raise Paused
    if rules.is_late:
        raise TooLate


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
    """Write an outcome down, whoever holds the lease by now.

    What the public sees stays done, whatever a worker that was frozen for long believes.
    """
    outcome = {"state": state, "ended_at": datetime.now(UTC), **values}
    ending = update(Step).where(
        col(Step.publication_id) == step.publication_id,
        col(Step.name) == step.name,
        col(Step.generation) == step.generation,
    )
    if step.name.visible and state is not StepState.DONE:
        ending = ending.where(col(Step.state) != StepState.DONE)
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

"""Publishing: takes one publication forward, as far as it goes now, and writes down how that ended."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import (
    access,
    announcements,
    audit,
    checkups,
    holds,
    ledger,
    metrics,
    pace,
    posts,
    quotas,
    refresh,
)
from core.db import clock
from core.endings import of_error
from core.errors import OutcomeUnknown, PressroomError, ReconnectNeeded, TryAgainLater
from core.flows import FLOWS, Published
from core.graph.errors import rest
from core.ledger import Lease, LostLease, Paused, TooLate
from core.models import (
    Account,
    Client,
    Ending,
    Post,
    Publication,
    PublicationState,
    Step,
    StepName,
    StepState,
)
from core.patience import Patience
from core.services import Services
from core.steps import HEAD_START, TooEarly
from core.work import Work, take_up

log = structlog.get_logger()

MOST_ATTEMPTS = 8  # while nobody knows whether it is live; else its client's tolerance is the end
MOST_CRASHES = 8
GIVEN_UP = f"This was tried {MOST_CRASHES} times and never came to an end; now it is up to you."
RENEWALS = 4  # in the time of one lease
IN_A_MINUTE = timedelta(minutes=1)
NO_REASON = {"reason": None, "reason_code": None}
TOLD = ("remote_id", "permalink", "reason", "reason_code")  # what the audit entry says of an outcome


async def advance(services: Services, *, agency_id: UUID, publication_id: UUID) -> None:
    """Take a queued publication as far as it goes; do nothing for one that is not queued."""
    lease = await ledger.claim(
        services.db, agency_id=agency_id, publication_id=publication_id, lasting=services.patience.lease
    )
    if lease is None:
        return
    with suppress(LostLease):
        async with renewed(services, lease):
            await attempt(services, lease)


@asynccontextmanager
async def renewed(services: Services, lease: Lease) -> AsyncIterator[None]:
    """Keep the lease alive while the work lasts."""
    keeper = asyncio.create_task(keep(services, lease))
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def keep(services: Services, lease: Lease) -> None:
    """Renew the lease until it is lost; the next step finds that out for itself."""
    while True:
        await asyncio.sleep(lease.lasting.total_seconds() / RENEWALS)
        try:
            await ledger.renew(services.db, lease)
        except LostLease:
            return
        except Exception:
            log.exception("lease_not_renewed", publication_id=str(lease.publication_id))


async def attempt(services: Services, lease: Lease) -> None:
    """Take the publication forward; when we are being stopped, somebody else may go on at once."""
    try:
        await take_forward(services, lease)
    except asyncio.CancelledError:
        with suppress(LostLease):  # it had come to an end
            await asyncio.shield(schedule(services, lease, next_run_at=func.clock_timestamp()))
        raise


async def take_forward(services: Services, lease: Lease) -> None:
    """Run the publication's flow, and write down how it ended."""
    work: Work | None = None
    try:
        work = await ready(services, lease)
        remote_id, permalink = await run(work)
    except (LostLease, Paused, TooEarly, TooLate) as held:
        await hold_back(services, lease, held)
    except TryAgainLater as later:
        await postpone(services, lease, later)
    except OutcomeUnknown as unknown:
        await look_again(services, lease, unknown)
    except ReconnectNeeded as ended:
        await lose_access(services, lease, ended, work)
    except PressroomError as error:
        await fail(services, lease, error)
    except Exception:
        log.exception("publishing_broke", publication_id=str(lease.publication_id))
        await postpone(services, lease, TryAgainLater(PressroomError.__doc__))
    else:
        await succeed(services, lease, remote_id, permalink)


async def ready(services: Services, lease: Lease) -> Work:
    """Load what the steps need; with a login that ends within minutes, only after it is renewed.

    Raise ReconnectNeeded when the account cannot be used, and another look says that this is still so.
    """
    work = await take_up(services, lease)
    if work.account.ending:
        await checkups.look(services, agency_id=lease.agency_id, connection_id=work.connection.id)
    elif refresh.ends_soon(work.connection, work.now):
        await refresh.before_publish(services, work.connection)
    else:
        return work
    work = await take_up(services, lease)
    if work.account.ending:
        raise ReconnectNeeded(work.account.trouble)
    return work


async def hold_back(services: Services, lease: Lease, held: Exception) -> None:
    """Let go of what must not go out just now; with the lease lost, there is nothing to let go of."""
    match held:
        case TooEarly(after=after):
            await wait_again(services, lease, when(after))
        case Paused():
            await schedule(services, lease, next_run_at=col(Publication.due_at))
        case TooLate():  # the guard asks: after an outage, one question for all
            await schedule(services, lease, next_run_at=func.clock_timestamp())


async def wait_again(services: Services, lease: Lease, next_run_at: Any) -> None:
    """Wait for the minute, now that all went well so far; a card that told of trouble is drawn anew."""
    async with services.db.session(lease.actor) as session:
        publication = await session.get_one(Publication, lease.publication_id)
        post = await posts.locked(session, publication.post_id)
        await release(session, lease, next_run_at=next_run_at, attempts=0, **NO_REASON)
        if publication.reason:
            await announcements.owe_card(session, services, post)


async def run(work: Work) -> Published:
    """Take its steps, unless workers died over it again and again, or Meta's limits hold it back.

    Neither keeps us from looking for what may be live.
    """
    if not may_be_live(work.steps):
        if work.publication.crashes >= MOST_CRASHES:
            raise PressroomError(GIVEN_UP)
        pace.require_open(work.account, now=work.now)
    if work.seconds_left > HEAD_START.total_seconds() and work.services.pace.is_full(work.account):
        raise TooEarly(IN_A_MINUTE)
    async with pace.kept(work.services.db, work.account):
        return await FLOWS[work.publication.kind](work)


# --- how an attempt ends ----------------------------------------------------------------------------------


async def succeed(services: Services, lease: Lease, remote_id: str, permalink: str | None) -> None:
    """Write down that it is live."""
    live = {"remote_id": remote_id, "permalink": permalink, "published_at": datetime.now(UTC)}
    counted = partial(quotas.count, publication_id=lease.publication_id)
    await end(services, lease, PublicationState.PUBLISHED, action="post_published", values=live, also=counted)


async def fail(services: Services, lease: Lease, error: PressroomError) -> None:
    """Write down that it is not live, and that a person must act.

    After a call that the public may see, it is not called failed unless that is proven: a person who writes
    the post anew would publish it twice.
    """
    if await is_begun(services, lease):
        await ask(services, lease, error)
        return
    await end(services, lease, PublicationState.FAILED, action="post_failed", values=reasons(error))


async def lose_access(services: Services, lease: Lease, ended: ReconnectNeeded, work: Work | None) -> None:
    """Have it wait for a new login, if that is what it takes; or go on with the token that there is by now.

    Its login is looked at first: that says why it ended, or heals it.
    """
    if work:
        ids = {"agency_id": lease.agency_id, "connection_id": work.connection.id}
        is_known = await checkups.look(services, **ids)
        if not is_known or of_error(ended) is not Ending.PERMISSION:  # the look asked for each by its name
            await condemn(services, lease, ended, work)
    account = await account_of(services, lease)
    is_replaced = work is not None and account.access_token != work.account.access_token
    may_wait = account.ending or is_replaced or not account.is_active
    if not may_wait or await is_begun(services, lease):
        await fail(services, lease, ended)
    else:
        await wait_for_login(services, lease)


async def account_of(services: Services, lease: Lease) -> Account:
    """Give the publication's account, as it is now."""
    async with services.db.session(lease.actor) as session:
        publication = await session.get_one(Publication, lease.publication_id)
        return await session.get_one(Account, publication.account_id)


async def condemn(services: Services, lease: Lease, ended: ReconnectNeeded, work: Work) -> None:
    """Write on the account why it cannot be used, unless that is known, or its token is another by now."""
    if (ending := of_error(ended)) is None:
        return
    async with services.db.session(lease.actor) as session:
        connection, accounts = await holds.locked(session, work.connection)
        account = next((one for one in accounts if one.id == work.account.id), None)
        if account and not account.ending and account.access_token == work.account.access_token:
            await access.settle(session, services, lease.actor, connection, {account.id: ending})


async def wait_for_login(services: Services, lease: Lease) -> None:
    """Let go of it until its account can be used again; its card says what to do, and its thread, once."""
    async with services.db.session(lease.actor) as session:
        publication = await session.get_one(Publication, lease.publication_id)
        account = await session.get_one(Account, publication.account_id)
        post = await posts.locked(session, publication.post_id)
        attempts, now = publication.attempts, func.clock_timestamp()
        if account.ending is None and account.is_active:
            # It has another token: not at once, for Meta may refuse that as well
            pause = pause_after(services.patience, attempts)
            await release(session, lease, next_run_at=now + pause, attempts=attempts + 1)
            return
        await release(session, lease, next_run_at=now, **NO_REASON)
        said = {"kind": "waits_for_login", "publication_id": str(publication.id)}
        reply = said if account.is_active else None  # or its thread was told when it was disconnected
        await announcements.owe_card(session, services, post, reply=reply)


async def is_begun(services: Services, lease: Lease) -> bool:
    """Say whether a call that the public may see was made, and is not proven to have had no effect."""
    async with services.db.session(lease.actor) as session:
        return may_be_live(await ledger.steps(session, lease))


def may_be_live(steps: Mapping[StepName, Step]) -> bool:
    """Say so of what these steps have done so far."""
    return any(step.name.visible and step.state is not StepState.VOID for step in steps.values())


async def ask(services: Services, lease: Lease, error: PressroomError) -> None:
    """Write down that nobody can tell, and that a person must look."""
    why = reasons(error)
    await end(services, lease, PublicationState.NEEDS_REVIEW, action="post_outcome_unknown", values=why)


async def look_again(services: Services, lease: Lease, unknown: OutcomeUnknown) -> None:
    """Look for it a few times, with growing pauses; then ask a person."""
    async with services.db.session(lease.actor) as session:
        looks = (await session.get_one(Publication, lease.publication_id)).looks
    pauses = services.patience.looks
    if looks >= len(pauses):
        await ask(services, lease, unknown)
    else:
        await schedule(services, lease, next_run_at=func.clock_timestamp() + pauses[looks], looks=looks + 1)


async def postpone(services: Services, lease: Lease, later: TryAgainLater) -> None:
    """Try again after as long as Meta asks, and longer each time, as long as its client tolerates.

    What would go out too late by then is a person's business at once: there is time to do something else.
    What may be live is asked about after so many tries, late or not.
    """
    attempts, time_left = await so_far(services, lease)
    pause = max(later.after, pause_after(services.patience, attempts))
    if await is_begun(services, lease):
        if attempts + 1 >= MOST_ATTEMPTS:
            given_up = f"{later.sentence} It was tried {MOST_ATTEMPTS} times; now it is up to you."
            await ask(services, lease, PressroomError(given_up))
            return
    elif pause > time_left:
        await be_late(services, lease, reasons(later))
        return
    await wait(services, lease, later, pause, attempts=attempts + 1)


async def so_far(services: Services, lease: Lease) -> tuple[int, timedelta]:
    """Give how often it was tried, and for how long it is not too late."""
    counted = (
        select(Publication.attempts, Publication.due_at, Client.late_minutes)
        .join(Client, col(Client.id) == Publication.client_id)
        .where(Publication.id == lease.publication_id)
    )
    async with services.db.session(lease.actor) as session:
        attempts, due_at, late_minutes = (await session.exec(counted)).one()
        return attempts, due_at + timedelta(minutes=late_minutes) - await clock(session)


def pause_after(patience: Patience, attempts: int) -> timedelta:
    """Give the pause before the next attempt, by how many there were: not all of them come back at once."""
    longest = min(patience.first_pause * float(2 ** min(attempts, 20)), patience.longest_pause)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 no secret


async def wait(
    services: Services, lease: Lease, later: TryAgainLater, pause: timedelta, *, attempts: int
) -> None:
    """Let go of the publication until its next attempt; its card says why, unless that is soon."""
    async with services.db.session(lease.actor) as session:
        publication = await session.get_one(Publication, lease.publication_id)
        post = await posts.locked(session, publication.post_id)
        next_run_at = func.clock_timestamp() + pause
        await release(session, lease, next_run_at=next_run_at, attempts=attempts, **reasons(later))
        if attempts > 1 or pause >= IN_A_MINUTE:
            await announcements.owe_card(session, services, post)
        if rest(later):
            await tell_others(session, services, publication)


async def tell_others(session: AsyncSession, services: Services, publication: Publication) -> None:
    """Have the cards drawn of what else waits now that its account is closed for a while."""
    waiting = (
        select(Post)
        .join(Publication, col(Publication.post_id) == Post.id)
        .join(Account, col(Account.id) == Publication.account_id)
        .where(Account.id == publication.account_id, Publication.state == PublicationState.SCHEDULED)
        .where(Post.id != publication.post_id, col(Publication.due_at) < col(Account.blocked_until))
    )
    for post in await session.exec(waiting):
        await announcements.owe_card(session, services, post)


async def schedule(services: Services, lease: Lease, *, next_run_at: Any, **values: Any) -> None:
    """Let go of the publication until then, by the database's clock."""
    async with services.db.session(lease.actor) as session:
        await release(session, lease, next_run_at=next_run_at, **values)


async def release(session: AsyncSession, lease: Lease, **values: Any) -> None:
    """Give the lease back; the clock takes it up again."""
    await ledger.hold(session, lease, state=PublicationState.SCHEDULED, lease_until=None, **values)


def when(after: timedelta | None) -> Any:
    """Give the moment to go on with what is early: its minute, or some time before."""
    due_at = col(Publication.due_at)
    return func.least(due_at, func.clock_timestamp() + after) if after else due_at


async def be_late(services: Services, lease: Lease, why: dict[str, Any]) -> None:
    """Write down that its minute is over, and that a person must say what to do."""
    await end(services, lease, PublicationState.LATE, action="publication_late", values=why)


async def end(
    services: Services,
    lease: Lease,
    state: PublicationState,
    *,
    action: str,
    values: dict[str, Any],
    also: Callable[[AsyncSession], Awaitable[None]] | None = None,
) -> None:
    """End it: publication, post, audit entry and what Slack is owed, in one transaction; then count it."""
    async with services.db.session(lease.actor) as session:
        publication = await session.get_one(Publication, lease.publication_id)
        post = await posts.locked(session, publication.post_id)  # before its account, as people do
        if also:
            await also(session)
        await ledger.hold(session, lease, state=state, lease_until=None, **NO_REASON | values)
        await posts.settle(session, post)
        record(session, lease, publication, action, values)
        reply = {"kind": state.value, "publication_id": str(publication.id)}
        await announcements.owe_card(session, services, post, reply=reply)
    live_at = values.get("published_at")
    metrics.ended(publication.kind, state, late=live_at - publication.due_at if live_at else None)


def record(
    session: AsyncSession, lease: Lease, publication: Publication, action: str, values: dict[str, Any]
) -> None:
    """Add the audit entry of an end."""
    audit.record(
        session,
        lease.actor,
        action,
        client_id=publication.client_id,
        account_id=publication.account_id,
        post_id=publication.post_id,
        version=publication.version,
        **{name: values[name] for name in TOLD if values.get(name)},
    )


def reasons(error: PressroomError) -> dict[str, Any]:
    """Give the sentence, and Meta's code and subcode as one word, for the record."""
    code, subcode = getattr(error, "code", None), getattr(error, "subcode", None)
    numbers = "/".join(str(part) for part in (code, subcode) if part is not None)
    return {"reason": error.sentence, "reason_code": numbers or None}

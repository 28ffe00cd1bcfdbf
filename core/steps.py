"""Steps: calls to Meta that change something, each written down before it is made.

A step that nobody can see is simply done again when its outcome was lost. One that the public sees is looked
up first, and done again only when it is proven absent: after a quiet period, for Meta may still be at it, and
with the same container or photo, so that Meta's own state can refuse a second one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from core import ledger
from core.errors import MetaError, OutcomeUnknown, PressroomError, TryAgainLater
from core.graph.errors import is_hidden
from core.models import Step, StepName, StepState
from core.work import Work

MOST_GENERATIONS = 5
HEAD_START = timedelta(seconds=2)  # so long before its minute a worker may hold a publication that is ready

Call = Callable[[], Awaitable[str]]
Look = Callable[[Work, Step], Awaitable[str | None]]
"""Gives Meta's id of what is live; None if nothing is; raises OutcomeUnknown if nobody can tell."""


class TooEarly(Exception):
    """Everything is ready that can be; go on at its minute, or look again `after` some time before."""

    def __init__(self, after: timedelta | None = None) -> None:
        """Take how long to wait, if not until its minute."""
        super().__init__()
        self.after = after


async def hidden(work: Work, name: StepName, call: Call) -> str:
    """Give Meta's id of something that nobody sees: the one that we have, or that of a new call."""
    last = work.steps.get(name)
    if last and last.state is StepState.DONE:
        return str(last.remote_id)
    if last and last.state is StepState.INTENT:
        await ledger.void(work.services.db, work.lease, last)
    return await make(work, name, call, reference=None)


async def visible(work: Work, name: StepName, call: Call, *, look: Look, reference: str | None) -> str:
    """Give Meta's id of what is live: known, found by looking, or published by a new call.

    Raise OutcomeUnknown when it may be live and that is not proven either way; TooEarly before its minute,
    Paused and TooLate as the ledger does.
    """
    last = work.steps.get(name)
    if last and last.state is StepState.DONE:
        return str(last.remote_id)
    if last and (live := await found(work, last, look)):
        await ledger.done(work.services.db, work.lease, last, live)
        return live
    await its_minute(work)
    return await make(work, name, call, reference=reference)


async def its_minute(work: Work) -> None:
    """Wait for the last moments; raise TooEarly when there is more time than that."""
    if work.seconds_left > HEAD_START.total_seconds():
        raise TooEarly
    await asyncio.sleep(max(0.0, work.seconds_left))


async def found(work: Work, last: Step, look: Look) -> str | None:
    """Look for what an earlier attempt may have published, and let go of it only when it is proven absent."""
    if last.state is StepState.VOID:
        return await last_look(work, last, look)
    live, quiet = await look(work, last), work.services.patience.quiet
    if live is None:
        if work.now - last.intent_at < quiet or last.generation >= MOST_GENERATIONS:
            raise OutcomeUnknown("Meta's answer was lost, and the post is not to be seen yet.")
        await ledger.void(work.services.db, work.lease, last)
    return live


async def last_look(work: Work, last: Step, look: Look) -> str | None:
    """Look, for good measure, for what Meta refused, or what a person said is not live: they may be wrong.

    While Meta cannot be asked, wait until it can. Where a look never tells anything, their word counts.
    """
    try:
        return await look(work, last)
    except PressroomError as error:
        if isinstance(error, TryAgainLater) and not is_hidden(error):
            raise
        return None


async def make(work: Work, name: StepName, call: Call, *, reference: str | None) -> str:
    """Commit the intent, make the call, and commit what is known of it afterwards."""
    db, last = work.services.db, work.steps.get(name)
    number = last.generation + 1 if last else 1
    intent = ledger.attempt(work.publication, work.lease, name, number=number, reference=reference)
    if name.visible:
        await ledger.intend_visibly(db, work.lease, intent, work.post)
    else:
        await ledger.intend(db, work.lease, intent)
    work.steps[name] = intent
    try:
        remote_id = await call()
    except OutcomeUnknown as error:
        await ledger.unknown(db, work.lease, intent, error)
        raise
    except PressroomError as error:
        await ledger.void(db, work.lease, intent, error if isinstance(error, MetaError) else None)
        raise
    await ledger.done(db, work.lease, intent, remote_id)
    return remote_id


def is_begun(work: Work, name: StepName) -> bool:
    """Say whether a step may have had its effect, so that what comes before it need not be awaited."""
    last = work.steps.get(name)
    return last is not None and last.state is not StepState.VOID

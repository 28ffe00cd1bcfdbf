"""How fast we may call Meta, by what it said lately: of the app, and of each account.

Meta counts calls over a time that rolls on, an hour for the app and up to a day for an account, and its
answers tell how much is used up. What it refuses then makes the wait longer. So from 80 percent on, whatever
can wait is spread out, and from 95 percent on only what is due now is done. A refusal, or a word of Meta's on
how long it takes, closes the account until then for everything of ours; what goes out after all opens it.

What is said of the app, each process remembers for itself, for every answer says it anew. It is forgotten
after five minutes without one: who calls nobody hears nothing, and must not hold still because of what was
heard last. A few calls then tell the truth, and what is prepared ten minutes ahead is still ready in time.
The app's limit closes nothing, for the calls that publish have limits of their accounts' own.

What is said of an account stands on its row, for whoever calls Meta for it next, on any machine.

https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import col

from core.db import Actor, Database
from core.errors import MetaError, TryAgainLater
from core.graph.errors import rest
from core.graph.usage import Usage
from core.models import Account

SLOW, FULL = 80, 95  # percent
FORGOTTEN = 300  # seconds after which nothing is known of the app
LATELY = timedelta(hours=1)  # for which an account's percentage counts; due_publications has the same hour
FEW = 1  # publications that a sweep of one process prepares while we are slow: sixty a minute
SPREAD = 0.1  # of a pause, added by chance: not all accounts come back at once


class Pace:
    """What one process knows of the app's limit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a clock that gives seconds."""
        self._clock = clock
        self._app, self._heard_at = 0, clock()

    def hear(self, used: Usage) -> None:
        """Take in what one answer says. This is called from within the call, and only remembers."""
        if used.app:  # 0 is also what an answer means that says nothing of the app
            self._app, self._heard_at = used.app, self._clock()
        if heard := IN_HAND.get():
            heard.take(used)

    def of(self, account: Account | None = None) -> int:
        """Give the percentage that counts for calls for an account, or for the app alone."""
        app = self._app if self._clock() - self._heard_at < FORGOTTEN else 0
        return max(app, used_by(account)) if account else app

    def is_slow(self, account: Account | None = None) -> bool:
        """Say whether what can wait is to be spread out."""
        return self.of(account) >= SLOW

    def is_full(self, account: Account | None = None) -> bool:
        """Say whether only what is due now may be done."""
        return self.of(account) >= FULL

    def ahead(self, room: int) -> int:
        """Say how many publications may be prepared ahead now, where there is room for so many."""
        if self.is_full():
            return 0
        return max(0, min(room, FEW) if self.is_slow() else room)


@dataclass
class Heard:
    """What Meta said last of one account, while calls were made for it."""

    meta_id: str
    percent: int | None = None
    regain: timedelta = timedelta(0)

    def take(self, used: Usage) -> None:
        """Take in what one answer says."""
        if (percent := used.of(self.meta_id)) is not None:
            self.percent, self.regain = percent, used.regain


IN_HAND: ContextVar[Heard | None] = ContextVar("the account that calls are made for", default=None)


@asynccontextmanager
async def kept(db: Database, account: Account) -> AsyncIterator[None]:
    """Publish for an account in here: what Meta says of its limits then stands on its row."""
    heard = Heard(account.platform_account_id)
    before = IN_HAND.set(heard)
    try:
        yield
    except Exception as problem:
        await keep(db, account, usage_of(account, heard) | closed(account, heard, problem))
        raise
    else:
        await keep(db, account, usage_of(account, heard) | closed(account, heard, None))
    finally:
        IN_HAND.reset(before)


def usage_of(account: Account, heard: Heard) -> dict[str, Any]:
    """Give what to write of the percentage: only one that slows us down, or no longer does."""
    if heard.percent is None or max(heard.percent, account.usage_percent) < SLOW:
        return {}
    return {"usage_percent": heard.percent, "usage_seen_at": func.clock_timestamp()}


def closed(account: Account, heard: Heard, problem: Exception | None) -> dict[str, Any]:
    """Give what to write of how long the account is to be left alone; what went out opens it."""
    pause = (rest(problem) if isinstance(problem, MetaError) else None) or timedelta(0)
    if (heard.percent or 0) >= FULL:
        pause = max(pause, heard.regain)
    if pause:
        until = func.clock_timestamp() + pause * random.uniform(1, 1 + SPREAD)  # noqa: S311 no secret
        return {"blocked_until": func.greatest(col(Account.blocked_until), until)}
    return {"blocked_until": None} if problem is None and account.blocked_until else {}


async def keep(db: Database, account: Account, values: dict[str, Any]) -> None:
    """Write it on the account's row, if there is anything to write."""
    if values:
        async with db.session(Actor.program(account.agency_id)) as session:
            await session.exec(update(Account).where(col(Account.id) == account.id).values(**values))


def require_open(account: Account, *, now: datetime) -> None:
    """Raise TryAgainLater while Meta wants to hear nothing of an account."""
    if account.blocked_until and (left := account.blocked_until - now) > timedelta(0):
        raise TryAgainLater(f"Meta allows no more calls for {account.label} for a while.", after=left)


def used_by(account: Account) -> int:
    """Give the percentage of its own limit that an account used, if that was heard lately."""
    lately = account.usage_seen_at and datetime.now(UTC) - account.usage_seen_at < LATELY
    return account.usage_percent if lately else 0

"""The moments of a deed: around each commit that writes, and around each call to Meta.

They are found in what SQLAlchemy and httpx do, not written down in a list: a deed that gets another step has
its moments too. Each is told in a journal that outlives a kill; the one that is asked for is the last.
"""

import asyncio
import os
import signal
from collections import Counter
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

BEFORE_COMMIT, AFTER_COMMIT = "before the commit", "after the commit"
BEFORE_CALL, UNDER_WAY = "before the call", "while Meta is at it"
AFTER_EFFECT = "after the effect, before the answer"
RECEIVED, ANSWERED = 0.1, 0.25  # seconds after which the simulator has a slow request, and answers it
WRITING = ("INSERT", "UPDATE", "DELETE", "WITH")

WROTE: ContextVar[bool] = ContextVar("whether this task's transaction has written anything", default=False)


class Moments:
    """Tells each moment of a deed, and kills the process at one of them."""

    def __init__(self, journal: Path, fatal: str | None, meta: str) -> None:
        """Take where the moments are told, which of them is fatal, and the simulator's address."""
        self.journal, self.fatal = journal, fatal
        self.control = httpx.AsyncClient(base_url=meta)
        self.counts: Counter[str] = Counter()
        self.under_way: asyncio.Future[httpx.Response] | None = None
        """The call that nobody hears the end of."""

    def watch(self) -> None:
        """From now on, look at all that this process commits, and at all that it asks of Meta."""
        event.listen(Engine, "before_cursor_execute", before_statement)
        event.listen(Engine, "commit", lambda _: self.around_commit(BEFORE_COMMIT))
        event.listen(Session, "after_commit", lambda _: self.around_commit(AFTER_COMMIT))
        send = httpx.AsyncHTTPTransport.handle_async_request

        async def sending(its: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/_sim/"):
                return await send(its, request)
            return await self.around_call(its, request, send)

        httpx.AsyncHTTPTransport.handle_async_request = sending  # type: ignore[method-assign]

    def around_commit(self, when: str) -> None:
        """Notice that a transaction which has written something is about to be committed, or is."""
        if WROTE.get():
            WROTE.set(when == BEFORE_COMMIT)
            await_only(self.come("write", when))

    async def around_call(
        self, its: httpx.AsyncHTTPTransport, request: httpx.Request, send: Any
    ) -> httpx.Response:
        """Make a call to Meta, unless it is the end of us before, within or after it."""
        call = f"{request.method} {request.url.path.partition('/v25.0/')[2]}"
        await self.come(call, BEFORE_CALL)
        if self.is_fatal(call, UNDER_WAY):
            slow = {"match": request.url.path, "kind": "slow", "seconds": ANSWERED}
            await self.control.post("/_sim/faults", json=slow)
            self.under_way = asyncio.ensure_future(send(its, request))
            await asyncio.sleep(RECEIVED)
        await self.come(call, UNDER_WAY)
        response: httpx.Response = await send(its, request)
        await self.come(call, AFTER_EFFECT)
        return response

    def is_fatal(self, what: str, when: str) -> bool:
        """Say whether the next such moment is the fatal one."""
        return self.fatal == name_of(what, self.counts[f"{what} {when}"] + 1, when)

    async def come(self, what: str, when: str) -> None:
        """Tell that a moment has come; it may be the last."""
        is_last = self.is_fatal(what, when)
        self.counts[f"{what} {when}"] += 1
        with self.journal.open("a") as journal:
            journal.write(name_of(what, self.counts[f"{what} {when}"], when) + "\n")
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)


def before_statement(_: Any, __: Any, statement: str, *___: Any) -> None:
    """Notice that a transaction writes."""
    if statement.lstrip().startswith(WRITING):
        WROTE.set(True)


def name_of(what: str, count: int, when: str) -> str:
    """Name a moment."""
    return f"{what} {count}: {when}"

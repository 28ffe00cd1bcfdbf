"""The moments at which a worker is hit: found in what SQLAlchemy and httpx do, not in Pressroom's modules."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import httpx
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from tests.torture import marks
from tests.torture.orders import Orders
from tests.torture.plan import Case, Moment, What

INTENT, OUTCOME = "INSERT INTO steps", "UPDATE steps"
POST_OF = "SELECT post_id FROM publications WHERE id = %s"
NOBODY_LISTENS = httpx.URL("http://127.0.0.1:1")
RECEIVED, ANSWERED = 0.3, 1.5  # seconds after which the simulator has a slow request, and answers it
LIMIT = {"code": 4, "subcode": 2207051, "message": "Action is blocked"}
SLOW = {"kind": "slow", "seconds": ANSWERED}
FAULTS: dict[tuple[What, Moment], dict[str, Any]] = {  # what the simulator is told, right before the call
    (What.KILL, Moment.UNDER_WAY): SLOW,
    (What.RESTART, Moment.UNDER_WAY): SLOW,
    (What.DROP, Moment.UNDER_WAY): {"kind": "drop"},
    (What.DROP, Moment.AFTER_EFFECT): {"kind": "drop_after"},
    (What.LATE, Moment.UNDER_WAY): {"kind": "drop_late"},
    (What.ERROR, Moment.UNDER_WAY): {"kind": "error"},
    (What.ERROR, Moment.AFTER_EFFECT): {"kind": "error_after"},
    (What.LIMIT, Moment.UNDER_WAY): {"kind": "error", **LIMIT},
    (What.LIMIT, Moment.AFTER_EFFECT): {"kind": "error_after", **LIMIT},
}
Send: TypeAlias = Callable[[], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Place:
    """One step of one case: where a task is."""

    case: Case
    step: str


HERE: ContextVar[Place | None] = ContextVar("where this task is", default=None)
WRITES: ContextVar[bool] = ContextVar("whether this task is writing an outcome", default=False)


class Points:
    """Knows where in the plan each task is, and hits it there."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.control = httpx.AsyncClient(base_url=orders.settings.graph_url)

    def watch(self) -> None:
        """From now on, look at all that this process writes to the database, and at all that it sends."""
        event.listen(Engine, "before_cursor_execute", self.before_statement)
        event.listen(Session, "after_commit", self.after_commit)
        send = httpx.AsyncHTTPTransport.handle_async_request

        async def sending(its: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            return await self.before_call(request, lambda: send(its, request))

        httpx.AsyncHTTPTransport.handle_async_request = sending  # type: ignore[assignment, method-assign]

    def before_statement(
        self, connection: Connection, _: Any, statement: str, parameters: Any, *__: Any
    ) -> None:
        """Notice the writing of an intent, or of an outcome."""
        if statement.startswith(INTENT):
            HERE.set(self.place_of(connection, parameters["publication_id"], parameters["name"]))
            await_only(self.strike(Moment.BEFORE_INTENT))
        elif statement.startswith(OUTCOME):
            HERE.set(self.place_of(connection, parameters["publication_id_1"], parameters["name_1"]))
            WRITES.set(True)
            await_only(self.strike(Moment.AFTER_ANSWER))

    def after_commit(self, _: Session) -> None:
        """Notice that an outcome is written."""
        if WRITES.get():
            WRITES.set(False)
            await_only(self.strike(Moment.AFTER_OUTCOME))

    def place_of(self, connection: Connection, publication_id: UUID, step: str) -> Place:
        """Find the case of a publication."""
        post_id = connection.exec_driver_sql(POST_OF, (publication_id,)).scalar_one()
        return Place(self.orders.cases[post_id], step)

    async def before_call(self, request: httpx.Request, send: Send) -> httpx.Response:
        """Send a request; one that changes something goes wrong as planned."""
        if request.method != "POST" or request.url.path.startswith("/_sim/"):
            return await send()
        if await self.strike(Moment.AFTER_INTENT) is What.UNREACHABLE:
            request.url = NOBODY_LISTENS
        elif mark := self.mark(Moment.UNDER_WAY):
            return await self.hit_under_way(request, send, mark)
        elif mark := self.mark(Moment.AFTER_EFFECT):
            await self.arm(request, marks.what(mark), Moment.AFTER_EFFECT)
            response = await send()
            await hit(mark)
            return response
        return await send()

    async def hit_under_way(self, request: httpx.Request, send: Send, mark: Path) -> httpx.Response:
        """Send a request, and hit while Meta is at it."""
        await self.arm(request, marks.what(mark), Moment.UNDER_WAY)
        answering = asyncio.ensure_future(send())
        await asyncio.sleep(RECEIVED)
        await hit(mark)
        return await answering

    async def arm(self, request: httpx.Request, what: What, moment: Moment) -> None:
        """Tell the simulator how the next request for this address goes wrong."""
        if fault := FAULTS.get((what, moment)):
            late = {"seconds": self.orders.lateness} if what is What.LATE else {}
            await self.control.post("/_sim/faults", json={"match": request.url.path, **fault, **late})

    async def strike(self, moment: Moment) -> What | None:
        """Let happen what goes wrong now, and say what it was."""
        mark = self.mark(moment)
        return await hit(mark) if mark else None

    def mark(self, moment: Moment) -> Path | None:
        """Give the mark of what goes wrong now, if anything does."""
        here = HERE.get()
        return marks.place(self.orders.marks, here.case, here.step, moment) if here else None


async def hit(mark: Path) -> What:
    """Kill this process, or go on while PostgreSQL restarts; anything else is the caller's to bring about."""
    if marks.what(mark) is What.KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    if marks.what(mark) is What.RESTART:
        await marks.down(mark)
    return marks.what(mark)

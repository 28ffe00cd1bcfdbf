"""How a simulator is told to misbehave: `POST /_sim/faults`.

kind         what happens
slow         waits `seconds`, then answers as usual
status       answers `status` (and `body`, JSON) without any effect
rate_limit   the platform's own rate-limit answer (`retry_after` seconds, or `usage`), without any effect
error        the platform's own error answer (`error`, or `code`, `subcode`, `message`), without any effect
error_after  does what was asked, then answers the platform's `error`, or else `status` (500 by default)
drop         closes the connection before the effect
drop_after   does what was asked, then closes the connection
drop_late    closes the connection, and does what was asked `seconds` later
html         an HTML page with status 502
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.record import replay, whole_body

Kind = Literal[
    "slow", "status", "rate_limit", "error", "error_after", "drop", "drop_after", "drop_late", "html"
]


class Fault(BaseModel):
    """One way to misbehave, for requests whose path contains `match`; further keys are the platform's own."""

    model_config = ConfigDict(extra="allow")

    match: str
    kind: Kind
    times: int | None = 1
    """How often; null means until it is cleared."""
    after: int = 0
    """How many matching requests are answered properly first."""
    seconds: float = 0.0
    status: int | None = None
    body: Any = None
    retry_after: int = 1
    error: Any = None


class Faults:
    """The faults that are waiting for a request."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let the fault wait; the earliest that matches a request is used."""
        self.waiting.append(fault)

    def clear(self) -> None:
        """Behave again."""
        self.waiting.clear()

    def take(self, path: str) -> Fault | None:
        """Return the fault that this request's path meets, and count it as used; None nearly always."""
        for fault in self.waiting:
            if fault.match not in path:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            self._used(fault)
            return fault
        return None

    def _used(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self.waiting.remove(fault)

    def routes(self) -> list[Route]:
        """Return `GET`, `POST` and `DELETE /_sim/faults`."""
        return [Route("/_sim/faults", self._answer, methods=["GET", "POST", "DELETE"])]

    async def _answer(self, request: Request) -> JSONResponse:
        if request.method == "POST":
            try:
                self.add(Fault.model_validate(await request.json()))
            except ValidationError as wrong:
                return JSONResponse({"error": str(wrong)}, status_code=400)
        if request.method == "DELETE":
            self.clear()
        return JSONResponse([fault.model_dump() for fault in self.waiting])


class FaultMiddleware:
    """ASGI middleware, inside the record's: lets the faults that wait happen."""

    def __init__(
        self,
        app: ASGIApp,
        faults: Faults,
        answer: Callable[[Fault], Response],
        skip: Sequence[str] = ("/_sim", "/page/", "/healthz"),
    ) -> None:
        """Take what a platform answers for a fault of kind `error`, `error_after` or `rate_limit`."""
        self.app = app
        self.faults = faults
        self.answer = answer
        self.skip = tuple(skip)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, properly or not."""
        fault = None
        if self.faults.waiting and scope["type"] == "http" and not scope["path"].startswith(self.skip):
            fault = self.faults.take(scope["path"])
        if fault is None:
            await self.app(scope, receive, send)
        else:
            await self._misbehave(fault, scope, receive, send)

    async def _misbehave(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "drop_late":
            await self._act_late(fault, scope, receive)
            return
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault.kind in ("slow", "error_after", "drop_after"):
            await self.app(scope, receive, send if fault.kind == "slow" else _unheard)
        if fault.kind in ("drop", "drop_after"):
            await drop(scope, receive)
        elif fault.kind != "slow":
            await self._wrong_answer(fault)(scope, receive, send)

    async def _act_late(self, fault: Fault, scope: Scope, receive: Receive) -> None:
        body = await whole_body(receive)
        await drop(scope, receive)
        await asyncio.sleep(fault.seconds)
        await self.app(scope, replay(body, receive), _unheard)

    def _wrong_answer(self, fault: Fault) -> Response:
        if fault.kind == "html":
            return HTMLResponse("<!DOCTYPE html><title>502</title><h1>Bad Gateway</h1>", status_code=502)
        if fault.kind == "status" or (fault.kind == "error_after" and fault.error is None):
            body = fault.body if isinstance(fault.body, str) else json.dumps(fault.body or {})
            return Response(body, status_code=fault.status or 500, media_type="application/json")
        return self.answer(fault)


async def drop(scope: Scope, receive: Receive) -> None:
    """Close the connection without an answer, as a dying machine does."""
    abort = scope.get("extensions", {}).get("simulator.abort")
    if abort is None:
        raise ConnectionResetError("a fault dropped this connection")
    abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _unheard(_: Message) -> None:
    """Swallow an answer that nobody shall hear."""

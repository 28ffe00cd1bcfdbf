"""What a simulated platform was asked, what it answered, and what would have failed on the real one."""

import json
import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT_REQUESTS = 5000
KEPT_WARNINGS = 2000
KEPT_BYTES = 65_536
SECRET_NAMES = {
    "access_token", "appsecret_proof", "client_secret", "code", "cookie", "fb_exchange_token", "input_token",
    "refresh_token", "signed_request", "ticket", "token",
}  # fmt: skip
SECRET_TEXT = re.compile(r"(xox[a-z]-|xapp-|EAA)[\w-]+")


@dataclass
class Entry:
    """One request and its answer, as bytes; they are read only when somebody asks."""

    n: int
    at: float
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int | None = None
    answer: bytes = b""
    answer_type: str = ""
    ms: float = 0.0

    def shown(self) -> dict[str, Any]:
        """Return this entry as JSON, without secrets. `status` is null when the connection was dropped."""
        return {
            "n": self.n,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "query": masked(dict(parse_qsl(self.query, keep_blank_values=True))),
            "headers": {name: _masked_header(name, value) for name, value in self.headers.items()},
            "body": masked(_parsed(self.body, self.headers.get("content-type", ""))),
            "status": self.status,
            "answer": masked(_parsed(self.answer, self.answer_type)),
            "ms": round(self.ms, 2),
        }

    def as_it_came(self) -> dict[str, Any]:
        """Return what was asked, secrets and all: for who looks for those where they do not belong."""
        return {
            "path": f"{self.path}?{self.query}",
            "headers": {name: value for name, value in self.headers.items() if name != "authorization"},
            "body": self.body.decode("utf-8", "replace"),
        }


@dataclass
class Record:
    """Everything that was asked of one simulator, and the warnings that came of it."""

    requests: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    warnings: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_WARNINGS))
    count: int = 0

    def received(self, scope: Scope, body: bytes) -> Entry:
        """Write down a request (its ASGI scope and whole body); the caller fills in the answer."""
        self.count += 1
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        entry = Entry(
            n=self.count,
            at=time.time(),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body[:KEPT_BYTES],
        )
        self.requests.append(entry)
        return entry

    def warn(self, kind: str, text: str, **details: Any) -> None:
        """Write down something that was slow or would fail on the real platform.

        `kind` is a short word for tests to look for, `text` a sentence, `details` JSON values.
        """
        self.warnings.append({"at": time.time(), "kind": kind, "text": text, **masked(details)})

    def clear(self) -> None:
        """Forget everything but the numbering."""
        self.requests.clear()
        self.warnings.clear()

    def routes(self) -> list[Route]:
        """Return `GET /_sim/requests?since=N` (entries with n > N; `&raw` as they came), and warnings."""
        return [
            Route("/_sim/requests", self._show_requests, methods=["GET"]),
            Route("/_sim/warnings", self._show_warnings, methods=["GET"]),
        ]

    async def _show_requests(self, request: Request) -> JSONResponse:
        since, is_raw = int(request.query_params.get("since", "0")), "raw" in request.query_params
        entries = [entry for entry in self.requests if entry.n > since]
        return JSONResponse([entry.as_it_came() if is_raw else entry.shown() for entry in entries])

    async def _show_warnings(self, _: Request) -> JSONResponse:
        return JSONResponse(list(self.warnings))


class RecordMiddleware:
    """ASGI middleware, the outermost one: writes every request of the platform into the record."""

    def __init__(
        self, app: ASGIApp, record: Record, skip: Sequence[str] = ("/_sim", "/page/", "/healthz")
    ) -> None:
        """Take the application, the record, and the beginnings of paths that are not the platform's."""
        self.app = app
        self.record = record
        self.skip = tuple(skip)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and write it and its answer down."""
        if scope["type"] != "http" or scope["path"].startswith(self.skip):
            await self.app(scope, receive, send)
            return
        body = await whole_body(receive)
        entry = self.record.received(scope, body)
        started = time.perf_counter()

        async def answering(message: Message) -> None:
            _note_answer(entry, message)
            await send(message)

        try:
            await self.app(scope, replay(body, receive), answering)
        finally:
            entry.ms = (time.perf_counter() - started) * 1000


def masked(value: Any) -> Any:
    """Return JSON with every token cut down to its kind and its last four characters."""
    if isinstance(value, dict):
        return {
            name: f"…{item[-4:]}" if name in SECRET_NAMES and isinstance(item, str) else masked(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str):
        return SECRET_TEXT.sub(lambda found: f"{found[1]}…{found[0][-4:]}", value)
    return value


def _masked_header(name: str, value: str) -> str:
    if name == "authorization":
        kind, _, secret = value.partition(" ")
        known = SECRET_TEXT.match(secret)
        return f"{kind} {known[1] if known else ''}…{secret[-4:]}"
    if name in ("cookie", "set-cookie"):
        return "…"
    return str(masked(value))


def _parsed(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    try:
        if "json" in content_type:
            return json.loads(body)
        if "x-www-form-urlencoded" in content_type:
            return {
                name: _json_or_text(value) for name, value in parse_qsl(body.decode(), keep_blank_values=True)
            }
        if content_type.startswith("text/"):
            return body.decode()
    except ValueError:
        return body.decode("utf-8", "replace")
    return f"({len(body)} bytes of {content_type or 'no type'})"


def _json_or_text(value: str) -> Any:
    if value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


async def whole_body(receive: Receive) -> bytes:
    """Return the body of a request, of all its parts."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives this body once more, and then whatever else comes."""
    once: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replaying() -> Message:
        return once.pop() if once else await receive()

    return replaying


def _note_answer(entry: Entry, message: Message) -> None:
    if message["type"] == "http.response.start":
        entry.status = message["status"]
        types = [value for name, value in message["headers"] if name.lower() == b"content-type"]
        entry.answer_type = types[0].decode("latin-1") if types else ""
    elif message["type"] == "http.response.body" and len(entry.answer) < KEPT_BYTES:
        entry.answer += message.get("body", b"")[:KEPT_BYTES]

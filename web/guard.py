"""What every request goes through: an id for the log, a limit for its body, and no guessing of types."""

import secrets

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 4_000_000  # bytes; Slack's largest payloads, views and messages, stay far below


class Guard:
    """ASGI middleware around everything that the web answers."""

    def __init__(self, app: ASGIApp, *, largest_body: int = LARGEST_BODY) -> None:
        """Take the app, and how many bytes a request's body may have."""
        self.app, self.largest_body = app, largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["id"] = request_id = secrets.token_hex(4)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            receive = limited(scope, receive, self.largest_body)
            await self.app(scope, receive, self.marked(request_id, send))

    def marked(self, request_id: str, send: Send) -> Send:
        """Add the headers that every answer has; Starlette answers what broke outside of this."""

        async def marking(message: Message) -> None:
            if message["type"] == "http.response.start":
                mark(MutableHeaders(scope=message), request_id)
            await send(message)

        return marking


def mark(headers: MutableHeaders, request_id: str) -> None:
    """Set the headers that every answer has."""
    headers.setdefault("x-content-type-options", "nosniff")
    headers.setdefault("referrer-policy", "no-referrer")
    headers["x-request-id"] = request_id


def limited(scope: Scope, receive: Receive, largest: int) -> Receive:
    """Count what arrives; what says beforehand that it is too large is not even read."""
    arrived = 0
    announced = Headers(scope=scope).get("content-length", "0")

    async def counting() -> Message:
        nonlocal arrived
        message = await receive()
        arrived += len(message.get("body", b""))
        if arrived > largest or int(announced) > largest:
            raise HTTPException(413)
        return message

    return counting

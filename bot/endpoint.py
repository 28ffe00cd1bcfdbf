"""Where Slack's requests arrive over HTTP: signature first, as always, then Bolt."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.request.async_internals import build_async_context
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

LARGEST = 3_000_000  # bytes; Slack's largest, a view with its state, stays far below


class FixedRequest(AsyncBoltRequest):
    """Bolt's request, without its mistake about `/publish payload`.

    Bolt 1.30 takes any form with the word `payload` somewhere in it for an interaction, finds no such field
    in a command, and goes on with an empty body. The signature is checked over the raw body, which stays.
    """

    def __init__(self, *, body: str, **rest: Any) -> None:
        """Take what AsyncBoltRequest takes."""
        super().__init__(body=body, **rest)
        if self.mode == "http" and not self.body and "command=" in body:
            self.body = dict(parse_qsl(body, keep_blank_values=True))
            self.context = build_async_context(AsyncBoltContext(rest.get("context") or {}), self.body)

    def to_copyable(self) -> "FixedRequest":
        """Make the copy that Bolt hands to lazy listeners; its own would lose the body again."""
        return FixedRequest(
            body=self.raw_body,
            query=self.query,
            headers=self.headers,
            context=self.context.to_copyable(),
            mode=self.mode,
        )


def endpoint(app: AsyncApp) -> Callable[[Request], Awaitable[Response]]:
    """Give the Starlette endpoint for POST /slack/events."""

    async def slack_events(request: Request) -> Response:
        body = await request.body()
        if len(body) > LARGEST:
            return PlainTextResponse("too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            said = FixedRequest(
                body=body.decode(), query=dict(request.query_params), headers=dict(request.headers)
            )
        except ValueError:  # neither a form nor JSON: nothing that Slack sends
            return PlainTextResponse("bad request", HTTPStatus.BAD_REQUEST)
        return to_starlette_response(await app.async_dispatch(said))

    return slack_events

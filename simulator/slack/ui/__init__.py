"""What people do in Slack: the page and the tests use the same JSON, under /_sim/ui."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.slack.errors import Refusal
from simulator.slack.platform import Slack
from simulator.slack.ui import acting, channels, commands, elements, home, uploads, views

Handler = Callable[[Slack, Request], Awaitable[Any]]


def routes(slack: Slack) -> list[Route]:
    """Return every address of the people's interface."""
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/state", channels.state),
        ("GET", "/messages", channels.read),
        ("POST", "/messages", channels.write),
        ("POST", "/channels/{id}/invite-bot", channels.invite),
        ("POST", "/files", uploads.upload),
        ("GET", "/files/{id}", uploads.show),
        ("POST", "/commands", commands.command),
        ("POST", "/shortcuts", commands.shortcut),
        ("POST", "/actions", elements.act),
        ("POST", "/suggestions", elements.suggest),
        ("GET", "/views", views.shown),
        ("POST", "/views/{id}/submit", views.submit),
        ("POST", "/views/{id}/close", views.close),
        ("GET", "/home", home.shown),
        ("POST", "/home", home.opened),
        ("GET", "/events", acting.follow),
    ]
    return [
        Route(f"/_sim/ui{path}", _endpoint(slack, handler), methods=[verb]) for verb, path, handler in table
    ]


def _endpoint(slack: Slack, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            found = await handler(slack, request)
        except Refusal as refused:
            return JSONResponse({"error": str(refused)}, status_code=refused.status)
        return found if isinstance(found, Response) else JSONResponse(found)

    return endpoint

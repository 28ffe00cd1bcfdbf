"""Everything that the web answers, as one Starlette application."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from core.errors import PressroomError
from core.services import Notifier, Services
from web import exports, health, media, troubles
from web.connect import Connect
from web.guard import Guard
from web.limits import Limits
from web.meta import MetaCallbacks
from web.pages import STATIC, Pages
from web.review import Review

INSTALL = "/slack/install"


def build(
    services: Services,
    *,
    notifier: Notifier,
    slack_routes: Sequence[Route],
    readiness: health.Readiness,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[Any]] | None = None,
) -> Starlette:
    """Give the application. Slack's endpoints are handed in: what they answer is the bot's business."""
    pages = Pages(facebook_url=services.facebook_url)
    installable = any(route.path == INSTALL for route in slack_routes)

    async def home(request: Request) -> Response:
        """Say what this is, to whoever opens the bare address."""
        return pages.show(request, "home.html", install=INSTALL if installable else None)

    app = Starlette(
        routes=[
            Route("/", home),
            *slack_routes,
            *Connect(services, notifier=notifier, pages=pages).routes(),
            *Review(services, pages=pages).routes(),
            *MetaCallbacks(services, pages=pages).routes(),
            *media.routes(services),
            *exports.routes(services),
            *health.routes(readiness, services.db),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard), Middleware(Limits)],
        exception_handlers={
            PressroomError: troubles.known,
            HTTPException: troubles.refused,
            Exception: troubles.unexpected,
        },
        lifespan=lifespan,
    )
    app.state.pages = pages
    return app

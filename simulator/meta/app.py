"""Meta on this machine, as one Starlette application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.faults import FaultMiddleware
from simulator.meta import apps, control, dialog, graph, mishaps, public, seed
from simulator.meta.control.body import Wrong
from simulator.meta.meta import Meta
from simulator.meta.pictures import NotAPicture, Unfetchable
from simulator.meta.world import App, World
from simulator.record import RecordMiddleware
from simulator.state_file import Blobs, StateFile

NOT_METAS = (
    "/_sim",
    "/healthz",
    "/instagram/",
    "/p/",
    "/facebook/",
    "/settings/",
    "/media/",
    "/art/",
    "/static/",
    "/favicon",
)
"""What the app under test never asks for: not recorded, and never faulty."""


def build(
    *,
    address: str,
    data: Path | None = None,
    app_id: str = "1234567890123456",
    app_secret: str = "simulator-app-secret",  # noqa: S107  (nothing is protected by it)
    redirect_uris: Sequence[str] = (),
    deauthorize_url: str | None = None,
    deletion_url: str | None = None,
    require_proof: bool = False,
) -> Starlette:
    """Return the application.

    `address` is how others reach it, `data` the folder in which its state survives; the rest is what is
    registered for the app that it plays Meta for. What was registered while it ran is kept beside
    `redirect_uris`.
    """
    file = StateFile(data, World)
    world = file.read() or seed.world(App(id=app_id, secret=app_secret))
    world.app.id, world.app.secret = app_id, app_secret
    world.app.redirect_uris = list(dict.fromkeys([*redirect_uris, *world.app.redirect_uris]))
    world.app.deauthorize_url = deauthorize_url or world.app.deauthorize_url
    world.app.deletion_url = deletion_url or world.app.deletion_url
    world.settings.require_proof = require_proof or world.settings.require_proof
    blobs = Blobs(data / "media" if data else None)
    meta = Meta(address.rstrip("/"), world, file, blobs, require_proof=require_proof)
    app = Starlette(
        routes=_routes(meta),
        middleware=[
            Middleware(RecordMiddleware, record=meta.record, skip=NOT_METAS),
            Middleware(
                FaultMiddleware,
                faults=meta.faults,
                answer=lambda fault: mishaps.answer(meta.world.settings, fault),
                skip=NOT_METAS,
            ),
        ],
        exception_handlers=dict.fromkeys((Wrong, ValidationError, NotAPicture, Unfetchable), control.wrong),
        lifespan=_lifespan,
    )
    app.state.meta = meta
    return app


def _routes(meta: Meta) -> list[Route]:
    return [
        Route("/healthz", _healthy),
        *meta.record.routes(),
        *meta.faults.routes(),
        *control.routes(),
        *public.routes(),
        *apps.routes(),
        Route("/dialog/oauth", dialog.show),
        Route("/{version}/dialog/oauth", dialog.show),
        Route("/dialog/decide", dialog.decide, methods=["POST"]),
        Route("/{path:path}", graph.endpoint, methods=["GET", "POST", "DELETE"]),
    ]


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    meta: Meta = app.state.meta
    yield
    await meta.close()


async def _healthy(_: Request) -> Response:
    return JSONResponse({"ok": True})

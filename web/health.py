"""Whether this process lives, whether it can serve, and its numbers."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core import metrics
from core.db import Database

Readiness = Callable[[], Awaitable[dict[str, bool]]]
UP = Gauge("pressroom_up", "Whether a part of this process is up", ["part"])


def routes(readiness: Readiness, db: Database) -> list[Route]:
    """Give the routes; `readiness` says of each part whether it is up."""

    async def healthz(_: Request) -> Response:
        """Answer 200 only when every part is up; a load balancer asks this."""
        parts = await readiness()
        up = all(parts.values())
        status = HTTPStatus.OK if up else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": "ok" if up else "down", "parts": parts}, status, NOT_KEPT)

    async def numbers(_: Request) -> Response:
        """Give Prometheus its numbers.

        https://prometheus.io/docs/instrumenting/exposition_formats/
        """
        for part, is_up in (await readiness()).items():
            UP.labels(part).set(is_up)
        await metrics.look(db)
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST} | NOT_KEPT)

    return [Route("/livez", livez), Route("/healthz", healthz), Route("/metrics", numbers)]


async def livez(_: Request) -> Response:
    """Answer as long as the process does; whoever restarts it asks this."""
    return PlainTextResponse("ok", headers=NOT_KEPT)


NOT_KEPT = {"cache-control": "no-store"}

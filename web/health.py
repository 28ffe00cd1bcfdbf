"""Whether this process lives, whether it can serve, and its numbers."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

Readiness = Callable[[], Awaitable[dict[str, bool]]]


def routes(readiness: Readiness) -> list[Route]:
    """Give the routes; `readiness` says of each part whether it is up."""

    async def healthz(_: Request) -> Response:
        """Answer 200 only when every part is up; a load balancer asks this."""
        parts = await readiness()
        up = all(parts.values())
        status = HTTPStatus.OK if up else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": "ok" if up else "down", "parts": parts}, status, NOT_KEPT)

    return [Route("/livez", livez), Route("/healthz", healthz), Route("/metrics", metrics)]


async def livez(_: Request) -> Response:
    """Answer as long as the process does; whoever restarts it asks this."""
    return PlainTextResponse("ok", headers=NOT_KEPT)


async def metrics(_: Request) -> Response:
    """Give Prometheus its numbers.

    https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST} | NOT_KEPT)


NOT_KEPT = {"cache-control": "no-store"}

"""Whether this process lives, whether it can serve, and its numbers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Generic, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core import metrics
from core.db import Database

Readiness = Callable[[], Awaitable[dict[str, bool]]]
UP = Gauge("pressroom_up", "Whether a part of this process is up", ["part"])
Answer = TypeVar("Answer")
RECENT = 1.0  # seconds; whoever asks again within that gets the same answer


class Recently(Generic[Answer]):
    """An answer that is asked for once a second at most, however many want it."""

    def __init__(
        self, ask: Callable[[], Awaitable[Answer]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take what is asked, and a clock in seconds."""
        self._ask, self._clock = ask, clock
        self._one_at_a_time = asyncio.Lock()
        self._answer: tuple[float, Answer] | None = None

    async def __call__(self) -> Answer:
        """Give the answer; whoever comes while it is asked for waits for it."""
        async with self._one_at_a_time:
            if self._answer is None or self._clock() >= self._answer[0]:
                said = await self._ask()
                self._answer = self._clock() + RECENT, said
            return self._answer[1]


def routes(readiness: Readiness, db: Database) -> list[Route]:
    """Give the routes; `readiness` says of each part whether it is up."""
    ready, look = Recently(readiness), Recently(lambda: metrics.look(db))

    async def healthz(_: Request) -> Response:
        """Answer 200 only when every part is up; a load balancer asks this."""
        parts = await ready()
        up = all(parts.values())
        status = HTTPStatus.OK if up else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": "ok" if up else "down", "parts": parts}, status, NOT_KEPT)

    async def numbers(_: Request) -> Response:
        """Give Prometheus its numbers.

        https://prometheus.io/docs/instrumenting/exposition_formats/
        """
        for part, is_up in (await ready()).items():
            UP.labels(part).set(is_up)
        await look()
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST} | NOT_KEPT)

    return [Route("/livez", livez), Route("/healthz", healthz), Route("/metrics", numbers)]


async def livez(_: Request) -> Response:
    """Answer as long as the process does; whoever restarts it asks this."""
    return PlainTextResponse("ok", headers=NOT_KEPT)


NOT_KEPT = {"cache-control": "no-store"}

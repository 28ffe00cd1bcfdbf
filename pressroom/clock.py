"""The clock: starts short sweeps. What they find stands in our own tables, so it remembers nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core.services import Services

Sweep = Callable[[Services], Awaitable[None]]


@asynccontextmanager
async def ticking(sweeps: Mapping[Sweep, int], services: Services) -> AsyncIterator[None]:
    """Start each sweep at once, and then every so many seconds, while this is open.

    One that fails is logged, and started again when it is its time. At the end, let those under way end.
    """
    under_way: set[asyncio.Task[None]] = set()

    async def run(sweep: Sweep) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            await sweep(services)
        finally:
            under_way.discard(task)

    clock = AsyncIOScheduler(timezone="UTC")
    for sweep, seconds in sweeps.items():
        clock.add_job(
            run,
            "interval",
            args=[sweep],
            name=sweep.__name__,
            seconds=seconds,
            jitter=0.1,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),  # an hourly one would never run in a process that lives for less
        )
    clock.start()
    try:
        yield
    finally:
        clock.pause()
        await asyncio.gather(*under_way, return_exceptions=True)
        clock.shutdown(wait=False)

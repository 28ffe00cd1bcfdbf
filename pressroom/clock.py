"""The clock: starts short sweeps. What they find stands in our own tables, so it remembers nothing.

APScheduler goes by the machine's clock, and that may be put right: by an hour, or, on a machine that wakes up
without the time, by half a century. So the next start is counted from now, never from the last one: else all
that fall into a jump ahead are worked out one by one. And when the clock was put back, nothing would start
until the old time has come again: that is noticed, and everything starts at once.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from core.services import Services

log = structlog.get_logger()

JITTER = 0.1  # seconds; not all processes look at the same moment
LOOK, JUMP = 1.0, 2.0  # seconds: how often to look whether the clock was put, and what is more than its drift

Sweep = Callable[[Services], Awaitable[None]]


class Every(BaseTrigger):  # type: ignore[misc]
    """Some seconds after now, whenever that is."""

    def __init__(self, seconds: float) -> None:
        """Take the seconds from one start to the next."""
        self._seconds = seconds

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Give the next moment; the first one is at once."""
        if previous is None:
            return now
        return now + timedelta(seconds=self._seconds + random.uniform(0, JITTER))  # noqa: S311 no secret


@asynccontextmanager
async def ticking(sweeps: Mapping[Sweep, float], services: Services, *, grace: float) -> AsyncIterator[None]:
    """Start each sweep at once, and then every so many seconds, while this is open.

    One that fails is logged, and started again when it is its time. At the end, those under way have `grace`
    seconds to end; what one then breaks off is found again by the next.
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
            Every(seconds),
            args=[sweep],
            name=sweep.__name__,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    clock.start()
    watching = asyncio.create_task(watch(clock))
    try:
        yield
    finally:
        watching.cancel()
        clock.pause()
        await ended(under_way | {watching}, grace)
        clock.shutdown(wait=False)


async def watch(clock: AsyncIOScheduler) -> None:
    """Start everything at once when the machine's clock was put."""
    ahead = time.time() - time.monotonic()
    while True:
        await asyncio.sleep(LOOK)
        was_ahead, ahead = ahead, time.time() - time.monotonic()
        if abs(ahead - was_ahead) > JUMP:
            log.warning("clock_was_put", seconds=round(ahead - was_ahead))
            for job in clock.get_jobs():
                job.modify(next_run_time=datetime.fromtimestamp(time.time(), UTC))


async def ended(tasks: set[asyncio.Task[Any]], grace: float) -> None:
    """Let tasks come to their end, and break off what has not after so many seconds."""
    if tasks:
        _, left = await asyncio.wait(tasks, timeout=grace)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

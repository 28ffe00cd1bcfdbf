"""The worker: the engine that runs jobs, and the clock that starts sweeps. Any number may run at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from core import jobs
from core.jobs import Engine
from core.services import Services
from pressroom.clock import Sweep, ticking

log = structlog.get_logger()

SWEEPS: dict[Sweep, int] = {jobs.dispatch: 1, jobs.recover: 10, jobs.announce: 5}  # seconds
ANNOUNCERS = 10
GRACE = 8.0  # seconds that a job has to end when we stop
SHORTEST_BREAK, LONGEST_BREAK = 0.5, 30.0  # seconds


@dataclass
class Worker:
    """A worker and its clock, as others may ask about it."""

    resting: set[str] = field(default_factory=set)  # queues whose worker ended, and starts again soon

    @property
    def is_running(self) -> bool:
        """Whether every queue is worked on."""
        return not self.resting


@asynccontextmanager
async def at_work(engine: Engine, services: Services, *, concurrency: int) -> AsyncIterator[Worker]:
    """Run jobs and sweeps for as long as this is open; at its end, let what runs come to its end."""
    async with engine.app.open_async():
        worker = Worker()
        queues = {jobs.ADVANCE: concurrency, jobs.ANNOUNCE: ANNOUNCERS}
        tasks = [asyncio.create_task(supervise(worker, engine, *queue)) for queue in queues.items()]
        try:
            async with ticking(SWEEPS, services):
                yield worker
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def supervise(worker: Worker, engine: Engine, queue: str, concurrency: int) -> None:
    """Keep a queue worked on: procrastinate's worker ends when the database is away for long."""
    pause = SHORTEST_BREAK
    while True:
        started = asyncio.get_running_loop().time()
        with contextlib.suppress(Exception):
            await run(engine, queue, concurrency)
        if asyncio.get_running_loop().time() - started > LONGEST_BREAK:
            pause = SHORTEST_BREAK
        log.warning("worker_ended", queue=queue, starting_again_in=pause)
        worker.resting.add(queue)
        await asyncio.sleep(pause)
        worker.resting.discard(queue)
        pause = min(pause * 2, LONGEST_BREAK)


async def run(engine: Engine, queue: str, concurrency: int) -> None:
    """Run the jobs of one queue."""
    await engine.app.run_worker_async(
        queues=[queue],
        name=queue,
        concurrency=concurrency,
        install_signal_handlers=False,
        shutdown_graceful_timeout=GRACE,
        delete_jobs="always",
    )

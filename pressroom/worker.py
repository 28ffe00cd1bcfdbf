"""The worker: the engine that runs jobs, and the clock that starts sweeps. Any number may run at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import procrastinate
import structlog

from core import (
    alerts,
    audit_heads,
    checkups,
    grace,
    housekeeping,
    jobs,
    lateness,
    leaving,
    overdue,
    refresh,
    reminders,
    removals,
    seals,
    settling,
    summaries,
)
from core.jobs import Engine
from core.services import Services
from pressroom.clock import Sweep, ticking

log = structlog.get_logger()

HOUR = 3600  # seconds
SWEEPS: dict[Sweep, float] = {
    jobs.dispatch: 1,
    jobs.recover: 5,
    jobs.announce: 5,
    seals.seal: 5,
    lateness.guard: 5,
    overdue.guard: 5,
    settling.settle: 5,
    reminders.remind: 60,
    summaries.hand_over: 60,
    audit_heads.witness: 60,
    refresh.renew: 60,
    checkups.check: 60,
    alerts.warn: 60,
    alerts.hand_over: 30,
    leaving.carry_on: 5,
    removals.carry_on: 5,
    grace.end: 60,
    housekeeping.tidy: HOUR,
    housekeeping.abandon: HOUR,
}
ANNOUNCERS = 4
# Seconds, of the ten that a stop may take: for jobs under way, to hand over what is left of them, for sweeps
GRACE, HANDOVER, SWEEPING = 6.0, 2.0, 1.0
SHORTEST_BREAK, LONGEST_BREAK = 0.5, 30.0  # seconds


@dataclass
class Worker:
    """A worker, as others may ask about it."""

    resting: set[str] = field(default_factory=set)  # queues whose worker ended, and starts again soon
    queues: list[asyncio.Task[None]] = field(default_factory=list)
    until: float | None = None  # on the loop's clock: when it is to have stopped

    @property
    def is_running(self) -> bool:
        """Whether every queue is worked on."""
        return not self.resting

    @property
    def seconds_left(self) -> float:
        """How long a stop may still take."""
        return max(0.0, self.until - asyncio.get_running_loop().time()) if self.until else 0.0

    def stop(self) -> None:
        """Take no new jobs; those under way have GRACE seconds, then they are broken off and handed over."""
        if self.until is None:
            self.until = asyncio.get_running_loop().time() + GRACE + HANDOVER
            for queue in self.queues:
                queue.cancel()


@asynccontextmanager
async def at_work(engine: Engine, services: Services, *, concurrency: int) -> AsyncIterator[Worker]:
    """Run jobs and sweeps for as long as this is open; at its end, let what runs come to its end."""

    async def bury(_: Services) -> None:
        await housekeeping.bury(engine.app)

    look_after(engine.app)
    async with (
        engine.app.open_async(),
        worked_on(engine, {jobs.ADVANCE: concurrency, jobs.ANNOUNCE: ANNOUNCERS}) as worker,
        ticking(SWEEPS | {bury: HOUR}, services, grace=SWEEPING),
    ):
        yield worker


@asynccontextmanager
async def worked_on(engine: Engine, queues: dict[str, int]) -> AsyncIterator[Worker]:
    """Have these queues worked on while this is open, so many jobs at once each; at its end, stop.

    Without a database nothing can be handed over, and procrastinate would wait for it for long.
    """
    worker = Worker()
    worker.queues += [asyncio.create_task(supervise(worker, engine, *queue)) for queue in queues.items()]
    try:
        yield worker
    finally:
        worker.stop()
        _, left = await asyncio.wait(worker.queues, timeout=worker.seconds_left)
        if left:
            log.warning("nothing_handed_over", queues=len(left))


def look_after(app: procrastinate.App) -> None:
    """Give procrastinate something to do once a year: without that, it does not notice its listener's death.

    Its deferrer of periodic tasks ends at once when there are none, and what watches over the listener and
    the heartbeat ends with the first of them (Worker._monitor_side_tasks in procrastinate 3.10).
    """

    @app.periodic(cron="0 0 1 1 *")
    @app.task(name="celebrate", queue=jobs.ANNOUNCE)
    async def celebrate(timestamp: int) -> None:
        log.info("new_year", timestamp=timestamp)


async def supervise(worker: Worker, engine: Engine, queue: str, concurrency: int) -> None:
    """Keep a queue worked on: procrastinate's worker ends when the database is away for long."""
    pause = SHORTEST_BREAK
    while worker.until is None:
        started, reason = asyncio.get_running_loop().time(), None
        try:
            await run(engine, queue, concurrency)
        except Exception as error:  # noqa: BLE001 whatever it is, the queue must be worked on again
            reason = error
        if asyncio.get_running_loop().time() - started > LONGEST_BREAK:
            pause = SHORTEST_BREAK
        log.warning("worker_ended", queue=queue, starting_again_in=pause, exc_info=reason)
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

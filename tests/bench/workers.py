"""publications_per_hour_2: two workers against one. takeover: from kill -9 to another worker going on.

Meta takes 300 ms for each call here, as the real one does, and each worker makes a few calls at once: what is
measured is whether workers get in each other's way, not how many of them this machine can feed.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from uuid import UUID

from sqlmodel import col, select

from core.models import Publication, PublicationState
from tests.bench import crowd
from tests.bench.measure import report
from tests.bench.stage import ROOT, Stage

PAGES, POSTS = 120, 300
SLOW = {"match": "/feed", "kind": "slow", "seconds": 0.3, "times": None}
STUCK = {"match": "/feed", "kind": "slow", "seconds": 20, "times": 1}


async def run(stage: Stage) -> None:
    """Let the process of the stage rest, and start workers instead."""
    await crowd.lift_limits(stage)
    accounts = await crowd.pages(stage, PAGES, "Workers")
    os.kill(stage.serve_pid, signal.SIGSTOP)
    try:
        await stage.http.post(f"{stage.meta}/_sim/faults", json=SLOW)
        one = await hourly(stage, accounts, workers=1)
        two = await hourly(stage, accounts, workers=2)
        report("publications_per_hour_2", two, "1/h", one)
        await stage.http.delete(f"{stage.meta}/_sim/faults")
        report("takeover", await takeover(stage, accounts), "s")
    finally:
        os.kill(stage.serve_pid, signal.SIGCONT)


async def hourly(stage: Stage, accounts: list[UUID], *, workers: int) -> float:
    """Give how many publications an hour so many workers make."""
    with at_work(stage, workers):
        due = crowd.soon(8)  # by then they are there
        await crowd.scheduled(stage, accounts, count=POSTS, first=due, every=timedelta(0))
        late = await crowd.published(stage, accounts, count=POSTS, between=(due, due))
    return POSTS / max(late) * 3600


@contextmanager
def at_work(stage: Stage, workers: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run so many workers, with the settings of the stage's process."""
    environ = os.environ | stage.environ | {"WORKER_CONCURRENCY": "4"}
    command = [sys.executable, "-m", "pressroom", "worker"]
    running = [subprocess.Popen(command, cwd=ROOT, env=environ) for _ in range(workers)]
    try:
        yield running
    finally:
        for worker in running:
            worker.terminate()
        for worker in running:
            worker.wait()


async def takeover(stage: Stage, accounts: list[UUID]) -> float:
    """Kill a worker in the middle of a call; give the seconds until another one has its publication."""
    with at_work(stage, 1) as [first]:
        await stage.http.post(f"{stage.meta}/_sim/faults", json=STUCK)
        due = crowd.soon(5)
        await crowd.scheduled(stage, accounts[:1], count=1, first=due, every=timedelta(0))
        publication = select(Publication).where(
            Publication.account_id == accounts[0], col(Publication.due_at) == due
        )

        async def fence() -> int:
            async with stage.services.db.session(stage.actor) as session:
                found = (await session.exec(publication)).one()
                return found.fence if found.state is not PublicationState.SCHEDULED else 0

        while await fence() < 1:
            await asyncio.sleep(0.05)
        with at_work(stage, 1):
            await asyncio.sleep(5)
            first.kill()
            started = perf_counter()
            while await fence() <= 1:
                await asyncio.sleep(0.05)
            return perf_counter() - started

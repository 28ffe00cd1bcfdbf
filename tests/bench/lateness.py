"""lateness_1k, lateness_100k: how late what is scheduled is live, with so many more waiting. idle_cpu.

20 publications a second become due for a minute. The floor of the large figure is the small one.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

import psutil

from tests.bench import crowd
from tests.bench.measure import quantile, report
from tests.bench.stage import Stage

PAGES, A_SECOND, SECONDS = 120, 20, 60
COUNT = A_SECOND * SECONDS
MONTH = 30 * 24 * 3600  # seconds
REST = 30  # seconds for which nothing is due


async def run(stage: Stage) -> None:
    """Measure with a thousand waiting, then with a hundred thousand."""
    await crowd.lift_limits(stage)
    accounts = await crowd.pages(stage, PAGES, "Lateness")
    await crowd.scheduled(stage, accounts, count=1000, first=crowd.soon(MONTH), every=timedelta(seconds=60))
    few = await late(stage, accounts)
    await crowd.scheduled(stage, accounts, count=99_000, first=crowd.soon(MONTH), every=timedelta(seconds=60))
    many = await late(stage, accounts)
    for of_100, name in ((50, "p50"), (99, "p99")):
        report(f"lateness_1k_{name}", quantile(few, of_100), "s")
        report(f"lateness_100k_{name}", quantile(many, of_100), "s", quantile(few, of_100))
    await crowd.hush(stage)
    report("idle_cpu", await idle(stage), "% of a core")
    await crowd.forget(stage)


async def late(stage: Stage, accounts: list[UUID]) -> list[float]:
    """Let a minute's worth become due; give how many seconds late each was."""
    first = crowd.soon(10)
    every = timedelta(seconds=1 / A_SECOND)
    await crowd.scheduled(stage, accounts, count=COUNT, first=first, every=every)
    until = first + timedelta(seconds=SECONDS)
    return await crowd.published(stage, accounts, count=COUNT, between=(first, until))


async def idle(stage: Stage) -> float:
    """Give what the process takes of a core while nothing is due."""
    process = psutil.Process(stage.serve_pid)
    await asyncio.sleep(5)
    before = sum(process.cpu_times()[:2])
    await asyncio.sleep(REST)
    return (sum(process.cpu_times()[:2]) - before) / REST * 100

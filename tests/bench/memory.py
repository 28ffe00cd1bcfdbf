"""serve_rss: resident memory of an idle `pressroom serve`, without PostgreSQL."""

import asyncio

import psutil

from tests.bench.measure import report
from tests.bench.stage import Stage

MIB = 2**20


async def run(stage: Stage) -> None:
    """Let it come to rest, then look."""
    await asyncio.sleep(3)
    report("serve_rss", psutil.Process(stage.serve_pid).memory_info().rss / MIB, "MiB")

"""fair_p99: 2,000 accounts with a post each, beside one account with 1,000, all due at one instant.

How many seconds late the 2,000 are; floor: the same without the one.
"""

from datetime import timedelta
from uuid import UUID

from tests.bench import crowd
from tests.bench.measure import quantile, report
from tests.bench.stage import Stage

MANY, OF_ONE = 2000, 1000


async def run(stage: Stage) -> None:
    """Measure without the account that wants so much, then with it."""
    await crowd.lift_limits(stage)
    accounts = await crowd.pages(stage, MANY, "Fair")
    [hog] = await crowd.pages(stage, 1, "Hog")
    alone = await late(stage, accounts, [])
    beside = await late(stage, accounts, [hog])
    report("fair_p99", quantile(beside, 99), "s", quantile(alone, 99))
    await crowd.forget(stage)


async def late(stage: Stage, accounts: list[UUID], hogs: list[UUID]) -> list[float]:
    """Let all become due at once; give how many seconds late each of the many was."""
    due, at_once = crowd.soon(15), timedelta(0)
    if hogs:
        await crowd.scheduled(stage, hogs, count=OF_ONE, first=due, every=at_once)
    await crowd.scheduled(stage, accounts, count=MANY, first=due, every=at_once)
    return await crowd.published(stage, accounts, count=MANY, between=(due, due))

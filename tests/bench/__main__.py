"""Measure everything, and print one JSON object a line. Names as arguments measure only those."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from pressroom.schema import Addresses
from tests.bench import (
    accounts,
    acks,
    approvals,
    audit,
    fairness,
    images,
    keys,
    lateness,
    memory,
    publications,
    refreshes,
    starts,
    tokens,
    workers,
)
from tests.bench.stage import Stage, postgres, stage

ON_ROWS: dict[str, Callable[[Addresses], Awaitable[None]]] = {
    "accounts": accounts.run,
    "keys": keys.run,
    "audit": audit.run,
}
ON_STAGE: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "memory": memory.run,
    "acks": acks.run,
    "approvals": approvals.run,
    "images": images.run,
    "publications": publications.run,
    "lateness": lateness.run,
    "refreshes": refreshes.run,
    "fairness": fairness.run,
    "workers": workers.run,
}
ALL = ("tokens", *ON_ROWS, *ON_STAGE, "starts")


async def measure(names: set[str]) -> None:
    """Run what was asked for, the small ones first; what they leave behind is in nobody else's way."""
    if "tokens" in names:
        await tokens.run()
    for run_on_rows in [run for name, run in ON_ROWS.items() if name in names]:
        with postgres() as addresses:
            await run_on_rows(addresses)
    if on_stage := [run for name, run in ON_STAGE.items() if name in names]:
        with postgres() as addresses:
            async with stage(addresses) as ready:
                for run in on_stage:
                    await run(ready)


def main() -> None:
    """Measure what the arguments name, or everything."""
    names = set(sys.argv[1:]) or set(ALL)
    if unknown := names - set(ALL):
        raise SystemExit(f"There is no {', '.join(unknown)}; choose from {', '.join(ALL)}.")
    asyncio.run(measure(names))
    if "starts" in names:
        starts.run()


main()

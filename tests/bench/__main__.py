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
ALL = ("tokens", "accounts", "audit", "keys", *ON_STAGE, "starts")


async def measure(names: set[str], addresses: Addresses) -> None:
    """Run what was asked for, the small ones first."""
    if "tokens" in names:
        await tokens.run()
    if "accounts" in names:
        await accounts.run(addresses)
    if "keys" in names:
        await keys.run(addresses)
    if "audit" in names:
        await audit.run(addresses)
    if on_stage := [run for name, run in ON_STAGE.items() if name in names]:
        async with stage(addresses) as ready:
            for run in on_stage:
                await run(ready)


def main() -> None:
    """Measure what the arguments name, or everything."""
    names = set(sys.argv[1:]) or set(ALL)
    if unknown := names - set(ALL):
        raise SystemExit(f"There is no {', '.join(unknown)}; choose from {', '.join(ALL)}.")
    with postgres() as addresses:
        asyncio.run(measure(names, addresses))
    if "starts" in names:
        starts.run()


main()

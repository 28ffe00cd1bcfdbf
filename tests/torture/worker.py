"""The workers: children of one process, which starts another one whenever one was killed.

It has imported everything, so that a child is at work at once.
"""

import asyncio
import os
import pickle
import sys
import time
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import configure_mappers

from core.jobs import Engine
from core.models import AuditHead
from pressroom import logs
from pressroom.schema import driver_url
from pressroom.wiring import open_services
from pressroom.worker import at_work
from tests.torture.blind import go_blind
from tests.torture.orders import Orders
from tests.torture.points import Points

AT_FIRST_USE = (
    "anyio._backends._asyncio",
    "apscheduler.executors.asyncio",
    "httpcore",
    "procrastinate.worker",
)
WORKERS = 2
STDIN = 0
BREAK = 0.1  # seconds, for one may not be able to start while the database is away


class Silence:
    """Stands for Slack, which is no part of this."""

    async def show_card(self, agency_id: UUID, post_id: UUID) -> None:
        """Show nothing."""

    async def reply(self, agency_id: UUID, post_id: UUID, payload: dict[str, Any]) -> None:
        """Say nothing."""

    async def summarize(self, agency_id: UUID, member_id: UUID) -> None:
        """Send nothing."""

    async def witness(self, agency_id: UUID, head: AuditHead) -> None:
        """Post nothing."""

    async def alert(self, agency_id: UUID, alert_id: UUID) -> None:
        """Tell nobody."""

    async def departing(self, agency_id: UUID, departure_id: UUID) -> None:
        """Tell nobody."""

    async def departed(self, agency_id: UUID, departure_id: UUID) -> None:
        """Tell nobody."""

    async def farewell(self, agency_id: UUID) -> None:
        """Tell nobody."""


def main() -> None:
    """Keep so many children at work until stdin ends; say the process id of each, and how it ended."""
    orders: Orders = pickle.loads(Path(sys.argv[1]).read_bytes())
    for name in AT_FIRST_USE:
        import_module(name)
    configure_mappers()
    for _ in range(WORKERS):
        start(orders)
    with suppress(ChildProcessError):  # there is none any more
        while True:
            child, status = os.wait()
            print("killed" if os.WIFSIGNALED(status) else "ended", child, flush=True)
            if status != 0:
                time.sleep(BREAK)
                start(orders)


def start(orders: Orders) -> None:
    """Start a child, which does not come back from here."""
    if child := os.fork():
        print("started", child, flush=True)
        return
    logs.configure("WARNING")
    asyncio.run(work(orders))
    sys.exit()


async def work(orders: Orders) -> None:
    """Do what `pressroom worker` does, with less patience."""
    Points(orders).watch()
    if orders.blind:
        go_blind()
    engine = Engine(driver_url(orders.addresses.program))
    async with open_services(orders.settings, orders.addresses, engine) as opened:
        services = replace(opened, patience=orders.patience)
        engine.serve(services, Silence())
        async with at_work(engine, services, concurrency=orders.settings.worker_concurrency):
            await end_of_stdin()


async def end_of_stdin() -> None:
    """Wait until whoever started us closes the pipe, or is gone."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(STDIN, ended.set)
    await ended.wait()


if __name__ == "__main__":
    main()

"""The hands: processes that do one deed each, and are killed over it; children of one that has imported all.

It reads a file's name from each line, in which it finds what is to be done, and says how the child ended.
"""

import asyncio
import os
import pickle
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sqlalchemy.orm import configure_mappers

from core.jobs import Engine
from pressroom import logs
from pressroom.schema import Addresses, driver_url
from pressroom.settings import Settings
from pressroom.wiring import key_ring, open_services, open_worker
from tests.torture import deeds
from tests.torture.careless import go_careless
from tests.torture.deeds import Task
from tests.torture.moments import Moments
from tests.torture.worker import AT_FIRST_USE

LOG_LEVEL = "DEBUG"  # all that it could ever say


@dataclass(frozen=True)
class Order:
    """What one child does, and at which moment it is killed, if at any."""

    settings: Settings
    addresses: Addresses
    task: Task
    journal: Path
    fatal: str | None = None
    careless: bool = False
    """The control: the audit entry follows the deed."""


def main() -> None:
    """Start a child for each line, one after the other."""
    for name in AT_FIRST_USE:
        import_module(name)
    configure_mappers()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(pickle.loads(Path(line.strip()).read_bytes()))
        print("started", child, flush=True)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status), flush=True)


def work(order: Order) -> None:
    """Do what is ordered, and end."""
    logs.configure(LOG_LEVEL)
    if order.careless:
        go_careless()
    asyncio.run(sweep(order) if order.task.deed == "sweep" else do(order))
    os._exit(0)


async def do(order: Order) -> None:
    """Do one deed."""
    engine = Engine(driver_url(order.addresses.program))
    async with open_services(order.settings, order.addresses, engine) as services:
        Moments(order.journal, order.fatal, order.settings.graph_url).watch()
        await getattr(deeds, order.task.deed)(services, key_ring(order.settings), order.task)


async def sweep(order: Order) -> None:
    """Be a worker, until killed."""
    async with open_worker(order.settings, order.addresses):
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()

"""The workers, as whoever runs them sees them: they are killed, and come back."""

import asyncio
import os
import pickle
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.bench.stage import ROOT
from tests.torture.orders import Orders


class Crew:
    """Who is at work, and how often one was killed."""

    def __init__(self) -> None:
        self.at_work: list[int] = []  # process ids
        self.kills = 0

    async def listen(self, process: Process) -> None:
        """Take note of who starts and who is killed."""
        assert process.stdout is not None
        async for line in process.stdout:
            event, child = line.split()
            if event == b"started":
                self.at_work.append(int(child))
            else:
                self.at_work.remove(int(child))
                self.kills += event == b"killed"

    def kill_one(self, chance: random.Random) -> None:
        """Pull the plug of one of them, wherever it is."""
        if self.at_work:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(self.at_work), signal.SIGKILL)


@asynccontextmanager
async def crew(orders: Orders, folder: Path) -> AsyncIterator[Crew]:
    """Keep workers running; what they log goes to the folder."""
    (folder / "orders").write_bytes(pickle.dumps(orders))
    command = [sys.executable, "-m", "tests.torture.worker", str(folder / "orders")]
    with (folder / "workers.log").open("w") as words:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=words
        )
    assert process.stdin is not None
    its = Crew()
    listening = asyncio.create_task(its.listen(process))
    try:
        yield its
    finally:
        process.stdin.close()
        await asyncio.gather(process.wait(), listening)

"""One simulated Meta: its world, what it remembers of its callers, and how it reaches out."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx

from simulator.meta import seed
from simulator.meta.mishaps import GraphFaults
from simulator.meta.pictures import Pictures
from simulator.meta.world import World
from simulator.record import Record
from simulator.state_file import Blobs, StateFile

FETCH_SECONDS = 10.0
"""How long Meta waits for a picture."""


@dataclass
class Meta:
    """Everything that a request may need."""

    address: str
    """How others reach this server, without a slash at the end."""
    world: World
    file: StateFile[World]
    blobs: Blobs
    record: Record = field(default_factory=Record)
    faults: GraphFaults = field(default_factory=GraphFaults)
    require_proof: bool = False
    """Whether the app's registration asks for appsecret_proof, also after a reset."""
    changes: int = 0
    """Counts what the public could see change, for the pages that follow it."""

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(
            timeout=FETCH_SECONDS, headers={"user-agent": "facebookexternalhit/1.1"}
        )
        self.pictures = Pictures(self.http, self.blobs)
        self._background: set[asyncio.Task[None]] = set()

    def later(self, work: Coroutine[None, None, None]) -> None:
        """Do something that no answer waits for."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def close(self) -> None:
        """Stop what runs in the background, and write the state."""
        for task in tuple(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.http.aclose()
        self.file.write(self.world)

    def changed(self) -> None:
        """Note that something happened; the state is written a moment later."""
        self.changes += 1
        self.file.changed(self.world)

    def reset(self) -> None:
        """Go back to the seed; the app stays registered."""
        self.world = seed.world(self.world.app)
        self.world.settings.require_proof = self.require_proof
        self.record.clear()
        self.faults.clear()
        self.pictures.forget()
        self.blobs.clear()
        self.changed()

    def at(self, path: str) -> str:
        """Return the address of one of this server's own paths."""
        return self.address + quote(path)

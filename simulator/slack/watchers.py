"""The pages that are open, and what they are told: server-sent events."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

HEARTBEAT_SECONDS = 15.0


@dataclass(eq=False)
class Watcher:
    """One open page, acting as one person."""

    user: str
    changes: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)


@dataclass
class Watchers:
    """All open pages."""

    open: set[Watcher] = field(default_factory=set)

    def tell(self, change: str, only_for: str | None = None) -> None:
        """Tell the pages (of one person) that something changed: `channel:C…`, `views` and so on."""
        for watcher in self.open:
            if only_for in (None, watcher.user):
                watcher.changes.put_nowait(change)

    async def follow(self, user: str) -> AsyncGenerator[str, None]:
        """Yield server-sent events for one page, until it goes or this simulator ends."""
        watcher = Watcher(user)
        self.open.add(watcher)
        try:
            yield ": listening\n\n"
            async for text in _events(watcher.changes):
                yield text
        finally:
            self.open.discard(watcher)

    def close(self) -> None:
        """End every stream."""
        for watcher in self.open:
            watcher.changes.put_nowait(None)


async def _events(changes: asyncio.Queue[str | None]) -> AsyncIterator[str]:
    while True:
        try:
            change = await asyncio.wait_for(changes.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            yield ": still here\n\n"
            continue
        if change is None:
            return
        yield f"data: {json.dumps({'changed': change})}\n\n"

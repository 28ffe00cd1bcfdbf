"""App Home, redrawn after something changed: many changes in a short time make one drawing."""

import asyncio
from uuid import UUID

from slack_sdk.web.async_client import AsyncWebClient

from bot import cockpit
from core.db import Database
from core.models import Member

PAUSE = 1.0  # seconds


class Homes:
    """Draws each member's Home a moment after the first change that it does not show yet."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: dict[UUID, asyncio.Task[None]] = {}
        self._drawing: set[asyncio.Task[None]] = set()

    def redraw(self, slack: AsyncWebClient, member: Member) -> None:
        """Have it drawn soon."""
        if member.id not in self._waiting:
            task = asyncio.create_task(self._draw(slack, member))
            self._waiting[member.id] = task
            self._drawing.add(task)
            task.add_done_callback(self._drawing.discard)

    async def close(self) -> None:
        """Leave undone what waits; it is drawn anew when somebody opens it."""
        for task in self._waiting.values():
            task.cancel()
        await asyncio.gather(*self._drawing, return_exceptions=True)

    async def _draw(self, slack: AsyncWebClient, member: Member) -> None:
        await asyncio.sleep(PAUSE)
        del self._waiting[member.id]
        await cockpit.draw(slack, self._db, member)

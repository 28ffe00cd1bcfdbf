"""Answers that hold for a while. When one is old it is looked up anew, and nobody waits long for that.

Slack wants its answer in three seconds, whatever state the database is in. What is being looked up is never
broken off: it would begin from the start with each click, and ending a query takes the driver seconds too.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")

PATIENCE = 0.4  # seconds with whatever is asked, once something is known


class Lookup(Generic[Answer]):
    """Asks for something, and knows the answer for some seconds; after them, until there is another."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, Answer]], *, holds: float) -> None:
        """Take how to ask, and for how many seconds an answer holds."""
        self._ask, self._holds = ask, holds
        self._answer: tuple[Answer] | None = None
        self._until = self._since = 0.0  # when the answer no longer holds; since when another is asked for
        self._asking: asyncio.Task[Answer] | None = None

    @property
    def known(self) -> Answer | None:
        """Give the last answer, if there is one."""
        return self._answer[0] if self._answer else None

    def know(self, answer: Answer) -> None:
        """Take an answer that is newer than any that is being looked up."""
        self._answer, self._until, self._asking = (answer,), time.monotonic() + self._holds, None

    def suppose(self, answer: Answer) -> None:
        """Take an answer that will do until there is one."""
        self.know(answer)
        self.doubt()

    def doubt(self) -> None:
        """Ask anew the next time; what is being looked up may be old by then."""
        self._until, self._asking = 0.0, None

    async def answer(self) -> Answer:
        """Give the answer; the last one while a newer one takes long. Raise what asking raises."""
        if self._answer and time.monotonic() < self._until:
            return self._answer[0]
        asking = self._asking or self._begin()
        if self._answer:
            left = max(0.0, self._since + PATIENCE - time.monotonic())
            await asyncio.wait({asking}, timeout=left)
            if not asking.done():
                return self._answer[0]
        return await asyncio.shield(asking)

    def _begin(self) -> asyncio.Task[Answer]:
        self._since = time.monotonic()
        self._asking = asyncio.create_task(self._ask())
        self._asking.add_done_callback(self._learn)
        return self._asking

    def _learn(self, asking: asyncio.Task[Answer]) -> None:
        failed = asking.cancelled() or asking.exception() is not None
        if asking is not self._asking:
            return
        self._asking = None
        if not failed:
            self.know(asking.result())

"""Lines to Meta: whatever carries a call carries no other until its answer has been read.

httpx's own pool hands one idle connection to several calls at once, and all but one of them come back for
another; it looks at every connection each time; and it may close one that it has just handed out, which can
leave a call with an unknown outcome (https://github.com/encode/httpcore/issues/1110).
"""

import asyncio
import ssl
import time
from collections import deque

import httpx

MOST = 100
# What was idle for longer may just be closed at the other end: a call on it would have an unknown outcome.
IDLE = 2.0  # seconds


class Lines:
    """Sends each call on a line of its own: the one that was free last, or a new one."""

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, most: int = MOST, idle_seconds: float = IDLE
    ) -> None:
        """Take whom to trust, if not whom everybody trusts, and how many calls may go on at once."""
        self._tls, self._idle_seconds = tls or httpx.create_ssl_context(), idle_seconds
        self._room = asyncio.Semaphore(most)
        self._free: deque[tuple[float, httpx.AsyncClient]] = deque()  # since when; the last one is the latest

    async def send(self, request: httpx.Request, *, follow_redirects: bool = False) -> httpx.Response:
        """Send a request, and give its answer, read to the end. Raise what httpx raises.

        That is PoolTimeout when as many calls as may be go on for longer than the request would wait.
        """
        await self._enter(request.extensions["timeout"]["pool"])
        try:
            return await self._call(request, follow_redirects=follow_redirects)
        finally:
            self._room.release()

    async def aclose(self) -> None:
        """Close the lines; the calls have ended."""
        while self._free:
            await self._free.pop()[1].aclose()

    async def _enter(self, seconds: float) -> None:
        """Wait until one more call may go on; raise PoolTimeout."""
        try:
            async with asyncio.timeout(seconds):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("All lines are taken.") from None

    async def _call(self, request: httpx.Request, *, follow_redirects: bool) -> httpx.Response:
        """Send a request on a line; close it when anything breaks: half an answer may still come on it."""
        line = await self._take()
        try:
            response = await line.send(request, follow_redirects=follow_redirects)
        except BaseException:
            await line.aclose()
            raise
        self._free.append((time.monotonic(), line))
        return response

    async def _take(self) -> httpx.AsyncClient:
        """Give a free line, or a new one; close those that were idle for too long."""
        while self._free and self._free[0][0] < time.monotonic() - self._idle_seconds:
            await self._free.popleft()[1].aclose()
        if self._free:
            return self._free.pop()[1]
        return httpx.AsyncClient(verify=self._tls, limits=httpx.Limits(max_connections=1))

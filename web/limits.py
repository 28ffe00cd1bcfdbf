"""How often one address may come: enough for a whole office behind it, and too seldom to guess or to flood.

Counted in each process, a minute at a time. Slack's deliveries are not counted: they are signed, and all come
from Slack; nor is what a load balancer or Prometheus asks (web/health.py asks the database once a second at
most), nor the bare address, for which nothing is asked.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from web import troubles

MINUTE = 60  # seconds
PER_MINUTE: Mapping[str, int] = {
    "/api/v1/meta": 600,  # many people's, from few addresses; Meta may not say it again
    "/api/v1/social/connect": 300,  # the page that waits asks every other second
    "/exports": 60,
    "/media": 600,  # Meta's servers fetch many pictures at once
    "/review": 120,
    "/slack/install": 60,
    "/slack/oauth_redirect": 60,
}
TOO_MANY = 429


class Limits:
    """ASGI middleware that lets one address come so many times a minute, for each kind of page."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_minute: Mapping[str, int] = PER_MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the app, and the limits by how a path begins."""
        self.app, self.per_minute, self.clock = app, per_minute, clock
        self._minute, self._came = 0, Counter[tuple[str, str]]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or say that there were too many."""
        if scope["type"] == "http" and self._is_too_many(scope):
            wait = {"retry-after": str(MINUTE)}
            refused = await troubles.refused(Request(scope), HTTPException(TOO_MANY, headers=wait))
            await refused(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_too_many(self, scope: Scope) -> bool:
        begins = next((one for one in self.per_minute if scope["path"].startswith(one)), None)
        if begins is None:
            return False
        if (minute := int(self.clock() // MINUTE)) != self._minute:
            self._minute = minute
            self._came.clear()
        address = (scope.get("client") or ("",))[0]
        self._came[address, begins] += 1
        return self._came[address, begins] > self.per_minute[begins]

"""Socket Mode: the open connections, and the envelopes that wait for their acknowledgement.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

MOST_CONNECTIONS = 10
TICKET_SECONDS = 30.0


class Unacknowledged(Exception):
    """The connection went before the envelope was acknowledged."""


@dataclass(eq=False)
class Socket:
    """One open connection."""

    send: Callable[[str], Awaitable[None]]
    hang_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when this side wants to close it."""
    waiting: set[str] = field(default_factory=set)


@dataclass
class Sockets:
    """All connections of the app."""

    tickets: dict[str, float] = field(default_factory=dict)
    """Each opens one connection, soon; the value is until when."""
    open: list[Socket] = field(default_factory=list)
    envelopes: dict[str, asyncio.Future[Any]] = field(default_factory=dict)

    def take_ticket(self, ticket: str, now: float) -> bool:
        """Use a ticket up; say whether it was a good one."""
        return self.tickets.pop(ticket, 0.0) >= now

    async def deliver(self, envelope: dict[str, Any]) -> Any:
        """Send an envelope over one connection, any one, and return the payload of its acknowledgement.

        Returns None if it has none. Raises Unacknowledged when that connection goes.
        """
        socket = random.choice(self.open)
        envelope_id = str(uuid.uuid4())
        answer = self.envelopes[envelope_id] = asyncio.get_running_loop().create_future()
        socket.waiting.add(envelope_id)
        try:
            await socket.send(json.dumps({"envelope_id": envelope_id, **envelope}))
            return await answer
        finally:
            socket.waiting.discard(envelope_id)
            self.envelopes.pop(envelope_id, None)

    def acknowledge(self, frame: str) -> bool:
        """Take a frame of the app's; say whether it acknowledges an envelope that waits."""
        try:
            said = json.loads(frame)
        except ValueError:
            return False
        answer = self.envelopes.get(said.get("envelope_id", "")) if isinstance(said, dict) else None
        if answer is None or answer.done():
            return False
        answer.set_result(said.get("payload"))
        return True

    def lost(self, socket: Socket) -> None:
        """Forget a connection; what waited on it was not acknowledged."""
        if socket in self.open:
            self.open.remove(socket)
        for envelope_id in socket.waiting:
            answer = self.envelopes.get(envelope_id)
            if answer is not None and not answer.done():
                answer.set_exception(Unacknowledged())

    def close(self) -> None:
        """Hang up everywhere."""
        for socket in self.open:
            socket.hang_up.set()

"""One simulated Slack: its state, its clock, and the parts that act on it, handed down to every function."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import BaseModel, Field

from simulator.faults import Faults
from simulator.record import Record
from simulator.slack.buckets import Buckets
from simulator.slack.ids import Ids
from simulator.slack.manifest import Manifest
from simulator.slack.sockets import Sockets
from simulator.slack.triggers import Triggers
from simulator.slack.watchers import Watchers
from simulator.slack.world import World
from simulator.state_file import Blobs, StateFile


class App(BaseModel):
    """The one app of this Slack, and its secrets."""

    id: str = "A0PRESSRM1"
    bot_token: str = "xoxb-simulator-bot"  # noqa: S105  (it opens nothing but this simulator)
    app_token: str = "xapp-simulator-app"  # noqa: S105
    signing_secret: str = "simulator-signing-secret"  # noqa: S105
    client_id: str = "simulator-client-id"
    client_secret: str = "simulator-client-secret"  # noqa: S105


class Settings(BaseModel):
    """What `POST /_sim/settings` changes. Times are seconds."""

    app_url: str | None = None
    ack_seconds: float = 3.0
    slow_ack_seconds: float = 2.0
    trigger_seconds: float = 3.0
    redelivery_seconds: list[float] = Field(default_factory=lambda: [0.0, 1.0, 5.0])
    """Slack's are 0, 60 and 300."""
    duplicate_events: bool = False
    """Deliver every event twice, as Slack sometimes does."""
    rate_limits: bool = True
    """chat.postMessage: one a second and channel, after a burst."""
    rate_burst: int = 20
    tier_limits: bool = False
    """Every other method, by its tier."""
    processing_seconds: float = 0.3
    """How long an uploaded file cannot be used as a picture."""
    fetch_images: bool = True
    signature: str = "good"
    """good, bad, or old: how HTTP deliveries are signed."""
    socket_seconds: float = 18060.0
    """How long a Socket Mode connection lasts."""
    file_bytes: int = 10 * 1024 * 1024
    """The most that a file_input takes."""


@dataclass
class Slack:
    """Everything. Requests run one at a time on the event loop, so that plain assignments are enough."""

    address: str
    app: App
    settings: Settings
    manifest: Manifest
    world: World
    state: StateFile[World]
    blobs: Blobs
    record: Record = field(default_factory=Record)
    faults: Faults = field(default_factory=Faults)
    ids: Ids = field(default_factory=Ids)
    triggers: Triggers = field(default_factory=Triggers)
    sockets: Sockets = field(default_factory=Sockets)
    watchers: Watchers = field(default_factory=Watchers)
    buckets: Buckets = field(default_factory=Buckets)
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=10.0, trust_env=False))
    threads: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """The ts of the replies to each message, by (channel, ts); made from the world."""
    ahead: float = 0.0
    """How many seconds this Slack's clock was put forward, so that a test need not wait."""
    message_values: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    """What a person chose in a message: (person, channel, ts) to values; their own client's memory."""
    looking_at: dict[str, str] = field(default_factory=dict)
    """The channel from which each person last did something."""
    offered: dict[tuple[str, str, str, str], list[dict[str, Any]]] = field(default_factory=dict)
    """The options last suggested: (person, container, block_id, action_id)."""
    deliveries: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=1000))
    """What was handed to the app, and what it said."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def now(self) -> float:
        """Return this Slack's time, UNIX seconds."""
        return time.time() + self.ahead

    def changed(self, *what: str, only_for: str | None = None) -> None:
        """Keep the state, and tell the pages which part of it to fetch again."""
        self.state.changed(self.world)
        for change in what:
            self.watchers.tell(change, only_for)

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody waits for; it ends with this simulator."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        """Stop what runs in the background, and write the state."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.sockets.close()
        await self.http.aclose()
        self.state.write(self.world)

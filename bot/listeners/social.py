"""`/social`: one command, its first word says which flow."""

from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.desk import Desk
from bot.listeners import accounts, clients, connect, departures, pausing, policies, queue, resuming, trail
from bot.listening import listener
from bot.turn import Turn
from bot.views import guide

Flow = Callable[[Turn, str], Awaitable[None]]


async def of_clients(turn: Turn, rest: str) -> None:
    """Answer `/social clients`, and `/social clients remove`."""
    word, _, name = rest.partition(" ")
    if word.lower() == "remove":
        await departures.by_command(turn, name.strip())
    else:
        await clients.by_command(turn, rest)


FLOWS: dict[str, Flow] = {
    "connect": connect.by_command,
    "accounts": accounts.by_command,
    "clients": of_clients,
    "queue": queue.by_command,
    "approval": policies.by_command,
    "pause": pausing.by_command,
    "resume": resuming.by_command,
    "leave": departures.leave_by_command,
    "audit": trail.by_command,
}


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the command."""
    app.command(ids.SOCIAL)(listener(desk, social))


async def social(turn: Turn) -> None:
    """Go to the flow that is named; with nothing, or something else, say what there is."""
    word, _, rest = str(turn.body.get("text") or "").strip().partition(" ")
    flow = FLOWS.get(word.lower())
    if flow is None:
        await turn.ack(**guide.message(unknown=word if word.lower() not in ("", "help") else None))
        return
    await turn.ack()
    await flow(turn, rest.strip())

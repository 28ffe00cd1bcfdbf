"""The newest entries of the audit trail."""

from bot.turn import Turn
from bot.views import trail
from core import audit, clients

MOST = 15


async def by_command(turn: Turn, _: str) -> None:
    """Answer `/social audit`: what this member may see of it, to them alone."""
    current = await turn.current()
    async with current.session() as session:
        entries = await audit.recent(session, most=MOST)
        names = {client.id: client.name for client in await clients.visible(session)}
    await turn.respond(**trail.message(entries, names), response_type="ephemeral")

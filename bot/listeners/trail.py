"""The newest entries of the audit trail."""

from bot.turn import Turn
from bot.views import trail
from core import audit
from core.models import Account, Client
from core.rows import by_id

MOST = 15


async def by_command(turn: Turn, _: str) -> None:
    """Answer `/social audit`: what this member may see of it, to them alone."""
    current = await turn.current()
    async with current.session() as session:
        entries = await audit.recent(session, most=MOST)
        known = await by_id(session, Client, {one.client_id for one in entries if one.client_id})
        concerned = {account_id for one in entries for account_id in trail.account_ids(one)}
        theirs = await by_id(session, Account, concerned)
    await turn.respond(**trail.message(entries, known, theirs), response_type="ephemeral")

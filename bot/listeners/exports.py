"""Taking the audit trail away as a file."""

from datetime import datetime

from slack_bolt.async_app import AsyncApp
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import ids
from bot.current import Current
from bot.desk import Desk
from bot.listeners.compose import meant, nobody_called
from bot.listening import listener
from bot.turn import Turn
from bot.uploads import Handed, by_direct_message
from bot.views import exports as view
from bot.views import notices
from bot.views.filters import Shown
from core import audit_exports, clients, permissions
from core.errors import NotAllowed, NotFound
from core.models import Client, Role

TITLE = "Export"
CHOOSE_A_CLIENT = (
    "The whole trail is for your agency's admins. Choose a client in the filters first, or name it after"
    " `/social audit export`: its managers can take its part away."
)


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button in the trail, and to the form."""
    app.action(ids.EXPORT)(listener(desk, by_button))
    app.view(ids.EXPORT_FORM)(listener(desk, export))


async def by_button(turn: Turn) -> None:
    """Ask in which format what the trail is filtered by is wanted, or everything."""
    await turn.ack()
    window, shown = await turn.open(notices.loading(TITLE)), Shown.load(turn.view)
    current = await turn.current()
    async with current.session() as session:
        client = await clients.get(session, shown.client_id) if shown.client_id else None
        await require(session, current, client)
    await window.show(view.form(client, shown))


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social audit export [client]`: ask in which format. Raise NotFound for an unknown name."""
    window = await turn.open(notices.loading(TITLE))
    current = await turn.current()
    async with current.session() as session:
        client = await meant(session, name, None)
        if name and client is None:
            raise NotFound(nobody_called(name))
        await require(session, current, client)
    await window.show(view.form(client, Shown(str(client.id) if client else None)))


async def require(session: AsyncSession, current: Current, client: Client | None) -> None:
    """Let pass whoever may have it; raise NotAllowed for others."""
    if client:
        await permissions.require_manager(session, current.actor, client)
    elif current.member.role is not Role.ADMIN:
        raise NotAllowed(CHOOSE_A_CLIENT)


async def is_allowed(session: AsyncSession, current: Current, client: Client | None) -> bool:
    """Say whether this member may have it."""
    try:
        await require(session, current, client)
    except NotAllowed:
        return False
    return True


async def export(turn: Turn) -> None:
    """Write it down, and send it to whoever asked."""
    format_, shown = view.parse(turn.view)
    await turn.ack(response_action="update", view=notices.done(TITLE, view.ON_ITS_WAY))
    current = await turn.current()
    db = turn.services.db
    wanted = shown.filters(current.member.zone)
    async with current.session() as session:
        client = await clients.get(session, shown.client_id) if shown.client_id else None
    reader = await audit_exports.allow(db, current.actor, format_=format_, filters=wanted)
    lines = audit_exports.lines(db, reader, format_=format_, filters=wanted)
    today = datetime.now(current.member.zone).date()
    what = "audit-trail-filtered" if shown.narrowed else "audit-trail"
    name = view.file_name(what, client, format_.value, today)
    await by_direct_message(turn, Handed(name, view.of(client, shown), lines))

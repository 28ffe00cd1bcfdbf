"""The accounts: how they are doing, and disconnecting one."""

from datetime import UTC, datetime
from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import announcer, cockpit, ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.desk import Desk
from bot.listeners import home
from bot.listeners.compose import meant, no_client_called
from bot.listening import listener
from bot.turn import Turn
from bot.views import accounts as view
from bot.views import notices
from bot.views.accounts import Shown
from core import accounts

TITLE = "Accounts"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button *Accounts*, and to *Disconnect*."""
    app.action(ids.SHOW_ACCOUNTS)(listener(desk, by_button))
    app.action(ids.DISCONNECT)(listener(desk, disconnect))


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social accounts [client]`: of that client, of this channel's, or of all."""
    window = await turn.open(notices.loading(TITLE))
    current = await turn.current()
    async with current.session() as session:
        client = await meant(session, name, turn.channel_id)
    notice = no_client_called(name) if name and client is None else None
    await window.show(await listing(turn, Shown(client.id if client else None, 0), notice))


async def by_button(turn: Turn) -> None:
    """Answer the button in App Home: of all clients."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    await window.show(await listing(turn, Shown(None, 0)))


async def turn_page(turn: Turn, page: int) -> None:
    """Show another page of the list that is open."""
    await turn.this_window().show(await listing(turn, Shown(view.parse(turn.view).client_id, page)))


async def disconnect(turn: Turn) -> None:
    """Disconnect an account, after the person confirmed it, and tell the client's channel."""
    await turn.ack()
    current = await turn.current()
    done = await accounts.disconnect(turn.services, current.actor, UUID(turn.value))
    if done:
        with afterwards("that an account is disconnected"):
            said = view.disconnected(done, turn.user_id)
            await announcer.posted(turn.slack, done.client.slack_channel_id, turn.user_id, said)
    if turn.in_modal:
        with afterwards("the accounts"):
            await turn.this_window().show(await listing(turn, view.parse(turn.view)))
    await home.redraw(turn)


async def listing(turn: Turn, shown: Shown, notice: str | None = None) -> View:
    """Draw the list; `notice` is mrkdwn."""
    current = await turn.current()
    async with current.session() as session:
        page = await cockpit.lines(session, current.member, datetime.now(UTC), shown)
    return view.listing(page, shown.client_id, notice)

"""Connecting an account: private links, for the client that is meant or chosen."""

from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.desk import Desk
from bot.listeners.compose import meant, unknown
from bot.listening import listener
from bot.turn import Turn
from bot.views import connect, notices
from core import clients, connections
from core.models import Client, Platform, Role

TITLE = "Connect an account"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the buttons *Connect*, and to the choice of the client."""
    app.action(ids.CONNECT)(listener(desk, by_button))
    app.action({"block_id": ids.CONNECT_FOR, "action_id": ids.CLIENT})(listener(desk, client_chosen))


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social connect [client]`: with the links when it is clear for which client; or else ask."""
    current = await turn.current()
    async with current.session() as session:
        few = await clients.visible(session, most=2)
        client = await meant(session, name, turn.channel_id)
    if client is None and len(few) == 1 and not name:
        client = few[0]
    if client is None:
        said = (
            connect.question(unknown(name))
            if few
            else connect.nobody(is_admin=current.member.role is Role.ADMIN)
        )
    else:
        said = connect.message(client, await links(turn, client.id))
    await turn.respond(**said, response_type="ephemeral", replace_original=False)


async def client_chosen(turn: Turn) -> None:
    """Show the links in place of the question."""
    await turn.ack()
    if (chosen := connect.parse(turn.action)) is None:
        return
    client = await client_of(turn, chosen)
    said = connect.message(client, await links(turn, chosen))
    await turn.respond(**said, response_type="ephemeral", replace_original=True)


async def by_button(turn: Turn) -> None:
    """Show the links of the client whose button it is, in a modal."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    client = await client_of(turn, UUID(turn.value))
    await window.show(connect.links(client, await links(turn, client.id)))


async def client_of(turn: Turn, client_id: UUID) -> Client:
    """Give the client, as far as this member may see it."""
    current = await turn.current()
    async with current.session() as session:
        return await clients.get(session, client_id)


async def links(turn: Turn, client_id: UUID) -> dict[Platform, str]:
    """Issue a link for each platform; only the client's managers and the admins get one."""
    current = await turn.current()
    return {
        platform: await connections.issue_ticket(
            turn.services, current.actor, client_id=client_id, platform=platform
        )
        for platform in Platform
    }

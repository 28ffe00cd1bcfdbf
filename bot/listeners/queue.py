"""The queue, and the answers when many posts of a client are late."""

from datetime import UTC, datetime
from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import cockpit, ids
from bot.blocks import View
from bot.desk import Desk
from bot.listeners import home
from bot.listeners.compose import meant
from bot.listening import listener
from bot.turn import Turn
from bot.views import many_late, notices
from bot.views import queue as view
from bot.views.paging import Page
from bot.views.queue import Queue, Shown
from bot.window import Window
from core import clients, lateness, posts, quotas
from core.lateness import Answered
from core.models import Client, PostState
from core.post_views import QUEUE
from core.posts import PostView

TITLE = "Queue"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button *Queue*, to the choice of the client, and to the answers for many late posts."""
    app.action(ids.SHOW_QUEUE)(listener(desk, by_button))
    app.action({"block_id": ids.QUEUE_OF, "action_id": ids.QUEUE_OF})(listener(desk, client_chosen))
    app.options(ids.QUEUE_OF)(listener(desk, suggest_clients))
    app.action(ids.SHOW_LATE)(listener(desk, show_late))
    app.action(ids.PUBLISH_ALL_LATE)(listener(desk, publish_all_late))
    app.action(ids.CANCEL_ALL_LATE)(listener(desk, cancel_all_late))


# --- the list -------------------------------------------------------------------------------------------


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social queue [client]`: of that client, of this channel's, or of all."""
    window = await turn.open(notices.loading(TITLE))
    current = await turn.current()
    async with current.session() as session:
        client = await meant(session, name, turn.channel_id)
    await window.show(await listing(turn, Shown(client.id if client else None)))


async def by_button(turn: Turn) -> None:
    """Answer the button in App Home: of all clients."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    await window.show(await listing(turn, Shown()))


async def show_late(turn: Turn) -> None:
    """Show what is late of one client, each with what can be done about it."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    await window.show(await listing(turn, Shown(UUID(turn.value), only_late=True)))


async def client_chosen(turn: Turn) -> None:
    """Show the posts of the client that was chosen."""
    await turn.ack()
    newest = turn.is_newest
    drawn = await listing(turn, Shown(view.parse(turn.action)))
    await turn.this_window().show(drawn, overrule=newest and turn.is_newest)


async def suggest_clients(turn: Turn) -> None:
    """Give the clients whose name has what was typed so far; all of them together come first."""
    current, typed = await turn.current(), str(turn.body.get("value") or "").strip()
    async with current.session() as session:
        found = await clients.visible(session, search=typed, most=99)
    everything = [view.option(None)] if typed.lower() in view.ALL_CLIENTS.lower() else []
    await turn.ack(options=[*everything, *map(view.option, found)])


async def turn_page(turn: Turn, page: int) -> None:
    """Show another page of the queue that is open."""
    shown = Shown.load(turn.view["private_metadata"])
    await turn.this_window().show(await listing(turn, Shown(shown.client_id, shown.only_late, page)))


async def redraw(turn: Turn, window: Window, metadata: str) -> None:
    """Draw the queue anew that is open in a window: the part of it that its private_metadata says."""
    await window.show(await listing(turn, Shown.load(metadata)))


async def listing(turn: Turn, shown: Shown) -> View:
    """Draw a page of the queue."""
    current = await turn.current()
    client_id, states = shown.client_id, (PostState.LATE,) if shown.only_late else QUEUE
    async with current.session() as session:
        client = await clients.get(session, client_id) if client_id else None
        total = await posts.queue_length(session, client_id=client_id, states=states)
        page = Page[PostView].blank(shown.page, size=view.A_PAGE, total=total)
        found = await posts.queue(
            session, client_id=client_id, states=states, most=page.size, skip=page.skipped
        )
        paused = await cockpit.paused(session, current.member)
    now, shown_accounts = datetime.now(UTC), {one.id: one for post in found for one in post.accounts}
    known = await quotas.of(turn.services, list(shown_accounts.values()))
    left = [(shown_accounts[account_id], quota) for account_id, quota in known.items()]
    return view.listing(Queue(shown, page.filled(found), client, paused, current.member, now, left))


# --- many late posts ------------------------------------------------------------------------------------


async def publish_all_late(turn: Turn) -> None:
    """Publish all late posts of a client, and say so in place of the question."""
    await turn.ack()
    current = await turn.current()
    found = await lateness.publish_all(turn.services, current.actor, client_id=UUID(turn.value))
    await answered(turn, "published", found)


async def cancel_all_late(turn: Turn) -> None:
    """Call off all late posts of a client, and say so in place of the question."""
    await turn.ack()
    current = await turn.current()
    found = await lateness.cancel_all(turn.services, current.actor, client_id=UUID(turn.value))
    await answered(turn, "cancelled", found)


async def answered(turn: Turn, what: str, found: Answered) -> None:
    """Say what was decided by whom to everybody; or to one person that nothing was, and why."""
    client = await client_of(turn)
    if found.done or found.asked:
        said = many_late.decided(turn.user_id, what, found, client)
        await turn.respond(**said, replace_original=True)
        await home.redraw(turn)
    else:
        await turn.respond(many_late.nothing_decided(found, client), replace_original=False)


async def client_of(turn: Turn) -> Client:
    """Give the client that the question is about."""
    current = await turn.current()
    async with current.session() as session:
        return await clients.get(session, UUID(turn.value))

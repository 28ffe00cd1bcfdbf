"""The private link by which a client decides about a post: made, shown to one person, and revoked."""

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.desk import Desk
from bot.listeners import schedule
from bot.listening import listener
from bot.turn import Turn
from bot.views import approvals, notices, signing
from bot.views.moving import Below
from core import posts, sign_offs


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the buttons on the card, and wherever else the post is shown."""
    app.action(ids.MAKE_LINK)(listener(desk, make))
    app.action(ids.REVOKE_LINK)(listener(desk, revoke))


async def make(turn: Turn) -> None:
    """Make a link, and show it to whoever asked; the one before it no longer works."""
    await turn.ack()
    window = await turn.open(notices.loading("Link for the client"))
    current, seen = await turn.current(), approvals.parse(turn.value)
    secret = await sign_offs.make(turn.services, current.actor, post_id=seen.post_id)
    async with current.session() as session:
        post = await posts.load(session, seen.post_id)
    await window.show(signing.link(post, sign_offs.address(turn.services, secret)))


async def revoke(turn: Turn) -> None:
    """End the link that there is, after the person confirmed that."""
    await turn.ack()
    current, seen = await turn.current(), approvals.parse(turn.value)
    post = await sign_offs.revoke(turn.services, current.actor, post_id=seen.post_id)
    window = turn.this_window() if turn.in_modal else None
    await schedule.redraw(turn, window, Below.of(turn.view), post)

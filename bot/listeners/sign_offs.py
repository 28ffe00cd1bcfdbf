"""The private link by which a client decides about a post: made, shown to one person, and revoked."""

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.current import Current
from bot.desk import Desk
from bot.listeners import schedule
from bot.listeners.approvals import or_stale
from bot.listening import listener
from bot.turn import Turn
from bot.views import approvals as view
from bot.views import notices, signing
from bot.views.moving import Below
from core import approvals, posts, private_links
from core.decisions import Seen


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the buttons on the card, and wherever else the post is shown."""
    app.action(ids.MAKE_LINK)(listener(desk, make))
    app.action(ids.REVOKE_LINK)(listener(desk, revoke))


async def make(turn: Turn) -> None:
    """Make a link, and show it to whoever asked; the one before it no longer works."""
    await turn.ack()
    window = await turn.open(notices.loading("Link for the client"))
    current, seen = await turn.current(), view.parse(turn.value)
    async with or_stale(turn, current, seen):
        await require_as_seen(current, seen)
        secret = await private_links.make(turn.services, current.actor, post_id=seen.post_id)
    async with current.session() as session:
        post = await posts.load(session, seen.post_id)
    await window.show(signing.link(post, private_links.address(turn.services, secret)))


async def revoke(turn: Turn) -> None:
    """End the link that there is, after the person confirmed that."""
    await turn.ack()
    current, seen = await turn.current(), view.parse(turn.value)
    async with or_stale(turn, current, seen):
        await require_as_seen(current, seen)
        post = await private_links.revoke(turn.services, current.actor, post_id=seen.post_id)
    window = turn.this_window() if turn.in_modal else None
    await schedule.redraw(turn, window, Below.of(turn.view), post)


async def require_as_seen(current: Current, seen: Seen) -> None:
    """Raise Changed when the post is another than the button was about: a link is for what one has read."""
    async with current.session() as session:
        post = await posts.load(session, seen.post_id)
        await approvals.require_asked(session, post.post, seen)

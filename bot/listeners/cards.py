"""The buttons on a card: try again, and see all of it."""

from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.desk import Desk
from bot.listeners import home, queue
from bot.listening import listener
from bot.turn import Turn
from bot.views import card, notices
from bot.views.card import Card
from bot.views.moving import Below
from bot.window import Window
from core import media, posts, schedule
from core.asking import AskedAgain
from core.cards import look_after
from core.posts import PostView


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the card's buttons."""
    app.action(ids.RETRY)(listener(desk, retry))
    app.action(ids.SHOW_ALL)(listener(desk, show_all))


async def retry(turn: Turn) -> None:
    """Publish on one account after all; the card is drawn anew as part of it."""
    await turn.ack()
    current = await turn.current()
    window, shown = turn.this_window() if turn.in_modal else None, Below.of(turn.view)
    below = shown.metadata if shown.callback_id == ids.POST else ""
    try:
        post = await schedule.retry(turn.services, current.actor, publication_id=UUID(turn.value))
    except AskedAgain as asked:
        await redraw(turn, window, asked.post, below=below)
        raise
    await redraw(turn, window, post, below=below)


async def redraw(turn: Turn, window: Window | None, post: PostView, *, below: str = "") -> None:
    """Draw anew what shows the post besides its card: the modal with all of it, and Home.

    `below` is that modal's private_metadata: it says which part of the queue lies beneath it, if one does.
    """
    if window:
        with afterwards("a post"):
            await window.show(whole(turn, post, below))
    if below:
        with afterwards("the queue beneath a post"):
            await queue.redraw(turn, turn.lowest_window(), below)
    await home.redraw(turn)


def whole(turn: Turn, post: PostView, below: str = "") -> View:
    """Draw all of a post, with its picture."""
    picture = media.address(turn.services, post.media.id, media.THUMBNAIL) if post.media else None
    return card.whole(Card(post, picture), below)


async def show_all(turn: Turn) -> None:
    """Show a post with its whole caption and all of its accounts, also to reviewers from outside."""
    await turn.ack()
    window = await turn.open(notices.loading("Post"))
    current = await turn.anyone()
    async with current.session() as session:
        post = await posts.load(session, UUID(turn.value))
    below = turn.view["private_metadata"] if turn.view.get("callback_id") == ids.SHOW_QUEUE else ""
    await window.show(whole(turn, post, below))
    with afterwards("whether its card is there"):
        await look_after(turn.services, current.installed.agency_id, post.post.id)

"""When nobody can tell whether a post is live, a person looks and says so: it is, or publish it again."""

from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.afterwards import afterwards
from bot.desk import Desk
from bot.listeners import cards
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import live, notices
from core import accounts, reviews
from core.asking import AskedAgain
from core.models import Client, Publication
from core.posts import PostView
from core.unseen import Unseen

DONE = ":white_check_mark: The card says now that it is live."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the card's two answers, and to the form of the first."""
    app.action(ids.CONFIRM_LIVE)(listener(desk, ask))
    app.view(ids.LIVE_FORM)(listener(desk, confirm))
    app.action(ids.PUBLISH_AGAIN)(listener(desk, publish_again))


async def ask(turn: Turn) -> None:
    """Ask for the permalink."""
    await turn.ack()
    window = await turn.open(notices.loading("It's live"))
    current = await turn.current()
    async with current.session() as session:
        publication = await session.get(Publication, UUID(turn.value))
        if publication is None:
            raise Unseen(Publication, UUID(turn.value))
        client = await session.get_one(Client, publication.client_id)
        account = await accounts.get(session, publication.account_id)
    await window.show(live.form(client, account, publication.id))


async def confirm(turn: Turn) -> None:
    """Take the person's word that it is live."""
    answer, external_id = live.parse(turn.view), new_external_id()
    post = await turn.in_time(keep(turn, answer), waiting=notices.waiting("Saving", external_id))
    if turn.acknowledged:
        with afterwards("that a post is live"):
            await turn.become(notices.done("Saved", DONE), how="update")
    else:
        await turn.ack()
    await cards.redraw(turn, turn.window_below(), post)


async def keep(turn: Turn, answer: live.Answer) -> PostView:
    """Write it down."""
    current = await turn.current()
    return await reviews.confirm_live(
        turn.services, current.actor, publication_id=answer.publication_id, permalink=answer.permalink
    )


async def publish_again(turn: Turn) -> None:
    """Publish it once more, after the person confirmed that; the card is drawn anew as part of it."""
    await turn.ack()
    current = await turn.current()
    window = turn.this_window() if turn.in_modal else None
    try:
        post = await reviews.publish_again(turn.services, current.actor, publication_id=UUID(turn.value))
    except AskedAgain as asked:
        await cards.redraw(turn, window, asked.post)
        raise
    await cards.redraw(turn, window, post)

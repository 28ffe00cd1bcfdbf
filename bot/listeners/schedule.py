"""What people do with a post that waits: publish it now, give it another time, call it off."""

from datetime import UTC, datetime
from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.afterwards import afterwards
from bot.desk import Desk
from bot.listeners import cards, home, queue
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import moving, notices
from bot.views.moving import Answer, Below
from bot.views.post_buttons import asks_anew
from bot.window import Window
from core import posts, schedule
from core.asking import AskedAgain
from core.errors import Invalid
from core.models import PostState
from core.posts import PostView

MOVED = ":white_check_mark: It has its new time."
ASKED_ANEW = f"{MOVED} Everybody is asked to approve it anew."
NO_TIME = "Choose a day and a time."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the buttons, wherever the post is shown, and to the form with another time."""
    app.action(ids.PUBLISH_POST_NOW)(listener(desk, publish_now))
    app.action(ids.CANCEL_POST)(listener(desk, cancel))
    app.action(ids.MOVE_POST)(listener(desk, ask_when))
    app.view(ids.MOVE_FORM)(listener(desk, move))


async def publish_now(turn: Turn) -> None:
    """Publish at once, after the person confirmed that; the card is drawn anew as part of it."""
    await turn.ack()
    current = await turn.current()
    window, below = turn.this_window() if turn.in_modal else None, Below.of(turn.view)
    try:
        post = await schedule.publish_now(turn.services, current.actor, post_id=UUID(turn.value))
    except AskedAgain as asked:
        await redraw(turn, window, below, asked.post)
        raise
    await redraw(turn, window, below, post)


async def cancel(turn: Turn) -> None:
    """Call it off, after the person confirmed that; the card is drawn anew as part of it."""
    await turn.ack()
    current = await turn.current()
    post = await schedule.cancel(turn.services, current.actor, post_id=UUID(turn.value))
    await redraw(turn, turn.this_window() if turn.in_modal else None, Below.of(turn.view), post)


async def ask_when(turn: Turn) -> None:
    """Ask for another time, if the post can still have one."""
    await turn.ack()
    window = await turn.open(notices.loading("Another time"))
    current = await turn.current()
    async with current.session() as session:
        row, _ = await schedule.changeable(session, current.actor, UUID(turn.value))
        await schedule.waiting(session, row)
        post = await posts.load(session, row.id)
    due_at = post.post.due_at
    ahead = due_at if due_at and due_at > datetime.now(UTC) else None
    await window.show(moving.form(post, Below.of(turn.view), due_at=ahead))


async def move(turn: Turn) -> None:
    """Give the post its new time; where others are asked for that, say so."""
    answer, external_id = moving.parse(turn.view), new_external_id()
    waiting = notices.waiting("Saving", external_id)
    try:
        post = await turn.in_time(keep(turn, answer), waiting=waiting)
        words = ASKED_ANEW if post.post.state is PostState.IN_APPROVAL and asks_anew(post) else MOVED
    except AskedAgain as asked:
        post, words = asked.post, f":raised_hand: {asked.sentence}"
    if turn.acknowledged or words != MOVED:
        with afterwards("that a post was moved"):
            await turn.become(notices.done("Saved", words), how="update")
    else:
        await turn.ack()
    await redraw(turn, turn.window_below(), answer.below, post)


async def keep(turn: Turn, answer: Answer) -> PostView:
    """Write the new time down."""
    current = await turn.current()
    if answer.due_at is None:
        raise Invalid({ids.TIME: NO_TIME})
    return await schedule.move(turn.services, current.actor, post_id=answer.post_id, due_at=answer.due_at)


async def redraw(turn: Turn, window: Window | None, below: Below, post: PostView) -> None:
    """Draw anew what shows the post besides its card: the queue or the modal with all of it, and Home."""
    if window and below.callback_id == ids.SHOW_QUEUE:
        with afterwards("the queue"):
            await queue.redraw(turn, window, below.metadata)
    elif window and below.callback_id == ids.POST:
        await cards.redraw(turn, window, post, below=below.metadata)
        return
    await home.redraw(turn)

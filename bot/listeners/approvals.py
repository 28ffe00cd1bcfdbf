"""What people decide about a post that waits for approval: wherever it is shown, and core says who may.

Only decisions are open to guests and to people of other workspaces: some may be a client's reviewers.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.afterwards import afterwards
from bot.current import Current
from bot.desk import Desk
from bot.listeners import schedule
from bot.listening import listener
from bot.stale import Stale
from bot.turn import Turn, new_external_id
from bot.views import approvals as view
from bot.views import deciding, notices
from bot.views.deciding import Answer
from bot.views.moving import Below
from core import approvals, posts, withdrawals
from core.cards import look_after
from core.db import Actor
from core.decisions import Seen
from core.errors import Changed, NotAllowed
from core.models import Decision, Post, PostState
from core.posts import PostView
from core.unseen import Unseen

WAITING = {PostState.IN_APPROVAL}
DONE = ":white_check_mark: The card and its thread say so now."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the buttons, and to the form of those that want reasons."""
    app.action(ids.APPROVE)(listener(desk, approve))
    app.action(ids.ASK_CHANGES)(listener(desk, ask_for_changes))
    app.action(ids.REJECT)(listener(desk, reject))
    app.action(ids.WITHDRAW)(listener(desk, withdraw))
    app.action(ids.TAKE_BACK)(listener(desk, take_back))
    app.view(ids.DECISION_FORM)(listener(desk, answer))


# --- the buttons ------------------------------------------------------------------------------------------


async def approve(turn: Turn) -> None:
    """Agree to exactly what was shown; the card is drawn anew as part of it."""
    await turn.ack()
    seen, current = view.parse(turn.value), await turn.anyone()
    async with or_who_decides(turn, current, seen), or_stale(turn, current, seen):
        post = await approvals.decide(turn.services, current.actor, seen, Decision.APPROVED)
    await redraw(turn, post)


async def take_back(turn: Turn) -> None:
    """Take one's approval back, after the person confirmed that."""
    await turn.ack()
    seen, current = view.parse(turn.value), await turn.anyone()
    async with or_stale(turn, current, seen, shown=view.MAY_TAKE_BACK):
        post = await withdrawals.take_back(turn.services, current.actor, seen)
    await redraw(turn, post)


async def withdraw(turn: Turn) -> None:
    """Ask nobody any more, after the person confirmed that."""
    await turn.ack()
    seen, current = view.parse(turn.value), await turn.current()
    async with or_stale(turn, current, seen):
        post = await withdrawals.withdraw(turn.services, current.actor, seen)
    await redraw(turn, post)


async def redraw(turn: Turn, post: PostView) -> None:
    """Draw anew where the button was pressed."""
    window = turn.this_window() if turn.in_modal else None
    await schedule.redraw(turn, window, Below.of(turn.view), post)


# --- with reasons -----------------------------------------------------------------------------------------


async def ask_for_changes(turn: Turn) -> None:
    """Ask what should be different."""
    await ask(turn, Decision.CHANGES_REQUESTED)


async def reject(turn: Turn) -> None:
    """Ask why it should not go out at all."""
    await ask(turn, Decision.REJECTED)


async def ask(turn: Turn, decision: Decision) -> None:
    """Ask for the reasons, if this person may decide about what they saw: nobody types in vain."""
    await turn.ack()
    window = await turn.open(notices.loading(deciding.TITLES[decision]))
    seen, current = view.parse(turn.value), await turn.anyone()
    async with (
        or_who_decides(turn, current, seen),
        or_stale(turn, current, seen),
        current.session() as session,
    ):
        post = await posts.load(session, seen.post_id)
        standing = await approvals.require_asked(session, post.post, seen)
        await approvals.require_approver(session, current.actor, post.post, standing, seen)
    await window.show(deciding.form(post, seen, decision, Below.of(turn.view)))


async def answer(turn: Turn) -> None:
    """Write down what was decided, and why."""
    said, external_id = deciding.parse(turn.view), new_external_id()
    post = await turn.in_time(keep(turn, said), waiting=notices.waiting("Saving", external_id))
    if turn.acknowledged:
        with afterwards("that a post was decided about"):
            await turn.become(notices.done("Saved", DONE), how="update")
    else:
        await turn.ack()
    await schedule.redraw(turn, turn.window_below(), said.below, post)


async def keep(turn: Turn, said: Answer) -> PostView:
    """Write it down."""
    current = await turn.anyone()
    async with or_who_decides(turn, current, said.seen), or_stale(turn, current, said.seen):
        return await approvals.decide(
            turn.services, current.actor, said.seen, said.decision, comment=said.comment
        )


# --- what is not theirs, or changed in the meantime -------------------------------------------------------


@asynccontextmanager
async def or_who_decides(turn: Turn, current: Current, seen: Seen) -> AsyncIterator[None]:
    """Say who decides about a post to somebody who sees only its card, while it waits for anybody."""
    try:
        yield
    except Unseen as error:
        if why := await refusal(turn, current, seen):
            raise why from error
        raise


async def refusal(turn: Turn, current: Current, seen: Seen) -> NotAllowed | None:
    """Say who can decide about a post; raise NotFound if it is gone."""
    async with turn.services.db.session(Actor.program(current.installed.agency_id)) as session:
        post = await posts.load(session, seen.post_id)
        stage = post.standing.current if post.standing else None
        return NotAllowed(await approvals.refusal(session, post.post, None, stage)) if stage else None


@asynccontextmanager
async def or_stale(
    turn: Turn, current: Current, seen: Seen, *, shown: Collection[PostState] = WAITING
) -> AsyncIterator[None]:
    """Where the post is no longer what was pressed about, draw its card anew, and say since when it is not.

    `shown` are the states in which the button stands there.
    """
    try:
        yield
    except Changed as error:
        with afterwards("a card that somebody saw as it was"):
            await look_after(turn.services, current.installed.agency_id, seen.post_id)
        async with current.session() as session:
            post = (await posts.load(session, seen.post_id)).post
        if is_as_seen(post, seen, shown):
            raise
        raise Stale(error.sentence, post.updated_at) from error


def is_as_seen(post: Post, seen: Seen, shown: Collection[PostState]) -> bool:
    """Say whether a post is what somebody had in front of them."""
    return seen.is_still(post, stage=post.stage) and post.state in shown

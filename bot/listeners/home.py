"""App Home: drawn when it is opened, and again whenever something in it changed."""

from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import cockpit, ids
from bot.current import outsider
from bot.desk import Desk
from bot.listening import listener
from bot.turn import Turn
from bot.views import home
from core import drafts, summaries
from core.models import Role


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the opening of the Home tab, to *Delete* beside a draft, and to the choice of an hour."""
    app.event("app_home_opened")(listener(desk, opened))
    app.action(ids.DISCARD_DRAFT)(listener(desk, discard))
    app.action(ids.SUMMARY)(listener(desk, choose_summary))


async def opened(turn: Turn) -> None:
    """Draw it for whoever opened it. The Messages tab says that it was opened, too: that is not ours."""
    event = turn.body["event"]
    if event.get("tab") != "home":
        return
    current = await turn.anyone()
    if current.member.role is Role.GUEST and not await cockpit.reviews(turn.services.db, current.member):
        raise await outsider(current)
    drawn = await cockpit.view_of(turn.services.db, current.member, page=home.page_of(event.get("view")))
    await turn.slack.views_publish(user_id=turn.user_id, view=drawn)


async def discard(turn: Turn) -> None:
    """Throw a draft away, after the person confirmed that."""
    await turn.ack()
    current = await turn.current()
    try:
        await drafts.discard(turn.services, current.actor, post_id=UUID(turn.value))
    finally:
        await redraw(turn, page=home.page_of(turn.view))


async def choose_summary(turn: Turn) -> None:
    """Send the person's daily summary at the hour that they chose, or never; guests have theirs, too."""
    await turn.ack()
    current = await turn.anyone()
    try:
        await summaries.choose(turn.services, current.actor, home.hour_of(turn.action))
    finally:
        await redraw(turn, page=home.page_of(turn.view))


async def redraw(turn: Turn, *, page: int = 0) -> None:
    """Draw the Home of the person who did something; it is beside the point, so it never fails them.

    Somebody of another workspace has none.
    """
    current = await turn.anyone()
    if not turn.is_from_elsewhere(current):
        await cockpit.draw(turn.slack, turn.services.db, current.member, page=page)

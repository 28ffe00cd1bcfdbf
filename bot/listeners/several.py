"""Approving several posts at once, after looking through them."""

from slack_bolt.async_app import AsyncApp

from bot import cockpit, ids
from bot.afterwards import afterwards
from bot.desk import Desk
from bot.listeners import home
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import notices
from bot.views import several as view
from core import approvals, media
from core.approvals import Seen
from core.errors import Changed, Invalid, NotAllowed, NotFound
from core.models import Decision
from core.posts import PostView

TITLE = "Approve several"
NOTHING = ":white_check_mark: Nothing waits for your approval."
NONE_TICKED = "Tick at least one post, or press Cancel."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button in Home and in the queue, and to the form."""
    app.action(ids.APPROVE_SEVERAL)(listener(desk, look_through))
    app.view(ids.SEVERAL_FORM)(listener(desk, approve))


async def look_through(turn: Turn) -> None:
    """Show what waits for this member, to be looked through."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    current = await turn.current()
    async with current.session() as session:
        waiting = await cockpit.waiting_for(session, current.member)
    if not waiting:
        await window.show(notices.done(TITLE, NOTHING))
        return
    shown = [(post, picture_of(turn, post)) for post in waiting[: view.MOST]]
    await window.show(view.form(shown, more=len(waiting) - len(shown)))


def picture_of(turn: Turn, post: PostView) -> str | None:
    """Give the address of a post's picture, small."""
    return media.address(turn.services, post.media.id, media.THUMBNAIL) if post.media else None


async def approve(turn: Turn) -> None:
    """Approve what was ticked, one by one; what changed meanwhile is said, and the others go on."""
    ticked, external_id = view.parse(turn.view), new_external_id()
    if not ticked:
        raise Invalid({f"{ids.SEVERAL}_0": NONE_TICKED})
    approved, refused = await turn.in_time(
        decide(turn, ticked), waiting=notices.waiting("Approving", external_id)
    )
    with afterwards("that posts are approved"):
        said = notices.done(TITLE, view.done(approved, refused))
        await turn.become(said | {"external_id": external_id}, how="update")
    await home.redraw(turn)


async def decide(turn: Turn, ticked: list[Seen]) -> tuple[int, list[str]]:
    """Approve each by itself; give how many were, and why the others were not."""
    current = await turn.current()
    approved, refused = 0, []
    for seen in ticked:
        try:
            await approvals.decide(turn.services, current.actor, seen, Decision.APPROVED)
            approved += 1
        except (Changed, NotAllowed, NotFound) as error:
            refused.append(error.sentence)
    return approved, list(dict.fromkeys(refused))

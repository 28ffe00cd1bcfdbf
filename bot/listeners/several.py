"""Approving several posts at once, after looking through them."""

from slack_bolt.async_app import AsyncApp

from bot import complaints, ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listeners import home
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import notices
from bot.views import several as view
from bot.views.post_buttons import quoted
from bot.views.several import Part
from core import approvals, media, posts
from core.decisions import Seen
from core.errors import Invalid, NotFound
from core.models import Decision
from core.posts import PostView

TITLE = "Approve several"
SEEN_ALL = ":white_check_mark: You have looked through all of them."
NOTHING = ":white_check_mark: Nothing waits for your approval."
NONE_TICKED = "Tick at least one post, or press Cancel."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button in Home and in the queue, and to the form."""
    app.action(ids.APPROVE_SEVERAL)(listener(desk, look_through))
    app.action(ids.NEXT_ONES)(listener(desk, next_ones))
    app.view(ids.SEVERAL_FORM)(listener(desk, approve))


async def look_through(turn: Turn) -> None:
    """Show what waits for this member, to be looked through: in a queue, of its client alone."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    await window.show(await drawn(turn, view.parse_part(turn.value)))


async def next_ones(turn: Turn) -> None:
    """Show those that come after what was looked through, in its place."""
    await turn.ack()
    await turn.this_window().show(await drawn(turn, view.parse_part(turn.value)))


async def drawn(turn: Turn, part: Part) -> View:
    """Draw a part of what waits for this member."""
    current = await turn.anyone()
    async with current.session() as session:
        waiting = await posts.waiting_for(session, current.member, client_id=part.client_id)
    if not waiting[part.skipped :]:
        return notices.done(TITLE, NOTHING if not part.skipped else SEEN_ALL)
    shown = [(post, picture_of(turn, post)) for post in waiting[part.skipped :][: view.MOST]]
    return view.form(shown, part, more=len(waiting) - part.skipped - len(shown))


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
    """Approve each by itself; give how many were, and why the others were not, whatever went wrong."""
    current = await turn.anyone()
    approved, refused = 0, []
    for seen in ticked:
        try:
            await approvals.decide(turn.services, current.actor, seen, Decision.APPROVED)
            approved += 1
        except Exception as error:  # noqa: BLE001 what was approved before it is said all the same
            said = complaints.understand(turn, error)
            quote = f" {notices.quote(said.incident)}" if said.incident else ""
            refused.append(f"{await named(current, seen)}: {said.sentence}{quote}")
    return approved, refused


async def named(current: Current, seen: Seen) -> str:
    """Say which post that is: whose it is, and how it begins."""
    try:
        async with current.session() as session:
            post = await posts.load(session, seen.post_id)
    except NotFound:
        return "A post"
    return f"{post.client.name}, {quoted(post)}".removesuffix("\n")

"""A change of a post that was sent on its way before: kept, shown, and decided about."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from bot import mrkdwn
from bot.blocks import View
from bot.rendering import rendered
from bot.turn import Turn
from bot.views import notices, preview
from bot.views.again import Base
from bot.views.preview import Decision, Preview
from core import drafts, posts
from core.drafts import Content
from core.errors import Changed
from core.posts import PostView

OTHER_TIME = ":warning: *Somebody gave this post another time in the meantime.*"


@dataclass(frozen=True)
class Change:
    """What somebody makes of a post, and of what it takes the place."""

    post_id: UUID
    content: Content
    base: Base
    due_at: datetime | None
    card_channel: str
    ask: bool = False  # for approval first


async def revised(turn: Turn, change: Change, external_id: str) -> View:
    """Keep the change and draw its preview; where somebody else was faster, show that too."""
    try:
        post = await revise(turn, change, change.base)
    except Changed:
        return await overtaken(turn, change, external_id)
    blank = Preview(
        post, change.card_channel, due_at=change.due_at, base=change.base, external_id=external_id
    )
    return preview.view(await rendered(turn, blank))


async def overtaken(turn: Turn, change: Change, external_id: str) -> View:
    """Show what somebody else made of the post meanwhile, and this person's change: they decide.

    Whoever did not touch the time means the newest. Where it is too late for a change, say so.
    """
    current = await turn.current()
    async with current.session() as session:
        newest = await posts.load(session, change.post_id)
    base = Base.of(newest)
    try:
        post = await revise(turn, change, base)
    except Changed as error:
        return notices.done("Not changed", f":warning: {mrkdwn.escape(error.sentence)}")
    is_rewritten = base.version != change.base.version
    blank = Preview(
        post,
        change.card_channel,
        due_at=base.due_at if change.due_at == change.base.due_at else change.due_at,
        base=base,
        newest=newest if is_rewritten else None,
        notice=None if is_rewritten else OTHER_TIME,
        ask=change.ask,
        external_id=external_id,
    )
    return preview.view(await rendered(turn, blank))


async def decided(turn: Turn, decision: Decision, base: Base, seen: PostView) -> PostView:
    """Give the change as the person sees it, with their choice of fit; raise Changed if it is stale."""
    if seen.post.version != base.version:
        raise Changed
    if decision.fit in (None, seen.version.fit):
        return seen
    return await revise(turn, change_of(decision, base, seen), base)


def change_of(decision: Decision, base: Base, seen: PostView) -> Change:
    """Give the change that a preview shows."""
    content = drafts.content_of(seen.version)
    chosen = replace(content, fit=decision.fit) if decision.fit else content
    return Change(decision.post_id, chosen, base, decision.due_at, decision.card_channel, decision.ask)


async def revise(turn: Turn, change: Change, base: Base) -> PostView:
    """Keep the change as what would take the place of `base`."""
    current = await turn.current()
    return await drafts.revise(
        turn.services,
        current.actor,
        post_id=change.post_id,
        base_version=base.version,
        content=change.content,
    )

"""Posts whose people changed: such a post may wait for nobody any more, or for somebody who is not there.

Whoever leaves a client or Slack, or is no admin any more, is not waited for. Where all others have agreed,
the post goes on; where too few are left who could agree, its thread tells the client's managers so, once.
"""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, clients, deeds, posts, releases, reminders, standings
from core.db import Actor, clock
from core.models import Post, PostState
from core.rows import by_agency
from core.services import Services
from core.standings import StageStanding

MOST_AT_ONCE = 200


async def settle(services: Services) -> None:
    """See to posts whose people changed. May run in any number of processes at once, and does it once."""
    found = await services.db.ids("unsettled_posts", most=MOST_AT_ONCE)
    for agency_id, ids in by_agency(found).items():
        for post_id in ids:
            await look_at(services, agency_id, post_id)


async def look_at(services: Services, agency_id: UUID, post_id: UUID) -> None:
    """Let one post go on, or say that nobody could approve it; and remind those who are asked now."""
    actor = Actor.program(agency_id)
    async with services.db.session(actor) as session:
        post = await posts.locked(session, post_id)
        if post.state is not PostState.IN_APPROVAL or post.settle_at is None:
            return
        is_news, post.settle_at = post.settle_at != post.asked_at, None
        standing = await standings.of_post(session, post)
        assert standing is not None
        if await releases.go_on_without(session, services, actor, post, standing):
            return
        assert standing.current is not None
        await reminders.plan(session, post, standing)
        await say(session, services, actor, post, standing.current)
        if is_news:  # the card names who is asked
            await announcements.owe_card(session, services, post)


async def say(
    session: AsyncSession, services: Services, actor: Actor, post: Post, stage: StageStanding
) -> None:
    """Tell the thread and the client's managers that too few are left at a stage, unless they know."""
    if not stage.is_stuck:
        post.stuck_at = None
        return
    if post.stuck_at:
        return
    post.stuck_at = await clock(session)
    whom = [one.slack_user_id for one in await clients.responsible(session, post.client_id)]
    left = {"stage": stage.name, "can": stage.given + len(stage.asked), "needs": stage.needs}
    deeds.record(session, actor, "approval_stuck", post, whom=whom, round=post.round, **left)
    await announcements.owe_card(session, services, post, reply=deeds.said("stuck", whom=whom, **left))

"""What nobody approved by its time: its thread asks, or it is over; its client's policy says which."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, audit, deeds, posts, releases, rounds, standings, turns
from core.db import Actor, clock
from core.models import Post, PostState
from core.rows import by_agency
from core.services import Services

MOST_AT_ONCE = 200


async def guard(services: Services) -> None:
    """See to what was not approved in time. May run in any number of processes at once, and does it once."""
    found = await services.db.ids("overdue_posts", most=MOST_AT_ONCE)
    for agency_id, ids in by_agency(found).items():
        for post_id in ids:
            await see_to(services, agency_id, post_id)


async def see_to(services: Services, agency_id: UUID, post_id: UUID) -> None:
    """Let one post expire, or say in its thread that it goes out later; unless somebody was faster."""
    actor = Actor.program(agency_id)
    async with services.db.session(actor) as session:
        post = await posts.locked(session, post_id)
        if post.state is PostState.IN_APPROVAL and post.overdue_at is None and await is_over(session, post):
            await say(session, services, actor, post)


async def is_over(session: AsyncSession, post: Post) -> bool:
    """Say whether a post's time has passed, by the database's clock."""
    return post.due_at is not None and post.due_at <= await clock(session)


async def say(session: AsyncSession, services: Services, actor: Actor, post: Post) -> None:
    """Write down what becomes of a post whose time is over, and tell its thread."""
    standing = await standings.of_post(session, post)
    assert standing is not None
    if await releases.go_on_without(session, services, actor, post, standing):
        return
    assert standing.current is not None
    post.overdue_at, expires = await clock(session), standing.policy.expires
    if expires:
        rounds.enter(post, PostState.EXPIRED)
    deed = "post_expired" if expires else "post_overdue"
    audit.record(session, actor, deed, client_id=post.client_id, post_id=post.id, version=post.version)
    stage = standing.current
    turn = {} if expires else await turns.of(session, post, stage)
    reply = deeds.said("expired" if expires else "overdue", stage=stage.name, **turn)
    await announcements.owe_card(session, services, post, reply=reply)

"""Releases: a post goes on to those who are asked next, and after the last of them, out."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core import clients, decisions, deeds, pauses, plans, rounds, standings, turns
from core.db import Actor, clock
from core.decisions import Voice
from core.models import Decision, Post, PostState
from core.pauses import Pause
from core.post_views import PostView, views
from core.services import Services
from core.standings import StageStanding, Standing


async def go_on(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    *,
    stage: StageStanding,
    by: Voice,
    comment: str = "",
) -> PostView:
    """Ask the next, once a stage has enough; after the last one, let the post go out."""
    now = await standings.of_post(session, post)
    assert now is not None
    post.updated_at = datetime.now(UTC)
    counted = {"stage": stage.name, "given": stage.given + 1, "needs": stage.needs, "comment": comment}
    following = await follow(session, post, now, after=stage.position)
    reply = deeds.said(Decision.APPROVED.value, **by.said, **counted, **following)
    await decisions.tell(session, services, actor, post, reply, **by.evidence)
    await plans.wake(session, services, post)
    return (await views(session, [post]))[0]


async def follow(session: AsyncSession, post: Post, now: Standing, *, after: int) -> dict[str, Any]:
    """Take a post to what comes after a stage, once that has enough; give what its thread is told of it."""
    if now.current is None:
        await release(session, post)
        is_ahead = post.due_at and post.due_at > await clock(session)
        pause = await pauses.of_client(session, await clients.get(session, post.client_id))
        due_at = post.due_at if is_ahead else None
        return {"then": post.state.value, "due_at": due_at, "held_back": held_back(pause)}
    if now.current.position == after:
        return {}
    await rounds.turn_to(session, post, now.current.position, now.policy)
    return {"next": now.current.name, **await turns.of(session, post, now.current)}


def held_back(pause: Pause | None) -> str | None:
    """Say what keeps a post from going out although everybody agreed to it."""
    if pause is None:
        return None
    return "leaving" if pause.is_leaving else "paused"


async def go_on_without(
    session: AsyncSession, services: Services, actor: Actor, post: Post, now: Standing
) -> bool:
    """Let a post go on that waited only for who has left, or back to who joined; say whether it was one."""
    assert post.stage is not None
    before = post.stage
    if not (following := await follow(session, post, now, after=before)):
        return False
    kind = "joined" if post.stage is not None and post.stage < before else "nobody_left"
    await decisions.tell(session, services, actor, post, deeds.said(kind, **following))
    await plans.wake(session, services, post)
    return True


async def release(session: AsyncSession, post: Post) -> None:
    """Let a post that everybody agreed to go out, at its minute; after that, a person says when."""
    now = await clock(session)
    if post.due_at and post.due_at <= now:
        rounds.enter(post, PostState.APPROVED)
        return
    for publication in await plans.still_open(session, post):
        if post.due_at:
            plans.wait_for(publication, post.due_at, now)
        else:
            plans.go_at_once(publication, now)
    rounds.enter(post, PostState.SCHEDULED if post.due_at else PostState.PUBLISHING)
    await session.flush()

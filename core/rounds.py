"""Rounds: each time that those who must agree to a post are asked, from the first stage on."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, ledger, standings, turns
from core.db import clock
from core.errors import Invalid
from core.models import Policy, Post, PostState
from core.services import Services
from core.standings import StageStanding

HELD = {
    PostState.IN_APPROVAL,
    PostState.CHANGES_REQUESTED,
    PostState.REJECTED,
    PostState.WITHDRAWN,
    PostState.EXPIRED,
}
# Where a stage has too few people: whoever sends a post on its way does so under the rules of today; whoever
# gives it another time leaves it under those by which it was asked for.
TO_ADD = "to add somebody who may approve there with /social clients"
TO_ADD_OR_EDIT = f"{TO_ADD}. Or edit the post: then the rules of today count, as /social approval shows them."
ADD_OR_CHANGE = f"Ask a manager {TO_ADD}, or to change who approves with /social approval."
ADD_OR_EDIT = f"Ask a manager {TO_ADD_OR_EDIT}"


def enter(post: Post, state: PostState) -> None:
    """Let a post enter a state; of one that does not wait for approval, nobody is reminded."""
    post.state = state
    if state is not PostState.IN_APPROVAL:
        post.stage = post.remind_at = post.settle_at = post.stuck_at = None


def begin(post: Post, by: UUID | None) -> None:
    """Have everybody asked by a member, from the first stage on; what they said before no longer counts."""
    post.state, post.round, post.stage, post.overdue_at = PostState.IN_APPROVAL, post.round + 1, 1, None
    post.asked_by = by


async def announce(
    session: AsyncSession, services: Services, by: str, post: Post, *, way_out: str = ADD_OR_CHANGE
) -> None:
    """Tell those whose turn it is; raise Invalid (field `approval`) where too few could ever agree.

    `way_out` says what to do then.
    """
    standing = await standings.of_post(session, post)
    assert standing is not None
    for stage in standing.stages:
        if stage.is_stuck:
            raise Invalid({"approval": f"{too_few(stage)} {way_out}"})
    first = standing.stages[0]
    await turn_to(session, post, first.position, standing.policy)
    reply = {"kind": "asked", "by": by, "stage": first.name, **await turns.of(session, post, first)}
    await announcements.owe_card(session, services, post, reply=reply)


async def turn_to(session: AsyncSession, post: Post, stage: int, policy: Policy) -> None:
    """Wait for those at a stage, from now on; somebody of them may be leaving just now."""
    post.stage, post.asked_at = stage, await clock(session)
    post.settle_at, post.stuck_at = post.asked_at, None
    hours = policy.remind_hours
    post.remind_at = post.asked_at + timedelta(hours=hours) if hours else None


async def turn_back(session: AsyncSession, post: Post) -> StageStanding | None:
    """Have a post wait for its first stage that lacks a word, and give that stage; None when none does."""
    standing = await standings.of_post(session, post)
    if standing is None or standing.current is None:
        return None
    post.state, post.overdue_at = PostState.IN_APPROVAL, None
    await turn_to(session, post, standing.current.position, standing.policy)
    return standing.current


async def people_changed(session: AsyncSession, *which: ColumnElement[bool]) -> None:
    """Have the posts looked at that wait for approval, of those that are chosen: other people are asked now.

    They are locked in one order, so that two such changes never wait for each other.
    """
    waiting = select(Post.id).where(col(Post.state) == PostState.IN_APPROVAL, *which).order_by(col(Post.id))
    found = waiting.with_for_update(key_share=True).scalar_subquery()
    await session.exec(update(Post).where(col(Post.id).in_(found)).values(settle_at=func.clock_timestamp()))


def too_few(stage: StageStanding) -> str:
    """Say why a stage could never be passed."""
    can = f"only {len(stage.asked)} of {stage.needs}" if stage.asked else "nobody"
    return f"At the stage {stage.name} there is {can} to approve this, other than who wrote it."


async def time_counts(session: AsyncSession, post: Post) -> bool:
    """Say whether another time asks everybody anew: a policy may want that, once somebody was asked."""
    if post.policy_version is None:
        return False
    policy = await session.get_one(Policy, (post.client_id, post.policy_version))
    return policy.time_counts and not await ledger.begun(session, post)

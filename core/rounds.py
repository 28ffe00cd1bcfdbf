"""Rounds: each time that those who must agree to a post are asked, from the first stage on."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, ledger, standings
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


def enter(post: Post, state: PostState) -> None:
    """Let a post enter a state; of one that does not wait for approval, nobody is reminded."""
    post.state = state
    if state is not PostState.IN_APPROVAL:
        post.stage = post.remind_at = None


def begin(post: Post) -> None:
    """Have everybody asked, from the first stage on; what they said before no longer counts."""
    post.state, post.round, post.stage, post.overdue_at = PostState.IN_APPROVAL, post.round + 1, 1, None


async def announce(session: AsyncSession, services: Services, by: str, post: Post) -> None:
    """Tell those whose turn it is; raise Invalid (field `approval`) where too few could ever agree."""
    standing = await standings.of_post(session, post)
    assert standing is not None
    for stage in standing.stages:
        if len(stage.asked) < stage.needs and not stage.by_link:
            raise Invalid({"approval": too_few(stage)})
    await turn_to(session, post, standing.stages[0].position, standing.policy)
    whom = [one.slack_user_id for one in standing.stages[0].asked]
    reply = {"kind": "asked", "by": by, "stage": standing.stages[0].name, "whom": whom}
    await announcements.owe_card(session, services, post, reply=reply)


async def turn_to(session: AsyncSession, post: Post, stage: int, policy: Policy) -> None:
    """Wait for those at a stage, from now on."""
    post.stage, post.asked_at = stage, await clock(session)
    hours = policy.remind_hours
    post.remind_at = post.asked_at + timedelta(hours=hours) if hours else None


def too_few(stage: StageStanding) -> str:
    """Say why a stage could never be passed, and what to do."""
    can = f"only {len(stage.asked)} of {stage.needs}" if stage.asked else "nobody"
    return (
        f"At the stage {stage.name} there is {can} to approve this, other than who wrote it. Ask a manager "
        "to add somebody with /social clients, or to change who approves with /social approval."
    )


async def time_counts(session: AsyncSession, post: Post) -> bool:
    """Say whether another time asks everybody anew: a policy may want that, once somebody was asked."""
    if post.policy_version is None or post.state in HELD - {PostState.IN_APPROVAL}:
        return False
    policy = await session.get_one(Policy, (post.client_id, post.policy_version))
    return policy.time_counts and not await ledger.begun(session, post)

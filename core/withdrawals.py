"""Withdrawals: a post that nobody is asked about any more, and an approval that is taken back."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import decisions, deeds, ledger, plans, posts, rounds, schedule
from core.db import Actor
from core.decisions import OTHER, Seen, Voice
from core.errors import Changed
from core.models import Approval, Decision, Member, Post, PostState
from core.post_views import PostView
from core.services import Services

GONE = "This post is already on its way, and the approval can no longer be taken back."
NOT_ASKED = "You are no longer asked for this, and everybody who is has approved it."
STILL_OPEN = {
    PostState.IN_APPROVAL,
    PostState.APPROVED,
    PostState.SCHEDULED,
    PostState.PUBLISHING,
    PostState.LATE,
}


async def withdraw(services: Services, actor: Actor, seen: Seen) -> PostView:
    """Ask nobody any more about what was seen; its author's business, and whoever else works for the client.

    Raise Changed when nobody is asked, or about something else by now.
    """
    async with services.db.session(actor) as session:
        post, member = await schedule.changeable(session, actor, seen.post_id)
        if not seen.is_still(post):
            raise Changed(OTHER)
        if post.state not in (PostState.IN_APPROVAL, PostState.CHANGES_REQUESTED):
            raise Changed(decisions.over(post.state))
        rounds.enter(post, PostState.WITHDRAWN)
        return await decisions.tell(session, services, actor, post, deeds.said_by(member, "withdrawn"))


async def take_back(services: Services, actor: Actor, seen: Seen) -> PostView:
    """Take one's approval back, as long as the public sees nothing; the post waits for it again.

    Raise Changed when it is too late, or there is none of this member's.
    """
    async with services.db.session(actor) as session:
        post = await posts.locked(session, seen.post_id)
        mine = await approval_of(session, actor, post, seen)
        member = await session.get_one(Member, mine.member_id)
        await hold(session, post)
        await decisions.write(session, post, Voice.of(member), Decision.TAKEN_BACK, stage=mine.stage)
        stage = await rounds.turn_back(session, post)
        if stage is None:  # who took it back is not asked any more, and all others agreed
            raise Changed(NOT_ASKED)
        reply = deeds.said_by(member, Decision.TAKEN_BACK.value, stage=stage.name)
        return await decisions.tell(session, services, actor, post, reply)


async def hold(session: AsyncSession, post: Post) -> None:
    """Have nothing of a post go out; raise Changed where it is on its way already.

    PostgreSQL lets nobody take back what lets something go.
    """
    await plans.locked_publications(session, post)
    if post.state not in STILL_OPEN or await ledger.begun(session, post):
        raise Changed(GONE)
    await plans.hold_all(session, post)


async def approval_of(session: AsyncSession, actor: Actor, post: Post, seen: Seen) -> Approval:
    """Give the approval that a member gave to what they saw; raise Changed when none holds."""
    theirs = select(Approval).where(
        Approval.post_id == post.id, Approval.round == post.round, Approval.member_id == actor.member_id
    )
    by_stage = {one.stage: one for one in await session.exec(theirs.order_by(col(Approval.number)))}
    given = [one for one in by_stage.values() if one.decision is Decision.APPROVED]
    if not seen.is_still(post):
        raise Changed(OTHER)
    if not given:
        raise Changed("You have not approved this.")
    return max(given, key=lambda one: one.stage)

"""Approvals: what the people who are asked say to a post, and what becomes of it then.

A decision is about one version in one round of asking: whoever saw another is told so, and nothing happens.
PostgreSQL keeps the same rules by itself (migrations/versions/0009_approvals_held.sql).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clients, deeds, ledger, permissions, plans, posts, rounds, schedule, standings
from core.db import Actor, clock
from core.errors import Changed, Invalid, NotAllowed
from core.models import Approval, Decision, Member, Post, PostState, PostVersion
from core.post_views import PostView, views
from core.services import Services
from core.standings import StageStanding, Standing

LONGEST_COMMENT = 2000  # characters
AFTERWARDS = {
    Decision.CHANGES_REQUESTED: PostState.CHANGES_REQUESTED,
    Decision.REJECTED: PostState.REJECTED,
}
WANTED = {
    Decision.CHANGES_REQUESTED: "Say what should be different.",
    Decision.REJECTED: "Say why, so that its author knows.",
}
OVER = {
    PostState.CHANGES_REQUESTED: "Somebody has asked for changes already.",
    PostState.REJECTED: "Somebody has rejected this post already.",
    PostState.WITHDRAWN: "This post was withdrawn in the meantime.",
    PostState.EXPIRED: "The time of this post passed before everybody had approved it.",
    PostState.CANCELLED: "This post was called off in the meantime.",
}


OTHER = "This post was changed in the meantime. Have a look at the newest version."
GONE = "This post is already on its way, and the approval can no longer be taken back."
NOT_ASKED = "You are no longer asked for this, and everybody who is has approved it."
OTHERS_TURN = "This waits for somebody else."
OWN_WORDS = "Somebody else decides about what you wrote."
EARLIER_WORDS = "You wrote a version of this that was sent before, so somebody else decides about it."
ALL_AGREED = "Everybody has approved this post already."
STILL_OPEN = {
    PostState.IN_APPROVAL,
    PostState.APPROVED,
    PostState.SCHEDULED,
    PostState.PUBLISHING,
    PostState.LATE,
}


@dataclass(frozen=True)
class Seen:
    """What somebody had in front of them when they decided: this version, in this round of asking."""

    post_id: UUID
    version: int
    round: int

    @classmethod
    def of(cls, post: Post) -> Self:
        """Give what a post shows now."""
        return cls(post.id, post.version, post.round)


@dataclass(frozen=True)
class Voice:
    """Who decides: what the decision's row says of them, what its thread is told, and what the trail adds."""

    row: dict[str, Any]
    said: dict[str, str]
    evidence: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, member: Member) -> Self:
        """Give a member's."""
        return cls({"member_id": member.id}, {"by": member.slack_user_id})


async def decide(
    services: Services, actor: Actor, seen: Seen, decision: Decision, *, comment: str = ""
) -> PostView:
    """Write down what a member says to a post, and let it go on, or go back to its author.

    Raise Changed for what no longer stands there, Invalid (field `comment`) where reasons are missing,
    NotAllowed for somebody who is not asked; it says who is.
    """
    async with services.db.session(actor) as session:
        post = await posts.locked(session, seen.post_id)
        standing = await require_asked(session, post, seen)
        member = await require_approver(session, actor, post, standing)
        stage = standing.current
        assert stage is not None
        require_comment(decision, comment)
        by, comment = Voice.of(member), comment.strip()
        return await say(
            session, services, actor, post, stage=stage, by=by, decision=decision, comment=comment
        )


async def say(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    *,
    stage: StageStanding,
    by: Voice,
    decision: Decision,
    comment: str,
) -> PostView:
    """Write down what somebody who may decides, and let the post go on, or go back to its author."""
    await write(session, post, by, decision, stage=stage.position, comment=comment)
    if decision is Decision.APPROVED:
        return await go_on(session, services, actor, post, stage=stage, by=by, comment=comment)
    rounds.enter(post, AFTERWARDS[decision])
    reply = deeds.said(decision.value, **by.said, stage=stage.name, comment=comment)
    return await tell(session, services, actor, post, reply, **by.evidence)


async def require_asked(session: AsyncSession, post: Post, seen: Seen) -> Standing:
    """Give how far a post is; raise Changed when it does not wait for approval, or not as it was seen."""
    permissions.require_staying(await clients.get(session, post.client_id))
    if (post.version, post.round) != (seen.version, seen.round):
        raise Changed(OTHER)
    if post.state is not PostState.IN_APPROVAL:
        raise Changed(OVER.get(post.state, ALL_AGREED))
    standing = await standings.of_post(session, post)
    assert standing is not None
    if standing.policy.expires and post.due_at and post.due_at <= await clock(session):
        raise Changed(OVER[PostState.EXPIRED])  # the sweep says so in a moment
    if standing.current is None:  # somebody who was waited for has left; the sweep lets it go on
        raise Changed(ALL_AGREED)
    if standing.current.position != post.stage:
        await rounds.turn_to(session, post, standing.current.position, standing.policy)
        await session.flush()
    return standing


async def require_approver(session: AsyncSession, actor: Actor, post: Post, standing: Standing) -> Member:
    """Let pass who is asked at this stage; raise NotAllowed with who is, Changed for who agreed already."""
    stage = standing.current
    assert stage is not None
    member = await session.get(Member, actor.member_id) if actor.member_id else None
    if member and any(one.id == member.id for one in stage.asked):
        return member
    if member and any(one.id == member.id for past in standing.stages for one in past.agreed):
        raise Changed("You have approved this already.")
    if member and any(one.id == member.id for past in standing.stages if past.is_done for one in past.asked):
        raise Changed("Others have approved this already, for the stage that you are asked at.")
    raise NotAllowed(await refusal(session, post, member, stage))


async def refusal(session: AsyncSession, post: Post, member: Member | None, stage: StageStanding) -> str:
    """Say why somebody cannot decide, and who can."""
    why = await reason(session, post, member)
    names = [one.name for one in stage.asked] + ["the client by its private link"] * stage.by_link
    can = " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{why} {can[0].upper()}{can[1:]} can approve it." if names else why


async def reason(session: AsyncSession, post: Post, member: Member | None) -> str:
    """Say why somebody cannot decide: these words are theirs, or an earlier version was, or neither."""
    if member is None or not (await session.exec(select(func.is_own(post.id, member.id)))).one():
        return OTHERS_TURN
    version = await session.get_one(PostVersion, (post.id, post.version))
    return OWN_WORDS if member.id in (post.author_id, version.created_by) else EARLIER_WORDS


def require_comment(decision: Decision, comment: str) -> None:
    """Raise Invalid where reasons are missing, or too long."""
    if decision in WANTED and not comment.strip():
        raise Invalid({"comment": WANTED[decision]})
    if len(comment) > LONGEST_COMMENT:
        raise Invalid({"comment": f"That is {len(comment) - LONGEST_COMMENT} characters too long."})


async def write(
    session: AsyncSession, post: Post, by: Voice, decision: Decision, *, stage: int, comment: str = ""
) -> None:
    """Keep what somebody decided, for good."""
    version = await session.get_one(PostVersion, (post.id, post.version))
    session.add(
        Approval(
            agency_id=post.agency_id,
            client_id=post.client_id,
            post_id=post.id,
            version=post.version,
            content_hash=version.content_hash,
            round=post.round,
            stage=stage,
            decision=decision,
            comment=comment or None,
            **by.row,
        )
    )
    await session.flush()


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
    await tell(session, services, actor, post, reply, **by.evidence)
    await plans.wake(session, services, post)
    return (await views(session, [post]))[0]


async def follow(session: AsyncSession, post: Post, now: Standing, *, after: int) -> dict[str, Any]:
    """Take a post to what comes after a stage, once that has enough; give what its thread is told of it."""
    if now.current is None:
        await release(session, post)
        is_ahead = post.due_at and post.due_at > await clock(session)
        return {"then": post.state.value, "due_at": post.due_at if is_ahead else None}
    if now.current.position == after:
        return {}
    await rounds.turn_to(session, post, now.current.position, now.policy)
    asked = [one.slack_user_id for one in now.current.asked]
    return {"next": now.current.name, "whom": asked, "by_link": now.current.by_link}


async def go_on_without(
    session: AsyncSession, services: Services, actor: Actor, post: Post, now: Standing
) -> bool:
    """Let a post go on that waited only for who has left, or back to who joined; say whether it was one."""
    assert post.stage is not None
    before = post.stage
    if not (following := await follow(session, post, now, after=before)):
        return False
    kind = "joined" if post.stage is not None and post.stage < before else "nobody_left"
    await tell(session, services, actor, post, deeds.said(kind, **following))
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


async def tell(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    reply: dict[str, Any],
    **more: Any,
) -> PostView:
    """Write down who decided what, about exactly which content, and have the card and its thread show it."""
    post.updated_at = datetime.now(UTC)
    version = await session.get_one(PostVersion, (post.id, post.version))
    evidence = {"round": post.round, "content_hash": version.content_hash, **more}
    return await deeds.tell(session, services, actor, post, reply, **evidence)


# --- going back -----------------------------------------------------------------------------------


async def withdraw(services: Services, actor: Actor, seen: Seen) -> PostView:
    """Ask nobody any more about what was seen; its author's business, and whoever else works for the client.

    Raise Changed when nobody is asked, or about something else by now.
    """
    async with services.db.session(actor) as session:
        post, member = await schedule.changeable(session, actor, seen.post_id)
        if Seen.of(post) != seen:
            raise Changed(OTHER)
        if post.state not in (PostState.IN_APPROVAL, PostState.CHANGES_REQUESTED):
            raise Changed(OVER.get(post.state, ALL_AGREED))
        rounds.enter(post, PostState.WITHDRAWN)
        return await tell(session, services, actor, post, deeds.said_by(member, "withdrawn"))


async def take_back(services: Services, actor: Actor, seen: Seen) -> PostView:
    """Take one's approval back, as long as the public sees nothing; the post waits for it again.

    Raise Changed when it is too late, or there is none of this member's.
    """
    async with services.db.session(actor) as session:
        post = await posts.locked(session, seen.post_id)
        mine = await approval_of(session, actor, post, seen)
        member = await session.get_one(Member, mine.member_id)
        found = await plans.locked_publications(session, post)
        if post.state not in STILL_OPEN or await ledger.begun(session, post):
            raise Changed(GONE)
        for publication in found:
            if publication.state in plans.UNSENT:
                plans.hold(publication, publication.due_at)
        await session.flush()  # PostgreSQL takes nothing back of what is on its way
        await write(session, post, Voice.of(member), Decision.TAKEN_BACK, stage=mine.stage)
        standing = await standings.of_post(session, post)
        assert standing is not None
        if standing.current is None:  # who took it back is not asked any more, and all others agreed
            raise Changed(NOT_ASKED)
        post.state = PostState.IN_APPROVAL
        await rounds.turn_to(session, post, standing.current.position, standing.policy)
        reply = deeds.said_by(member, Decision.TAKEN_BACK.value, stage=standing.current.name)
        return await tell(session, services, actor, post, reply)


async def approval_of(session: AsyncSession, actor: Actor, post: Post, seen: Seen) -> Approval:
    """Give the approval that a member gave to what they saw; raise Changed when none holds."""
    theirs = select(Approval).where(
        Approval.post_id == post.id, Approval.round == post.round, Approval.member_id == actor.member_id
    )
    by_stage = {one.stage: one for one in await session.exec(theirs.order_by(col(Approval.number)))}
    given = [one for one in by_stage.values() if one.decision is Decision.APPROVED]
    if (post.version, post.round) != (seen.version, seen.round):
        raise Changed(OTHER)
    if not given:
        raise Changed("You have not approved this.")
    return max(given, key=lambda one: one.stage)

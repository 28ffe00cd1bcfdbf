"""Approvals: what the people who are asked say to a post, and who may say it.

PostgreSQL keeps the same rules by itself (migrations/versions/0009_approvals_held.sql).
"""

from sqlalchemy import func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clients, decisions, deeds, permissions, posts, releases, rounds, standings
from core.db import Actor, clock
from core.decisions import ALL_AGREED, OTHER, Seen, Voice
from core.errors import Changed, Invalid, NotAllowed
from core.models import Decision, Member, Post, PostState, PostVersion
from core.post_views import PostView
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
OTHER_STAGE = "This waits at another stage by now. Have a look, and decide about that one."
OTHERS_TURN = "This waits for somebody else."
BY_LINK = "the client by its private link"
AGREED = "You have approved this already. To say something else, take your approval back first."
OWN_WORDS = "Somebody else decides about what you wrote."
EARLIER_WORDS = "You wrote a version of this that was sent before, so somebody else decides about it."


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
        member = await require_approver(session, actor, post, standing, seen)
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
    await decisions.write(session, post, by, decision, stage=stage.position, comment=comment)
    if decision is Decision.APPROVED:
        return await releases.go_on(session, services, actor, post, stage=stage, by=by, comment=comment)
    rounds.enter(post, AFTERWARDS[decision])
    reply = deeds.said(decision.value, **by.said, stage=stage.name, comment=comment)
    return await decisions.tell(session, services, actor, post, reply, **by.evidence)


async def require_asked(session: AsyncSession, post: Post, seen: Seen) -> Standing:
    """Give how far a post is; raise Changed when it does not wait for approval, or not as it was seen."""
    if not seen.is_still(post):
        raise Changed(OTHER)
    standing = await require_open(session, post)
    if standing.current is None:  # somebody who was waited for has left; the sweep lets it go on
        raise Changed(ALL_AGREED)
    if standing.current.position != post.stage:
        await rounds.turn_to(session, post, standing.current.position, standing.policy)
        await session.flush()
    return standing


async def require_open(session: AsyncSession, post: Post) -> Standing:
    """Give how far a post is; raise Changed when it does not wait for approval, or its time is over."""
    permissions.require_staying(await clients.get(session, post.client_id))
    if post.state is not PostState.IN_APPROVAL:
        raise Changed(decisions.over(post.state))
    standing = await standings.of_post(session, post)
    assert standing is not None
    if standing.policy.expires and post.due_at and post.due_at <= await clock(session):
        raise Changed(decisions.OVER[PostState.EXPIRED])  # the sweep says so in a moment
    return standing


async def require_approver(
    session: AsyncSession, actor: Actor, post: Post, standing: Standing, seen: Seen
) -> Member:
    """Let pass who is asked at this stage, and saw that it is; raise NotAllowed with who is.

    Raise Changed for who agreed already, and for who saw another stage: a second click is no second approval.
    """
    stage = standing.current
    assert stage is not None
    member = await session.get(Member, actor.member_id) if actor.member_id else None
    if member and any(one.id == member.id for one in stage.asked):
        if not seen.is_still(post, stage=stage.position):
            raise Changed(OTHER_STAGE)
        return member
    if member and any(one.id == member.id for past in standing.stages for one in past.agreed):
        raise Changed(AGREED)
    if member and any(one.id == member.id for past in standing.stages if past.is_done for one in past.asked):
        raise Changed("Others have approved this already, for the stage that you are asked at.")
    raise NotAllowed(await refusal(session, post, member, stage))


async def refusal(session: AsyncSession, post: Post, member: Member | None, stage: StageStanding) -> str:
    """Say why somebody cannot decide, and who can; where nobody can, what to do."""
    why, who = await reason(session, post, member), await who_can(session, post, stage)
    return who if why == OTHERS_TURN and not can_pass(stage) else f"{why} {who}"


async def who_can(session: AsyncSession, post: Post, stage: StageStanding) -> str:
    """Say who can approve a post at its stage; where nobody can, who can change that."""
    if can_pass(stage):
        can = permissions.either([*(one.name for one in stage.asked), *[BY_LINK] * stage.by_link])
        return f"{can[0].upper()}{can[1:]} can approve it."
    able = permissions.either([one.name for one in await clients.responsible(session, post.client_id)])
    return f"Nobody is left who could approve this. Ask {able} {rounds.TO_ADD_OR_EDIT}"


def can_pass(stage: StageStanding) -> bool:
    """Say whether somebody is there who could approve something at a stage."""
    return bool(stage.asked) or stage.by_link


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

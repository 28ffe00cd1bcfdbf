"""Sign-offs: private links with which a client decides about a post on a page, without a login, once.

To open a link changes nothing, so that a preview of it uses nothing up.
PostgreSQL uses it up together with the decision (migrations/versions/0009_approvals_held.sql).
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import approvals, posts, private_links
from core.db import Actor, Origin, clock
from core.decisions import Voice
from core.errors import Changed, Invalid, NotFound
from core.models import Agency, Approval, Decision, Member, Post, SignOff
from core.post_views import PostView, load
from core.services import Services
from core.standings import StageStanding

LONGEST_NAME = 80  # characters

DEEDS = {
    Decision.APPROVED: "approved this post",
    Decision.CHANGES_REQUESTED: "asked for changes",
    Decision.REJECTED: "rejected this post",
}
ANEW = "This post was changed after this link was made. Ask for a new link, to the newest version."
PASSED = "Somebody else has decided about this already, so that it no longer waits for you."


class LinkUnknown(NotFound):
    """This link no longer leads anywhere: it is not complete, or what it led to was removed."""


class LinkExpired(NotFound):
    """A link to approve a post works for seven days. This one's time is over."""


class LinkRevoked(NotFound):
    """It was taken back, or a newer one has taken its place."""


class NotWaitedFor(Changed):
    """This post no longer waits for your approval."""


class WaitsBefore(NotWaitedFor):
    """It waits for the agency's own approval again; this link works once that is there."""


class PostChanged(Changed):
    """This post was changed while you looked at it, and nothing was recorded. Here is the newest version."""


@dataclass(frozen=True)
class Record:
    """What was decided with a link, and about what."""

    approval: Approval
    post: PostView  # in the version that was decided about
    agency: Agency


class LinkUsed(Changed):
    """This link has been used already, and each link is good for one decision."""

    def __init__(self, record: Record) -> None:
        """Take what was decided with it; say it, and when."""
        said, at = record.approval, record.approval.created_at
        did = f"{said.reviewer_name} {DEEDS[said.decision]} on {at.day} {at:%B %Y at %H:%M} UTC"
        super().__init__(f"{did} with this link, and each link is good for one decision.")
        self.record = record


@dataclass(frozen=True)
class Visit:
    """A link that is still good: what it shows, who made it, and the stage that it decides at."""

    sign_off: SignOff
    post: PostView
    agency: Agency
    made_by: Member
    stage: StageStanding


async def visit(services: Services, text: str, origin: Origin) -> Visit:
    """Give what a link's secret shows. Changes nothing.

    Raise LinkUnknown, LinkExpired, LinkRevoked, LinkUsed, or NotWaitedFor.
    """
    actor, sign_off_id = await find(services, text, origin)
    async with services.db.session(actor) as session:
        sign_off = await session.get_one(SignOff, sign_off_id)
        await refuse_over(session, sign_off)
        view = await load(session, sign_off.post_id)
        return Visit(
            sign_off=sign_off,
            post=view,
            agency=await session.get_one(Agency, sign_off.agency_id),
            made_by=await session.get_one(Member, sign_off.made_by),
            stage=await waited_for(session, view.post, sign_off),
        )


async def decide(
    services: Services,
    text: str,
    origin: Origin,
    *,
    version: int,
    decision: Decision,
    name: str,
    comment: str = "",
) -> PostView:
    """Write down what somebody who has the link says to this version, and let the post go on, or go back.

    Raise as `visit` does, PostChanged when another version counts by now, Invalid (fields `name`, `comment`).
    """
    name, comment = one_line(name), lines(comment)
    actor, sign_off_id = await find(services, text, origin)
    async with services.db.session(actor) as session:
        sign_off = await session.get_one(SignOff, sign_off_id)
        post = await posts.locked(session, sign_off.post_id)
        await session.refresh(sign_off)
        await refuse_over(session, sign_off)
        stage = await waited_for(session, post, sign_off)
        if post.version != version:
            raise PostChanged
        check(decision, name, comment)
        by = voice(sign_off, name, origin)
        return await approvals.say(
            session, services, actor, post, stage=stage, by=by, decision=decision, comment=comment
        )


async def find(services: Services, text: str, origin: Origin) -> tuple[Actor, UUID]:
    """Find a link by its secret, whichever agency's it is; give the program at work there, as its visitor."""
    rows = await services.db.ids("find_sign_off", hash=private_links.hashed(text))
    if not rows:
        raise LinkUnknown
    agency_id, sign_off_id = rows[0]
    return Actor(agency_id, user_id=f"sign_off:{sign_off_id}", origin=origin), sign_off_id


async def refuse_over(session: AsyncSession, sign_off: SignOff) -> None:
    """Raise LinkUsed, LinkRevoked or LinkExpired when nothing can be decided with a link any more."""
    if sign_off.used_at:
        said = (await session.exec(select(Approval).where(Approval.sign_off_id == sign_off.id))).one()
        agency = await session.get_one(Agency, sign_off.agency_id)
        raise LinkUsed(Record(said, await load(session, said.post_id, version=said.version), agency))
    if sign_off.revoked_at:
        raise LinkRevoked
    if sign_off.expires_at <= await clock(session):
        raise LinkExpired


async def waited_for(session: AsyncSession, post: Post, sign_off: SignOff) -> StageStanding:
    """Give the stage that a link decides at, if its post still waits for that; raise NotWaitedFor."""
    try:
        standing = await approvals.require_open(session, post)
    except Changed as over:
        raise NotWaitedFor(over.sentence) from over
    if post.round != sign_off.round:
        raise NotWaitedFor(ANEW)
    assert post.stage is not None
    if post.stage < sign_off.stage:  # an approval before it was taken back
        raise WaitsBefore
    if post.stage > sign_off.stage:
        raise NotWaitedFor(PASSED)
    return next(stage for stage in standing.stages if stage.position == sign_off.stage)


def check(decision: Decision, name: str, comment: str) -> None:
    """Raise Invalid with a sentence for each field that will not do."""
    wrong = {}
    if not name:
        wrong["name"] = "Write your name: the record says who decided."
    elif len(name) > LONGEST_NAME:
        wrong["name"] = f"A name has at most {LONGEST_NAME} characters here."
    try:
        approvals.require_comment(decision, comment)
    except Invalid as missing:
        wrong |= missing.fields
    if wrong:
        raise Invalid(wrong)


def voice(sign_off: SignOff, name: str, origin: Origin) -> Voice:
    """Say who decides: whoever had this link and typed this name, from there."""
    return Voice(
        row={
            "sign_off_id": sign_off.id,
            "reviewer_name": name,
            "ip_address": origin.ip_address,
            "user_agent": origin.user_agent,
        },
        said={"by_name": name},
        evidence={"sign_off_id": str(sign_off.id), "link_made_by": str(sign_off.made_by)},
    )


def one_line(text: str) -> str:
    """Give what somebody typed as one line, without what cannot be seen."""
    return " ".join("".join(one for one in text if one.isprintable() or one.isspace()).split())


def lines(text: str) -> str:
    """Give what somebody typed, with plain ends of lines, and without what PostgreSQL cannot keep."""
    return "\n".join(text.replace("\0", "").splitlines()).strip()

"""Sending a version of a post on its way, for the first time or after a change: at once, or at its minute."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import (
    announcements,
    clients,
    deeds,
    differences,
    drafts,
    ledger,
    pauses,
    permissions,
    plans,
    policies,
    posts,
    rounds,
    schedule,
)
from core.db import Actor, clock
from core.drafts import content_of
from core.errors import Changed, NotFound
from core.models import Card, Member, Policy, Post, PostState, PostVersion, PublicationState
from core.post_views import PostView, load, views
from core.services import Services

MOVABLE = {PostState.IN_APPROVAL, PostState.APPROVED, PostState.SCHEDULED, PostState.LATE}


async def submit(
    services: Services,
    actor: Actor,
    *,
    post_id: UUID,
    version: int,
    channel_id: str,
    due_at: datetime | None = None,
    base_version: int | None = None,
    base_due_at: datetime | None = None,
    ask: bool = False,
) -> PostView:
    """Send a version of a post on its way to every account: at once, or at its minute.

    Where the client's policy requires approval, or leaves it open and `ask` says so, it waits for that first.
    Its card goes to this Slack channel, if it has none yet. `base_version` is the one that counted, and
    `base_due_at` its time if it had one, when somebody began to change a post that was sent on its way
    before. A change of the time alone is a move, as `core.schedule` has it: the version that counted goes on
    to. Raise Changed when it is another by now or the public may see some of it, Invalid for a picture
    whose ratio nobody decided about (field `fit`), an account that is gone, a time that is over (field
    `time`) or an approval that nobody could give (field `approval`), NotAllowed.
    """
    due_at = in_utc(due_at)
    async with services.db.session(actor) as session:
        post = await posts.locked(session, post_id)
        client = await clients.get(session, post.client_id)
        member = await permissions.require_author(session, actor, client)
        await require_current(session, post, version, base_version)
        if base_due_at and post.due_at != base_due_at:
            raise Changed("This post was given another time in the meantime. Have a look at it.")
        view = (await views(session, [post], versions={post.id: version}))[0]
        await drafts.check(session, client, content_of(view.version))
        drafts.check_ratio(view)
        policy = await policies.asking(session, client, wanted=ask or post.policy_version is not None)
        if due_at and base_version and is_of_time(await load(session, post.id), view, due_at, policy):
            return (await schedule.give_time(session, services, actor, post, member, due_at=due_at)).post
        await check_time(session, client, due_at, is_held=policy is not None)
        changed = await said_of_change(session, member, view, due_at)
        await withdraw(session, post)
        await send(session, actor, view, due_at, policy)
        if await session.get(Card, post.id):
            await announcements.owe_card(session, services, post, reply=changed)
        else:
            await announcements.owe_first_card(session, services, post, channel_id)
        if policy:
            await rounds.announce(session, services, member.slack_user_id, post)
        elif due_at is None:
            await plans.wake(session, services, post)
        return (await views(session, [post]))[0]


async def require_current(session: AsyncSession, post: Post, version: int, base_version: int | None) -> None:
    """Raise Changed when it is not this version, or nothing any more, that may be sent on its way."""
    if base_version is not None:
        await drafts.require_changeable(session, post, base_version)
        if version == base_version:
            raise Changed("This version is on its way already.")
    elif post.state is not PostState.DRAFT:
        raise Changed("This post is already on its way.")
    elif post.version != version:
        raise Changed("This post was changed in the meantime. Have a look at the newest version.")
    if await session.get(PostVersion, (post.id, version)) is None:
        raise NotFound("That version is no longer there. Compose it anew.")


def is_of_time(counted: PostView, meant: PostView, due_at: datetime, policy: Policy | None) -> bool:
    """Say whether a change of what people are asked about is one of its time alone, under the same rules."""
    if policy is None or policy.version != counted.post.policy_version:
        return False
    is_open = all(one.state in plans.OPEN for one in counted.publications)
    is_same = counted.version.content_hash == meant.version.content_hash
    return is_same and is_open and counted.post.state in MOVABLE and due_at != counted.post.due_at


async def check_time(session: AsyncSession, client: Any, due_at: datetime | None, *, is_held: bool) -> None:
    """Raise Invalid for a time that is over or too far away; what goes out at once must not be paused."""
    if due_at:
        plans.require_ahead(due_at)
    elif not is_held:
        await pauses.require_running(session, client)


def in_utc(due_at: datetime | None) -> datetime | None:
    """Give the same moment in UTC: elsewhere, ten minutes before three o'clock can be an hour later."""
    return due_at.astimezone(UTC) if due_at else None


async def withdraw(session: AsyncSession, post: Post) -> None:
    """Take back the publications of the version that counted; raise Changed if the public may see some.

    That is looked up once they are locked: until then, a worker may have committed its intent.
    """
    found = await plans.locked_publications(session, post)
    if await ledger.begun(session, post):
        raise Changed("This post is already on its way, and can no longer be changed.")
    for publication in found:
        publication.sqlmodel_update({"state": PublicationState.CANCELLED, **plans.LET_GO})
    await session.flush()


async def send(
    session: AsyncSession, actor: Actor, view: PostView, due_at: datetime | None, policy: Policy | None
) -> None:
    """Write down what must happen, and when; under a policy, once everybody has agreed."""
    post = view.post
    edited = {} if post.state is PostState.DRAFT else {"was_version": post.version}
    post.version, post.due_at, post.updated_at = view.version.version, due_at, datetime.now(UTC)
    was, post.policy_version = post.policy_version, policy.version if policy else None
    if policy:
        rounds.begin(post, actor.member_id)
    else:
        post.round += was is not None  # under other rules, whatever was said before no longer counts
        rounds.enter(post, PostState.SCHEDULED if due_at else PostState.PUBLISHING)
    await session.flush()
    now = await clock(session)
    made = [plans.publication_of(view, account, due_at, now) for account in view.accounts]
    for publication in made:
        if policy:
            plans.hold(publication, due_at or now)
    session.add_all(made)
    written = {
        "version": view.version.version,
        "content_hash": view.version.content_hash,
        "accounts": view.version.account_ids,
        "due_at": due_at.isoformat() if due_at else None,
    }
    deed = "approval_requested" if policy else "post_scheduled" if due_at else "post_submitted"
    asked = {"round": post.round} if policy else {}
    deeds.record(session, actor, deed, post, **written, **asked, **edited)
    await session.flush()


async def said_of_change(
    session: AsyncSession, member: Member, view: PostView, due_at: datetime | None
) -> dict[str, Any]:
    """Give what the thread is told of a change: what differs from the version that counted."""
    counted = await session.get_one(PostVersion, (view.post.id, view.post.version))
    times = {"due_at": due_at, "was_due_at": view.post.due_at}
    versions = {"was_version": counted.version, "version": view.version.version}
    void = sum(stage.given for stage in view.standing.stages) if view.standing else 0
    return deeds.said_by(
        member, "changed", **times, **versions, void=void, what=differences.names(counted, view.version)
    )

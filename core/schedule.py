"""The schedule: sending a post on its way, at once or at its minute, and all that people do to it then.

Whoever changes a post here, and the worker that publishes it, meet at the publication's row: a change is
refused from the moment when the intent of a call that the public sees is committed, and before that it wins.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import (
    announcements,
    audit,
    clients,
    drafts,
    ledger,
    pauses,
    permissions,
    policies,
    posts,
    rounds,
)
from core.db import Actor, clock
from core.drafts import content_of
from core.errors import Changed, Invalid, NotFound
from core.models import (
    Account,
    Card,
    Kind,
    Member,
    Platform,
    Policy,
    Post,
    PostState,
    PostVersion,
    Publication,
    PublicationState,
)
from core.post_views import PostView, views
from core.services import Services

AHEAD = timedelta(minutes=10)  # so long before its minute everything is made ready that nobody sees
FARTHEST = timedelta(days=365)
OPEN = {
    PublicationState.HELD,
    PublicationState.SCHEDULED,
    PublicationState.QUEUED,
    PublicationState.RUNNING,
    PublicationState.LATE,
}
NOT_APPROVED = "This post waits for approval, and goes out only with it."
NOTHING_WAITS = "Nothing of this post waits any more. Have a look at its card."
BEGUN = "This post is already on its way, or live, and can no longer be called off."
AFRESH = {"attempts": 0, "crashes": 0}
LET_GO = {"next_run_at": None, "queued_at": None, "lease_until": None, "reason": None, "reason_code": None}


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
    before. Raise Changed when it is another by now or the public may see some of it, Invalid for a picture
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
            await wake(session, services, post)
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


async def check_time(session: AsyncSession, client: Any, due_at: datetime | None, *, is_held: bool) -> None:
    """Raise Invalid for a time that is over or too far away; what goes out at once must not be paused."""
    if due_at:
        require_ahead(due_at)
    elif not is_held:
        await pauses.require_running(session, client)


def require_ahead(due_at: datetime) -> None:
    """Raise Invalid for a time that is over or too far away."""
    left = due_at - datetime.now(UTC)
    if left <= timedelta(0):
        raise Invalid({"time": "That time is over. Choose a later one."})
    if left > FARTHEST:
        raise Invalid({"time": "That is more than a year away. Choose an earlier time."})


def in_utc(due_at: datetime | None) -> datetime | None:
    """Give the same moment in UTC: elsewhere, ten minutes before three o'clock can be an hour later."""
    return due_at.astimezone(UTC) if due_at else None


async def withdraw(session: AsyncSession, post: Post) -> None:
    """Take back the publications of the version that counted; raise Changed if the public may see some.

    That is looked up once they are locked: until then, a worker may have committed its intent.
    """
    found = await locked_publications(session, post)
    if await ledger.begun(session, post):
        raise Changed("This post is already on its way, and can no longer be changed.")
    for publication in found:
        publication.sqlmodel_update({"state": PublicationState.CANCELLED, **LET_GO})
    await session.flush()


async def send(
    session: AsyncSession, actor: Actor, view: PostView, due_at: datetime | None, policy: Policy | None
) -> None:
    """Write down what must happen, and when; under a policy, once everybody has agreed."""
    post = view.post
    post.version, post.due_at, post.updated_at = view.version.version, due_at, datetime.now(UTC)
    post.policy_version = policy.version if policy else None
    if policy:
        rounds.begin(post)
    else:
        rounds.enter(post, PostState.SCHEDULED if due_at else PostState.PUBLISHING)
    await session.flush()
    now = await clock(session)
    made = [publication_of(view, account, due_at, now) for account in view.accounts]
    for publication in made:
        if policy:
            hold(publication, due_at or now)
    session.add_all(made)
    written = {
        "version": view.version.version,
        "content_hash": view.version.content_hash,
        "accounts": view.version.account_ids,
        "due_at": due_at.isoformat() if due_at else None,
    }
    deed = "approval_requested" if policy else "post_scheduled" if due_at else "post_submitted"
    record(session, actor, deed, post, **written)
    await session.flush()


def publication_of(view: PostView, account: Account, due_at: datetime | None, at: datetime) -> Publication:
    """Make the publication of a post on one account: due now and handed to the engine, or at its minute."""
    kind = kind_of(view.version, account.platform)
    publication = Publication(
        agency_id=view.post.agency_id,
        client_id=view.post.client_id,
        post_id=view.post.id,
        version=view.version.version,
        account_id=account.id,
        kind=kind,
        state=PublicationState.QUEUED,
        due_at=due_at or at,
        queued_at=at,
    )
    if due_at:
        wait_for(publication, due_at, at)
    return publication


def wait_for(publication: Publication, due_at: datetime, at: datetime) -> None:
    """Have a publication wait for its minute, and be made ready before, as far as its kind can be."""
    ahead = AHEAD if publication.kind.is_prepared_ahead else timedelta(0)
    publication.sqlmodel_update(LET_GO | AFRESH | {"state": PublicationState.SCHEDULED, "due_at": due_at})
    publication.next_run_at = max(due_at - ahead, min(due_at, at))


def plan(publication: Publication, post: Post, due_at: datetime, at: datetime) -> None:
    """Give a publication its minute; one that waits for approval goes on waiting for that."""
    if post.state in rounds.HELD:
        publication.due_at = due_at
    else:
        wait_for(publication, due_at, at)


def hold(publication: Publication, due_at: datetime) -> None:
    """Have a publication wait for its post's approval; nothing is made ready before."""
    publication.sqlmodel_update(LET_GO | AFRESH | {"state": PublicationState.HELD, "due_at": due_at})


def go_at_once(publication: Publication, at: datetime) -> None:
    """Have a publication go out now, by the database's clock; the engine is told by `wake`."""
    publication.sqlmodel_update(LET_GO | AFRESH | {"state": PublicationState.QUEUED})
    publication.queued_at, publication.due_at = at, at


def is_going(publication: Publication, now: datetime) -> bool:
    """Say whether a publication is at the engine, and due."""
    at_work = publication.state in (PublicationState.QUEUED, PublicationState.RUNNING)
    return at_work and publication.due_at <= now


def kind_of(version: PostVersion, platform: Platform) -> Kind:
    """Say what is published of this version on a platform."""
    if platform is Platform.INSTAGRAM:
        return Kind.INSTAGRAM_PHOTO
    if version.media_id:
        return Kind.FACEBOOK_PHOTO
    return Kind.FACEBOOK_LINK if version.link else Kind.FACEBOOK_TEXT


# --- on the way -----------------------------------------------------------------------------------


async def move(services: Services, actor: Actor, *, post_id: UUID, due_at: datetime) -> PostView:
    """Have a post that waits, or became too late, go out at another minute.

    Raise Invalid (field `time`) for a time that is over, Changed when it is on its way or nothing waits,
    NotAllowed.
    """
    due_at = due_at.astimezone(UTC)
    async with services.db.session(actor) as session:
        post, member = await changeable(session, actor, post_id)
        open_ones = await waiting(session, post)
        require_ahead(due_at)
        if post.due_at == due_at:
            raise Changed("It goes out at that minute already.")
        was_due_at, post.due_at, post.updated_at = post.due_at, due_at, datetime.now(UTC)
        post.overdue_at = None
        reply = said_by(member, "moved", due_at=due_at, was_due_at=was_due_at)
        if await rounds.time_counts(session, post):
            return await ask_anew(session, services, actor, post, waiting=open_ones, reply=reply)
        now = await clock(session)
        for publication in open_ones:
            plan(publication, post, due_at, now)
        if post.state not in rounds.HELD:
            seen = await ledger.begun(session, post)
            rounds.enter(post, PostState.PUBLISHING if seen else PostState.SCHEDULED)
        return await tell(session, services, actor, post, reply)


async def publish_now(
    services: Services, actor: Actor, *, post_id: UUID, only_late: bool = False
) -> PostView:
    """Have a post that waits, or became too late, go out at once; raise as `move` does, and while paused.

    With `only_late`, only if it still is late; as one of many, it then takes its turn among others' posts.
    """
    async with services.db.session(actor) as session:
        post, member = await changeable(session, actor, post_id)
        if post.state in rounds.HELD:
            raise Changed(NOT_APPROVED)
        if only_late:
            await require_late(session, post)
        now = await clock(session)
        open_ones = [one for one in await waiting(session, post) if not is_going(one, now)]
        if not open_ones:  # a second click
            raise Changed("This post is already on its way.")
        await pauses.require_running(session, await clients.get(session, post.client_id))
        post.due_at, post.updated_at = None, datetime.now(UTC)
        reply = said_by(member, "sent_now")
        if await rounds.time_counts(session, post):
            return await ask_anew(session, services, actor, post, waiting=open_ones, reply=reply)
        for publication in open_ones:
            wait_for(publication, now, now) if only_late else go_at_once(publication, now)
        rounds.enter(post, PostState.PUBLISHING)
        seen = await tell(session, services, actor, post, reply)
        await wake(session, services, post)
        return seen


async def ask_anew(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    *,
    waiting: Sequence[Publication],
    reply: dict[str, Any],
) -> PostView:
    """Have everybody asked once more, and nothing go out until they agreed."""
    for publication in waiting:
        hold(publication, post.due_at or publication.due_at)
    rounds.begin(post)
    await tell(session, services, actor, post, reply)
    await rounds.announce(session, services, reply["by"], post)
    return (await views(session, [post]))[0]


async def cancel(services: Services, actor: Actor, *, post_id: UUID, only_late: bool = False) -> PostView:
    """Call a post off, wherever the public cannot have seen it yet; raise Changed when that is nowhere.

    What failed goes with the rest: nobody has to act any more. With `only_late`, only if it still is late.
    """
    async with services.db.session(actor) as session:
        post, member = await changeable(session, actor, post_id)
        if only_late:
            await require_late(session, post)
        found = await locked_publications(session, post)
        begun = await ledger.begun(session, post)
        unseen = [
            one for one in found if one.id not in begun and one.state in OPEN | {PublicationState.FAILED}
        ]
        if not any(one.state in OPEN for one in unseen):
            raise Changed(BEGUN if begun else NOTHING_WAITS)
        for publication in unseen:
            publication.sqlmodel_update({"state": PublicationState.CANCELLED, **LET_GO})
        await session.flush()
        await posts.settle(session, post)
        return await tell(session, services, actor, post, said_by(member, "cancelled"))


async def require_late(session: AsyncSession, post: Post) -> None:
    """Raise Changed when somebody has answered for a late post already."""
    if not any(one.state is PublicationState.LATE for one in await locked_publications(session, post)):
        raise Changed("Somebody has answered for this post already.")


async def retry(services: Services, actor: Actor, *, publication_id: UUID) -> PostView:
    """Try a failed publication again, once its cause is gone: now, or at its minute if that is still to come.

    Raise Changed when it is not failed, Invalid while its client is paused.
    """
    async with services.db.session(actor) as session:
        publication, post = await posts.locked_publication(session, actor, publication_id)
        if publication.state is not PublicationState.FAILED:
            raise Changed("This is being published already.")
        await pauses.require_running(session, await clients.get(session, post.client_id))
        await go_on(session, services, publication, post)
        record(session, actor, "publication_retried", post, account_id=publication.account_id)
        await announcements.owe_card(session, services, post)
        return (await views(session, [post]))[0]


async def go_on(session: AsyncSession, services: Services, publication: Publication, post: Post) -> None:
    """Have one publication go out now, or at its post's minute if that is still to come."""
    now = await clock(session)
    if post.due_at and post.due_at > now:
        wait_for(publication, post.due_at, now)
        seen = await ledger.begun(session, post)
        post.state = PostState.PUBLISHING if seen else PostState.SCHEDULED
    else:
        go_at_once(publication, now)
        post.state = PostState.PUBLISHING
    await session.flush()
    if publication.state is PublicationState.QUEUED:
        await services.transport.advance(session, [publication.id], agency_id=post.agency_id)


async def changeable(session: AsyncSession, actor: Actor, post_id: UUID) -> tuple[Post, Member]:
    """Give a post that was sent on its way, locked, and who asks; raise NotFound, NotAllowed, Changed."""
    post = await posts.locked(session, post_id)
    client = await clients.get(session, post.client_id)
    member = await permissions.require_author(session, actor, client)
    if post.state is PostState.CANCELLED:
        raise Changed("This post was called off already.")
    if post.state is PostState.DRAFT:
        raise Changed("This post is still a draft.")
    return post, member


async def waiting(session: AsyncSession, post: Post) -> list[Publication]:
    """Give the publications that can get another time, locked; raise Changed when there are none.

    Once the public sees the post somewhere, only those are left that became too late.
    """
    open_ones = await still_open(session, post)
    if not open_ones:
        raise Changed(NOTHING_WAITS)
    if await ledger.begun(session, post):
        open_ones = [one for one in open_ones if one.state is PublicationState.LATE]
    if not open_ones:
        raise Changed("This post is already on its way.")
    return open_ones


async def still_open(session: AsyncSession, post: Post) -> list[Publication]:
    """Give the publications that have not come to an end, locked."""
    return [one for one in await locked_publications(session, post) if one.state in OPEN]


async def locked_publications(session: AsyncSession, post: Post) -> Sequence[Publication]:
    """Give those of the version that counts; no worker goes on with one until this transaction ends."""
    theirs = select(Publication).where(Publication.post_id == post.id, Publication.version == post.version)
    found = theirs.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.exec(found)).all()


async def wake(session: AsyncSession, services: Services, post: Post) -> None:
    """Hand what is queued of a post to the engine."""
    found = await locked_publications(session, post)
    queued = [one.id for one in found if one.state is PublicationState.QUEUED]
    await services.transport.advance(session, queued, agency_id=post.agency_id)


async def tell(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    reply: dict[str, Any],
    **evidence: Any,
) -> PostView:
    """Write down who did what, with what shows it, and have the card and its thread show it."""
    details = {name: value for name, value in reply.items() if name not in ("kind", "by")}
    details |= {"version": post.version} | evidence
    record(session, actor, f"post_{reply['kind']}", post, **details)
    await session.flush()
    await announcements.owe_card(session, services, post, reply=reply)
    return (await views(session, [post]))[0]


def record(session: AsyncSession, actor: Actor, action: str, post: Post, **details: Any) -> None:
    """Write down what was done to a post, in the transaction in which it is done."""
    audit.record(session, actor, action, client_id=post.client_id, post_id=post.id, **details)


async def said_of_change(
    session: AsyncSession, member: Member, view: PostView, due_at: datetime | None
) -> dict[str, Any]:
    """Give what the thread is told of a change: what differs from the version that counted."""
    counted = await session.get_one(PostVersion, (view.post.id, view.post.version))
    times = {"due_at": due_at, "was_due_at": view.post.due_at}
    versions = {"was_version": counted.version, "version": view.version.version}
    void = sum(stage.given for stage in view.standing.stages) if view.standing else 0
    return said_by(
        member, "changed", **times, **versions, void=void, what=drafts.differences(counted, view.version)
    )


def said_by(member: Member, kind: str, **more: Any) -> dict[str, Any]:
    """Give what the thread is told: what was done, by whom (Slack's id), and times in ISO 8601."""
    return said(kind, by=member.slack_user_id, **more)


def said(kind: str, **more: Any) -> dict[str, Any]:
    """Give what the thread is told: what was done, and times in ISO 8601."""
    words = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in more.items() if one}
    return {"kind": kind, **words}

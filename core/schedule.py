"""The schedule: all that people do to a post that was sent on its way: move it, publish it, call it off."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import (
    announcements,
    approvals,
    asking,
    clients,
    decisions,
    deeds,
    ledger,
    pauses,
    permissions,
    plans,
    posts,
    rounds,
    standings,
)
from core.asking import AskedAgain
from core.db import Actor, clock
from core.errors import Changed
from core.models import Member, Post, PostState, Publication, PublicationState
from core.post_views import PostView, views
from core.services import Services

NOT_APPROVED = "This post waits for approval, and goes out only with it."
ASK_ANEW = "To have it go out, press Edit: then it is asked for anew."
NOTHING_WAITS = "Nothing of this post waits any more. Have a look at its card."
EDIT_IT = "Press Edit to give it another time: then approval is asked for again."
BEGUN = "This post is already on its way, or live, and can no longer be called off."


class Moved(NamedTuple):
    """A post at its other minute, and whether those are asked for that whose word it lacks by now."""

    post: PostView
    lacks_words: bool = False


async def move(services: Services, actor: Actor, *, post_id: UUID, due_at: datetime) -> PostView:
    """Have a post that waits, or became too late, go out at another minute.

    Raise Invalid (field `time`) for a time that is over, Changed when it is on its way or nothing waits,
    NotAllowed; and AskedAgain where somebody's word is missing by now: then it has that minute, and waits.
    """
    due_at = due_at.astimezone(UTC)
    async with services.db.session(actor) as session:
        post, member = await changeable(session, actor, post_id)
        moved = await give_time(session, services, actor, post, member, due_at=due_at)
    if moved.lacks_words:
        raise AskedAgain(moved.post)
    return moved.post


async def give_time(
    session: AsyncSession, services: Services, actor: Actor, post: Post, member: Member, *, due_at: datetime
) -> Moved:
    """Give a locked post another minute; raise as `move` does, but for what is asked again."""
    open_ones = await waiting(session, post)
    plans.require_ahead(due_at)
    if post.due_at == due_at:
        raise Changed("It goes out at that minute already.")
    asks_anew = await rounds.time_counts(session, post)
    was_due_at, post.due_at, post.updated_at = post.due_at, due_at, datetime.now(UTC)
    post.overdue_at = None
    said = deeds.said_by(member, "moved", due_at=due_at, was_due_at=was_due_at)
    if asks_anew:
        return Moved(await asking.ask_anew(session, services, actor, post, said))
    if post.state in rounds.HELD or await plans.may_go(session, post, open_ones):
        await plan(session, post, open_ones)
        return Moved(await deeds.tell(session, services, actor, post, said))
    asked = await asking.ask_the_rest(session, services, actor, post, said)
    return Moved(asked, lacks_words=True)


async def plan(session: AsyncSession, post: Post, publications: Sequence[Publication]) -> None:
    """Give these publications their post's minute; one that waits for approval goes on waiting for that."""
    assert post.due_at
    now = await clock(session)
    for publication in publications:
        plans.plan(publication, post, post.due_at, now)
    if post.state not in rounds.HELD:
        seen = await ledger.begun(session, post)
        rounds.enter(post, PostState.PUBLISHING if seen else PostState.SCHEDULED)


async def publish_now(
    services: Services, actor: Actor, *, post_id: UUID, only_late: bool = False
) -> PostView:
    """Have a post that waits, or became too late, go out at once; raise as `move` does, and while paused.

    With `only_late`, only if it still is late; as one of many, it then takes its turn among others' posts.
    """
    async with services.db.session(actor) as session:
        post, member = await changeable(session, actor, post_id)
        open_ones = await not_going(session, post, only_late=only_late)
        await pauses.require_running(session, await clients.get(session, post.client_id))
        asks_anew = await rounds.time_counts(session, post)
        post.due_at, post.updated_at = None, datetime.now(UTC)
        said = deeds.said_by(member, "sent_now")
        if asks_anew:
            return await asking.ask_anew(session, services, actor, post, said)
        if await plans.may_go(session, post, open_ones):
            await let_go(session, post, open_ones, in_turn=only_late)
            seen = await deeds.tell(session, services, actor, post, said)
            await plans.wake(session, services, post)
            return seen
        asked = await asking.ask_the_rest(session, services, actor, post, said)
    raise AskedAgain(asked)


async def not_going(session: AsyncSession, post: Post, *, only_late: bool) -> list[Publication]:
    """Give the publications that can go out now, and are not about to; raise Changed when there are none."""
    if post.state in rounds.HELD:
        raise Changed(await why_held(session, post))
    if only_late:
        await require_late(session, post)
    now = await clock(session)
    if found := [one for one in await waiting(session, post) if not plans.is_going(one, now)]:
        return found
    raise Changed("This post is already on its way.")  # a second click


async def why_held(session: AsyncSession, post: Post) -> str:
    """Say why a post that is held does not go out, and who can change that, or how."""
    if post.state is not PostState.IN_APPROVAL:
        return f"{decisions.over(post.state)} {ASK_ANEW}"
    standing = await standings.of_post(session, post)
    stage = standing.current if standing else None
    return f"{NOT_APPROVED} {await approvals.who_can(session, post, stage)}" if stage else NOT_APPROVED


async def let_go(
    session: AsyncSession, post: Post, publications: Sequence[Publication], *, in_turn: bool
) -> None:
    """Have these publications go out now: at once, or in turn with others'."""
    now = await clock(session)
    for publication in publications:
        plans.wait_for(publication, now, now) if in_turn else plans.go_at_once(publication, now)
    rounds.enter(post, PostState.PUBLISHING)


async def cancel(services: Services, actor: Actor, *, post_id: UUID, only_late: bool = False) -> PostView:
    """Call a post off, wherever the public cannot have seen it yet; raise Changed when that is nowhere.

    What failed goes with the rest, or beside what is live: nobody has to act any more. With
    `only_late`, only if it still is late.
    """
    async with services.db.session(actor) as session:
        post, member = await changeable(session, actor, post_id)
        if only_late:
            await require_late(session, post)
        found = await plans.locked_publications(session, post)
        begun = await ledger.begun(session, post)
        unseen = [one for one in found if one.id not in begun and one.state in plans.UNSENT]
        if not unseen or not (begun or any(one.state in plans.OPEN for one in unseen)):
            raise Changed(BEGUN if begun else NOTHING_WAITS)
        for publication in unseen:
            publication.sqlmodel_update({"state": PublicationState.CANCELLED, **plans.LET_GO})
        await session.flush()
        await posts.settle(session, post)
        return await deeds.tell(session, services, actor, post, deeds.said_by(member, "cancelled"))


async def require_late(session: AsyncSession, post: Post) -> None:
    """Raise Changed when somebody has answered for a late post already."""
    if not any(one.state is PublicationState.LATE for one in await plans.locked_publications(session, post)):
        raise Changed("Somebody has answered for this post already.")


async def retry(services: Services, actor: Actor, *, publication_id: UUID) -> PostView:
    """Try a failed publication again, once its cause is gone: now, or at its minute if that is still to come.

    Raise Changed when it is not failed, Invalid while its client is paused; and AskedAgain where somebody's
    word is missing by now: then all of the post waits for that.
    """
    async with services.db.session(actor) as session:
        publication, post = await posts.locked_publication(session, actor, publication_id)
        if publication.state is not PublicationState.FAILED:
            raise Changed("This is being published already.")
        if publication.version != post.version:
            raise Changed(decisions.OTHER)
        if post.state in rounds.HELD:
            raise Changed(await why_held(session, post))
        await pauses.require_running(session, await clients.get(session, post.client_id))
        if await plans.is_agreed(session, post):
            await go_on(session, services, publication, post)
            deeds.record(session, actor, "publication_retried", post, account_id=publication.account_id)
            await announcements.owe_card(session, services, post)
            return (await views(session, [post]))[0]
        asked = await ask_first(session, services, actor, post)
    raise AskedAgain(asked)


async def ask_first(session: AsyncSession, services: Services, actor: Actor, post: Post) -> PostView:
    """Have those asked whose word a failed post lacks; it goes out after that, or at a minute to come."""
    if post.due_at and post.due_at <= await clock(session):
        post.due_at = None
    said = deeds.said("sent_now", by=actor.user_id)
    return await asking.ask_the_rest(session, services, actor, post, said)


async def go_on(session: AsyncSession, services: Services, publication: Publication, post: Post) -> None:
    """Have one publication go out now, or at its post's minute if that is still to come."""
    now = await clock(session)
    if post.due_at and post.due_at > now:
        plans.wait_for(publication, post.due_at, now)
        seen = await ledger.begun(session, post)
        post.state = PostState.PUBLISHING if seen else PostState.SCHEDULED
    else:
        plans.go_at_once(publication, now)
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

    Once the public sees the post somewhere, only those are left that became too late. Of what was held for
    approval none is left once nobody is asked any more: another time alone would have nobody asked.
    """
    if post.state in rounds.HELD - {PostState.IN_APPROVAL}:
        raise Changed(f"{decisions.over(post.state)} {EDIT_IT}")
    open_ones = await plans.still_open(session, post)
    if not open_ones:
        raise Changed(NOTHING_WAITS)
    if await ledger.begun(session, post):
        open_ones = [one for one in open_ones if one.state is PublicationState.LATE]
    if not open_ones:
        raise Changed("This post is already on its way.")
    return open_ones

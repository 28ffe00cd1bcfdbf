"""What a person says of a publication of which nobody can tell whether it is live."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, asking, audit, clients, deeds, ledger, pauses, plans, posts
from core.asking import AskedAgain
from core.db import Actor, clock
from core.errors import Changed, Invalid
from core.models import (
    Account,
    Platform,
    Post,
    PostState,
    Publication,
    PublicationState,
    Step,
    StepState,
)
from core.post_views import PostView
from core.services import Services

HOSTS = {Platform.INSTAGRAM: "instagram.com", Platform.FACEBOOK: "facebook.com"}


async def confirm_live(
    services: Services, actor: Actor, *, publication_id: UUID, permalink: str | None
) -> PostView:
    """Take a person's word that it is live, with its address if they give it.

    Raise Invalid (field `permalink`) for an address that is not that network's, Changed when the question is
    answered already, NotAllowed for somebody who does not work for the client.
    """
    async with services.db.session(actor) as session:
        publication, post = await in_question(session, actor, publication_id)
        account = await session.get_one(Account, publication.account_id)
        address = checked(services, account.platform, permalink)
        live = {"state": PublicationState.PUBLISHED, "permalink": address, "published_at": datetime.now(UTC)}
        publication.sqlmodel_update(live | {"reason": None, "reason_code": None})
        await answer(session, publication, StepState.DONE)
        await posts.settle(session, post)
        tell(session, actor, "publication_confirmed_live", publication, permalink=address)
        reply = {"kind": PublicationState.PUBLISHED.value, "publication_id": str(publication.id)}
        await announcements.owe_card(session, services, post, reply=reply)
        return await posts.load(session, post.id)


async def publish_again(services: Services, actor: Actor, *, publication_id: UUID) -> PostView:
    """Take a person's word that it is not live, and publish it: with the same container or photo.

    Raise Changed when the question is answered already, NotAllowed for somebody who does not work for the
    client, and while it is paused; and AskedAgain where somebody else's word is missing by now. Where that
    is so and part of the post is live, nobody can be asked: it failed then, and can be called off.
    """
    async with services.db.session(actor) as session:
        publication, post = await in_question(session, actor, publication_id)
        await pauses.require_running(session, await clients.get(session, post.client_id))
        await answer(session, publication, StepState.VOID)
        if await plans.is_agreed(session, post):
            return await send(session, services, actor, publication, post)
        if await ledger.begun(session, post):
            return await give_up(session, services, actor, publication, post)
        asked = await ask_first(session, services, actor, publication, post)
    raise AskedAgain(asked)


async def send(
    session: AsyncSession, services: Services, actor: Actor, publication: Publication, post: Post
) -> PostView:
    """Have it go out at once."""
    plans.go_at_once(publication, await clock(session))
    post.state = PostState.PUBLISHING
    tell(session, actor, "publication_sent_again", publication)
    await session.flush()
    await announcements.owe_card(session, services, post)
    await services.transport.advance(session, [publication.id], agency_id=post.agency_id)
    return await posts.load(session, post.id)


async def give_up(
    session: AsyncSession, services: Services, actor: Actor, publication: Publication, post: Post
) -> PostView:
    """Leave it as failed: beside what is live, it cannot wait for approval any more."""
    failed = {"state": PublicationState.FAILED, "reason": plans.PARTLY_LIVE}
    publication.sqlmodel_update(plans.LET_GO | failed)
    tell(session, actor, "publication_not_live", publication)
    await session.flush()
    await posts.settle(session, post)
    await announcements.owe_card(session, services, post)
    return await posts.load(session, post.id)


async def ask_first(
    session: AsyncSession, services: Services, actor: Actor, publication: Publication, post: Post
) -> PostView:
    """Have those asked whose word is missing; after that it goes out."""
    plans.hold(publication, publication.due_at)
    post.due_at = None
    said = deeds.said("sent_now", by=actor.user_id, not_live=str(publication.id))
    return await asking.ask_the_rest(session, services, actor, post, said)


async def in_question(session: AsyncSession, actor: Actor, publication_id: UUID) -> tuple[Publication, Post]:
    """Give a publication that waits for somebody's word, and its post, both locked."""
    publication, post = await posts.locked_publication(session, actor, publication_id)
    if publication.state is not PublicationState.NEEDS_REVIEW:
        raise Changed("Somebody has answered this already.")
    return publication, post


async def answer(session: AsyncSession, publication: Publication, state: StepState) -> None:
    """Close the step that nobody knew the outcome of."""
    opened = update(Step).where(
        col(Step.publication_id) == publication.id,
        col(Step.name).in_(ledger.VISIBLE),
        col(Step.state) == StepState.INTENT,
    )
    await session.exec(
        opened.values(state=state, ended_at=datetime.now(UTC), remote_id=publication.remote_id)
    )


def checked(services: Services, platform: Platform, permalink: str | None) -> str | None:
    """Give the address as it is kept; raise Invalid for one that is not that network's."""
    address = (permalink or "").strip()
    if not address:
        return None
    parts = urlsplit(address)
    host, ours = parts.hostname or "", urlsplit(services.facebook_url)
    real = parts.scheme == "https" and f".{host}".endswith(f".{HOSTS[platform]}")
    if real or (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc):
        return address
    raise Invalid({"permalink": f"That is not an address of {platform.title}. Copy it from the post itself."})


def tell(session: AsyncSession, actor: Actor, action: str, publication: Publication, **details: Any) -> None:
    """Record who answered, and what."""
    audit.record(
        session,
        actor,
        action,
        client_id=publication.client_id,
        account_id=publication.account_id,
        post_id=publication.post_id,
        version=publication.version,
        **details,
    )

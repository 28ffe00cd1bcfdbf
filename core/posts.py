"""Posts: what a person wrote, version by version, until it is on its way."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, audit, captions, clients, media, permissions
from core.db import Actor
from core.errors import Changed, Invalid, NotFound
from core.models import (
    Account,
    Card,
    Client,
    Fit,
    Kind,
    Member,
    Platform,
    Post,
    PostState,
    PostVersion,
    Publication,
    PublicationState,
)
from core.post_views import PostView, load, recent, views
from core.services import Services

__all__ = ["Content", "PostView", "load", "publish_now", "recent", "retry", "save_draft", "settle"]

FIELDS = {"picture": "image"}  # what captions calls a field, in the composer's word


@dataclass(frozen=True)
class Content:
    """What a person typed and chose."""

    caption: str
    link: str | None
    media_id: UUID | None
    alt_text: str | None
    fit: Fit
    account_ids: tuple[UUID, ...]

    def hash(self) -> str:
        """Give what a decision binds to: the same content always has the same hash."""
        accounts = sorted(map(str, self.account_ids))
        said = [self.caption, self.link, str(self.media_id), self.alt_text, self.fit, accounts]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


# --- writing --------------------------------------------------------------------------------------


async def save_draft(
    services: Services, actor: Actor, *, post_id: UUID, client_id: UUID, content: Content
) -> PostView:
    """Keep what the composer holds, as a new version if it differs.

    Raise Invalid for what must be changed (client, accounts, image, caption, link, alt_text), NotAllowed for
    somebody who does not work for the client, Changed when the post is no longer a draft.
    """
    async with services.db.session(actor) as session:
        client = await clients.get(session, client_id)
        member = await permissions.require_author(session, actor, client)
        await check(session, client, content)
        post = await draft_of(session, post_id, client, member)
        await add_version(session, post, member, content)
        return (await views(session, [post]))[0]


async def check(session: AsyncSession, client: Client, content: Content) -> None:
    """Raise Invalid with a sentence for each field that will not do."""
    accounts = await chosen(session, client, content)
    wrong: dict[str, list[str]] = defaultdict(list)
    if not accounts:
        wrong["accounts"].append("Choose at least one account.")
    for platform in {account.platform for account in accounts}:
        for problem in problems(platform, content):
            wrong[FIELDS.get(problem.field, problem.field)].append(problem.sentence)
    if content.media_id and content.link:
        wrong["link"].append(
            "A post has a picture or a link, not both. Put the link into the caption instead."
        )
    if wrong:
        raise Invalid({field: " ".join(dict.fromkeys(sentences)) for field, sentences in wrong.items()})


def problems(platform: Platform, content: Content) -> tuple[captions.Problem, ...]:
    """Say what stands in the way on one platform."""
    return captions.problems(
        platform.value,
        caption=content.caption,
        has_picture=content.media_id is not None,
        alt_text=content.alt_text or "",
        link=content.link or "",
    )


async def chosen(session: AsyncSession, client: Client, content: Content) -> list[Account]:
    """Give the accounts that were chosen; raise Invalid if one is not, or no longer, this client's."""
    theirs = select(Account).where(col(Account.id).in_(content.account_ids), Account.parent_id == client.id)
    accounts = list(await session.exec(theirs))
    if gone := [account for account in accounts if not account.is_active]:
        names = ", ".join(f"{account.platform.title} {account.label}" for account in gone)
        raise Invalid({"accounts": f"No longer connected: {names}. Choose again, or connect it anew."})
    if len(accounts) != len(set(content.account_ids)):
        raise Invalid({"accounts": f"One of these is not an account of {client.name}. Choose again."})
    return accounts


async def draft_of(session: AsyncSession, post_id: UUID, client: Client, member: Member) -> Post:
    """Give the draft with this id; make it if there is none, and anew if its client was changed."""
    post = await session.get(Post, post_id, with_for_update=True)
    if post is None:
        post = Post(
            id=post_id,
            agency_id=client.agency_id,
            client_id=client.id,
            author_id=member.id,
            state=PostState.DRAFT,
            version=0,
        )
        session.add(post)
    if post.state is not PostState.DRAFT or post.author_id != member.id:
        raise Changed("This post is already on its way. Compose a new one.")
    if post.client_id != client.id:
        await session.delete(post)
        await session.flush()
        return await draft_of(session, post_id, client, member)
    await session.flush()
    return post


async def add_version(session: AsyncSession, post: Post, member: Member, content: Content) -> None:
    """Add a version, unless the newest one says the same."""
    newest = await session.get(PostVersion, (post.id, post.version))
    if newest and newest.content_hash == content.hash():
        return
    post.version += 1
    post.updated_at = datetime.now(UTC)
    session.add(
        PostVersion(
            post_id=post.id,
            version=post.version,
            agency_id=post.agency_id,
            client_id=post.client_id,
            caption=content.caption,
            link=content.link,
            media_id=content.media_id,
            alt_text=content.alt_text,
            fit=content.fit,
            account_ids=[str(account) for account in content.account_ids],
            content_hash=content.hash(),
            created_by=member.id,
        )
    )
    await session.flush()


# --- sending on its way ---------------------------------------------------------------------------


async def publish_now(
    services: Services, actor: Actor, *, post_id: UUID, version: int, channel_id: str
) -> PostView:
    """Put a draft on its way to every account at once; its card goes to this Slack channel.

    Raise Changed for a version that is not the newest or a post that is on its way already, Invalid for a
    picture whose ratio nobody decided about (field `fit`) or an account that is gone, NotAllowed.
    """
    async with services.db.session(actor) as session:
        post = await locked(session, post_id)
        client = await clients.get(session, post.client_id)
        await permissions.require_author(session, actor, client)
        if post.state is not PostState.DRAFT:
            raise Changed("This post is already on its way.")
        if post.version != version:
            raise Changed("This post was changed in the meantime. Have a look at the newest version.")
        view = (await views(session, [post]))[0]
        await check(session, client, content_of(view.version))
        check_ratio(view)
        await send(services, session, actor, view, channel_id)
        return (await views(session, [post]))[0]


async def locked(session: AsyncSession, post_id: UUID) -> Post:
    """Give a post that nobody else can change until this transaction ends; raise NotFound."""
    if post := await session.get(Post, post_id, with_for_update=True, populate_existing=True):
        return post
    raise NotFound("That post is no longer there, or you do not work for its client.")


async def locked_publication(
    session: AsyncSession, actor: Actor, publication_id: UUID
) -> tuple[Publication, Post]:
    """Give a publication about which this actor may decide, and its post, both locked; raise NotFound."""
    publication = await session.get(Publication, publication_id)
    if publication is None:
        raise NotFound("That post is no longer there, or you do not work for its client.")
    post = await locked(session, publication.post_id)
    await permissions.require_author(session, actor, await clients.get(session, post.client_id))
    await session.refresh(publication, with_for_update=True)
    return publication, post


def content_of(version: PostVersion) -> Content:
    """Give what was typed and chosen in a version."""
    return Content(
        caption=version.caption,
        link=version.link,
        media_id=version.media_id,
        alt_text=version.alt_text,
        fit=version.fit,
        account_ids=tuple(UUID(account) for account in version.account_ids),
    )


def check_ratio(view: PostView) -> None:
    """Raise Invalid when a picture would have to be changed and nobody said how."""
    if view.media is None or view.version.fit is not Fit.KEEP:
        return
    for platform in {account.platform for account in view.accounts}:
        if problem := media.ratio_problem(view.media, platform):
            raise Invalid({"fit": f"{problem.sentence} Choose whether to crop it or to add borders."})


async def send(
    services: Services, session: AsyncSession, actor: Actor, view: PostView, channel_id: str
) -> None:
    """Write down what must happen, and hand it to the engine, in this transaction."""
    post = view.post
    made = [publication_of(view, account) for account in view.accounts]
    post.state, post.updated_at = PostState.PUBLISHING, datetime.now(UTC)
    session.add_all(made)
    session.add(
        Card(post_id=post.id, agency_id=post.agency_id, client_id=post.client_id, channel_id=channel_id)
    )
    audit.record(
        session,
        actor,
        "post_submitted",
        client_id=post.client_id,
        post_id=post.id,
        version=view.version.version,
        content_hash=view.version.content_hash,
        accounts=view.version.account_ids,
    )
    await session.flush()
    await announcements.owe_card(session, services, post)
    await services.transport.advance(session, [one.id for one in made], agency_id=post.agency_id)


def publication_of(view: PostView, account: Account) -> Publication:
    """Make the publication of a post on one account, due now and handed to the engine."""
    now = datetime.now(UTC)
    return Publication(
        agency_id=view.post.agency_id,
        client_id=view.post.client_id,
        post_id=view.post.id,
        version=view.version.version,
        account_id=account.id,
        kind=kind_of(view.version, account.platform),
        state=PublicationState.QUEUED,
        due_at=now,
        queued_at=now,
    )


def kind_of(version: PostVersion, platform: Platform) -> Kind:
    """Say what is published of this version on a platform."""
    if platform is Platform.INSTAGRAM:
        return Kind.INSTAGRAM_PHOTO
    if version.media_id:
        return Kind.FACEBOOK_PHOTO
    return Kind.FACEBOOK_LINK if version.link else Kind.FACEBOOK_TEXT


async def retry(services: Services, actor: Actor, *, publication_id: UUID) -> PostView:
    """Try a failed publication again, once its cause is gone; raise Changed when it is not failed."""
    async with services.db.session(actor) as session:
        publication, post = await locked_publication(session, actor, publication_id)
        if publication.state is not PublicationState.FAILED:
            raise Changed("This is being published already.")
        queued = {"state": PublicationState.QUEUED, "queued_at": datetime.now(UTC), "attempts": 0}
        publication.sqlmodel_update(queued | {"reason": None, "reason_code": None})
        post.state = PostState.PUBLISHING
        audit.record(
            session,
            actor,
            "publication_retried",
            client_id=post.client_id,
            account_id=publication.account_id,
            post_id=post.id,
        )
        await session.flush()
        await announcements.owe_card(session, services, post)
        await services.transport.advance(session, [publication.id], agency_id=post.agency_id)
        return (await views(session, [post]))[0]


async def settle(session: AsyncSession, post: Post) -> None:
    """Work the post's state out from its publications' states. The caller holds the post's lock."""
    theirs = select(col(Publication.state)).where(Publication.post_id == post.id)
    states = set(await session.exec(theirs))
    post.state, post.updated_at = state_of(states), datetime.now(UTC)


def state_of(states: set[PublicationState]) -> PostState:
    """Give a post's state: on its way as long as anything is; then the worst that happened."""
    if states & {PublicationState.SCHEDULED, PublicationState.QUEUED, PublicationState.RUNNING}:
        return PostState.PUBLISHING
    if PublicationState.NEEDS_REVIEW in states:
        return PostState.NEEDS_REVIEW
    return PostState.FAILED if PublicationState.FAILED in states else PostState.PUBLISHED

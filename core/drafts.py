"""Drafts: what a person writes, version by version, before it is sent on its way."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import captions, clients, ledger, media, permissions, posts
from core.db import Actor
from core.errors import Changed, Invalid
from core.models import Account, Client, Fit, Member, Platform, Post, PostState, PostVersion
from core.post_views import PostView, views
from core.services import Services

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


# --- writing --------------------------------------------------------------------------------------


async def save(
    services: Services,
    actor: Actor,
    *,
    post_id: UUID,
    client_id: UUID,
    content: Content,
    due_at: datetime | None = None,
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
        post.due_at = due_at
        newest = await session.get(PostVersion, (post.id, post.version))
        if newest is None or newest.content_hash != content.hash():
            post.version = (await add_version(session, post, member, content)).version
            post.updated_at = datetime.now(UTC)
        return (await views(session, [post]))[0]


async def revise(
    services: Services, actor: Actor, *, post_id: UUID, base_version: int, content: Content
) -> PostView:
    """Keep what somebody makes of a post that is on its way already; it counts once it is submitted.

    Give the post as it would be, always as a new version: the publications of the one that counts stay what
    they are. Raise Changed when `base_version` is not the one that counts, or when it is too late to change
    anything; Invalid and NotAllowed as for a draft.
    """
    async with services.db.session(actor) as session:
        post = await posts.locked(session, post_id)
        client = await clients.get(session, post.client_id)
        member = await permissions.require_author(session, actor, client)
        await require_changeable(session, post, base_version)
        await check(session, client, content)
        version = await add_version(session, post, member, content)
        return (await views(session, [post], versions={post.id: version.version}))[0]


async def require_changeable(session: AsyncSession, post: Post, base_version: int) -> None:
    """Raise Changed when this version does not count (any more), or the public may see some of it."""
    if post.version != base_version:
        raise Changed("This post was changed in the meantime. Have a look at the newest version.")
    if post.state is PostState.CANCELLED:
        raise Changed("This post was called off. Compose a new one.")
    if post.state is PostState.DRAFT:
        raise Changed("This post is still a draft, and its author's.")
    if await ledger.begun(session, post):
        raise Changed("This post is already on its way, and can no longer be changed.")


async def discard(services: Services, actor: Actor, *, post_id: UUID) -> None:
    """Throw a draft away; its author's business. Raise Changed when it is no longer a draft."""
    async with services.db.session(actor) as session:
        post = await posts.locked(session, post_id)
        if post.state is not PostState.DRAFT or post.author_id != actor.member_id:
            raise Changed("This is no longer a draft of yours.")
        await session.delete(post)


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


def check_ratio(view: PostView) -> None:
    """Raise Invalid when a picture would have to be changed and nobody said how."""
    if view.media is None or view.version.fit is not Fit.KEEP:
        return
    for platform in {account.platform for account in view.accounts}:
        if problem := media.ratio_problem(view.media, platform):
            raise Invalid({"fit": f"{problem.sentence} Choose whether to crop it or to add borders."})


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
    """Give the draft with this id, locked; make it if there is none, and anew if its client was changed."""
    fresh = Post(
        id=post_id,
        agency_id=client.agency_id,
        client_id=client.id,
        author_id=member.id,
        state=PostState.DRAFT,
        version=0,
    )
    # The composer may be sent twice at once: the second one waits here for the first.
    await session.exec(insert(Post).values(fresh.model_dump()).on_conflict_do_nothing())
    post = await posts.locked(session, post_id)
    if post.state is not PostState.DRAFT or post.author_id != member.id:
        raise Changed("This post is already on its way. Compose a new one.")
    if post.client_id != client.id:
        await session.delete(post)
        await session.flush()
        return await draft_of(session, post_id, client, member)
    return post


async def add_version(session: AsyncSession, post: Post, member: Member, content: Content) -> PostVersion:
    """Add a version after all there are. The caller holds the post's lock."""
    highest = select(func.coalesce(func.max(PostVersion.version), 0)).where(PostVersion.post_id == post.id)
    version = PostVersion(
        post_id=post.id,
        version=(await session.exec(highest)).one() + 1,
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
    session.add(version)
    await session.flush()
    return version

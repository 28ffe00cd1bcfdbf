"""A post with everything that shows it: its newest version, its accounts, its publications."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import NotFound
from core.models import (
    Account,
    Client,
    Media,
    Member,
    Post,
    PostState,
    PostVersion,
    Publication,
)
from core.rows import by_id

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class PostView:
    """A post with everything that shows it: its newest version, and that version's publications."""

    post: Post
    version: PostVersion
    client: Client
    author: Member
    accounts: tuple[Account, ...]
    media: Media | None
    publications: tuple[Publication, ...]


async def load(session: AsyncSession, post_id: UUID) -> PostView:
    """Give a post with everything that shows it; raise NotFound."""
    post = await session.get(Post, post_id)
    if post is None:
        raise NotFound("That post is no longer there, or you do not work for its client.")
    return (await views(session, [post]))[0]


async def recent(session: AsyncSession, *, most: int = 10) -> list[PostView]:
    """Give the posts that were sent on their way, newest first."""
    newest = (
        select(Post).where(Post.state != PostState.DRAFT).order_by(col(Post.updated_at).desc()).limit(most)
    )
    return await views(session, (await session.exec(newest)).all())


async def views(session: AsyncSession, found: Sequence[Post]) -> list[PostView]:
    """Put posts together with what shows them; one query a table, however many posts."""
    ids = [post.id for post in found]
    versions = {
        version.post_id: version
        for version in await session.exec(
            select(PostVersion)
            .join(Post, (col(Post.id) == PostVersion.post_id) & (col(Post.version) == PostVersion.version))
            .where(col(Post.id).in_(ids))
        )
    }
    known_clients = await by_id(session, Client, {post.client_id for post in found})
    members = await by_id(session, Member, {post.author_id for post in found})
    pictures = await by_id(session, Media, {v.media_id for v in versions.values() if v.media_id})
    accounts = await by_id(session, Account, {UUID(one) for v in versions.values() for one in v.account_ids})
    ledger: dict[tuple[UUID, int], dict[UUID, Publication]] = defaultdict(dict)
    for one in await session.exec(select(Publication).where(col(Publication.post_id).in_(ids))):
        ledger[one.post_id, one.version][one.account_id] = one
    return [
        PostView(
            post=post,
            version=version,
            client=known_clients[post.client_id],
            author=members[post.author_id],
            accounts=in_order(accounts, version),
            media=pictures.get(version.media_id) if version.media_id else None,
            publications=in_order(ledger.get((post.id, version.version), {}), version),
        )
        for post in found
        for version in [versions[post.id]]
    ]


def in_order(found: dict[UUID, Thing], version: PostVersion) -> tuple[Thing, ...]:
    """Give what there is for each account, in the order in which the accounts were chosen."""
    chosen = [UUID(one) for one in version.account_ids]
    return tuple(found[one] for one in chosen if one in found)

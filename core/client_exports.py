"""What a client takes along: all of its posts and its audit trail, as two tables in one archive."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select

from core import audit_exports
from core.audit_exports import line_of
from core.db import Actor, Database
from core.models import Account, Media, Member, Post, PostVersion, Publication

PAGE = 500
AT_ONCE = 500  # lines that are packed in one go, while others are served
COLUMNS = (
    "post_id", "state", "version", "created_at", "author", "caption", "link", "picture", "alt_text",
    "platform", "account", "outcome", "due_at", "published_at", "permalink", "remote_id", "reason",
)  # fmt: skip


async def make(db: Database, actor: Actor, client_id: UUID, path: Path) -> None:
    """Write the archive to a file: posts.csv and audit.csv, in UTF-8. All of it is never in memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        trail = audit_exports.lines(db, actor, format_=audit_exports.Format.CSV, client_id=client_id)
        for name, lines in {"posts.csv": posts(db, actor, client_id), "audit.csv": trail}.items():
            with archive.open(name, "w", force_zip64=True) as table:
                await write(table, lines)


async def write(table: IO[bytes], lines: AsyncIterator[str]) -> None:
    """Write a table; a thread packs it, so that nobody else waits for that."""
    waiting: list[str] = []
    async for line in lines:
        waiting.append(line)
        if len(waiting) >= AT_ONCE:
            await asyncio.to_thread(table.write, "".join(waiting).encode())
            waiting.clear()
    await asyncio.to_thread(table.write, "".join(waiting).encode())


async def posts(db: Database, actor: Actor, client_id: UUID) -> AsyncIterator[str]:
    """Give a client's posts, oldest first, line by line: one for each account, or one for a draft."""
    yield line_of(list(COLUMNS))
    after: tuple[Any, ...] | None = None
    while after is None or after:
        page = await page_of(db, actor, client_id, after)
        for row in page:
            yield line_of(list(cells(*row)))
        after = (page[-1][0].created_at, page[-1][0].id) if page else ()


async def page_of(db: Database, actor: Actor, client_id: UUID, after: tuple[Any, ...] | None) -> list[Any]:
    """Give the next posts with all that is said of them."""
    chosen = select(Post.id).where(Post.client_id == client_id)
    order = col(Post.created_at), col(Post.id)
    if after:
        chosen = chosen.where(tuple_(*order) > after)
    whole: Any = (
        select(Post, PostVersion, Member, Media)
        .add_columns(Publication, Account)
        .join(PostVersion, (col(PostVersion.post_id) == Post.id) & (col(PostVersion.version) == Post.version))
        .join(Member, col(Member.id) == Post.author_id)
        .join(Media, col(Media.id) == PostVersion.media_id, isouter=True)
        .join(
            Publication,
            (col(Publication.post_id) == Post.id) & (col(Publication.version) == Post.version),
            isouter=True,
        )
        .join(Account, col(Account.id) == Publication.account_id, isouter=True)
        .where(col(Post.id).in_(chosen.order_by(*order).limit(PAGE)))
        .order_by(*order, col(Account.platform), col(Account.platform_account_name))
    )
    async with db.session(actor) as session:
        return list((await session.exec(whole)).all())


def cells(
    post: Post, version: PostVersion, author: Member, picture: Media | None, *where: Any
) -> Iterator[Any]:
    """Give the cells of one line."""
    publication, account = where
    yield from (post.id, post.state.value, version.version, post.created_at.isoformat(), author.name)
    yield from (version.caption, version.link, picture and picture.filename, version.alt_text)
    yield from (account and account.platform.value, account and account.platform_account_name)
    if publication is None:
        return
    yield from (publication.state.value, publication.due_at.isoformat())
    live = publication.published_at
    yield from (live and live.isoformat(), publication.permalink, publication.remote_id, publication.reason)

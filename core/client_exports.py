"""What a client takes along: all of its posts and its audit trail, as two tables in one archive."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from typing import IO, Any
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit_exports
from core.audit import Filters
from core.audit_exports import line_of
from core.audit_names import OF_CLIENT
from core.db import Actor, Database
from core.models import Account, Approval, Decision, Media, Member, Post, PostVersion, Publication

PAGE = 500
AT_ONCE = 500  # lines that are packed in one go, while others are served
COLUMNS = (
    "post_id", "state", "version", "created_at", "author", "caption", "link", "picture", "alt_text",
    "approved_by", "approved_at",
    "platform", "account", "outcome", "due_at", "published_at", "permalink", "remote_id", "reason",
)  # fmt: skip


async def make(db: Database, actor: Actor, client_id: UUID, file: IO[bytes]) -> None:
    """Write the archive to a file: posts.csv and audit.csv, in UTF-8. All of it is never in memory."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        theirs = Filters(client_id=client_id)
        trail = audit_exports.lines(db, actor, format_=audit_exports.Format.CSV, filters=theirs)
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
        page, given = await page_of(db, actor, client_id, after)
        for row in page:
            yield line_of(list(cells(*row, given=given.get(row[0].id, []))))
        after = (page[-1][0].created_at, page[-1][0].id) if page else ()


async def page_of(
    db: Database, actor: Actor, client_id: UUID, after: tuple[Any, ...] | None
) -> tuple[list[Any], dict[UUID, list[tuple[str, str]]]]:
    """Give the next posts with all that is said of them, and who approved each, and when."""
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
        found = list((await session.exec(whole)).all())
        return found, await approvals(session, {row[0].id for row in found})


async def approvals(session: AsyncSession, post_ids: Collection[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """Give who approved each of these posts as it is now, by name, and when; in their order.

    Only the last word of each person at a stage counts: an approval may have been taken back.
    """
    of_now = (Approval.version == Post.version) & (Approval.round == Post.round)
    said = (
        select(Approval, Member)
        .join(Post, (col(Post.id) == Approval.post_id) & of_now)
        .join(Member, col(Member.id) == Approval.member_id, isouter=True)
        .where(col(Approval.post_id).in_(post_ids))
        .order_by(col(Approval.post_id), col(Approval.number))
    )
    last: dict[Any, tuple[Approval, Member | None]] = {}
    for approval, member in await session.exec(said):
        last[approval.post_id, approval.stage, approval.member_id, approval.sign_off_id] = approval, member
    given: dict[UUID, list[tuple[str, str]]] = {}
    for one, by in last.values():
        if one.decision is Decision.APPROVED:
            name = by.name if by else one.reviewer_name or OF_CLIENT
            given.setdefault(one.post_id, []).append((name, one.created_at.isoformat()))
    return given


def cells(
    post: Post,
    version: PostVersion,
    author: Member,
    picture: Media | None,
    *where: Any,
    given: Sequence[tuple[str, str]],
) -> Iterator[Any]:
    """Give the cells of one line; `given` are the approvals."""
    publication, account = where
    yield from (post.id, post.state.value, version.version, post.created_at.isoformat(), author.name)
    yield from (version.caption, version.link, picture and picture.filename, version.alt_text)
    yield from ("; ".join(name for name, _ in given), "; ".join(at for _, at in given))
    yield from (account and account.platform.value, account and account.platform_account_name)
    if publication is None:
        return
    yield from (publication.state.value, publication.due_at.isoformat())
    live = publication.published_at
    yield from (live and live.isoformat(), publication.permalink, publication.remote_id, publication.reason)

"""What the posts said that the audit trail tells of, so that people recognise them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.models import AuditEntry, Post, PostVersion


async def captions(session: AsyncSession, entries: Sequence[AuditEntry]) -> dict[UUID, str]:
    """Give the captions by the entries' ids: of the version that one tells of, or that counts.

    Of a post that this actor may not see, or that is gone, there is none.
    """
    about = {one.id: one.post_id for one in entries if one.post_id}
    rows = select(Post.id, Post.version).where(col(Post.id).in_(set(about.values())))
    counted = dict((await session.exec(rows)).all())
    told = {one.id: one.details["version"] for one in entries if isinstance(one.details.get("version"), int)}
    wanted = {entry: (post, told.get(entry, counted.get(post, 0))) for entry, post in about.items()}
    which = tuple_(col(PostVersion.post_id), col(PostVersion.version)).in_(set(wanted.values()))
    versions = await session.exec(select(PostVersion).where(which))
    found = {(one.post_id, one.version): one.caption for one in versions}
    return {entry: found[one] for entry, one in wanted.items() if one in found}

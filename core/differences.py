"""What differs between two versions of a post, field by field, with the words before and after."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.models import Account, Fit, Media, PostVersion
from core.rows import by_id

FITS = {Fit.KEEP: "", Fit.CROP: ", cropped", Fit.PAD: ", with a border"}


@dataclass(frozen=True)
class Difference:
    """One field that is another: what it is called, and what stood there and stands there now."""

    name: str
    before: str
    after: str


def names(was: PostVersion, now: PostVersion) -> list[str]:
    """Name what differs between two versions, in the words that people read."""
    compared = {
        "caption": (was.caption, now.caption),
        "accounts": (set(was.account_ids), set(now.account_ids)),
        "picture": ((was.media_id, was.fit), (now.media_id, now.fit)),
        "description of the picture": (was.alt_text, now.alt_text),
        "link": (was.link, now.link),
    }
    return [name for name, (before, after) in compared.items() if before != after]


async def between(session: AsyncSession, post_id: UUID, was: int, now: int) -> list[Difference]:
    """Give what differs between two versions of a post, as people read it; nothing where one is gone."""
    both = select(PostVersion).where(PostVersion.post_id == post_id, col(PostVersion.version).in_([was, now]))
    versions = {one.version: one for one in await session.exec(both)}
    if len(versions) < len({was, now}):
        return []
    before, after = versions[was], versions[now]
    words = [await words_of(session, one) for one in (before, after)]
    return [Difference(name, words[0][name], words[1][name]) for name in names(before, after)]


async def words_of(session: AsyncSession, version: PostVersion) -> dict[str, str]:
    """Give each field of a version as people read it."""
    accounts = await by_id(session, Account, map(UUID, version.account_ids))
    picture = await session.get(Media, version.media_id) if version.media_id else None
    labels = sorted(f"{one.platform.title} {one.label}" for one in accounts.values())
    return {
        "caption": version.caption,
        "accounts": ", ".join(labels),
        "picture": picture.filename + FITS[version.fit] if picture else "",
        "description of the picture": version.alt_text or "",
        "link": version.link or "",
    }

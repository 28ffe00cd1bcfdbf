"""Where a post's card stands in Slack: one message, although Slack may have taken it twice.

When Slack's answer to a new card is lost, nobody knows where that one stands, and the next try posts another.
The first that is heard of is the card from then on; any other is a copy, which nobody keeps up to date.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements
from core.db import Actor, Database
from core.models import Card, Post
from core.services import Services


async def stands(db: Database, agency_id: UUID, post_id: UUID, *, channel_id: str, ts: str) -> bool:
    """Take note that a message in Slack shows this post; say whether that is the card, and not a copy.

    For a post that is not there, or not this agency's, nothing is a copy.
    """
    nowhere = update(Card).where(col(Card.post_id) == post_id, col(Card.ts).is_(None), ~has_fallen(ts))
    async with db.session(Actor.program(agency_id)) as session:
        await session.exec(nowhere.values(channel_id=channel_id, ts=ts))
        known = (await session.exec(select(Card.channel_id, Card.ts).where(Card.post_id == post_id))).first()
    return known is None or tuple(known) == (channel_id, ts)


async def fell(db: Database, agency_id: UUID, post_id: UUID, *, ts: str) -> None:
    """Take note that the card is no longer in Slack: the next message that shows the post is the card."""
    gone = update(Card).where(col(Card.post_id) == post_id, col(Card.ts) == ts)
    async with db.session(Actor.program(agency_id)) as session:
        await session.exec(gone.values(ts=None, fallen=col(Card.fallen).concat([ts])))


def has_fallen(ts: str) -> ColumnElement[bool]:
    """Give the condition that a message was the card once: Slack may tell of it long after it is gone."""
    return type_coerce(col(Card.fallen), JSONB).contains([ts])


async def look_after(services: Services, agency_id: UUID, post_id: UUID, *, ts: str | None = None) -> None:
    """Have the card drawn anew, and posted again if it is not there any more; only if it is this one."""
    async with services.db.session(Actor.program(agency_id)) as session:
        found = await card_of(session, post_id)
        if found and found[1].ts and ts in (None, found[1].ts):
            await announcements.owe_card(session, services, found[0])


async def card_of(session: AsyncSession, post_id: UUID) -> tuple[Post, Card] | None:
    """Give a post and its card, if it has one."""
    both = select(Post, Card).join(Card, col(Card.post_id) == Post.id).where(Post.id == post_id)
    found = (await session.exec(both)).first()
    return (found[0], found[1]) if found else None

"""Access to accounts: where it ended and where it is back, written down, told, and shown on the cards."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import alerts, announcements, audit, holds, plans
from core.db import Actor, clock
from core.endings import SENTENCES
from core.models import Account, Connection, Ending, Post, Publication
from core.services import Services

MOST_CARDS = 200  # that are drawn anew when an account ends or is back; those that are due first

GONE = {Ending.REMOVED, Ending.DELETED, Ending.GIVEN_BACK}

Found = Mapping[UUID, Ending | None]
"""By account: why it cannot be used, or None where it can."""


async def settle(
    session: AsyncSession, services: Services, actor: Actor, connection: Connection, found: Found
) -> None:
    """Write down of these accounts, which are locked, whether they can be used; tell whom it concerns, once.

    The publications of an account that cannot be used wait; of one that can again, they go on by themselves.
    """
    now = await clock(session)
    rows = [await session.get_one(Account, account_id) for account_id in found]
    changed = [one for one in rows if one.ending is not found[one.id]]
    fresh = [one for one in changed if one.ending is None]
    for account in changed:
        put(account, found[account.id], now)
        record(session, actor, account)
    if fresh:
        await alerts.tell_of_end(session, connection)
    await redraw(session, services, [one.id for one in changed])


def put(account: Account, ending: Ending | None, now: datetime) -> None:
    """Write an ending on an account, or take it away."""
    account.ended_at = (account.ended_at or now) if ending else None
    account.ending, account.trouble = ending, SENTENCES[ending] if ending else None


def record(session: AsyncSession, actor: Actor, account: Account) -> None:
    """Add the audit entry of an account that cannot be used, or can be again."""
    why: dict[str, Any] = {"ending": account.ending, "reason": account.trouble} if account.ending else {}
    action = "account_in_trouble" if account.ending else "account_recovered"
    audit.record(session, actor, action, client_id=account.parent_id, account_id=account.id, **why)


async def end(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    connection: Connection,
    accounts: Sequence[Account],
    *,
    ending: Ending,
) -> None:
    """Write down that a whole login, which is locked with its accounts, can no longer be used, and why.

    Of a person who removed Pressroom nothing is kept that is sealed, whoever says so: Meta, or a look at it;
    nor of a login that we gave back.
    """
    if ending in GONE:
        shred(connection, accounts)
    if connection.ending is not ending:
        audit.record(session, actor, "login_ended", **holds.about(connection), ending=ending)
    connection.ending, connection.ended_at = ending, connection.ended_at or await clock(session)
    connection.warn_at = None
    await settle(session, services, actor, connection, {one.id: ending for one in accounts})


def shred(connection: Connection, accounts: Sequence[Account]) -> None:
    """Take the tokens out of a login and its accounts; they stay, for whoever connects them again."""
    connection.sqlmodel_update({"access_token": None, "is_active": False, "token_expires_at": None})
    connection.data_access_expires_at = connection.lease_until = None
    for account in accounts:
        account.access_token = None


async def redraw(session: AsyncSession, services: Services, account_ids: Collection[UUID]) -> None:
    """Have the cards drawn of what waits for these accounts."""
    waiting = (
        select(Post)
        .join(Publication, col(Publication.post_id) == Post.id)
        .where(col(Publication.account_id).in_(account_ids), Publication.version == Post.version)
        .where(col(Publication.state).in_(plans.OPEN))
        .order_by(col(Publication.due_at))
        .limit(MOST_CARDS)
    )
    for post in {post.id: post for post in await session.exec(waiting)}.values() if account_ids else ():
        await announcements.owe_card(session, services, post)

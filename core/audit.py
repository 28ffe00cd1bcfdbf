"""The audit trail: written in the transaction of the change that it tells of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Actor
from core.models import AuditEntry
from core.sessions import ENTRIES

Cursor = tuple[datetime, UUID]
BY_LINK = "sign_off:"  # how the id begins of somebody who came by a private link


@dataclass(frozen=True)
class Filters:
    """Which entries somebody wants to see; all of these that are given must fit. `until` is not within."""

    client_id: UUID | None = None
    account_id: UUID | None = None
    user_id: str | None = None  # Slack's id; `pressroom` for the program, BY_LINK for all private links
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    *,
    client_id: UUID | None = None,
    account_id: UUID | None = None,
    post_id: UUID | None = None,
    personal: dict[str, str] | None = None,
    **details: Any,
) -> None:
    """Add an entry: who did what to what, from where. Details carry ids and words, never a secret.

    What names a person goes into `personal`: it can be erased, and what is in the details cannot.
    """
    entry = {
        "id": uuid4(),
        "agency_id": actor.agency_id,
        "client_id": client_id,
        "user_id": actor.user_id,
        "account_id": account_id,
        "post_id": post_id,
        "action": action,
        "details": details | place(actor),
        "ip_address": actor.origin.ip_address,
        "user_agent": actor.origin.user_agent,
        "personal": personal or None,
    }
    session.info.setdefault(ENTRIES, []).append(entry)


def place(actor: Actor) -> dict[str, Any]:
    """Say where in Slack somebody was, for the details of an entry."""
    return {"slack": actor.origin.slack} if actor.origin.slack else {}


async def recent(session: AsyncSession, *, most: int = 20) -> list[AuditEntry]:
    """Give the newest entries that this actor may see, newest first."""
    return await entries(session, Filters(), most=most)


async def entries(
    session: AsyncSession, filters: Filters, *, after: Cursor | None = None, most: int = 20
) -> list[AuditEntry]:
    """Give the entries that fit, as far as this actor may see them, newest first.

    To go on where a page ended, give the `cursor` of its last entry.
    """
    found = select(AuditEntry).where(*conditions(filters))
    if after is not None:
        found = found.where(tuple_(col(AuditEntry.created_at), col(AuditEntry.id)) < after)
    newest = found.order_by(col(AuditEntry.created_at).desc(), col(AuditEntry.id).desc())
    return list((await session.exec(newest.limit(most))).all())


def cursor(entry: AuditEntry) -> Cursor:
    """Say where an entry stands in the order of time."""
    return entry.created_at, entry.id


def conditions(filters: Filters) -> list[Any]:
    """Give the conditions of the filters that are set."""
    by_link = filters.user_id == BY_LINK
    wanted = {
        AuditEntry.client_id: filters.client_id,
        AuditEntry.account_id: filters.account_id,
        AuditEntry.user_id: None if by_link else filters.user_id,
        AuditEntry.action: filters.action,
    }
    found = [col(column) == value for column, value in wanted.items() if value is not None]
    found += [col(AuditEntry.user_id).startswith(BY_LINK)] if by_link else []
    found += [col(AuditEntry.created_at) >= filters.since] if filters.since else []
    return found + ([col(AuditEntry.created_at) < filters.until] if filters.until else [])

"""The audit trail: written in the transaction of the change that it tells of."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Actor
from core.models import AuditEntry


def record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    *,
    client_id: UUID | None = None,
    account_id: UUID | None = None,
    post_id: UUID | None = None,
    **details: Any,
) -> None:
    """Add an entry: who did what to what, from where. Details carry ids and words, never a secret."""
    where = {"slack": actor.origin.slack} if actor.origin.slack else {}
    session.add(
        AuditEntry(
            agency_id=actor.agency_id,
            client_id=client_id,
            user_id=actor.user_id,
            account_id=account_id,
            post_id=post_id,
            action=action,
            details=details | where,
            ip_address=actor.origin.ip_address,
            user_agent=actor.origin.user_agent,
        )
    )


async def recent(session: AsyncSession, *, most: int = 20) -> list[AuditEntry]:
    """Give the newest entries that this actor may see, newest first."""
    newest = select(AuditEntry).order_by(col(AuditEntry.created_at).desc()).limit(most)
    return list((await session.exec(newest)).all())

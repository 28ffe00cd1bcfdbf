"""The audit trail."""

from typing import Any

from sqlmodel import SQLModel

from core.models.columns import UUID, Moment, json_object, moment, primary_id


class AuditEntry(SQLModel, table=True):
    """Who did what to what, when, from where. Append-only: PostgreSQL refuses anything else."""

    __tablename__ = "audit_logs"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID | None = None
    user_id: str
    account_id: UUID | None = None
    post_id: UUID | None = None
    action: str
    details: dict[str, Any] = json_object()
    ip_address: str | None = None
    user_agent: str | None = None
    created_at: Moment = moment()

"""The audit trail, and how far its chain went each day."""

from datetime import date
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.models.columns import UUID, Moment, json_object, moment, primary_id


class AuditEntry(SQLModel, table=True):
    """Who did what to what, when, from where. Append-only: PostgreSQL refuses anything else.

    What names a person stands in `personal`, the address and the browser. It can be erased: then `erased_by`
    is the entry that tells of it. PostgreSQL sets `created_at` by its own clock.
    """

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
    personal: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    erased_by: UUID | None = None
    created_at: Moment = moment()


class AuditHead(SQLModel, table=True):
    """How far an agency's chain went on a day; `posted_at` when the agency's channel was told of it."""

    __tablename__ = "audit_heads"

    agency_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    number: int
    hash: bytes
    next_run_at: Moment | None = moment(default=False)
    posted_at: Moment | None = moment(default=False)

    def __str__(self) -> str:
        """Write the head as `pressroom audit verify --head` takes it."""
        return f"{self.number}:{self.hash.hex()}"

"""An account of a client: an Instagram Business account or a Facebook Page."""

from enum import StrEnum
from typing import Any

from sqlmodel import SQLModel

from core.models.columns import UUID, Moment, json_list, json_object, moment, primary_id, word


class Platform(StrEnum):
    """Where an account lives."""

    INSTAGRAM = "instagram_business"
    FACEBOOK = "facebook_page"

    @property
    def title(self) -> str:  # type: ignore[override]
        """The name that people know."""
        return "Instagram" if self is Platform.INSTAGRAM else "Facebook"


class Account(SQLModel, table=True):
    """One account that belongs to one client; its token is sealed, and gone when it is disconnected."""

    __tablename__ = "clients_social_platforms"

    id: UUID = primary_id()
    agency_id: UUID
    parent_id: UUID
    connection_id: UUID
    platform: Platform = word(Platform)
    platform_account_id: str
    platform_account_name: str
    access_token: str | None = None
    token_expires_at: Moment | None = moment(default=False)
    permissions: list[str] = json_list()
    account_metadata: dict[str, Any] = json_object()
    is_active: bool = True
    trouble: str | None = None
    blocked_until: Moment | None = moment(default=False)
    usage_percent: int = 0
    usage_seen_at: Moment | None = moment(default=False)
    quota_used: int | None = None
    quota_total: int | None = None
    quota_seen_at: Moment | None = moment(default=False)
    connected_at: Moment = moment()
    disconnected_at: Moment | None = moment(default=False)

    @property
    def token_row(self) -> str:
        """What the sealed token is bound to."""
        return f"clients_social_platforms:{self.id}:access_token"

    @property
    def label(self) -> str:
        """How people tell it apart: `@name` on Instagram, the Page's name on Facebook."""
        name = self.platform_account_name
        return f"@{name}" if self.platform is Platform.INSTAGRAM else name

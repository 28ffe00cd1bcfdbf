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


class Ending(StrEnum):
    """Why a login, or one account of it, can no longer be used; core/endings.py says it in a sentence."""

    EXPIRED = "expired"  # its time is over, and it could not be renewed
    PASSWORD = "password"  # noqa: S105 the person changed it, or Facebook ended the session for safety
    REMOVED = "removed"  # the person removed the app
    DELETED = "deleted"  # the person had their data deleted
    GIVEN_BACK = "given_back"  # we gave it back for another client, while it was being made
    CHECKPOINT = "checkpoint"  # Facebook wants to know who they are
    UNCONFIRMED = "unconfirmed"  # their own Facebook account is not confirmed
    LOGGED_OUT = "logged_out"  # logged out, or ended without a reason that we know
    ROLE_LOST = "role_lost"  # no role on the Page any more
    TASK_LOST = "task_lost"  # a role without the right to publish
    PERMISSION = "permission"  # withdrawn from the app, for all or for this Page
    DATA_ACCESS = "data_access"  # 90 days without the person
    PERSONAL = "personal"  # an Instagram account that is no longer a professional one


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
    trouble: str | None = None  # why only a new login helps, for people
    ending: Ending | None = word(Ending, default=None)
    ended_at: Moment | None = moment(default=False)
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

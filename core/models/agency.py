"""An agency, its Slack installation, and its members."""

from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import Field, SQLModel

from core.models.columns import UUID, Moment, json_list, moment, primary_id, word


class Role(StrEnum):
    """What a member is in their agency."""

    ADMIN = "admin"  # sees every client; a workspace owner or admin in Slack
    MEMBER = "member"  # sees the clients that they belong to
    GUEST = "guest"  # a guest, or somebody of another workspace: sees nothing unless named by a client


class Agency(SQLModel, table=True):
    """One Slack workspace that installed the bot. Nothing of any client goes out while it is paused."""

    __tablename__ = "agencies"

    id: UUID = primary_id()
    slack_team_id: str
    name: str
    paused_at: Moment | None = moment(default=False)
    paused_by: str | None = None
    leaves_at: Moment | None = moment(default=False)  # uninstalled: until then it may come back
    leaving_by: str | None = None  # who ended that time: an admin, or the operator
    audit_channel_id: str | None = None  # where the heads of the audit trail are posted
    created_at: Moment = moment()


class Installation(SQLModel, table=True):
    """What Slack gave when the bot was installed; the bot's token is sealed."""

    __tablename__ = "installations"

    agency_id: UUID = Field(primary_key=True)
    app_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    scopes: list[str] = json_list()
    installed_by: str | None = None
    installed_at: Moment = moment()


class Member(SQLModel, table=True):
    """A Slack person in an agency; `left_at` says since when they are not there any more.

    While `erased_at` is set, their name stays erased, whatever Slack says of them.
    """

    __tablename__ = "members"

    id: UUID = primary_id()
    agency_id: UUID
    slack_user_id: str
    name: str
    role: Role = word(Role)
    timezone: str = "UTC"
    seen_at: Moment = moment()
    left_at: Moment | None = moment(default=False)
    erased_at: Moment | None = moment(default=False)

    @property
    def zone(self) -> ZoneInfo:
        """Their time zone; UTC for one that this machine does not know."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

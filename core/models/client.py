"""A client, and who works for it."""

from enum import StrEnum

from sqlmodel import Field, SQLModel

from core.models.columns import UUID, Moment, moment, primary_id, word


class ClientRole(StrEnum):
    """What a member is for one client."""

    MANAGER = "manager"  # connects accounts, chooses who belongs to the client; may publish
    AUTHOR = "author"  # writes and publishes posts
    REVIEWER = "reviewer"  # agrees to posts, and nothing else; may be a guest or from another organisation


class Client(SQLModel, table=True):
    """A brand that the agency works for.

    Nothing goes out while it is paused, and nothing by itself that is more than `late_minutes` late.
    """

    __tablename__ = "clients"

    id: UUID = primary_id()
    agency_id: UUID
    name: str
    slack_channel_id: str | None = None
    paused_at: Moment | None = moment(default=False)
    paused_by: str | None = None
    late_minutes: int = 15
    leaving_at: Moment | None = moment(default=False)  # since when it is being removed
    created_at: Moment = moment()


class ClientMember(SQLModel, table=True):
    """One member who works for one client."""

    __tablename__ = "client_members"

    client_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    agency_id: UUID
    role: ClientRole = word(ClientRole)

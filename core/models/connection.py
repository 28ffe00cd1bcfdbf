"""A Meta login, and the ticket with which a member starts one."""

from sqlmodel import SQLModel

from core.models.account import Platform
from core.models.columns import UUID, Moment, json_list, moment, primary_id, word


class Connection(SQLModel, table=True):
    """One Meta login, granted for one client through OAuth; holds the sealed user token."""

    __tablename__ = "connections"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    member_id: UUID
    meta_user_id: str
    meta_user_name: str
    access_token: str | None = None
    token_expires_at: Moment | None = moment(default=False)
    data_access_expires_at: Moment | None = moment(default=False)
    permissions: list[str] = json_list()
    is_active: bool = True
    connected_at: Moment = moment()

    @property
    def token_row(self) -> str:
        """What the sealed token is bound to."""
        return f"connections:{self.id}:access_token"


class ConnectTicket(SQLModel, table=True):
    """One private link, for one member, one client and one platform; used once, for a short time.

    Of the ticket, the browser's cookie and Meta's state only hashes are kept.
    """

    __tablename__ = "connect_tickets"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    member_id: UUID
    platform: Platform = word(Platform)
    ticket_hash: bytes
    browser_hash: bytes | None = None
    state_hash: bytes | None = None
    connection_id: UUID | None = None
    expires_at: Moment = moment()
    started_at: Moment | None = moment(default=False)
    returned_at: Moment | None = moment(default=False)
    finished_at: Moment | None = moment(default=False)

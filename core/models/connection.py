"""A Meta login, why one ends, who is told of that, and the ticket with which a member starts one."""

from sqlmodel import SQLModel

from core.models.account import Ending, Platform
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
    lease_until: Moment | None = moment(default=False)  # whoever renews it, or looks at it, holds it
    refresh_at: Moment | None = moment(default=False)
    refreshed_at: Moment | None = moment(default=False)
    check_at: Moment | None = moment(default=False)
    checked_at: Moment | None = moment(default=False)
    warn_at: Moment | None = moment(default=False)  # when to see whether its end is near
    warned_days: int | None = None  # the nearest warning that was given
    ending: Ending | None = word(Ending, default=None)
    ended_at: Moment | None = moment(default=False)

    @property
    def token_row(self) -> str:
        """What the sealed token is bound to."""
        return f"connections:{self.id}:access_token"


class Alert(SQLModel, table=True):
    """Somebody who is told that a login ends in so many days, or (without days) that it has ended."""

    __tablename__ = "alerts"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    connection_id: UUID
    member_id: UUID
    days: int | None = None
    next_run_at: Moment = moment()
    created_at: Moment = moment()
    said_at: Moment | None = moment(default=False)


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

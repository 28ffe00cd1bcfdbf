"""A client on its way out."""

from enum import StrEnum

from sqlmodel import SQLModel

from core.models.columns import UUID, Moment, json_object, moment, primary_id, word


class DepartureStep(StrEnum):
    """What is done next, in this order."""

    CANCEL = "cancel"  # what is planned is called off; what the public may see by now comes to its end
    EXPORT = "export"  # its posts and its audit trail are written down
    REVOKE = "revoke"  # its logins are given back at Meta
    SHRED = "shred"  # its tokens and its pictures go
    DELETE = "delete"  # its rows go
    TELL = "tell"  # whoever asked for it gets the export
    EXPIRE = "expire"  # the export goes, and the departure with it


class Departure(SQLModel, table=True):
    """A client that somebody had removed (`asked_by` is Slack's id), or that goes with its agency.

    It outlives the client, until the export goes. `counts` is what went with it, for people to read. Its
    channel is told at `tell_at`, once.
    """

    __tablename__ = "departures"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    client_name: str
    asked_by: str | None = None
    step: DepartureStep = word(DepartureStep, default=DepartureStep.CANCEL)
    step_since: Moment = moment()
    attempts: int = 0
    counts: dict[str, int] = json_object()
    created_at: Moment = moment()
    channel_id: str | None = None
    tell_at: Moment | None = moment(default=False)
    expires_at: Moment | None = moment(default=False)
    next_run_at: Moment = moment()

"""The daily summary that a member asked for."""

from sqlmodel import Field, SQLModel

from core.models.columns import UUID, Moment, moment


class Summary(SQLModel, table=True):
    """Who hears every working day what waits for them: at this hour of their own clock, next at `due_at`."""

    __tablename__ = "summaries"

    member_id: UUID = Field(primary_key=True)
    agency_id: UUID
    hour: int
    due_at: Moment = moment()
    next_run_at: Moment = moment()  # when to try; after a mishap, a little later

"""What Meta said of a person, until it is done."""

from sqlmodel import SQLModel

from core.models.account import Ending
from core.models.columns import UUID, Moment, moment, primary_id, word


class Removal(SQLModel, table=True):
    """A person who removed Pressroom, or wants deleted what it knows of them; of no agency.

    `said_at` is Meta's own time, where it told one; `code` confirms a deletion.
    """

    __tablename__ = "removals"

    id: UUID = primary_id()
    meta_user_id: str
    ending: Ending = word(Ending)
    code: str | None = None
    said_at: Moment | None = moment(default=False)
    heard_at: Moment = moment()
    ip_address: str | None = None
    user_agent: str | None = None

"""Who must agree to a client's posts, and what each of them decided."""

from enum import StrEnum

from sqlmodel import Field, SQLModel

from core.models.columns import UUID, Moment, json_list, moment, primary_id, word


class Mode(StrEnum):
    """Whether a client's posts need somebody's approval."""

    NONE = "none"
    OPTIONAL = "optional"  # whoever writes one may ask for it
    REQUIRED = "required"  # none goes out without it


class Decision(StrEnum):
    """What a member says to one version of a post."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"  # not like this: the comment says what
    REJECTED = "rejected"  # not at all: the comment says why
    TAKEN_BACK = "taken_back"  # an approval that no longer holds


class Policy(SQLModel, table=True):
    """By which rules a client's posts are approved; never rewritten, a change is the next version."""

    __tablename__ = "policies"

    client_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    agency_id: UUID
    mode: Mode = word(Mode)
    someone_else: bool = True  # nobody decides about what they wrote
    time_counts: bool = False  # another time asks everybody anew
    expires: bool = False  # what nobody approved by its time is over, and does not wait on
    remind_hours: int | None = None  # after so many, those who are asked hear of it again
    most_reminders: int = 2
    created_by: UUID
    created_at: Moment = moment()


class PolicyStage(SQLModel, table=True):
    """One of the stages that a post passes, by position: it needs so many approvals, or those of all."""

    __tablename__ = "policy_stages"

    client_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    agency_id: UUID
    name: str
    needs: int | None = None
    roles: list[str] = json_list()
    member_ids: list[str] = json_list()
    by_link: bool = False  # the client decides, too: whoever has its private link


class Approval(SQLModel, table=True):
    """What one member decided about one version of a post; PostgreSQL numbers those of a post.

    The client's own by link has a `sign_off_id` instead, the name that was typed, and where it came from.
    """

    __tablename__ = "approvals"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    post_id: UUID
    version: int
    content_hash: str
    round: int
    stage: int
    member_id: UUID | None = None
    sign_off_id: UUID | None = None
    reviewer_name: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    number: int = 0
    decision: Decision = word(Decision)
    comment: str | None = None
    created_at: Moment = moment()


class Reminder(SQLModel, table=True):
    """Who was reminded of a post that waits for them, or asked to see to it that somebody decides."""

    __tablename__ = "reminders"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    post_id: UUID
    round: int
    stage: int
    member_id: UUID
    is_escalation: bool = False
    created_at: Moment = moment()

"""The ledger: publications and their steps; and what is owed to Slack."""

from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel

from core.models.columns import UUID, Moment, json_object, moment, primary_id, word


class Kind(StrEnum):
    """What is published where; it decides which steps there are."""

    INSTAGRAM_PHOTO = "instagram_photo"
    FACEBOOK_TEXT = "facebook_text"
    FACEBOOK_PHOTO = "facebook_photo"
    FACEBOOK_LINK = "facebook_link"

    @property
    def is_prepared_ahead(self) -> bool:
        """Whether something can be made ready at Meta that nobody sees before its minute."""
        return self in (Kind.INSTAGRAM_PHOTO, Kind.FACEBOOK_PHOTO)


class PublicationState(StrEnum):
    """Where one post on one account is on its way."""

    HELD = "held"  # waits for its post's approval
    SCHEDULED = "scheduled"  # waits for next_run_at: its preparation, its minute, or the next try
    QUEUED = "queued"  # handed to the engine
    RUNNING = "running"  # a worker holds its lease
    PUBLISHED = "published"  # live
    FAILED = "failed"  # not live; a person must change something
    NEEDS_REVIEW = "needs_review"  # nobody can tell; a person must look
    LATE = "late"  # its minute passed before it could go out; a person must say what to do
    CANCELLED = "cancelled"  # a person called it off, or wrote the post anew


class StepName(StrEnum):
    """A call to Meta that changes something."""

    CONTAINER = "container"  # Instagram: make the container; nobody sees it
    PUBLISH = "publish"  # Instagram: publish the container; everybody sees it
    PHOTO = "photo"  # Facebook: stage the photo; nobody sees it
    FEED = "feed"  # Facebook: publish the post; everybody sees it

    @property
    def visible(self) -> bool:
        """Whether the public sees its effect, so that it must be looked up before it is repeated."""
        return self in (StepName.PUBLISH, StepName.FEED)


class StepState(StrEnum):
    """What is known of a step."""

    INTENT = "intent"  # written down; the call may or may not have been made
    DONE = "done"  # Meta said yes
    VOID = "void"  # proven not to have happened, or no longer wanted


class Publication(SQLModel, table=True):
    """One post on one account: the thing that succeeds or fails."""

    __tablename__ = "publications"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    post_id: UUID
    version: int
    account_id: UUID
    kind: Kind = word(Kind)
    state: PublicationState = word(PublicationState)
    due_at: Moment = moment()
    next_run_at: Moment | None = moment(default=False)
    attempts: int = 0
    crashes: int = 0
    looks: int = 0
    fence: int = 0
    lease_until: Moment | None = moment(default=False)
    queued_at: Moment | None = moment(default=False)
    remote_id: str | None = None
    permalink: str | None = None
    reason: str | None = None
    reason_code: str | None = None
    published_at: Moment | None = moment(default=False)


class Step(SQLModel, table=True):
    """One call to Meta, written down before it is made."""

    __tablename__ = "steps"

    publication_id: UUID = Field(primary_key=True)
    name: StepName = word(StepName, primary_key=True)
    generation: int = Field(primary_key=True)
    agency_id: UUID
    client_id: UUID
    state: StepState = word(StepState)
    fence: int
    reference: str | None = None
    remote_id: str | None = None
    http_status: int | None = None
    error_code: int | None = None
    error_subcode: int | None = None
    trace_id: str | None = None
    intent_at: Moment = moment()
    ended_at: Moment | None = moment(default=False)


class Announcement(SQLModel, table=True):
    """Something owed to Slack, written in the transaction that causes it."""

    __tablename__ = "outbox"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    post_id: UUID
    kind: str
    payload: dict[str, Any] = json_object()
    attempts: int = 0
    next_run_at: Moment = moment()
    created_at: Moment = moment()
    done_at: Moment | None = moment(default=False)
    trouble: str | None = None

"""A post: what a person wrote, version by version, its picture, and the card that shows it."""

from enum import StrEnum

from sqlmodel import Field, SQLModel

from core.models.columns import UUID, Moment, json_list, moment, primary_id, word


class PostState(StrEnum):
    """Where a post is on its way; the diagram stands in the README."""

    DRAFT = "draft"  # somebody is writing it; nobody else sees it
    IN_APPROVAL = "in_approval"  # waits for those who must agree to it
    CHANGES_REQUESTED = "changes_requested"  # somebody wants it otherwise
    REJECTED = "rejected"  # somebody does not want it at all
    WITHDRAWN = "withdrawn"  # whoever asked for approval took it back
    EXPIRED = "expired"  # its time passed before everybody agreed, and its client wants it over then
    APPROVED = "approved"  # everybody agreed, after its time: a person must say when it goes out
    SCHEDULED = "scheduled"  # waits for its minute; nothing of it is to be seen anywhere
    PUBLISHING = "publishing"  # its minute has come, and at least one of its publications is still on its way
    PUBLISHED = "published"  # live on every account
    FAILED = "failed"  # on at least one account it is not live, and somebody must act
    NEEDS_REVIEW = "needs_review"  # on at least one account nobody can tell; a person must look
    LATE = "late"  # its minute passed while it could not go out; a person must say what to do
    CANCELLED = "cancelled"  # a person called it off; live nowhere


class Fit(StrEnum):
    """What to do with a picture of a ratio that Instagram does not take."""

    KEEP = "keep"
    CROP = "crop"
    PAD = "pad"


class Media(SQLModel, table=True):
    """One picture as the person gave it; what Meta gets is made from it."""

    __tablename__ = "media"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    sha256: str
    content_type: str
    filename: str
    width: int
    height: int
    size_bytes: int
    created_by: UUID
    created_at: Moment = moment()


class Post(SQLModel, table=True):
    """What a person wrote; `version` says which of its versions counts, `due_at` when it goes out.

    Without a time it goes out as soon as somebody sends it on its way. Where somebody must agree to it,
    `policy_version` says by which rules, `round` for the how-manieth time they are asked, and `stage` whose
    turn it is. They were asked at `asked_at`; `remind_at` is when to look next who should be reminded, and
    `overdue_at` when its thread was told that its time is over. Since `settle_at` those who are asked may be
    others, and since `stuck_at` nobody is left who could approve it.
    """

    __tablename__ = "posts"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    author_id: UUID
    state: PostState = word(PostState)
    version: int = 1
    due_at: Moment | None = moment(default=False)
    policy_version: int | None = None
    round: int = 0
    stage: int | None = None
    asked_at: Moment | None = moment(default=False)
    asked_by: UUID | None = None
    remind_at: Moment | None = moment(default=False)
    overdue_at: Moment | None = moment(default=False)
    settle_at: Moment | None = moment(default=False)
    stuck_at: Moment | None = moment(default=False)
    created_at: Moment = moment()
    updated_at: Moment = moment()


class PostVersion(SQLModel, table=True):
    """One version of a post; never rewritten. `content_hash` is what a decision binds to."""

    __tablename__ = "post_versions"

    post_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    agency_id: UUID
    client_id: UUID
    caption: str
    link: str | None = None
    media_id: UUID | None = None
    alt_text: str | None = None
    fit: Fit = word(Fit)
    account_ids: list[str] = json_list()
    content_hash: str
    created_by: UUID
    created_at: Moment = moment()


class Card(SQLModel, table=True):
    """The Slack message that shows a post; `ts` is empty until Slack has taken it, `fallen` are those before.

    `lease_until` keeps two processes from drawing it at once; `fence` tells whose the lease is.
    """

    __tablename__ = "cards"

    post_id: UUID = Field(primary_key=True)
    agency_id: UUID
    client_id: UUID
    channel_id: str
    ts: str | None = None
    fallen: list[str] = json_list()
    fence: int = 0
    lease_until: Moment | None = moment(default=False)

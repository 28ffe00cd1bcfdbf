"""A private link with which a client decides about a post."""

from sqlmodel import SQLModel

from core.models.columns import UUID, Moment, moment, primary_id


class SignOff(SQLModel, table=True):
    """One private link: for one post, at one stage in one round of asking; good for one decision.

    Of its secret only a hash is kept. PostgreSQL writes `used_at` together with the decision.
    """

    __tablename__ = "sign_offs"

    id: UUID = primary_id()
    agency_id: UUID
    client_id: UUID
    post_id: UUID
    round: int
    stage: int
    token_hash: bytes
    made_by: UUID
    created_at: Moment = moment()
    expires_at: Moment = moment()
    revoked_at: Moment | None = moment(default=False)
    used_at: Moment | None = moment(default=False)

"""A key of the vault, as the database knows it."""

from sqlmodel import Field, SQLModel

from core.models.columns import Moment, moment


class VaultKey(SQLModel, table=True):
    """A key that seals or sealed: a known text, sealed with it, tells whether it still is the same one."""

    __tablename__ = "vault_keys"

    id: str = Field(primary_key=True)
    check_value: str
    created_at: Moment = moment()
    retired_at: Moment | None = moment(default=False)

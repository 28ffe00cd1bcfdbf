"""The columns that several tables share: ids, aware datetimes, JSON."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from pydantic import AwareDatetime
from sqlalchemy import Column, DateTime, Enum
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

Moment = Annotated[datetime, AwareDatetime]


def now() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)


def primary_id() -> Any:
    """Declare a random uuid as the primary key."""
    return Field(default_factory=uuid4, primary_key=True)


def moment(*, default: bool = True) -> Any:
    """Declare a timestamptz column: now by default, or null."""
    column: Any = DateTime(timezone=True)
    if default:
        return Field(default_factory=now, sa_type=column)
    return Field(default=None, sa_type=column)


def json_list() -> Any:
    """Declare a jsonb column that holds a list."""
    return Field(default_factory=list, sa_column=Column(JSONB, nullable=False))


def json_object() -> Any:
    """Declare a jsonb column that holds an object."""
    return Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))


def word(words: type[StrEnum], *, primary_key: bool = False, **default: Any) -> Any:
    """Declare a text column that holds one word of a StrEnum, and gives it as such; or `default=None`."""
    column: Any = Enum(words, native_enum=False, create_constraint=False, values_callable=values_of)
    return Field(sa_type=column, primary_key=primary_key, **default)


def values_of(words: type[StrEnum]) -> list[str]:
    """Give the words as the database holds them."""
    return [member.value for member in words]


__all__ = ["UUID", "Moment", "json_list", "json_object", "moment", "now", "primary_id", "word"]

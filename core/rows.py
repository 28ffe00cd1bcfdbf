"""Rows by their ids: one query, however many."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.models import Account, Client, Connection, Media, Member

Row = TypeVar("Row", Account, Client, Connection, Media, Member)


async def by_id(session: AsyncSession, table: type[Row], ids: Iterable[UUID]) -> dict[UUID, Row]:
    """Give these rows by their ids."""
    rows = await session.exec(select(table).where(col(table.id).in_(ids)))
    return {row.id: row for row in rows}

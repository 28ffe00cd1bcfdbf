"""Rows by their ids, and ids by their agency."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.models import Account, Client, Connection, Media, Member

Row = TypeVar("Row", Account, Client, Connection, Media, Member)


async def by_id(session: AsyncSession, table: type[Row], ids: Iterable[UUID]) -> dict[UUID, Row]:
    """Give these rows by their ids."""
    rows = await session.exec(select(table).where(col(table.id).in_(ids)))
    return {row.id: row for row in rows}


def by_agency(rows: Iterable[Any]) -> dict[UUID, list[UUID]]:
    """Group (agency, id), as the functions that look across agencies give them, by agency."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for agency_id, row_id in rows:
        found[agency_id].append(row_id)
    return found

"""The control: Pressroom with the audit entry in a transaction of its own, after that of the change.

Beside blind.py the only place where something of ours is patched: to show that the gap is noticed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Actor, Database
from core.sessions import ENTRIES

session_of = Database.session


@asynccontextmanager
async def session(its: Database, actor: Actor) -> AsyncIterator[AsyncSession]:
    """Open a transaction, and write what entries are left of it once it is committed."""
    async with session_of(its, actor) as opened:
        yield opened
        entries = opened.info.pop(ENTRIES, None)
    if entries:
        async with session_of(its, actor) as second:
            second.info[ENTRIES] = entries


def go_careless() -> None:
    """From now on, in this process, the trail follows the deed."""
    Database.session = session  # type: ignore[method-assign]

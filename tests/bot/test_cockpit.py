"""Home and the lists: what they ask the database does not grow with the clients."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import event

from bot import cockpit
from bot.views.accounts import Shown
from core import clients
from core.clients import Details
from core.db import Database
from core.models import Account, Connection, Member, Platform
from tests.conftest import Cast

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("who", ["admin", "manager"])
async def test_many_clients_are_as_many_queries_as_few(db: Database, agency: Cast, who: str) -> None:
    member: Member = getattr(agency, who)
    few = await queries(db, agency, member)
    for number in range(12):
        await add(db, agency, f"Client {number}")
    assert await queries(db, agency, member) == few
    async with db.session(agency.actor(member)) as session:
        home = await cockpit.groups(session, member, NOW, 0)
        page = await cockpit.lines(session, member, NOW, Shown(None, 0))
    assert home.total == page.total == (14 if who == "admin" else 13)
    assert all(group.may_change for group in home.items)
    shown = {group.client.name: [one.account.label for one in group.entries] for group in home.items}
    assert shown["Client 7"] == ["Client 7"]
    assert [line.entry.health.ok for line in page.items if line.entry] == [True] * 12


async def queries(db: Database, agency: Cast, member: Member) -> int:
    """Count what is asked for one page of each list."""
    async with db.session(agency.actor(member)) as session:
        with counted(db) as asked:
            await cockpit.groups(session, member, NOW, 0)
            await cockpit.lines(session, member, NOW, Shown(None, 0))
    return len(asked)


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Write down every statement."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def add(db: Database, agency: Cast, name: str) -> None:
    """Add a client with a Page."""
    boss, people = agency.actor(agency.admin), frozenset({agency.manager.id})
    client = await clients.add(db, boss, Details(name, None, people, frozenset()))
    login = Connection(
        agency_id=agency.id,
        client_id=client.id,
        member_id=agency.manager.id,
        meta_user_id="1",
        meta_user_name="Maya Chen",
    )
    page = Account(
        agency_id=agency.id,
        parent_id=client.id,
        connection_id=login.id,
        platform=Platform.FACEBOOK,
        platform_account_id=uuid4().hex,
        platform_account_name=name,
    )
    async with db.session(agency.program) as session:
        session.add(login)
        await session.flush()
        session.add(page)

"""Sessions: they survive a database that restarts, and know what time it is there."""

from datetime import timedelta
from typing import Any

from psycopg import Connection
from sqlmodel import func, select

from core.db import LETS_GO, Database, clock
from pressroom.schema import Addresses
from tests.conftest import Cast

EVERY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'mine' AND pid <> pg_backend_pid()
"""


async def test_connections_that_the_server_closed_are_made_anew(
    addresses: Addresses, agency: Cast, owner: Connection[Any]
) -> None:
    mine = Database(addresses.program)

    async def look() -> str:
        async with mine.session(agency.program) as session:
            await session.exec(select(func.set_config("application_name", "mine", False)))
            return (await session.exec(select(func.current_user()))).one()

    for _ in range(2):
        assert await look() == "pressroom"
        assert owner.execute(EVERY).rowcount == 1
    assert len(await mine.ids("every_agency")) > 0
    await mine.close()


async def test_who_freezes_in_a_transaction_lets_go_of_its_rows(db: Database, agency: Cast) -> None:
    async with db.session(agency.program) as session:
        said = select(func.current_setting("idle_in_transaction_session_timeout"))
        assert (await session.exec(said)).one() == LETS_GO


async def test_the_time_is_the_databases(db: Database, agency: Cast) -> None:
    async with db.session(agency.program) as session:
        now = await clock(session)
        there = (await session.exec(select(func.clock_timestamp()))).one()
        assert timedelta(seconds=-0.05) < there - now < timedelta(seconds=2)
        assert now < await clock(session)

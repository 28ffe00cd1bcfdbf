"""Migrations: twice, at once, and as an owner who is no superuser, as on a managed PostgreSQL."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlmodel import select

from core import seals
from core.db import Actor, Database
from core.models import Agency, AuditEntry
from core.verification import Walk, verify
from pressroom.database import embedded
from pressroom.schema import Addresses, CannotMigrate, configuration, create_role, driver_url, migrate


@pytest.fixture(scope="module")
def server() -> Iterator[Addresses]:
    """Run a server without any of our roles: they belong to a whole server."""
    folder = Path(tempfile.mkdtemp(prefix="pressroom-tests-"))
    folder.chmod(0o711)
    try:
        with embedded(folder / "postgres", options="-c fsync=off") as addresses:
            yield addresses
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def managed(server: Addresses) -> Addresses:
    """Give an empty database whose owner may create roles and is no superuser."""
    return fresh(server, owner="landlord", program="tenant", attributes="CREATEROLE")


def fresh(server: Addresses, *, owner: str, program: str, attributes: str) -> Addresses:
    """Make a database with an owner of its own."""
    assert server.owner is not None
    name = f"house_{uuid4().hex[:8]}"
    with psycopg.connect(driver_url(server.owner), autocommit=True) as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [owner]).rowcount:
            connection.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'secret' {attributes}")
        connection.execute(f"CREATE DATABASE {name} OWNER {owner}")
    url = make_url(server.owner).set(database=name)
    as_program = url.set(username=program, password="of one's own choice")
    return Addresses(
        as_program.render_as_string(hide_password=False),
        url.set(username=owner).render_as_string(hide_password=False),
    )


async def test_an_owner_without_superuser_can_migrate_and_the_program_can_work(managed: Addresses) -> None:
    await asyncio.to_thread(migrate, managed)
    database = Database(managed.program)
    await database.check_role()
    actor = Actor.program(uuid4())
    async with database.session(actor) as session:
        session.add(Agency(id=actor.agency_id, slack_team_id="T1", name="an agency"))
    assert await database.ids("find_agency", team="T1") == [(actor.agency_id,)]
    await database.close()


async def test_the_owner_of_a_managed_database_sees_no_rows(managed: Addresses) -> None:
    """Forced: the policies hold for the owner too, who has none."""
    await asyncio.to_thread(migrate, managed)
    assert managed.owner is not None
    with psycopg.connect(driver_url(managed.owner)) as connection:
        assert connection.execute("SELECT FROM agencies").rowcount == 0


def test_twice_changes_nothing(managed: Addresses) -> None:
    migrate(managed)
    before = described(managed)
    migrate(managed)
    assert described(managed) == before


OLD = """
INSERT INTO audit_logs (id, agency_id, user_id, action, details, ip_address)
VALUES (gen_random_uuid(), :agency, 'sign_off:1', 'post_approved', '{"by_name": "Maya Chen", "version": 1}',
    '::1')
"""


async def test_entries_of_the_time_before_are_sealed_and_their_names_stand_apart(server: Addresses) -> None:
    """As an owner who is no superuser, whom forced policies would otherwise keep from the rows."""
    old = fresh(server, owner="landlord", program="tenant", attributes="CREATEROLE")
    assert old.owner
    with create_engine(old.owner, poolclass=NullPool).connect() as connection:
        command.upgrade(configuration(connection), "0004")
        create_role(connection, make_url(old.program))
        connection.commit()
    agency, database = uuid4(), Database(old.program)
    async with database.session(Actor.program(agency)) as session:
        await (await session.connection()).execute(text(OLD), {"agency": agency})
    await asyncio.to_thread(migrate, old)
    assert await seals.seal_some(database, agency) == 1
    assert [fault async for fault in verify(database, agency, Walk())] == []
    async with database.session(Actor.program(agency)) as session:
        [entry] = await session.exec(select(AuditEntry))
    await database.close()
    assert (entry.personal, entry.details) == ({"by_name": "Maya Chen"}, {"version": 1})


async def test_several_at_once(server: Addresses) -> None:
    addresses = fresh(server, owner="landlord", program="tenant", attributes="CREATEROLE")
    await asyncio.gather(*(asyncio.to_thread(migrate, addresses) for _ in range(4)))
    assert len(described(addresses)) > 10


async def test_a_second_database_on_the_same_server(managed: Addresses, server: Addresses) -> None:
    await asyncio.to_thread(migrate, managed)
    another = fresh(server, owner="landlord", program="tenant_too", attributes="CREATEROLE")
    await asyncio.to_thread(migrate, another)
    database = Database(another.program)
    await database.check_role()
    await database.close()


def test_an_owner_who_may_not_create_roles_is_told(server: Addresses) -> None:
    poor = fresh(server, owner="lodger", program="tenant_three", attributes="NOCREATEROLE")
    with pytest.raises(CannotMigrate, match="CREATEROLE"):
        migrate(poor)


def test_without_an_owner_it_says_what_to_set(managed: Addresses) -> None:
    with pytest.raises(CannotMigrate, match="Set DATABASE_OWNER_URL"):
        migrate(Addresses(managed.program, None))


def test_the_same_role_twice_is_refused(managed: Addresses) -> None:
    assert managed.owner is not None
    with pytest.raises(CannotMigrate, match="name the same role"):
        migrate(Addresses(managed.owner, managed.owner))


def test_the_program_gets_the_password_of_its_address(managed: Addresses, server: Addresses) -> None:
    migrate(managed)
    assert server.owner is not None
    with psycopg.connect(driver_url(server.owner)) as connection:
        found = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'tenant'").fetchone()
    assert found is not None
    assert found[0].startswith("SCRAM-SHA-256$")


def described(addresses: Addresses) -> list[tuple[object, ...]]:
    """Give every table, policy and right of the schema."""
    assert addresses.owner is not None
    with psycopg.connect(driver_url(addresses.owner)) as connection:
        return connection.execute(
            "SELECT relname, relowner::regrole::text, relacl::text FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace"
            " UNION ALL SELECT policyname, tablename, qual FROM pg_policies"
            " UNION ALL SELECT version_num, '', '' FROM alembic_version ORDER BY 1, 2, 3"
        ).fetchall()

"""Agencies and their members: made on first sight, once, however many requests come at once."""

import asyncio
from dataclasses import replace
from uuid import uuid4

from sqlmodel import select

from core import agencies
from core.agencies import Person
from core.db import Actor, Database
from core.models import AuditEntry, Member, Role
from tests.conftest import Cast

AT_ONCE = 8


def somebody() -> Person:
    """Give a person whom nobody has met."""
    slack_user_id = f"U{uuid4().hex[:10].upper()}"
    return Person(slack_user_id, "Kim Park", "Asia/Seoul", is_admin=False, is_guest=False)


async def told(db: Database, agency: Cast, action: str, person: Person) -> list[AuditEntry]:
    """Give the audit entries about one person."""
    async with db.session(agency.program) as session:
        entries = await session.exec(select(AuditEntry).where(AuditEntry.action == action))
        return [entry for entry in entries if entry.details["slack_user_id"] == person.slack_user_id]


async def test_somebody_who_comes_several_times_at_once_is_one_member(db: Database, agency: Cast) -> None:
    person = somebody()
    met = await asyncio.gather(*(agencies.welcome(db, agency.id, person) for _ in range(AT_ONCE)))
    assert len({member.id for member in met}) == 1
    assert len(await told(db, agency, "member_added", person)) == 1


async def test_one_who_comes_while_the_row_is_being_made_waits_for_it(db: Database, agency: Cast) -> None:
    person = somebody()
    async with db.session(agency.program) as session:
        session.add(first := Member(agency_id=agency.id, **agencies.of(person)))
        await session.flush()
        coming = asyncio.create_task(agencies.welcome(db, agency.id, person))
        await until_it_waits(db, coming)
    assert (await coming).id == first.id
    assert await told(db, agency, "member_added", person) == []


async def until_it_waits(db: Database, coming: asyncio.Task[Member]) -> None:
    """Return when a transaction waits for another one: that is as far as it comes."""
    waiting = "SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
    async with db.engine.connect() as connection:
        while not (await connection.exec_driver_sql(waiting)).all():
            assert not coming.done()


async def test_what_slack_says_of_somebody_is_taken_over(db: Database, agency: Cast) -> None:
    person = somebody()
    first = await agencies.welcome(db, agency.id, person)
    changed = replace(person, name="Kim Park-Lee", is_admin=True)
    met = await asyncio.gather(*(agencies.welcome(db, agency.id, changed) for _ in range(AT_ONCE)))
    assert {(member.id, member.name, member.role) for member in met} == {
        (first.id, "Kim Park-Lee", Role.ADMIN)
    }
    assert len(await told(db, agency, "member_role_changed", person)) == 1


async def test_a_workspace_that_is_met_several_times_at_once_is_one_agency(db: Database) -> None:
    team = f"T{uuid4().hex[:10].upper()}"
    made = await asyncio.gather(
        *(agencies.ensure(db, slack_team_id=team, name="Brightside") for _ in range(AT_ONCE))
    )
    assert len(set(made)) == 1
    async with db.session(Actor.program(made[0])) as session:
        added = (await session.exec(select(AuditEntry).where(AuditEntry.action == "agency_added"))).all()
    assert len(added) == 1

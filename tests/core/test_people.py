"""What is stored of one person: given out, and their name erased, while the chain stays whole."""

import json
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege
from sqlmodel import col, select

from core import people
from core.errors import NotAllowed, NotFound
from core.models import AuditEntry, Member
from core.models import Connection as MetaLogin
from core.services import Services
from core.verification import Kind
from tests.conftest import Cast
from tests.core.desk import make_desk
from tests.core.tampering import Trail
from tests.drivers.meta import Meta

NAME, ADDRESS = "Lee Okafor", "203.0.113.7"


@pytest.fixture
async def trail(services: Services, agency: Cast, owner: Connection[Any]) -> Trail:
    """Give a trail of which a part is sealed, and the rest not yet."""
    made = Trail(services, agency, owner)
    await made.write("sealed")
    await made.seal()
    await made.write("unsealed")
    return made


async def entries(trail: Trail, user_id: str) -> list[AuditEntry]:
    async with trail.services.db.session(trail.cast.program) as session:
        theirs = select(AuditEntry).where(col(AuditEntry.user_id) == user_id)
        return list((await session.exec(theirs.order_by(col(AuditEntry.created_at)))).all())


async def erase(trail: Trail, by: Member | None = None) -> int:
    actor = trail.cast.actor(by or trail.cast.admin)
    return await people.erase(trail.services, actor, trail.cast.author.slack_user_id)


async def test_a_name_is_erased_everywhere_and_the_chain_stays_whole(trail: Trail, meta: Meta) -> None:
    await make_desk(trail.services, trail.cast, meta)
    assert await erase(trail) == 2
    await trail.seal()
    assert await trail.faults() == []
    theirs = await entries(trail, trail.cast.author.slack_user_id)
    assert [one.action for one in theirs] == ["sealed", "unsealed"]
    for one in theirs:
        assert (one.personal, one.ip_address, one.user_agent) == (None, None, None)
    [told] = [
        one for one in await entries(trail, trail.cast.admin.slack_user_id) if one.id == theirs[0].erased_by
    ]
    said = {"person": trail.cast.author.slack_user_id, "entries": 2, "slack": {"channel": "C1"}}
    assert (told.action, told.details) == ("personal_data_erased", said)
    left = trail.owner.execute(
        "SELECT count(*) FROM audit_seals WHERE entry_id = ANY(%s) AND personal_salt IS NOT NULL",
        [[one.id for one in theirs]],
    )
    assert left.fetchone() == (0,)
    assert await named(trail, trail.cast.author.slack_user_id) == "Erased"
    assert await erase(trail) == 0


async def named(trail: Trail, slack_user_id: str) -> str:
    async with trail.services.db.session(trail.cast.program) as session:
        found = select(Member.name).where(col(Member.slack_user_id) == slack_user_id)
        return (await session.exec(found)).one()


async def test_a_meta_login_of_theirs_has_no_name_any_more(trail: Trail, meta: Meta) -> None:
    await make_desk(trail.services, trail.cast, meta)  # the manager's login
    admin, manager = trail.cast.actor(trail.cast.admin), trail.cast.manager
    await people.erase(trail.services, admin, manager.slack_user_id)
    async with trail.services.db.session(trail.cast.program) as session:
        logins = await session.exec(select(MetaLogin.meta_user_name))
        assert list(logins) == ["Erased"]


async def test_erasing_is_the_admins_and_only_of_somebody_who_is_known(trail: Trail) -> None:
    for member in (trail.cast.author, trail.cast.manager):
        with pytest.raises(NotAllowed, match="admins"):
            await erase(trail, member)
        with pytest.raises(NotAllowed, match="admins"):
            await people.export(trail.services, trail.cast.actor(member), member.slack_user_id)
    with pytest.raises(NotFound):
        await people.erase(trail.services, trail.cast.actor(trail.cast.admin), "U0NOBODY01")


ACT = "SELECT set_config('app.agency_id', %s, true), set_config('app.member_id', %s, true)"
ERASE = "SELECT count(*) FROM erase_personal(%s, '{}')"


def test_postgresql_itself_lets_only_admins_erase_and_only_their_agency_s(
    trail: Trail, program: Connection[Any]
) -> None:
    person = trail.cast.author.slack_user_id
    for agency, member in ((trail.cast.id, trail.cast.author.id), (trail.cast.id, ""), ("", "")):
        with program.transaction():
            program.execute(ACT, [str(agency), str(member)])
            with pytest.raises(InsufficientPrivilege), program.transaction():
                program.execute(ERASE, [person])
    with program.transaction():
        program.execute(ACT, [str(uuid4()), ""])
        program.execute("SELECT set_config('app.program', 'on', true)")
        assert program.execute(ERASE, [person]).fetchone() == (0,)


async def test_what_is_emptied_without_an_entry_that_tells_is_found(trail: Trail) -> None:
    await trail.seal()
    await erase(trail)
    await trail.write("later")
    await trail.seal()
    theirs = await entries(trail, trail.cast.author.slack_user_id)
    [told] = {one.erased_by for one in theirs[:2]}
    later = trail.entries[-1]
    with trail.by_force() as owner:
        empty = "UPDATE audit_logs SET personal = NULL, ip_address = NULL, user_agent = NULL, erased_by = %s"
        owner.execute(f"{empty} WHERE id = %s", [told, later])
        owner.execute("UPDATE audit_seals SET personal_salt = NULL WHERE entry_id = %s", [later])
    [fault] = await trail.faults()
    assert (fault.kind, fault.entry_id) == (Kind.CHANGED, later)


async def test_an_export_has_what_is_stored_of_them_and_nothing_secret(trail: Trail, meta: Meta) -> None:
    desk = await make_desk(trail.services, trail.cast, meta)
    await desk.draft(desk.content(desk.facebook))
    actor = trail.cast.actor(trail.cast.admin)
    author = await people.export(trail.services, actor, trail.cast.author.slack_user_id)
    assert [one["name"] for one in author["member"]] == [NAME]
    assert [one["role"] for one in author["memberships"]] == ["author"]
    assert len(author["posts"]) == len(author["versions"]) == 1
    assert {one["ip_address"] for one in author["entries"]} == {ADDRESS}
    manager = await people.export(trail.services, actor, trail.cast.manager.slack_user_id)
    assert [one["meta_user_name"] for one in manager["connections"]] == ["Maya Chen"]
    written = json.dumps([author, manager])
    assert "access_token" not in written
    assert not {"ticket_hash", "token_hash"} & {
        key for rows in manager.values() for row in rows for key in row
    }
    told = await entries(trail, trail.cast.admin.slack_user_id)
    assert [one.action for one in told[-2:]] == ["personal_data_exported"] * 2


def test_every_table_in_which_a_member_appears_is_exported(owner: Connection[Any]) -> None:
    found = owner.execute(
        "SELECT DISTINCT c.conrelid::regclass::text FROM pg_constraint c WHERE c.contype = 'f'"
        " AND c.confrelid = 'members'::regclass"
    ).fetchall()
    exported = " ".join(people.STORED.values())
    assert [table for (table,) in found if f"FROM {table} " not in exported] == []

"""What is stored of one person: given out, and their name erased, while the chain stays whole."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import update
from sqlmodel import col, select

from core import agencies, people, removals, seals
from core.agencies import Person
from core.db import Origin
from core.errors import NotAllowed, NotFound
from core.graph.signed_request import SignedRequest
from core.models import AuditEntry, ConnectTicket, Member
from core.models import Connection as MetaLogin
from core.services import Services
from core.verification import Kind
from tests.conftest import Cast
from tests.core.desk import make_desk
from tests.core.logins import logged_in
from tests.core.tampering import Trail
from tests.drivers.connecting import open_link
from tests.drivers.meta import MAYA, Meta

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


LEFT = "SELECT action FROM audit_logs e WHERE agency_id = %s AND to_jsonb(e)::text LIKE %s"


def left(trail: Trail, words: str) -> list[str]:
    """Give what entries say these words, wherever in them."""
    return [action for (action,) in trail.owner.execute(LEFT, [trail.cast.id, f"%{words}%"]).fetchall()]


def renamed(cast: Cast, **more: bool) -> Person:
    return Person(
        cast.author.slack_user_id, "Lee Okafor-Smith", "UTC", is_admin=False, is_guest=False, **more
    )


async def test_a_new_name_of_which_slack_told_is_erased_too(trail: Trail) -> None:
    await agencies.welcome(trail.services.db, trail.cast.id, renamed(trail.cast))
    await trail.seal()
    assert left(trail, "Okafor-Smith") == ["member_changed"]
    assert await erase(trail) == 3
    await trail.seal()
    assert left(trail, "Okafor-Smith") == []
    assert await trail.faults() == []


async def test_slack_brings_no_erased_name_back_but_they_themself_do(trail: Trail) -> None:
    db, cast = trail.services.db, trail.cast
    await erase(trail)
    assert (await agencies.welcome(db, cast.id, renamed(cast, has_left=True))).left_at
    assert (await agencies.welcome(db, cast.id, renamed(cast))).name == "Erased"
    assert not await agencies.is_news(db, cast.id, renamed(cast))
    assert left(trail, "Okafor-Smith") == []
    assert (await agencies.welcome(db, cast.id, renamed(cast), is_here=True)).name == "Lee Okafor-Smith"


async def test_their_name_goes_from_what_others_did_to_their_login(trail: Trail, meta: Meta) -> None:
    services, cast = trail.services, trail.cast
    await (await open_link(services, meta, cast.actor(cast.manager), cast.client.id)).log_in()
    async with services.db.session(cast.program) as session:
        over = datetime.now(UTC) - timedelta(hours=1)
        await session.exec(update(ConnectTicket).values(expires_at=over))
    await open_link(services, meta, cast.actor(cast.admin), cast.client.id)  # theirs is shredded as unused
    await trail.seal()
    assert sorted(left(trail, MAYA)) == ["login_granted", "login_shredded"]
    await people.erase(services, cast.actor(cast.admin), cast.manager.slack_user_id)
    assert left(trail, MAYA) == []
    await trail.seal()
    assert await trail.faults() == []


@pytest.mark.parametrize("its_client_is_gone", [False, True])
async def test_who_has_meta_delete_their_data_is_named_in_no_entry(
    trail: Trail, meta: Meta, *, its_client_is_gone: bool
) -> None:
    await logged_in(trail.services, meta, trail.cast)
    await trail.seal()
    assert left(trail, MAYA) == ["login_granted"]
    if its_client_is_gone:
        with trail.by_force() as owner:
            owner.execute("DELETE FROM connections WHERE agency_id = %s", [trail.cast.id])
    await removals.delete(trail.services, SignedRequest(MAYA, datetime.now(UTC)), Origin())
    await removals.carry_on(trail.services)
    assert left(trail, MAYA) == []
    await trail.seal()
    assert await trail.faults() == []
    erased = await entries(trail, "pressroom")
    assert [one.action for one in erased].count("personal_data_erased") == 1


async def test_erasing_during_the_first_sealing_waits_for_it(
    services: Services, agency: Cast, owner: Any
) -> None:
    trail = Trail(services, agency, owner)
    await trail.write()
    async with services.db.session(agency.program) as session:  # as `seal_some` does, step by step
        connection = await session.connection()
        await connection.execute(seals.BEGIN, {"agency": agency.id})
        chain = (await connection.execute(seals.LOCK, {"agency": agency.id})).one()
        found = (await connection.execute(seals.UNSEALED, {"agency": agency.id, "most": 500})).all()
        at = (await connection.execute(seals.NOW)).scalar_one()
        erasing = asyncio.create_task(erase(trail))
        done, _ = await asyncio.wait({erasing}, timeout=0.3)
        await seals.write(session, agency.id, seals.links(found, chain.number, chain.hash, at), at)
    assert not done
    assert await erasing == 1
    await trail.seal()
    assert await trail.faults() == []
    salts = "SELECT FROM audit_seals WHERE agency_id = %s AND number <= %s AND personal_salt IS NOT NULL"
    assert owner.execute(salts, [agency.id, len(found)]).rowcount == 0


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
    assert {one["ip_address"] for one in author["entries"]} == {
        ADDRESS,
        None,
    }  # None: what was noticed of them
    assert "member_added" in [one["action"] for one in author["entries"]]
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

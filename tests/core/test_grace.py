"""An agency that uninstalls: nothing goes out; it comes back, or after thirty days only its trail is left."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection as Owner
from sqlalchemy import update
from sqlmodel import col, select

from core import agencies, clients, departures, grace, leaving, pauses, seals, verification
from core.agencies import Grant
from core.announcements import SlackAway
from core.clients import Details
from core.errors import Changed, Invalid, NotAllowed
from core.models import Agency, AuditEntry, Client, Departure, DepartureStep, Installation, PostState
from core.services import Services
from core.vault import Token
from core.verification import Walk
from tests.conftest import Cast, Heard
from tests.core.desk import Desk, make_desk
from tests.core.recorder import Recorder, failing
from tests.core.test_departures import only
from tests.core.timetable import scheduled, soon
from tests.drivers.meta import COFFEE, Meta

GRANT = Grant("A1", "B1", "U1", Token("xoxb-1"), ("chat:write",), None)
BY_TIME = col(AuditEntry.created_at)
LEFT = {"audit_chains", "audit_logs", "audit_seals", "audit_heads", "departures"}
TABLES = """
SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'agency_id'
"""


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    desk = await make_desk(services, agency, meta)
    await only(desk)
    await agencies.install(services.db, services.vault, agency.id, GRANT)
    return desk


async def put(desk: Desk, table: Any, **values: Any) -> None:
    async with desk.services.db.session(desk.cast.program) as session:
        await session.exec(update(table).values(**values))


async def actions(desk: Desk) -> list[str]:
    async with desk.services.db.session(desk.cast.program) as session:
        return [one.action for one in await session.exec(select(AuditEntry).order_by(BY_TIME))]


async def goes(desk: Desk) -> None:
    """Take everything as far as it goes."""
    await grace.leave(desk.services, desk.cast.id)
    async with desk.services.db.session(desk.cast.program) as session:
        found = list(await session.exec(select(Departure)))
    for one in found:
        while taken := await departures.take(desk.services, one.agency_id, one.id):
            await leaving.STEPS[taken.step](desk.services, taken)
        ids = {"agency_id": one.agency_id, "departure_id": one.id}
        await leaving.deliver(desk.services, Recorder(), **ids)
    await grace.leave(desk.services, desk.cast.id)


async def says_farewell(desk: Desk, slack: Recorder) -> None:
    """Do the job that was handed over, as often as it was."""
    assert isinstance(desk.services.transport, Heard)
    while desk.services.transport.farewells:
        agency_id = desk.services.transport.farewells.pop()
        await grace.deliver(desk.services, slack, agency_id=agency_id)


def left(owner: Owner[Any], desk: Desk) -> set[str]:
    """Give the tables in which anything of the agency is left."""
    tables = [*((table, "agency_id") for (table,) in owner.execute(TABLES)), ("agencies", "id")]
    return {
        table
        for table, column in tables
        if owner.execute(f"SELECT FROM {table} WHERE {column} = %s", [desk.cast.id]).rowcount
    } - {"me", "my_clients"}


async def test_nothing_goes_out_meanwhile_and_all_goes_on_when_it_comes_back(desk: Desk, meta: Meta) -> None:
    view = await desk.publish(desk.content(desk.facebook))
    await agencies.uninstall(desk.services.db, desk.cast.id, at=datetime.now(UTC))
    await agencies.uninstall(desk.services.db, desk.cast.id, at=datetime.now(UTC))
    assert (await actions(desk)).count("agency_leaving") == 1
    assert (await desk.advance(view)).post.state is PostState.PUBLISHING
    assert (await meta.public())["pages"].get(COFFEE, []) == []
    async with desk.services.db.session(desk.cast.program) as session:
        held = await pauses.of_client(session, (await desk.look(view)).client)
    assert held
    assert held.is_leaving
    await agencies.install(desk.services.db, desk.services.vault, desk.cast.id, GRANT)
    assert (await actions(desk)).count("agency_stays") == 1
    await grace.leave(desk.services, desk.cast.id)
    async with desk.services.db.session(desk.cast.program) as session:
        assert (await session.get_one(Agency, desk.cast.id)).leaves_at is None
        assert (await session.exec(select(Departure))).all() == []


async def test_what_slack_says_late_of_an_earlier_installation_ends_no_new_one(desk: Desk) -> None:
    db = desk.services.db
    removed_at = datetime.now(UTC) - timedelta(seconds=2)
    await agencies.install(db, desk.services.vault, desk.cast.id, GRANT)
    await agencies.uninstall(db, desk.cast.id, at=removed_at.replace(microsecond=0))
    async with db.session(desk.cast.program) as session:
        assert await session.get(Installation, desk.cast.id)
        assert (await session.get_one(Agency, desk.cast.id)).leaves_at is None
    await agencies.uninstall(db, desk.cast.id, at=datetime.now(UTC).replace(microsecond=0))
    async with db.session(desk.cast.program) as session:
        assert await session.get(Installation, desk.cast.id) is None
        assert (await session.get_one(Agency, desk.cast.id)).leaves_at


async def test_after_its_time_only_the_trail_is_left(desk: Desk, owner: Owner[Any]) -> None:
    await scheduled(desk, desk.content(desk.facebook), soon(hours=2))
    await agencies.uninstall(desk.services.db, desk.cast.id, at=datetime.now(UTC))
    await goes(desk)
    assert "agency_removed" not in await actions(desk)
    await put(desk, Agency, leaves_at=datetime(2000, 1, 1, tzinfo=UTC))
    await goes(desk)
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    async with desk.services.db.session(desk.cast.program) as session:
        unsaid = update(Departure).where(col(Departure.step) == DepartureStep.DELETE)
        since = datetime.now(UTC) - timedelta(minutes=11)
        await session.exec(unsaid.values(next_run_at=long_ago, step_since=since))
    await goes(desk)
    while await seals.seal_some(desk.services.db, desk.cast.id):
        pass
    assert left(owner, desk) <= LEFT
    assert left(owner, desk) >= {"audit_logs", "audit_seals", "departures"}
    assert (await actions(desk)).count("client_removed") == 2
    assert (await actions(desk))[-1] == "agency_removed"
    assert not [one async for one in verification.verify(desk.services.db, desk.cast.id, Walk())]
    await put(desk, Departure, next_run_at=long_ago)
    await goes(desk)
    assert "departures" not in left(owner, desk)
    again = await agencies.ensure(desk.services.db, slack_team_id=desk.cast.team_id, name="Brightside")
    assert again != desk.cast.id


async def test_an_admin_ends_the_time_at_once_by_the_workspaces_name(desk: Desk) -> None:
    ada = desk.cast.actor(desk.cast.admin)
    with pytest.raises(NotAllowed):
        await grace.leave_now(desk.services, desk.cast.actor(desk.cast.manager), name="Brightside")
    with pytest.raises(Invalid, match="Type Brightside"):
        await grace.leave_now(desk.services, ada, name="brightside")
    async with desk.services.db.session(ada) as session:
        found = await grace.stakes(session, ada)
    assert (found.clients, found.accounts) == (2, 2)
    await grace.leave_now(desk.services, ada, name="Brightside")
    with pytest.raises(Changed):
        await grace.leave_now(desk.services, ada, name="Brightside")
    early = Recorder()
    await grace.deliver(desk.services, early, agency_id=desk.cast.id)
    assert early.said == []
    await goes(desk)
    async with desk.services.db.session(desk.cast.program) as session:
        asked = set(await session.exec(select(col(Departure.asked_by))))
    assert asked == {desk.cast.admin.slack_user_id}
    slack = Recorder(meanwhile={"farewell": failing(SlackAway())})
    await says_farewell(desk, slack)
    assert "agency_removed" not in await actions(desk)
    await grace.leave(desk.services, desk.cast.id)
    assert [one.client_name for one, _ in await grace.exports(desk.services, desk.cast.id)] == sorted(
        [desk.cast.client.name, desk.cast.other_client.name]
    )
    await says_farewell(desk, slack)
    await grace.deliver(desk.services, slack, agency_id=desk.cast.id)  # a late job
    assert slack.said == ["farewell"]
    assert "agency_removed" in await actions(desk)


async def test_when_nobody_can_be_told_that_everything_is_gone_it_goes_after_some_days(desk: Desk) -> None:
    await grace.leave_now(desk.services, desk.cast.actor(desk.cast.admin), name="Brightside")
    await goes(desk)
    assert "agency_removed" not in await actions(desk)
    await put(desk, Agency, leaves_at=datetime.now(UTC) - grace.PATIENCE)
    await grace.leave(desk.services, desk.cast.id)
    assert "agency_removed" in await actions(desk)


async def test_what_is_added_while_the_last_words_are_said_does_not_go_without_a_trace(desk: Desk) -> None:
    ada = desk.cast.actor(desk.cast.admin)
    await grace.leave_now(desk.services, ada, name="Brightside")
    late = Details("Late & Co", None, frozenset({desk.cast.admin.id}), frozenset())
    with pytest.raises(Changed, match="leaving"):
        await clients.add(desk.services.db, ada, late)
    await goes(desk)

    async def was_under_way() -> None:
        async with desk.services.db.session(desk.cast.program) as session:
            session.add(Client(agency_id=desk.cast.id, name="Late & Co"))

    await says_farewell(desk, Recorder(meanwhile={"farewell": was_under_way}))
    assert "agency_removed" not in await actions(desk)
    await goes(desk)
    slack = Recorder()
    await says_farewell(desk, slack)
    assert slack.said == ["farewell"]
    assert "agency_removed" in await actions(desk)
    assert "Late & Co" in str(await removed(desk))


async def removed(desk: Desk) -> list[Any]:
    """Give what the trail says of each client that was removed."""
    async with desk.services.db.session(desk.cast.program) as session:
        gone = select(AuditEntry.details).where(AuditEntry.action == "client_removed")
        return list(await session.exec(gone))

"""What is over is deleted, and nothing else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection as Psycopg
from sqlmodel import SQLModel, col, select, update

from core import housekeeping
from core.announcements import announcement
from core.jobs import Engine
from core.models import Alert, AuditEntry, Connection, ConnectTicket, Platform, Post, PostState, PostVersion
from core.services import Services
from pressroom.schema import Addresses, driver_url
from tests.conftest import Cast
from tests.core.logins import logged_in
from tests.core.recorder import posted
from tests.drivers.connecting import open_link
from tests.drivers.meta import Meta


def ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


async def left(services: Services, cast: Cast, rows: list[Any]) -> list[SQLModel]:
    """Add these, tidy up, and give those that are still there."""
    async with services.db.session(cast.program) as session:
        for row in rows:
            session.add(row)
            await session.flush()
    await housekeeping.tidy(services)
    async with services.db.session(cast.program) as session:
        kind = type(rows[0])
        there = set(await session.exec(select(kind.id)))
    return [row for row in rows if row.id in there]


async def test_what_was_said_a_month_ago_goes_and_what_is_owed_stays(services: Services, agency: Cast):
    post = await posted(services.db, agency)
    old, recent, owed = (announcement(post, "card", {}, datetime.now(UTC)) for _ in range(3))
    old.done_at, recent.done_at, owed.created_at = ago(31), ago(29), ago(365)
    assert await left(services, agency, [old, recent, owed]) == [recent, owed]


async def test_what_somebody_was_told_of_a_login_goes_after_a_month(services: Services, agency: Cast):
    own = {"agency_id": agency.id, "client_id": agency.client.id, "member_id": agency.manager.id}
    login = Connection(**own, meta_user_id="1", meta_user_name="Maya Chen")
    async with services.db.session(agency.program) as session:
        session.add(login)
    old, recent, owed = (Alert(**own, connection_id=login.id, next_run_at=ago(365)) for _ in range(3))
    old.said_at, recent.said_at = ago(31), ago(29)
    assert await left(services, agency, [old, recent, owed]) == [recent, owed]


async def test_tickets_go_a_week_after_their_time(services: Services, agency: Cast):
    old, recent = (
        ConnectTicket(
            agency_id=agency.id,
            client_id=agency.client.id,
            member_id=agency.manager.id,
            platform=Platform.FACEBOOK,
            ticket_hash=uuid4().bytes,
            expires_at=ago(days),
        )
        for days in (8, 6)
    )
    assert await left(services, agency, [old, recent]) == [recent]


async def test_only_drafts_that_nobody_touched_for_a_month_go(services: Services, agency: Cast):
    def post(state: PostState, days: int) -> Post:
        return Post(
            agency_id=agency.id,
            client_id=agency.client.id,
            author_id=agency.author.id,
            state=state,
            updated_at=ago(days),
        )

    old, recent, failed = post(PostState.DRAFT, 31), post(PostState.DRAFT, 29), post(PostState.FAILED, 365)
    assert await left(services, agency, [old, recent, failed]) == [recent, failed]


async def test_a_draft_goes_with_its_versions(services: Services, agency: Cast):
    own = {"agency_id": agency.id, "client_id": agency.client.id}
    draft = Post(**own, author_id=agency.author.id, state=PostState.DRAFT, updated_at=ago(31))
    async with services.db.session(agency.program) as session:
        session.add(draft)
        await session.flush()
        words = {"caption": "Never sent", "content_hash": "0", "created_by": agency.author.id}
        session.add(PostVersion(**own, post_id=draft.id, version=1, fit="keep", **words))
    await housekeeping.tidy(services)
    async with services.db.session(agency.program) as session:
        assert (
            await session.exec(select(PostVersion).where(col(PostVersion.post_id) == draft.id))
        ).all() == []


async def test_a_login_after_which_nobody_chose_goes_once_its_link_is_over(
    services: Services, meta: Meta, agency: Cast
):
    link = await open_link(services, meta, agency.actor(agency.manager), agency.client.id)
    made = await link.log_in()  # and the window is closed

    async def left() -> Connection:
        await housekeeping.abandon(services)
        async with services.db.session(agency.program) as session:
            return await session.get_one(Connection, made.id)

    assert (await left()).access_token
    async with services.db.session(agency.program) as session:
        await session.exec(update(ConnectTicket).values(expires_at=ago(1)))
    row = await left()
    assert (row.access_token, row.is_active) == (None, False)
    async with services.db.session(agency.program) as session:
        [entry] = await session.exec(select(AuditEntry).where(AuditEntry.action == "login_shredded"))
    assert entry.details["connection_id"] == str(made.id)


async def test_a_login_that_an_account_uses_stays(services: Services, meta: Meta, agency: Cast):
    login = await logged_in(services, meta, agency)
    async with services.db.session(agency.program) as session:
        await session.exec(update(ConnectTicket).values(expires_at=ago(1)))
    await housekeeping.abandon(services)
    assert (await login.row()).access_token


@pytest.fixture
async def engine(addresses: Addresses) -> AsyncIterator[Engine]:
    engine = Engine(driver_url(addresses.program))
    async with engine.app.open_async():
        yield engine


def job(owner: Psycopg[Any], worker: int | None) -> int:
    """Leave a job that was begun by this worker."""
    made = owner.execute(
        "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, status, worker_id)"
        " VALUES ('nobody works on this', 'nothing', 'doing', %s) RETURNING id",
        [worker],
    ).fetchone()
    assert made is not None
    return int(made[0])


def worker(owner: Psycopg[Any], silent_for: timedelta) -> int:
    """Leave a worker of the engine that was last heard of so long ago."""
    made = owner.execute(
        "INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now() - %s) RETURNING id",
        [silent_for],
    ).fetchone()
    assert made is not None
    return int(made[0])


async def test_jobs_of_dead_workers_are_buried(engine: Engine, owner: Psycopg[Any]):
    owner.execute("SET search_path = jobs, public")
    alive = job(owner, worker(owner, timedelta(minutes=9)))
    dead = [job(owner, worker(owner, timedelta(minutes=11))), job(owner, None)]
    await housekeeping.bury(engine.app)
    there = owner.execute(
        "SELECT id, status::text FROM procrastinate_jobs WHERE id = ANY(%s)", [[alive, *dead]]
    ).fetchall()
    owner.execute("RESET search_path")
    assert there == [(alive, "doing")]

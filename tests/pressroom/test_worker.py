"""The worker, with a database of its own: it runs jobs, comes back, sweeps, and stops without breaking."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
import pytest
from procrastinate.exceptions import AppNotOpen
from psycopg import Connection, sql
from sqlalchemy import make_url
from structlog.testing import capture_logs

from core.db import Database
from core.jobs import ADVANCE, Engine
from core.models import Announcement, Post
from core.services import Services
from pressroom.health import readiness
from pressroom.schema import Addresses, driver_url
from pressroom.worker import Worker, at_work, supervise
from tests.conftest import Cast, Heard, new_agency
from tests.core.recorder import Recorder, owe, posted

PATIENCE = 60  # seconds
THE_ENGINE = "SELECT pid FROM pg_stat_activity WHERE usename = %s AND application_name <> 'pressroom'"
LISTENING = f"{THE_ENGINE} AND query ILIKE 'LISTEN %%'"


@dataclass
class Server:
    """The database as its operator sees it."""

    connection: Connection[Any]
    role: str

    def kill(self, which: str = THE_ENGINE) -> None:
        self.connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({which}) its", [self.role])

    def listening(self) -> set[int]:
        """Say which connections wait for news of jobs: one for each queue."""
        return {pid for (pid,) in self.connection.execute(LISTENING, [self.role]).fetchall()}

    def let_in(self, *, login: bool) -> None:
        word = sql.SQL("LOGIN" if login else "NOLOGIN")
        self.connection.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(self.role), word))


@pytest.fixture
def server(house: Addresses) -> Iterator[Server]:
    role = make_url(house.program).username
    assert role is not None
    assert house.owner is not None
    with psycopg.connect(driver_url(house.owner), autocommit=True) as connection:
        its = Server(connection, role)
        yield its
        its.let_in(login=True)


@dataclass
class Office:
    """A worker, the announcer that its jobs speak through, and a post that they speak of."""

    address: str
    services: Services
    cast: Cast
    post: Post
    slack: Recorder = field(default_factory=Recorder)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Worker]:
        engine = Engine(driver_url(self.address))
        self.services = replace(self.services, transport=engine)
        engine.serve(self.services, self.slack)
        async with at_work(engine, self.services, concurrency=2) as worker:
            yield worker

    async def owe(self, *words: str) -> None:
        await owe(self.services, self.cast, self.post, *words)

    async def forget_the_job(self, *words: str) -> None:
        """Owe something, and lose the job that would say it."""
        await owe(replace(self.services, transport=Heard()), self.cast, self.post, *words)

    async def hears(self, word: str) -> None:
        await until(lambda: word in self.slack.said)

    async def owed(self) -> list[str]:
        async with self.services.db.session(self.cast.program) as session:
            rows = (await session.exec(Announcement.__table__.select())).all()  # type: ignore[attr-defined]
            return [row.kind for row in rows if row.done_at is None]


@pytest.fixture
async def office(house: Addresses, services: Services) -> AsyncIterator[Office]:
    db = Database(house.program)
    cast = await new_agency(db)
    yield Office(house.program, replace(services, db=db), cast, await posted(db, cast))
    await db.close()


async def until(so: Callable[[], bool]) -> None:
    """Look again and again, until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not so():
            await asyncio.sleep(0.01)


async def test_a_job_is_run(office: Office):
    async with office.open() as worker:
        await office.owe("one")
        await office.hears("one")
        assert worker.is_running
    assert office.slack.said == ["card", "one"]
    assert await office.owed() == []


async def test_the_clock_finds_what_has_no_job(office: Office):
    await office.forget_the_job("one")
    async with office.open():
        await office.hears("one")
    assert office.slack.said == ["card", "one"]


class TestComingBack:
    async def test_connections_that_are_killed_are_made_anew(self, office: Office, server: Server):
        async with office.open():
            await until(lambda: len(server.listening()) == 2)
            before = server.listening()
            server.kill()
            await until(lambda: len(server.listening() - before) == 2)
            await office.owe("one")
            await office.hears("one")

    async def test_it_is_not_ready_while_the_database_is_away_and_starts_again_after(
        self, office: Office, server: Server
    ):
        async with office.open() as worker:
            await until(lambda: len(server.listening()) == 2)
            ready = readiness(office.services.db, worker, None)
            assert await ready() == {"database": True, "worker": True}
            server.let_in(login=False)
            server.kill(LISTENING)
            await until(lambda: not worker.is_running)
            assert not (await ready())["worker"]
            server.let_in(login=True)
            await until(lambda: worker.is_running and len(server.listening()) == 2)
            await office.owe("one")
            await office.hears("one")

    async def test_why_it_ended_is_logged(self, house: Addresses):
        worker, closed = Worker(), Engine(driver_url(house.program))
        with capture_logs() as logs:
            at_it = asyncio.create_task(supervise(worker, closed, ADVANCE, 1))
            await until(lambda: not worker.is_running)
            at_it.cancel()
            await asyncio.wait([at_it])
        ended = next(entry for entry in logs if entry["event"] == "worker_ended")
        assert isinstance(ended["exc_info"], AppNotOpen)


class TestStopping:
    async def test_a_job_under_way_comes_to_its_end(self, office: Office, server: Server):
        started, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
        office.slack.meanwhile["one"] = waiting(started, go_on)
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            tasks.create_task(open_until(office, stop))
            await until(lambda: len(server.listening()) == 2)
            await office.owe("one")
            await started.wait()
            stop.set()
            await until(lambda: not server.listening())  # it takes no new jobs, and waits for this one
            go_on.set()
        assert office.slack.said == ["card", "one"]
        assert await office.owed() == []

    async def test_a_job_that_does_not_end_is_broken_off_and_still_owed(self, office: Office):
        started, never = asyncio.Event(), asyncio.Event()
        office.slack.meanwhile["one"] = waiting(started, never)
        async with asyncio.timeout(PATIENCE), office.open():
            await office.owe("one")
            await started.wait()
        assert office.slack.said == ["card"]
        assert await office.owed() == ["reply"]
        async with office.open():
            await office.hears("one")


async def open_until(office: Office, stop: asyncio.Event) -> None:
    async with office.open():
        await stop.wait()


def waiting(started: asyncio.Event, go_on: asyncio.Event) -> Callable[[], Awaitable[None]]:
    """Stay in the middle of a call to Slack until told to go on."""

    async def happens() -> None:
        started.set()
        await go_on.wait()

    return happens

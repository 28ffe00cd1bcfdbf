"""Several processes against one database: they share the work, stop in time, and take over each other's."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from core import agencies, clients, drafts, submissions
from core.agencies import Person
from core.clients import Details
from core.db import Actor, Database, Origin
from core.drafts import Content
from core.models import Account, Client, Fit
from core.services import Services
from core.vault import KeyRing, Vault, generate_key
from pressroom.database import embedded, pg_ctl, socket_folder, start
from pressroom.schema import Addresses, driver_url, migrate
from tests.conftest import FAST
from tests.drivers.connecting import connect
from tests.drivers.demo import data_folder
from tests.drivers.meta import APP_ID, APP_SECRET, BOOKS, COFFEE, EVENTS, ROASTERY, Meta
from tests.drivers.processes import Process, processes
from tests.drivers.slack import NORTHWIND, Slack
from tests.pressroom.conftest import own_database

PAGES = (COFFEE, ROASTERY, BOOKS, EVENTS)
PATIENCE = 45  # seconds
DUE = """
    WITH moment AS (SELECT now() + make_interval(secs => %s) AS due_at)
    UPDATE publications p SET due_at = m.due_at, next_run_at = m.due_at FROM moment m WHERE post_id = %s
"""
STATES = "SELECT state, fence, looks, reason, count(*) FROM publications GROUP BY 1, 2, 3, 4"
TEN = 10  # seconds that a stop may take


@dataclass(frozen=True)
class Town:
    """A database and both simulators, between which processes run; and a client with four Pages."""

    addresses: Addresses
    environ: dict[str, str]
    services: Services
    slack: Slack
    meta: Meta
    dana: Actor
    client: Client
    pages: dict[str, Account]
    postgres: Path = Path()  # the folder of a server of its own

    async def schedule(self, caption: str, *pages: str, seconds: int = 0) -> UUID:
        """Schedule words on these Pages, in so many seconds from now; give the post's id."""
        chosen = tuple(self.pages[page].id for page in pages or PAGES)
        content = Content(caption, None, None, None, Fit.KEEP, chosen)
        draft = await drafts.save(
            self.services, self.dana, post_id=uuid4(), client_id=self.client.id, content=content
        )
        version, soon = draft.version.version, datetime.now(UTC) + timedelta(hours=1)
        sent = {"post_id": draft.post.id, "version": version, "channel_id": NORTHWIND, "due_at": soon}
        await submissions.submit(self.services, self.dana, **sent)
        self.ask(DUE, seconds, draft.post.id)
        return draft.post.id

    def ask(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Ask the database as its owner."""
        assert self.addresses.owner is not None
        with psycopg.connect(driver_url(self.addresses.owner), row_factory=dict_row) as owner:
            cursor = owner.execute(sql, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def count(self, what: str) -> int:
        """Count rows: a table, and conditions."""
        return int(self.ask(f"SELECT count(*) FROM {what}")[0]["count"])

    async def until(self, what: str, count: int) -> None:
        """Wait until there are so many of these rows."""
        latest = time.monotonic() + PATIENCE
        while (found := self.count(what)) < count:
            assert time.monotonic() < latest, f"{found} of {count} {what}: {self.ask(STATES)}"
            await asyncio.sleep(0.1)

    async def asked_for(self, caption: str) -> None:
        """Wait until Meta was asked to publish this."""
        async with asyncio.timeout(PATIENCE):
            while caption not in str(await self.meta.requests()):
                await asyncio.sleep(0.1)

    async def public(self) -> list[str]:
        """Give every caption that the public sees, as often as it does."""
        return [post["message"] for posts in (await self.meta.public())["pages"].values() for post in posts]


def environment(addresses: Addresses, key: str, slack: Slack, meta: Meta, folder: Path) -> dict[str, str]:
    return {
        "PUBLIC_URL": "https://pressroom.example",
        "DATABASE_URL": driver_url(addresses.program),
        "MEDIA_URL": (folder / "media").as_uri(),
        "ENCRYPTION_KEYS": key,
        "SLACK_SIGNING_SECRET": "simulator-signing-secret",
        "SLACK_BOT_TOKEN": "xoxb-simulator-bot",
        "SLACK_API_URL": f"{slack.url}/api/",
        "FACEBOOK_CLIENT_ID": APP_ID,
        "FACEBOOK_CLIENT_SECRET": APP_SECRET,
        "FACEBOOK_URL": meta.url,
        "GRAPH_URL": meta.url,
        "LOG_LEVEL": "INFO",
    }


async def set_up(addresses: Addresses, services: Services, slack: Slack, meta: Meta, folder: Path) -> Town:
    key = f"test:{generate_key()}"
    services = replace(services, db=Database(addresses.program), vault=Vault(KeyRing.parse(key)))
    agency_id = await agencies.ensure(services.db, slack_team_id="T0BRIGHT01", name="Brightside")
    person = Person(slack.dana.id, slack.dana.name, "Europe/Stockholm", is_admin=True, is_guest=False)
    dana = agencies.actor_of(await agencies.welcome(services.db, agency_id, person), Origin())
    assert dana.member_id
    details = Details("Northwind Coffee", NORTHWIND, frozenset({dana.member_id}), frozenset())
    client = await clients.add(services.db, dana, details)
    accounts = await connect(services, meta, dana, client.id, *(f"facebook_page:{page}" for page in PAGES))
    answer = await slack.http.post(f"{slack.url}/_sim/settings", json={"rate_limits": False})
    assert answer.is_success
    pages = {account.platform_account_id: account for account in accounts}
    environ = environment(addresses, key, slack, meta, folder)
    return Town(addresses, environ, services, slack, meta, dana, client, pages)


@pytest.fixture
async def town(
    postgres: Addresses, services: Services, slack: Slack, meta: Meta, tmp_path: Path
) -> AsyncIterator[Town]:
    with own_database(postgres) as addresses:
        made = await set_up(addresses, services, slack, meta, tmp_path)
        yield made
        await made.services.db.close()


@contextmanager
def alone(one: Process, others: list[Process]) -> Iterator[None]:
    """Let one process find the work that comes up, while the others hold still."""
    frozen = [other for other in others if other is not one]
    for other in frozen:
        other.popen.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for other in frozen:
            other.popen.send_signal(signal.SIGCONT)


async def test_one_stops_one_is_killed_and_the_others_go_on(town: Town, tmp_path: Path) -> None:
    """Each is in the middle of a call, which reaches Meta when its process is gone already."""
    await town.meta.fault(f"{COFFEE}/feed", "slow", seconds=9)
    await town.meta.fault(f"{ROASTERY}/feed", "slow", seconds=4)
    posts = [f"Post {number}" for number in range(5)]
    with processes(town.environ, tmp_path, "serve", "worker", "serve", "worker") as started:
        stopped, killed = started[:2]
        with alone(stopped, started):
            first = await town.schedule("Stopped", COFFEE)
            await town.asked_for("Stopped")
        with alone(killed, started):
            second = await town.schedule("Killed", ROASTERY)
            await town.asked_for("Killed")
        killed.kill()
        town.ask("UPDATE publications SET lease_until = now() WHERE post_id = %s", second)
        stopping = asyncio.create_task(asyncio.to_thread(stopped.stop))
        for caption in posts:
            await town.schedule(caption)
        for number in range(2):
            await town.schedule(f"Late {number}", seconds=-3600)
        assert await stopping < TEN
        assert town.count(f"publications WHERE post_id = '{first}' AND fence = 1 AND state = 'running'") == 0
        await town.until("publications WHERE state = 'published'", 2 + len(posts) * len(PAGES))
        await town.until("outbox WHERE payload ->> 'kind' = 'late' AND done_at IS NOT NULL", 2)
    assert sorted(await town.public()) == sorted(["Stopped", "Killed", *posts * len(PAGES)])
    assert town.count("audit_logs WHERE action = 'post_published'") == 2 + len(posts) * len(PAGES)
    assert town.count("audit_logs WHERE action = 'publication_late'") == 2 * len(PAGES)
    assert town.count("outbox WHERE payload ->> 'kind' = 'late'") == 2
    assert town.count("publications WHERE lease_until IS NOT NULL") == 0


@pytest.fixture
async def own_town(services: Services, slack: Slack, meta: Meta, tmp_path: Path) -> AsyncIterator[Town]:
    """Give a town with a PostgreSQL of its own, that can be stopped."""
    with data_folder("postgres") as folder, embedded(folder, options=FAST) as addresses:
        migrate(addresses)
        made = await set_up(addresses, services, slack, meta, tmp_path)
        yield replace(made, postgres=folder)
        await made.services.db.close()


async def test_a_database_that_restarts_is_waited_for(own_town: Town, tmp_path: Path) -> None:
    """Somebody asks for something, and a post is due, while it is away."""
    town, dana = own_town, own_town.slack.dana
    with processes(town.environ, tmp_path, "serve") as [serve]:
        await town.slack.deliver_to(f"{serve.url}/slack/events")
        await dana.says("/social clients")
        await dana.sees_modal("Northwind Coffee")
        await dana.goes_back()
        await town.schedule("Meanwhile", COFFEE, seconds=1)
        await asyncio.to_thread(pg_ctl, town.postgres, "stop", "-m", "fast")
        await dana.says("/social clients")
        assert (await town.slack.http.get(f"{serve.url}/healthz")).status_code == 503
        await asyncio.sleep(1.5)
        await asyncio.to_thread(start, town.postgres, socket_folder(town.postgres), FAST)
        await dana.sees_modal("Northwind Coffee")
        await town.until("publications WHERE state = 'published'", 1)
        await well_again(serve, town)
        await dana.sees("Published · Northwind Coffee", NORTHWIND)
        await dana.goes_back()
        await answered_while_it_stops(town, serve)
        said = serve.log.read_text()
    assert "incident" not in said
    assert "announcement_broke" not in said
    assert "publishing_broke" not in said


async def well_again(serve: Process, town: Town) -> None:
    """Wait until it says that it is well: a queue whose worker has just ended begins anew after a moment."""
    async with asyncio.timeout(40):
        while not (await town.slack.http.get(f"{serve.url}/healthz")).is_success:
            await asyncio.sleep(0.1)


async def answered_while_it_stops(town: Town, serve: Process) -> None:
    """What somebody did, and Slack has its acknowledgement of, comes to its end."""
    dana = town.slack.dana
    await town.slack.fault("views.update", "slow", seconds=1.5)
    await dana.says("/social clients")
    assert await asyncio.to_thread(serve.stop) < TEN
    await dana.sees_modal("Northwind Coffee")

"""What the tests stand on: PostgreSQL, the simulated Meta, a browser. Each test makes its own agency."""

import gc
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.types import ASGIApp

from core import agencies, clients
from core.agencies import Person
from core.clients import Details
from core.db import Actor, Database, Origin
from core.downloads import Downloader
from core.graph.api import GraphAPI
from core.graph.lines import Lines
from core.models import Client, Member
from core.pace import Pace
from core.services import Services
from core.stores import MediaStore
from core.vault import KeyRing, Vault, generate_key
from pressroom.database import embedded
from pressroom.schema import Addresses, migrate
from simulator.server import bind, listening_at, running
from tests import chromium
from tests.drivers.meta import APP_ID, APP_SECRET, Meta

ROOT = Path(__file__).parent.parent
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
SHORT = httpx.Limits(keepalive_expiry=1)  # seconds: a server that closes what is idle must not be faster
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LONG = ["torture", "test_states.py", "pressroom", "journeys", "web", "simulator"]  # what runs programs, first


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: in the end, nobody waits for one who has just begun with it."""
    items.sort(key=place)


def place(item: pytest.Item) -> int:
    """Give the place of a test in the order: that of its file or folder in LONG, or the last."""
    parts = item.path.relative_to(ROOT).parts
    return next((number for number, name in enumerate(LONG) if name in parts), len(LONG))


def pytest_collection_finish() -> None:
    """Leave out of every later collection of garbage what is loaded by now: it would hold answers up."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what a test wants to be read also when it passes: `record_property("said", ...)`."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for said in (text for name, text in report.user_properties if name == "said"):
            terminalreporter.write_line(str(said))


# The database


@pytest.fixture(scope="session")
def postgres() -> Iterator[Addresses]:
    """Run a server of its own. Not in pytest's folder: that is closed to the user that the server runs as."""
    folder = Path(tempfile.mkdtemp(prefix="pressroom-tests-"))
    folder.chmod(0o711)
    try:
        with embedded(folder / "postgres", options=FAST) as addresses:
            yield addresses
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def addresses(postgres: Addresses) -> Addresses:
    """Give its addresses, with the schema in place."""
    migrate(postgres)
    return postgres


@pytest.fixture(scope="session")
async def db(addresses: Addresses) -> AsyncIterator[Database]:
    """Connect as the program does: with a role that owns nothing."""
    database = Database(addresses.program)
    await database.check_role()
    yield database
    await database.close()


# Who works here


@dataclass(frozen=True)
class Cast:
    """An agency of one test: two clients, and people who belong to one, to the other, or to both."""

    id: UUID
    team_id: str
    admin: Member  # sees every client
    manager: Member  # manages `client`
    author: Member  # writes for `client`
    stranger: Member  # manages `other_client`
    client: Client
    other_client: Client

    def actor(self, member: Member, origin: Origin | None = None) -> Actor:
        """Give the actor that a member is."""
        return agencies.actor_of(member, origin or Origin(slack={"channel": "C1"}))

    @property
    def program(self) -> Actor:
        """The program itself, at work for this agency."""
        return Actor.program(self.id)


@pytest.fixture
async def agency(db: Database) -> Cast:
    """Make a fresh agency."""
    return await new_agency(db)


@pytest.fixture
def make_agency(db: Database) -> Callable[[], Awaitable[Cast]]:
    """Give what makes one more."""
    return lambda: new_agency(db)


async def new_agency(db: Database) -> Cast:
    team_id = f"T{uuid4().hex[:10].upper()}"
    agency_id = await agencies.ensure(db, slack_team_id=team_id, name="Brightside")
    admin = await welcome(db, agency_id, "Ada Lindqvist", is_admin=True)
    manager = await welcome(db, agency_id, "Dana Reyes")
    author = await welcome(db, agency_id, "Lee Okafor")
    stranger = await welcome(db, agency_id, "Noor Haddad")
    boss = agencies.actor_of(admin, Origin())
    client = await clients.add(
        db, boss, Details("Northwind Coffee", None, frozenset({manager.id}), frozenset({author.id}))
    )
    other = await clients.add(db, boss, Details("Harbor Books", None, frozenset({stranger.id}), frozenset()))
    return Cast(agency_id, team_id, admin, manager, author, stranger, client, other)


async def welcome(db: Database, agency_id: UUID, name: str, *, is_admin: bool = False) -> Member:
    slack_user_id = f"U{uuid4().hex[:10].upper()}"
    person = Person(slack_user_id, name, "Europe/Stockholm", is_admin=is_admin, is_guest=False)
    return await agencies.welcome(db, agency_id, person)


# Meta


@pytest.fixture(scope="session")
def meta_url() -> Iterator[str]:
    """Run the simulated Meta in a process of its own."""
    command = [sys.executable, "-m", "simulator", "meta", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("listening on "), said
        yield said.removeprefix("listening on ").strip()
        process.terminate()


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """Give what clients trust: to read that takes longer than many a test."""
    return httpx.create_ssl_context()


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Give a client for the tests' own requests; it keeps no cookies and follows nothing."""
    async with httpx.AsyncClient(timeout=30, limits=SHORT) as client:
        yield client


@pytest.fixture
async def meta(meta_url: str, http: httpx.AsyncClient) -> Meta:
    """Give the simulated Meta, as new."""
    driver = Meta(meta_url, http)
    await driver.reset()
    return driver


# The parts of Pressroom


@pytest.fixture(scope="session")
def vault() -> Vault:
    """Give a vault with a key of its own."""
    return Vault(KeyRing.parse(f"test:{generate_key()}"))


@dataclass
class Heard:
    """Stands for the engine: writes down what it was asked to run soon, and runs nothing."""

    advanced: list[UUID] = field(default_factory=list)
    announced: list[UUID] = field(default_factory=list)
    summarized: list[UUID] = field(default_factory=list)
    witnessed: list[UUID] = field(default_factory=list)
    alerted: list[UUID] = field(default_factory=list)
    goodbyes: list[UUID] = field(default_factory=list)
    farewells: list[UUID] = field(default_factory=list)
    jobs: int = 0  # that wait already

    async def advance(self, session: AsyncSession, publication_ids: list[UUID], *, agency_id: UUID) -> None:
        assert session.in_transaction()
        assert agency_id
        self.advanced += publication_ids

    async def announce(self, session: AsyncSession, post_id: UUID, *, agency_id: UUID) -> None:
        assert session.in_transaction()
        assert agency_id
        self.announced.append(post_id)

    async def summarize(self, session: AsyncSession, member_id: UUID, *, agency_id: UUID) -> None:
        assert session.in_transaction()
        assert agency_id
        self.summarized.append(member_id)

    async def witness(self, session: AsyncSession, *, agency_id: UUID) -> None:
        assert session.in_transaction()
        self.witnessed.append(agency_id)

    async def alert(self, session: AsyncSession, alert_id: UUID, *, agency_id: UUID) -> None:
        assert session.in_transaction()
        assert agency_id
        self.alerted.append(alert_id)

    async def say_goodbye(self, session: AsyncSession, departure_id: UUID, *, agency_id: UUID) -> None:
        assert session.in_transaction()
        assert agency_id
        self.goodbyes.append(departure_id)

    async def say_farewell(self, session: AsyncSession, *, agency_id: UUID) -> None:
        assert session.in_transaction()
        self.farewells.append(agency_id)

    async def waiting(self, queue: str = "advance") -> int:
        assert queue
        return self.jobs

    async def still_waiting(self, publication_ids: list[UUID]) -> set[UUID]:
        assert publication_ids
        return set()


MakeServices = Callable[[str], Services]


@pytest.fixture
async def make_services(
    db: Database, vault: Vault, meta_url: str, tls: ssl.SSLContext, tmp_path: Path
) -> AsyncIterator[MakeServices]:
    """Give what makes the services of a Pressroom that people reach at an address."""
    pace = Pace()
    async with aclosing(Lines(tls=tls)) as lines:
        graph = GraphAPI(
            lines,
            base_url=meta_url,
            version="v25.0",
            app_id=APP_ID,
            app_secret=SecretStr(APP_SECRET),
            on_usage=pace.hear,
        )

        def make(public_url: str) -> Services:
            return Services(
                db=db,
                graph=graph,
                pace=pace,
                vault=vault,
                store=MediaStore.at((tmp_path / "media").as_uri()),
                downloader=Downloader(tls=tls),
                transport=Heard(),
                public_url=public_url,
                facebook_url=meta_url,
                facebook_config_id=None,
                signing_key=b"a key of 32 bytes, for the tests",
            )

        yield make


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    """Give the services of a Pressroom that nobody reaches over HTTP."""
    return make_services("https://pressroom.example")


Serving = Callable[[Callable[[str], ASGIApp]], AbstractAsyncContextManager[str]]


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Give what serves an app, in this very loop, on a free port: `async with serving(build) as url`."""

    @asynccontextmanager
    async def serve(build: Callable[[str], ASGIApp]) -> AsyncIterator[str]:
        bound = bind()
        async with running(build(listening_at(bound)), bound) as url:  # type: ignore[arg-type]
            yield url

    return serve


# The browser


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Run Chromium."""
    async with async_playwright() as playwright:
        running_browser = await playwright.chromium.launch(executable_path=chromium.path(), args=FLAGS)
        yield running_browser
        await running_browser.close()


@pytest.fixture
async def window(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Give a browser without a past; fail when a page broke its own rules or its script failed."""
    context = await browser.new_context(locale="en-GB")
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    context.on("console", lambda said: broken.append(said.text) if "Content Security" in said.text else None)
    yield context
    await context.close()
    assert broken == []


@pytest.fixture
async def page(window: BrowserContext) -> Page:
    """Give one empty page of it."""
    return await window.new_page()


# How long


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a longer run be asked for."""
    parser.addoption("--storms", type=int, default=8, help="how often twenty people click at once")
    parser.addoption("--connections", type=int, default=16, help="logins that live through a year")


@pytest.fixture
def storms(request: pytest.FixtureRequest) -> int:
    """Give how often twenty people click at once."""
    return int(request.config.getoption("--storms"))


@pytest.fixture
def connections(request: pytest.FixtureRequest) -> int:
    """Give how many logins live through a year."""
    return int(request.config.getoption("--connections"))

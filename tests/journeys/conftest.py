"""The whole of Pressroom in this process, with a database of its own, between the two simulators."""

import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url
from starlette.applications import Starlette

from core import agencies, clients
from core.agencies import Person
from core.clients import Details
from core.db import Actor, Origin
from core.models import Account, Client
from core.services import Services
from core.vault import generate_key
from pressroom import wiring
from pressroom.schema import Addresses, driver_url, migrate
from pressroom.settings import Settings
from simulator.server import bind, listening_at, running
from tests.conftest import ROOT
from tests.drivers.answers import Answers
from tests.drivers.connecting import connect
from tests.drivers.logbook import logbook
from tests.drivers.meta import APP_ID, APP_SECRET, COFFEE, COFFEE_INSTAGRAM, Meta
from tests.drivers.slack import NORTHWIND, Slack
from tests.journeys.canary import Canary


@dataclass(frozen=True)
class House:
    """Pressroom, Slack and Meta."""

    settings: Settings
    services: Services
    url: str
    slack: Slack
    meta: Meta
    web: Starlette


@pytest.fixture(scope="session")
def slack_url() -> Iterator[str]:
    """Run the simulated Slack in a process of its own, with our manifest."""
    command = [sys.executable, "-m", "simulator", "slack", "--port", "0", "--manifest", "manifest.yml"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("listening on "), said
        yield said.removeprefix("listening on ").strip()
        process.terminate()


@pytest.fixture(scope="session")
def template(postgres: Addresses) -> str:
    """Make a database with the schema, for others to be copied from."""
    create(postgres, "journeys")
    migrate(named(postgres, "journeys"))
    return "journeys"


@pytest.fixture
def own_database(postgres: Addresses, template: str) -> Iterator[Addresses]:
    """Give a database of this test's own: the simulated workspace is the same one in each test."""
    name = f"journey_{uuid4().hex}"
    create(postgres, name, template)
    yield named(postgres, name)
    with psycopg.connect(driver_url(str(postgres.owner)), autocommit=True) as owner:
        owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def create(postgres: Addresses, name: str, template: str = "template1") -> None:
    with psycopg.connect(driver_url(str(postgres.owner)), autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def named(postgres: Addresses, name: str) -> Addresses:
    """Give the addresses of another database of the same server."""
    renamed = [make_url(str(one)).set(database=name) for one in (postgres.program, postgres.owner)]
    program, owner = (one.render_as_string(hide_password=False) for one in renamed)
    return Addresses(program, owner)


@pytest.fixture
async def slack(slack_url: str, http: httpx.AsyncClient) -> AsyncIterator[Slack]:
    """Give the simulated Slack, as new."""
    driver = Slack(slack_url, http)
    await driver.reset()
    yield driver
    await driver.deliver_to(None)


@pytest.fixture
def over_socket() -> bool:
    """Say how Slack's requests come: over HTTP, unless a test says otherwise."""
    return False


@pytest.fixture
async def house(
    slack: Slack, meta: Meta, own_database: Addresses, tmp_path: Path, *, over_socket: bool
) -> AsyncIterator[House]:
    """Run all of Pressroom; fail when something would have failed at the real Slack, or a secret shows."""
    with logbook() as log:
        bound = bind()
        said = settings(listening_at(bound), slack, meta, tmp_path)
        said.slack_app_token = SecretStr("xapp-simulator-app") if over_socket else None
        async with opened(Canary(said, own_database, slack, meta, log), bound) as house:
            yield house
            assert await slack.warnings() == []


@asynccontextmanager
async def opened(canary: Canary, bound: socket.socket) -> AsyncIterator[House]:
    """Run all of Pressroom; when it is closed, search all that it left behind for secrets."""
    said, slack, meta = canary.settings, canary.slack, canary.meta
    await meta.register(f"{said.public_url}/api/v1/social/connect/callback")
    async with wiring.open_house(said, canary.addresses) as its:
        answers = Answers(its.web)
        async with running(answers, bound):
            await slack.deliver_to(None if said.slack_app_token else f"{said.public_url}/slack/events")
            yield House(said, its.services, said.public_url, slack, meta, its.web)
        left = await canary.left(its.services, answers)
    await canary.search(left | canary.left_behind())


def settings(url: str, slack: Slack, meta: Meta, folder: Path) -> Settings:
    return Settings(
        _env_file=None,
        public_url=url,
        data_dir=folder,
        encryption_keys=SecretStr(f"test:{generate_key()}"),
        slack_signing_secret=SecretStr("simulator-signing-secret"),
        slack_bot_token=SecretStr("xoxb-simulator-bot"),
        slack_api_url=f"{slack.url}/api/",
        facebook_client_id=APP_ID,
        facebook_client_secret=SecretStr(APP_SECRET),
        facebook_url=meta.url,
        graph_url=meta.url,
    )


@dataclass(frozen=True)
class Northwind:
    """A client that is all set up: Dana manages it, Lee writes for it, and its accounts are connected."""

    ada: Actor
    dana: Actor
    client: Client
    accounts: list[Account]


@pytest.fixture
async def northwind(house: House) -> Northwind:
    """Set Northwind Coffee up, with #northwind as its channel."""
    return await set_up(house, channel=NORTHWIND)


async def set_up(house: House, *, channel: str | None) -> Northwind:
    services = house.services
    agency_id = await agencies.ensure(services.db, slack_team_id="T0BRIGHT01", name="Brightside")
    ada, dana, lee = [
        await agencies.welcome(
            services.db, agency_id, person(one.id, one.name, is_admin=one is house.slack.ada)
        )
        for one in (house.slack.ada, house.slack.dana, house.slack.lee)
    ]
    details = Details("Northwind Coffee", channel, frozenset({dana.id}), frozenset({lee.id}))
    boss, manager = (agencies.actor_of(one, Origin()) for one in (ada, dana))
    client = await clients.add(services.db, boss, details)
    chosen = (f"instagram_business:{COFFEE_INSTAGRAM}", f"facebook_page:{COFFEE}")
    return Northwind(boss, manager, client, await connect(services, house.meta, manager, client.id, *chosen))


def person(slack_user_id: str, name: str, *, is_admin: bool) -> Person:
    return Person(slack_user_id, name, "Europe/Stockholm", is_admin=is_admin, is_guest=False)

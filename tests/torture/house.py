"""Where it takes place: PostgreSQL, the simulated Meta, the accounts, and where Meta fetches pictures."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from starlette.applications import Starlette

import web.media
from core import clients, drafts, media, submissions
from core.db import Actor
from core.drafts import Content
from core.jobs import Engine
from core.models import Account, Client, Connection, Fit, Kind, Media, Platform, Publication
from core.services import Services
from core.vault import Token, generate_key
from pressroom import database
from pressroom.schema import Addresses, driver_url, migrate
from pressroom.server import bound, listening
from pressroom.settings import Settings
from pressroom.wiring import open_services
from tests.bench.stage import CHANNEL, META_APP, META_SECRET, drawn, free_port, seed, simulator
from tests.torture.plan import Case

LINK = "https://example.com/roast"
QUICK, SLOW = "quick", "slow"  # accounts, by when they show what was posted
AT_ONCE = 4  # publications that a worker is at
PAUSE = 0.2  # seconds, until the database may be back
KNOBS = {"container_seconds": 0.3, "quota_total": 100_000}

Place = tuple[Platform, str, int]  # an account: quick or slow, and its number


@dataclass(frozen=True)
class House:
    """All that the workers work with, and the services with which posts are sent on their way."""

    folder: Path
    settings: Settings
    addresses: Addresses
    services: Services
    actor: Actor
    meta: httpx.AsyncClient
    picture: Media
    accounts: dict[Place, Account]

    @property
    def server(self) -> Path:
        """The folder of the PostgreSQL."""
        return self.folder / "postgres"

    @property
    def owner(self) -> str:
        """The database's address as its owner, who sees everything."""
        assert self.addresses.owner is not None
        return self.addresses.owner

    def account_of(self, case: Case) -> Account:
        """Give the account that a case publishes to."""
        platform = Platform.INSTAGRAM if case.kind is Kind.INSTAGRAM_PHOTO else Platform.FACEBOOK
        return self.accounts[platform, SLOW if case.slow else QUICK, case.account]

    async def send(self, case: Case, caption: str) -> None:
        """Send a post on its way; as a person would, once more if the database was away."""
        while True:
            try:
                if not await self.is_sent(case):
                    await self.submit(case, caption)
            except DBAPIError:
                await asyncio.sleep(PAUSE)
            else:
                return

    async def is_sent(self, case: Case) -> bool:
        """Say whether a post is on its way."""
        async with self.services.db.session(self.actor) as session:
            sent = select(Publication.id).where(col(Publication.post_id) == case.post_id)
            return (await session.exec(sent)).first() is not None

    async def submit(self, case: Case, caption: str) -> None:
        """Send a post on its way."""
        account = self.account_of(case)
        draft = await drafts.save(
            self.services,
            self.actor,
            post_id=case.post_id,
            client_id=account.parent_id,
            content=self.content(case, caption, account),
        )
        await submissions.submit(
            self.services,
            self.actor,
            post_id=case.post_id,
            version=draft.version.version,
            channel_id=CHANNEL,
            due_at=datetime.now(UTC) + timedelta(seconds=case.waits) if case.waits else None,
        )

    def content(self, case: Case, caption: str, account: Account) -> Content:
        """Write a post."""
        link = LINK if case.kind is Kind.FACEBOOK_LINK else None
        has_picture = case.kind in (Kind.INSTAGRAM_PHOTO, Kind.FACEBOOK_PHOTO)
        picture = self.picture.id if has_picture else None
        return Content(caption, link, picture, None, Fit.KEEP, (account.id,))


@asynccontextmanager
async def house(folder: Path, *, accounts: int, slowness: float) -> AsyncIterator[House]:
    """Build it, with so many accounts of each kind; `slowness` is how late the slow ones are, in seconds."""
    with (
        database.embedded(folder / "postgres") as addresses,
        simulator("meta") as meta,
        bound(port := free_port(), "127.0.0.1") as door,
    ):
        migrate(addresses)
        settings = settings_of(meta, folder, port)
        engine = Engine(driver_url(addresses.program))
        async with (
            open_services(settings, addresses, engine) as services,
            listening(Starlette(routes=web.media.routes(services)), door),
            httpx.AsyncClient(base_url=meta, timeout=60) as http,
        ):
            await http.post("/_sim/settings", json=KNOBS)
            await make_accounts(http, accounts, slowness)
            actor = await seed(services)
            connected = await connect(http, services, actor)
            client_id = next(iter(connected.values())).parent_id
            picture = await media.keep(services, actor, client_id=client_id, data=drawn(), filename="a.jpg")
            yield House(folder, settings, addresses, services, actor, http, picture, connected)


def settings_of(meta: str, folder: Path, port: int) -> Settings:
    """Give the settings of every process."""
    nobody = SecretStr("nobody is there")
    return Settings(
        _env_file=None,
        port=port,
        data_dir=folder,
        encryption_keys=SecretStr(f"torture:{generate_key()},other:{generate_key()}"),
        slack_signing_secret=nobody,
        slack_bot_token=nobody,
        facebook_client_id=META_APP,
        facebook_client_secret=SecretStr(META_SECRET),
        facebook_url=meta,
        graph_url=meta,
        worker_concurrency=AT_ONCE,
    )


async def make_accounts(http: httpx.AsyncClient, count: int, slowness: float) -> None:
    """Make Pages at Meta, each with an Instagram account."""
    for name, seconds in ((QUICK, 0), (SLOW, slowness)):
        wanted = {"name": name, "instagram": name, "count": count, "visibility_seconds": seconds}
        (await http.post("/_sim/accounts", json=wanted)).raise_for_status()


async def connect(http: httpx.AsyncClient, services: Services, actor: Actor) -> dict[Place, Account]:
    """Connect them all to the client, by one login."""
    login = (await http.post("/_sim/login", json={})).json()
    listed = (await http.get("/_sim/accounts")).json()
    async with services.db.session(actor) as session:
        [client] = await clients.visible(session)
        connection = connection_of(client, actor, login["person"])
        connection.access_token = services.vault.seal(Token(login["access_token"]), row=connection.token_row)
        session.add(connection)
        await session.flush()
        made = {}
        for place, meta_id, page_id in ours(listed):
            made[place] = account = account_of(connection, place, meta_id)
            token = Token(login["page_tokens"][page_id])
            account.access_token = services.vault.seal(token, row=account.token_row)
        session.add_all(made.values())
    return made


def ours(listed: Any) -> Iterable[tuple[Place, str, str]]:
    """Give the place of each account that was made for this, its id at Meta, and its Page's."""
    for one in listed["pages"]:
        name, _, number = one["name"].partition(" ")
        if name in (QUICK, SLOW):
            yield (Platform.FACEBOOK, name, int(number) - 1), one["id"], one["id"]
    for one in listed["instagram"]:
        name, _, number = one["username"].partition(".")
        if name in (QUICK, SLOW):
            yield (Platform.INSTAGRAM, name, int(number) - 1), one["id"], one["page_id"]


def connection_of(client: Client, actor: Actor, person: str) -> Connection:
    """Make the connection of a login."""
    assert actor.member_id is not None
    return Connection(
        agency_id=client.agency_id,
        client_id=client.id,
        member_id=actor.member_id,
        meta_user_id=person,
        meta_user_name="Maya Chen",
    )


def account_of(connection: Connection, place: Place, meta_id: str) -> Account:
    """Make an account; it has no token yet."""
    platform, name, number = place
    return Account(
        agency_id=connection.agency_id,
        parent_id=connection.client_id,
        connection_id=connection.id,
        platform=platform,
        platform_account_id=meta_id,
        platform_account_name=f"{name} {number + 1}",
    )

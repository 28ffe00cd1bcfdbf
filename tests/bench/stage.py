"""The stage of the larger measurements: PostgreSQL, both simulators and `pressroom serve`, each a process."""

import asyncio
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image
from pydantic import SecretStr

from core import agencies, clients
from core.agencies import Person
from core.clients import Details
from core.db import Actor, Database, Origin
from core.downloads import Downloader
from core.graph.api import GraphAPI
from core.graph.lines import Lines
from core.jobs import Engine
from core.models import Account, Client, Connection, Platform
from core.services import Services
from core.stores import MediaStore
from core.vault import KeyRing, Token, Vault, generate_key
from pressroom import database
from pressroom.schema import Addresses, driver_url, migrate
from pressroom.wiring import SIGNING

ROOT = Path(__file__).parent.parent.parent
META_APP, META_SECRET = "1234567890123456", "simulator-app-secret"
TEAM, ADA, CHANNEL = "T0BRIGHT01", "U0ADA00001", "C0NORTHW01"


@dataclass(frozen=True)
class Stage:
    """Everything that runs, and the services with which the stage is set."""

    slack: str
    meta: str
    public_url: str
    environ: dict[str, str]
    serve_pid: int
    services: Services
    actor: Actor
    http: httpx.AsyncClient

    async def say(self, command: str, text: str = "") -> None:
        """Run a slash command as Ada, in the client's channel."""
        said = {"as": ADA, "channel": CHANNEL, "command": command, "text": text}
        answer = (await self.http.post(f"{self.slack}/_sim/ui/commands", json=said)).json()
        assert answer["ok"], answer


@contextmanager
def postgres() -> Iterator[Addresses]:
    """Run a PostgreSQL with its usual settings: what it confirms is on the disk."""
    folder = Path(tempfile.mkdtemp(prefix="pressroom-bench-"))
    folder.chmod(0o711)
    try:
        with database.embedded(folder / "postgres") as addresses:
            migrate(addresses)
            yield addresses
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def stage(addresses: Addresses) -> AsyncIterator[Stage]:
    """Set the stage; the agency's only client is Northwind Coffee, without accounts."""
    port, key = free_port(), f"bench:{generate_key()}"
    public_url = f"http://127.0.0.1:{port}"
    media = Path(tempfile.mkdtemp(prefix="pressroom-bench-media-"))
    manifest = str(ROOT / "manifest.yml")
    with (
        simulator("meta") as meta,
        simulator("slack", "--manifest", manifest, "--app-url", f"{public_url}/slack/events") as slack,
        serving(environ := environment(addresses, key, media, port, slack, meta)) as pid,
    ):
        async with httpx.AsyncClient(timeout=60) as http, aclosing(Lines()) as lines:
            await until_ready(http, public_url)
            services = services_of(addresses, key, media, public_url, meta, lines)
            actor = await seed(services)
            yield Stage(slack, meta, public_url, environ, pid, services, actor, http)
            await services.db.close()
    shutil.rmtree(media, ignore_errors=True)


def free_port() -> int:
    """Give a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def simulator(name: str, *options: str) -> Iterator[str]:
    """Run a simulator, and give its address."""
    command = [sys.executable, "-m", "simulator", name, "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@contextmanager
def serving(environ: dict[str, str]) -> Iterator[int]:
    """Run `pressroom serve`, and give its process id."""
    command = [sys.executable, "-m", "pressroom", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | environ) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def environment(
    addresses: Addresses, key: str, media: Path, port: int, slack: str, meta: str
) -> dict[str, str]:
    """Give the settings of the process that is measured."""
    return {
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": driver_url(addresses.program),
        "MEDIA_URL": media.as_uri(),
        "ENCRYPTION_KEYS": key,
        "SLACK_SIGNING_SECRET": "simulator-signing-secret",
        "SLACK_BOT_TOKEN": "xoxb-simulator-bot",
        "SLACK_API_URL": f"{slack}/api/",
        "FACEBOOK_CLIENT_ID": META_APP,
        "FACEBOOK_CLIENT_SECRET": META_SECRET,
        "FACEBOOK_URL": meta,
        "GRAPH_URL": meta,
        "LOG_LEVEL": "WARNING",
    }


async def until_ready(http: httpx.AsyncClient, url: str) -> None:
    """Wait until a process answers that it is well."""
    for _ in range(600):
        try:
            if (await http.get(f"{url}/healthz")).is_success:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{url} did not come up")


def services_of(
    addresses: Addresses, key: str, media: Path, public_url: str, meta: str, lines: Lines
) -> Services:
    """Give the same services that the measured process has, to set the stage with."""
    ring = KeyRing.parse(key)
    return Services(
        db=Database(addresses.program),
        graph=GraphAPI(
            lines, base_url=meta, version="v25.0", app_id=META_APP, app_secret=SecretStr(META_SECRET)
        ),
        vault=Vault(ring),
        store=MediaStore.at(media.as_uri()),
        downloader=Downloader(),
        transport=Engine(driver_url(addresses.program)),
        public_url=public_url,
        facebook_url=meta,
        facebook_config_id=None,
        signing_key=ring.derive(SIGNING)[0],
    )


async def seed(services: Services) -> Actor:
    """Make the agency, Ada, and her client."""
    agency = await agencies.ensure(services.db, slack_team_id=TEAM, name="Brightside")
    ada = Person(ADA, "Ada Lindqvist", "Europe/Stockholm", is_admin=True, is_guest=False)
    member = await agencies.welcome(services.db, agency, ada)
    actor = agencies.actor_of(member, Origin())
    details = Details("Northwind Coffee", CHANNEL, frozenset({member.id}), frozenset())
    await clients.add(services.db, actor, details)
    return actor


async def connect(
    stage: Stage, platform: Platform, meta_id: str, name: str, tokens: dict[str, str]
) -> Account:
    """Connect one account to the client, without the dialog."""
    async with stage.services.db.session(stage.actor) as session:
        [client] = await clients.visible(session)
        connection = await connection_of(stage, client, tokens["user"])
        account = Account(
            agency_id=client.agency_id,
            parent_id=client.id,
            connection_id=connection.id,
            platform=platform,
            platform_account_id=meta_id,
            platform_account_name=name,
        )
        account.access_token = stage.services.vault.seal(Token(tokens["page"]), row=account.token_row)
        session.add(connection)
        await session.flush()
        session.add(account)
    return account


async def connection_of(stage: Stage, client: Client, user_token: str) -> Connection:
    """Make a connection of its own for each account: simpler than sharing one, and no slower."""
    assert stage.actor.member_id is not None
    connection = Connection(
        agency_id=client.agency_id,
        client_id=client.id,
        member_id=stage.actor.member_id,
        meta_user_id=os.urandom(8).hex(),
        meta_user_name="Maya Chen",
    )
    connection.access_token = stage.services.vault.seal(Token(user_token), row=connection.token_row)
    return connection


def drawn() -> bytes:
    """Draw a picture as Instagram takes it."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((1080, 1080)).convert("RGB").save(out, "JPEG")
    return out.getvalue()

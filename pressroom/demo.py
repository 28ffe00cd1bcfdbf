"""The demo: everything on this machine, against simulators of Slack and Meta, on one page.

It is the same program with other addresses in its settings: nothing in it knows that this is a demo.
"""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from string import Template
from typing import Any

import httpx
import typer
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from core.vault import generate_key
from pressroom import database, server, wiring
from pressroom.schema import Addresses
from pressroom.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = Path(__file__).with_name("demo.html")
HERE = "127.0.0.1"
FACEBOOK_PAGE = "104928374650101"  # Northwind Coffee, as the simulator of Meta has it
META_APP, META_SECRET = "1234567890123456", "simulator-app-secret"


def run(port: int) -> None:
    """Run the demo until Ctrl-C; what was done in it is there again the next time."""
    with server.bound(port, HERE) as door:
        slack_port, meta_port = free_port(port + 1), free_port(port + 2)
        settings = demo_settings(port, slack_port, meta_port)
        with database.running(settings) as addresses:
            asyncio.run(show(settings, addresses, door, slack_port=slack_port, meta_port=meta_port))
    typer.echo("  The demo has stopped. Everything in it is there again the next time.\n")


def free_port(wanted: int) -> int:
    """Give this port, or any other if somebody has it."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HERE, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("There is no free port.")


def demo_settings(port: int, slack_port: int, meta_port: int) -> Settings:
    """Give every setting a value, so that nothing of the real ones can slip in; only the folder is theirs."""
    data = Settings().data_dir / "demo"
    meta = f"http://{HERE}:{meta_port}"
    return Settings(
        _env_file=None,
        port=port,
        public_url=f"http://{HERE}:{port}",
        data_dir=data,
        media_url="",
        database_url=None,
        database_owner_url=None,
        encryption_keys=kept_key(data / "encryption.key"),
        encryption_key_id=None,
        slack_signing_secret=SecretStr("simulator-signing-secret"),
        slack_bot_token=SecretStr("xoxb-simulator-bot"),
        slack_app_token=None,
        slack_client_id=None,
        slack_client_secret=None,
        slack_api_url=f"http://{HERE}:{slack_port}/api/",
        facebook_client_id=META_APP,
        facebook_client_secret=SecretStr(META_SECRET),
        facebook_config_id=None,
        facebook_url=meta,
        graph_url=meta,
        graph_version=default("graph_version"),
        worker_concurrency=default("worker_concurrency"),
        log_level=default("log_level"),
    )


def default(name: str) -> Any:
    """Give what a setting is when nobody sets it."""
    return Settings.model_fields[name].default


def kept_key(path: Path) -> SecretStr:
    """Give the demo's own encryption key; made once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        draft.touch(mode=0o600)
        draft.write_text(f"demo:{generate_key()}")
        draft.replace(path)  # whole or not at all: half a key would open nothing, ever
    return SecretStr(path.read_text())


async def show(
    settings: Settings, addresses: Addresses, door: socket.socket, *, slack_port: int, meta_port: int
) -> None:
    """Start the simulators and Pressroom, and serve the page on which both are seen."""
    slack, meta = f"http://{HERE}:{slack_port}", settings.graph_url
    async with server.stopping() as stop, AsyncExitStack() as stack:
        simulators = [
            simulator("slack", slack_port, settings, *slack_options(settings)),
            simulator("meta", meta_port, settings, *meta_options(settings)),
        ]
        await asyncio.gather(*(stack.enter_async_context(one) for one in simulators))
        house = await stack.enter_async_context(wiring.open_house(settings, addresses))
        front = front_of(house.web, slack, meta)
        await stack.enter_async_context(server.listening(front, door))
        typer.echo(f"\n  Pressroom's demo is at {settings.public_url}/\n  Ctrl-C stops it.\n")
        await stop.wait()
        house.worker.stop()


CALLBACK = "/api/v1/social/connect/callback"
DEAUTHORIZE, DATA_DELETION = "/api/v1/meta/deauthorize", "/api/v1/meta/data-deletion"


def slack_options(settings: Settings) -> tuple[str, ...]:
    """Tell the simulator of Slack which app is installed there, and where its requests go."""
    manifest = ROOT / "manifest.yml"
    return ("--manifest", str(manifest), "--app-url", f"{settings.public_url}/slack/events")


def meta_options(settings: Settings) -> tuple[str, ...]:
    """Tell the simulator of Meta what is registered there for the app."""
    ours = settings.public_url
    callbacks = ("--deauthorize-url", f"{ours}{DEAUTHORIZE}", "--deletion-url", f"{ours}{DATA_DELETION}")
    return ("--redirect-uri", f"{ours}{CALLBACK}", *callbacks)


@asynccontextmanager
async def simulator(name: str, port: int, settings: Settings, *options: str) -> AsyncIterator[None]:
    """Run one simulator beside us, and wait until it answers."""
    data = settings.data_dir / name
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "simulator", name, "--port", str(port), "--data", str(data), "--with-parent", *options),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,  # it ends when this does, even if we are killed
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us; the simulators stop last
    )
    try:
        assert child.stdout is not None
        if not await child.stdout.readline():
            raise RuntimeError(f"The simulator of {name} did not start.")
        yield
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


def front_of(web: Starlette, slack: str, meta: str) -> Starlette:
    """Put the demo's page, and the health of everything, in front of Pressroom's own pages."""

    async def page(_request: Request) -> Response:
        html = Template(PAGE.read_text()).substitute(slack=slack, meta=meta, page=FACEBOOK_PAGE)
        return HTMLResponse(html, headers={"Content-Security-Policy": f"{POLICY} frame-src {slack} {meta}"})

    async def health(_request: Request) -> Response:
        parts = {"slack": slack, "meta": meta}
        async with httpx.AsyncClient(timeout=2) as http:
            found = {name: await answers(http, f"{url}/healthz") for name, url in parts.items()}
            inner = httpx.ASGITransport(web)
            async with httpx.AsyncClient(transport=inner, base_url="http://pressroom") as ours:
                found["pressroom"] = await answers(ours, "/healthz")
        return JSONResponse(found, status_code=200 if all(found.values()) else 503)

    return Starlette(routes=[Route("/", page), Route("/healthz", health), Mount("/", web)])


POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:;"


async def answers(http: httpx.AsyncClient, url: str) -> bool:
    """Say whether a part answers that it is well."""
    try:
        return (await http.get(url)).is_success
    except httpx.HTTPError:
        return False

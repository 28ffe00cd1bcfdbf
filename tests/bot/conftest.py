"""The bot alone, in front of a simulated Slack in this process, over tests/conftest.py's database."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

import bot.app
from bot.settings import SlackSettings
from core.services import Services
from core.vault import Token
from simulator.slack import app as simulated
from tests.conftest import ROOT, Serving

SECRET = "simulator-signing-secret"
BOT = Token("xoxb-simulator-bot")


@pytest.fixture
async def slack(serving: Serving) -> AsyncIterator[str]:
    """Run a simulated Slack in this process; give its address."""

    def build(url: str) -> ASGIApp:
        return simulated.build(
            address=url,
            data=None,
            manifest_path=ROOT / "manifest.yml",
            app_url=None,
            bot_token="xoxb-simulator-bot",
            app_token="xapp-simulator-app",
            signing_secret=SECRET,
            client_id="simulator-client-id",
            client_secret="simulator-client-secret",
        )

    async with serving(build) as url:
        yield url


Door = Callable[[Services, SlackSettings], AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def door_of(services: Services, settings: SlackSettings) -> AsyncIterator[httpx.AsyncClient]:
    """Build the bot, and give a client at its door."""
    app = bot.app.build(services, slack=settings)
    web = Starlette(routes=bot.app.routes(services, app, slack=settings))
    transport = httpx.ASGITransport(web)
    async with httpx.AsyncClient(transport=transport, base_url=services.public_url) as client:
        yield client


@pytest.fixture
async def door(slack: str, services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client at the door of a bot with one workspace."""
    async with door_of(services, SlackSettings(f"{slack}/api/", Token(SECRET), bot_token=BOT)) as client:
        yield client

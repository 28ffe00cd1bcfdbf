"""Puts the parts together: settings in, everything running out. The only place that knows them all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import ClientSession
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

import bot.app
import bot.socket
import web.app
from bot.announcer import SlackAnnouncer
from bot.settings import TIMEOUT, SlackSettings
from core import keys
from core.db import Database
from core.downloads import Downloader
from core.graph.api import GraphAPI
from core.graph.lines import Lines
from core.jobs import Engine
from core.pace import Pace
from core.services import Services
from core.stores import MediaStore
from core.vault import KeyRing, Token, Vault
from pressroom.clock import ended
from pressroom.database import CannotStart
from pressroom.health import readiness
from pressroom.schema import Addresses, driver_url
from pressroom.settings import Settings, require
from pressroom.worker import Worker, at_work

TURN_SECONDS = 2.0  # that what somebody did in Slack has to come to its end, once requests have
SIGNING = "addresses and states"  # what the derived key signs


@dataclass(frozen=True)
class House:
    """Everything that one process runs, for those who serve it."""

    services: Services
    worker: Worker
    bot: AsyncApp
    web: Starlette


@dataclass(frozen=True)
class Parts:
    """What every process has, whatever else it does."""

    services: Services
    slack: SlackSettings
    announcer: SlackAnnouncer
    worker: Worker


@asynccontextmanager
async def open_house(settings: Settings, addresses: Addresses) -> AsyncIterator[House]:
    """Start all that one process does by default: the bot, the web and a worker."""
    async with open_worker(settings, addresses) as parts, AsyncExitStack() as stack:
        turns: set[asyncio.Task[Any]] = set()
        app = bot.app.build(parts.services, slack=parts.slack, turns=turns)
        stack.push_async_callback(ended, turns, TURN_SECONDS)
        socket = None
        if parts.slack.app_token:
            socket = await stack.enter_async_context(bot.socket.connected(app, parts.slack))
        pages = web.app.build(
            parts.services,
            notifier=parts.announcer,
            slack_routes=bot.app.routes(parts.services, app, slack=parts.slack),
            readiness=readiness(parts.services.db, parts.worker, socket),
        )
        yield House(parts.services, parts.worker, app, pages)


@asynccontextmanager
async def open_worker(settings: Settings, addresses: Addresses) -> AsyncIterator[Parts]:
    """Start what every process has: the use-cases' services, and a worker."""
    engine = Engine(driver_url(addresses.program))
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(settings, addresses, engine))
        session = await stack.enter_async_context(ClientSession(timeout=TIMEOUT))
        slack = replace(slack_settings(settings), session=session)
        announcer = SlackAnnouncer(services, slack=slack)
        stack.push_async_callback(announcer.close)
        engine.serve(services, announcer)
        at_it = at_work(engine, services, concurrency=settings.worker_concurrency)
        yield Parts(services, slack, announcer, await stack.enter_async_context(at_it))


@asynccontextmanager
async def open_services(settings: Settings, addresses: Addresses, engine: Engine) -> AsyncIterator[Services]:
    """Open the database, the way to Meta and the media store; close them at the end."""
    require(settings)
    assert settings.facebook_client_id
    assert settings.facebook_client_secret
    ring = key_ring(settings)
    signing = ring.derive(SIGNING)
    db = Database(addresses.program)
    pace = Pace()
    async with aclosing(Lines()) as lines:
        try:
            await db.check_role()
            await keys.check(db, ring)
            yield Services(
                db=db,
                graph=GraphAPI(
                    lines,
                    base_url=settings.graph_url,
                    version=settings.graph_version,
                    app_id=settings.facebook_client_id,
                    app_secret=settings.facebook_client_secret,
                    on_usage=pace.hear,
                ),
                pace=pace,
                vault=Vault(ring),
                store=media_store(settings),
                downloader=Downloader(),
                transport=engine,
                public_url=settings.public_url,
                facebook_url=settings.facebook_url,
                facebook_config_id=settings.facebook_config_id,
                signing_key=signing[0],
                former_signing_keys=signing[1:],
            )
        finally:
            await db.close()


def media_store(settings: Settings) -> MediaStore:
    """Open the place where pictures are kept; raise CannotStart when its folder cannot be had."""
    try:
        return MediaStore.at(settings.media_url)
    except OSError as error:
        raise CannotStart(
            f"{settings.media_url} does not take pictures: {error.strerror}. Give that folder to the user"
            " that Pressroom runs as, or set MEDIA_URL to another one."
        ) from None


def key_ring(settings: Settings) -> KeyRing:
    """Give the keys that seal tokens; raise BadKey."""
    return KeyRing.parse(shown(settings.encryption_keys), settings.encryption_key_id)


def slack_settings(settings: Settings) -> SlackSettings:
    """Give the bot its part of the settings."""
    return SlackSettings(
        api_url=settings.slack_api_url,
        signing_secret=token(settings.slack_signing_secret),
        bot_token=token(settings.slack_bot_token),
        app_token=token(settings.slack_app_token),
        client_id=settings.slack_client_id,
        client_secret=token(settings.slack_client_secret),
    )


def token(secret: SecretStr | None) -> Token | None:
    """Give a secret of the settings as core knows secrets."""
    return Token(secret.get_secret_value()) if secret else None


def shown(secret: SecretStr | None) -> str:
    """Give the text of a secret that `require` has seen to."""
    assert secret is not None
    return secret.get_secret_value()

"""The Bolt app: who is let in, and which listener takes what."""

import asyncio
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from starlette.routing import Route

from bot import oauth
from bot.current import People
from bot.desk import Desk
from bot.endpoint import endpoint
from bot.installations import PATIENTLY, Installations, web_client
from bot.listeners import (
    accounts,
    approvals,
    cards,
    clients,
    compose,
    connect,
    departures,
    everything_else,
    exports,
    heads,
    home,
    months,
    pausing,
    personal,
    policies,
    preview,
    queue,
    resuming,
    reviews,
    schedule,
    several,
    sign_offs,
    social,
    trail,
    verifying,
    whereabouts,
)
from bot.settings import SlackSettings
from core.services import Services

__all__ = ["SlackSettings", "build", "endpoint", "routes"]

logger = logging.getLogger(__name__)
NOT_INSTALLED = (
    "Pressroom is not installed in this workspace any more. Ask one of your admins to install it again."
)
FLOWS = (
    compose,
    preview,
    cards,
    reviews,
    schedule,
    approvals,
    policies,
    social,
    sign_offs,
    several,
    connect,
    accounts,
    clients,
    departures,
    home,
    queue,
    pausing,
    resuming,
    trail,
    exports,
    verifying,
    heads,
    months,
    personal,
    whereabouts,
    everything_else,
)


def build(
    services: Services, *, slack: SlackSettings, turns: set[asyncio.Task[Any]] | None = None
) -> AsyncApp:
    """Build the Bolt app, for HTTP and for Socket Mode alike.

    `turns` gets what is under way: Slack has its answer by then, so that nothing else waits for it.
    """
    desk = Desk(
        services,
        slack,
        Installations(services, slack),
        People(services.db),
        turns=set() if turns is None else turns,
    )
    # Without a secret nobody could sign; with an empty one, anybody could.
    secret = slack.signing_secret.reveal() if slack.signing_secret else secrets.token_hex(32)
    with without_environment():
        app = AsyncApp(
            name="pressroom",
            client=web_client(slack, retries=PATIENTLY),
            signing_secret=secret,
            authorize=authorizer(desk),  # type: ignore[arg-type]  # it may give None: not installed
            user_facing_authorize_error_message=NOT_INSTALLED,
            ignoring_self_events_enabled=False,  # where the bot's own cards stand
        )
    app.error(before_any_listener)
    for flow in FLOWS:
        flow.register(app, desk)
    return app


def routes(services: Services, app: AsyncApp, *, slack: SlackSettings) -> list[Route]:
    """Give the routes of Slack's side of the web: the requests, and the pages of the installation."""
    events = Route("/slack/events", endpoint(app), methods=["POST"])
    return [events, *oauth.routes(services, slack)] if slack.many_workspaces else [events]


def authorizer(desk: Desk) -> Callable[..., Awaitable[AuthorizeResult | None]]:
    """Give the function that finds whose request this is; Slack is not asked again each time."""

    async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult | None:
        installed = await desk.installations.of_team(team_id)
        if installed is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=installed.team_id,
            bot_user_id=installed.bot_user_id,
            bot_id=installed.bot_id,
            bot_token=installed.token.reveal(),
        )

    return authorize


async def before_any_listener(error: Exception, context: AsyncBoltContext) -> BoltResponse:
    """Answer when a request failed before a listener had it; listeners answer for themselves."""
    number = secrets.token_hex(4)
    logger.error("incident %s, before any listener", number, exc_info=error)
    said = f"Something went wrong at our end. Please try again. (Number {number})"
    if context.response_url and context.respond:
        await context.respond(said)
    return BoltResponse(
        status=HTTPStatus.OK if context.response_url else HTTPStatus.SERVICE_UNAVAILABLE, body=""
    )


@contextmanager
def without_environment() -> Iterator[None]:
    """Hide SLACK_* from Bolt while it is built: it would switch its own OAuth on, and use what it finds."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)

"""Socket Mode: Slack's requests come through a socket that we open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.settings import SlackSettings


@asynccontextmanager
async def connected(app: AsyncApp, slack: SlackSettings) -> AsyncIterator[AsyncSocketModeHandler]:
    """Stay connected; the client pings, and opens a new socket when the old one goes stale."""
    assert slack.app_token is not None
    handler = AsyncSocketModeHandler(app, slack.app_token.reveal())
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]

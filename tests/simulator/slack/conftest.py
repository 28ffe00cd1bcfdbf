import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from PIL import Image
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.server import bind, listening_at, running
from simulator.slack.app import build
from simulator.slack.control import start_again
from simulator.slack.platform import Settings
from tests.simulator.slack.hands import Simulated

MANIFEST = """
display_information: {name: Probe, description: An app that is only for tests}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false}
  bot_user: {display_name: probe}
  shortcuts:
    - {name: New, type: global, callback_id: new, description: Something new}
    - {name: Take, type: message, callback_id: take, description: Take this}
  slash_commands:
    - {command: /probe, description: Probe, usage_hint: "[what]", should_escape: false}
oauth_config:
  redirect_urls: ["https://app.example/slack/oauth_redirect"]
  scopes:
    bot: [commands, "chat:write", "files:read", "files:write", "users:read", "im:write", "app_mentions:read",
          "channels:read", "groups:read", "channels:history", "im:history", "im:read", "channels:join",
          "reactions:write", "team:read", "metadata.message:read"]
settings:
  event_subscriptions:
    bot_events: [app_home_opened, app_mention, message.im, message.channels, file_shared,
                 member_joined_channel, app_uninstalled, tokens_revoked, message_metadata_posted,
                 message_metadata_deleted]
    metadata_subscriptions:
      - {app_id: "*", event_type: probed}
  interactivity: {is_enabled: true}
"""


@pytest.fixture(scope="session")
async def listening(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Simulated]:
    manifest = tmp_path_factory.mktemp("slack") / "manifest.yml"
    manifest.write_text(MANIFEST)
    bound = bind()
    address = listening_at(bound)
    app = build(address=address, manifest_path=manifest)
    async with running(app, bound), httpx.AsyncClient(base_url=address) as http:
        yield Simulated(address, app.state.slack, http)


@pytest.fixture
async def simulated(listening: Simulated) -> Simulated:
    listening.slack.settings = Settings(redelivery_seconds=[0.0, 0.0, 0.0], processing_seconds=0.0)
    listening.slack.ahead = 0.0
    start_again(listening.slack)
    return listening


Answering = Callable[[Callable[[Request], Awaitable[Response]]], AbstractAsyncContextManager[None]]


@pytest.fixture
def answering(simulated: Simulated) -> Answering:
    """Serve one function as the app's Request URL."""

    @asynccontextmanager
    async def serve(endpoint: Callable[[Request], Awaitable[Response]]) -> AsyncIterator[None]:
        routes = [Route("/slack/events", endpoint, methods=["POST"])]
        async with running(Starlette(routes=routes), bind()) as address:
            simulated.slack.settings.app_url = f"{address}/slack/events"
            yield
            simulated.slack.settings.app_url = None

    return serve


@pytest.fixture
def serving(answering: Answering) -> Callable[[AsyncApp], AbstractAsyncContextManager[None]]:
    """Serve a Bolt app over HTTP."""

    def serve(app: AsyncApp) -> AbstractAsyncContextManager[None]:
        return answering(AsyncSlackRequestHandler(app).handle)

    return serve


@pytest.fixture
def bolt(simulated: Simulated, monkeypatch: pytest.MonkeyPatch) -> AsyncApp:
    """Return an app as Bolt's documentation makes one, with nothing but another base address."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return AsyncApp(client=simulated.web(), signing_secret="simulator-signing-secret")


@pytest.fixture
def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#3a5a40").save(out, "PNG")
    return out.getvalue()

"""The simulated Slack as one application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware

from simulator.faults import FaultMiddleware
from simulator.record import RecordMiddleware
from simulator.slack import api, control, files, honesty, link, manifest, oauth, pages, response_urls, ui
from simulator.slack.api.chat import post_when_due
from simulator.slack.ids import Ids
from simulator.slack.platform import App, Settings, Slack
from simulator.slack.seed import seed
from simulator.slack.world import World
from simulator.state_file import Blobs, StateFile


def build(
    *,
    address: str,
    data: Path | None = None,
    manifest_path: Path | None = None,
    app_url: str | None = None,
    random_seed: int | None = None,
    **secrets: str,
) -> Starlette:
    """Return a Slack that others reach at `address`.

    `data` is the folder in which its state survives; `manifest_path` the app's manifest (without one, the app
    has every scope and event, but no command and no shortcut); `app_url` the Request URL of HTTP mode;
    `random_seed` makes the same ids again; `secrets` are fields of `App`.
    """
    app = App(**secrets)
    declared = manifest.load(manifest_path) if manifest_path else manifest.generous()
    slack = Slack(
        address=address,
        app=app,
        settings=Settings(app_url=app_url),
        manifest=declared,
        world=World(),
        state=StateFile(data, World),
        blobs=Blobs(data / "files" if data else None),
        ids=Ids(random_seed),
    )
    slack.world = slack.state.read() or seed(app, declared, slack.blobs)
    control.reindex(slack)
    control.refresh_tokens(slack)
    return _application(slack)


def _application(slack: Slack) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        for waiting in slack.world.scheduled.values():
            slack.in_background(post_when_due(slack, waiting))
        yield {}
        await slack.close()

    starlette = Starlette(
        routes=[
            *api.routes(slack),
            *response_urls.routes(slack),
            *link.routes(slack),
            *files.routes(slack),
            *oauth.routes(slack),
            *ui.routes(slack),
            *slack.record.routes(),
            *slack.faults.routes(),
            *control.routes(slack),
            *honesty.ROUTES,
            *pages.routes(slack),
        ],
        middleware=[
            Middleware(RecordMiddleware, record=slack.record),
            Middleware(FaultMiddleware, faults=slack.faults, answer=api.wrong_answer),
        ],
        lifespan=lifespan,
    )
    starlette.state.slack = slack
    starlette.state.closing = [slack.watchers.close, slack.sockets.close]
    return starlette

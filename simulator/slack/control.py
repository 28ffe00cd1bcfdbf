"""What a test or the demo turns: `/_sim/...`; none of it exists on the real Slack."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.record import masked
from simulator.slack import events, messages
from simulator.slack.deliver import deliver
from simulator.slack.platform import Settings, Slack
from simulator.slack.seed import BOT_USERS, BRIGHTSIDE, seed
from simulator.slack.world import JSON, Person, Token

CHANGEABLE = ("people", "channels", "files", "tokens")


def routes(slack: Slack) -> list[Route]:
    """Return every switch; `POST /_sim/people/{id}` and the like change fields of what is there."""
    changing = [
        Route(f"/_sim/{kind}/{{id}}", _changing(slack, kind), methods=["POST"]) for kind in CHANGEABLE
    ]
    return [*_knobs(slack), *_looks(slack), *_causes(slack), *changing]


def _knobs(slack: Slack) -> list[Route]:

    async def settings(request: Request) -> Response:
        """Show or change the settings."""
        if request.method == "POST":
            try:
                slack.settings = Settings.model_validate(slack.settings.model_dump() | await request.json())
            except ValidationError as wrong:
                return JSONResponse({"error": str(wrong)}, status_code=400)
            slack.changed("state")
        return JSONResponse(slack.settings.model_dump())

    async def app(request: Request) -> Response:
        """Take where deliveries go: `{"url": …}`; null for nowhere."""
        slack.settings.app_url = (await request.json()).get("url")
        slack.changed("state")
        return JSONResponse({"url": slack.settings.app_url})

    async def reset(_: Request) -> Response:
        """Put everything back to the seed, but the settings."""
        start_again(slack)
        return JSONResponse({"ok": True})

    async def clock(request: Request) -> Response:
        """Put the clock forward: `{"advance": seconds}`."""
        slack.ahead += float((await request.json())["advance"])
        return JSONResponse({"now": slack.now()})

    return [
        Route("/_sim/settings", settings, methods=["GET", "POST"]),
        Route("/_sim/app", app, methods=["POST"]),
        Route("/_sim/reset", reset, methods=["POST"]),
        Route("/_sim/clock", clock, methods=["POST"]),
    ]


def _looks(slack: Slack) -> list[Route]:
    async def world(_: Request) -> Response:
        """Show the whole state, tokens cut short."""
        return JSONResponse(masked(slack.world.model_dump()))

    async def deliveries(request: Request) -> Response:
        """Show what was handed to the app, and what it said; `?raw` without anything cut short."""
        shown = list(slack.deliveries)
        return JSONResponse(shown if "raw" in request.query_params else masked(shown))

    return [
        Route("/_sim/world", world, methods=["GET"]),
        Route("/_sim/deliveries", deliveries, methods=["GET"]),
    ]


def _causes(slack: Slack) -> list[Route]:
    async def send(request: Request) -> Response:
        """Deliver any event: `{"event": {…}, "subscription"?, "team"?}`."""
        given = await request.json()
        event: JSON = given["event"]
        team_id = given.get("team") or slack.world.installed[0]
        events.emit(slack, given.get("subscription") or event["type"], event, team_id=team_id)
        return JSONResponse({"ok": True})

    async def uninstall(request: Request) -> Response:
        """Remove the app from a workspace: tokens die, and the app is told."""
        team_id = (await request.json()).get("team") or slack.world.installed[0]
        remove_app(slack, team_id)
        return JSONResponse({"ok": True})

    async def probe(request: Request) -> Response:
        """Send what Slack sends to a new Request URL: `{"kind": "ssl_check" | "url_verification"}`."""
        return JSONResponse(await verify(slack, (await request.json())["kind"]))

    return [
        Route("/_sim/events", send, methods=["POST"]),
        Route("/_sim/uninstall", uninstall, methods=["POST"]),
        Route("/_sim/probe", probe, methods=["POST"]),
    ]


def _changing(slack: Slack, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def change(request: Request) -> Response:
        """Change fields of one person, channel, file or token."""
        items: dict[str, BaseModel] = getattr(slack.world, kind)
        item = items.get(request.path_params["id"])
        if item is None:
            return JSONResponse({"error": "There is no such thing."}, status_code=404)
        changed = type(item).model_validate(item.model_dump() | await request.json())
        items[request.path_params["id"]] = changed
        if isinstance(changed, Person):
            events.person_changed(slack, changed)
        slack.changed("state")
        return JSONResponse(masked(changed.model_dump()))

    return change


def start_again(slack: Slack) -> None:
    """Put the state back to the seed."""
    for task in slack.tasks:
        task.cancel()
    slack.blobs.clear()
    slack.world = seed(slack.app, slack.manifest, slack.blobs)
    slack.threads.clear()
    slack.message_values.clear()
    slack.offered.clear()
    slack.looking_at.clear()
    slack.triggers.issued.clear()
    slack.buckets.levels.clear()
    slack.deliveries.clear()
    slack.faults.clear()
    slack.record.clear()
    slack.changed("state", "views", "home")


def reindex(slack: Slack) -> None:
    """Find the replies of every thread again, after the state was read from disk."""
    for in_channel in slack.world.messages.values():
        for item in in_channel.values():
            messages.index(slack, item)


def refresh_tokens(slack: Slack) -> None:
    """Give the app's own tokens the scopes of the manifest as it is now, as reinstalling does."""
    scopes = slack.manifest.oauth_config.scopes.bot
    bot = Token(token=slack.app.bot_token, kind="bot", team_id=BRIGHTSIDE, scopes=scopes)
    app = Token(token=slack.app.app_token, kind="app", scopes=["connections:write"])
    for token in (bot, app):
        known = slack.world.tokens.get(token.token)
        slack.world.tokens[token.token] = token.model_copy(update={"revoked": bool(known and known.revoked)})


def remove_app(slack: Slack, team_id: str) -> None:
    """Uninstall the app from a workspace.

    https://docs.slack.dev/reference/events/app_uninstalled
    """
    revoked: JSON = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USERS[team_id]]}}
    events.emit(slack, "tokens_revoked", revoked, team_id=team_id)
    events.emit(slack, "app_uninstalled", {"type": "app_uninstalled"}, team_id=team_id)
    for token in slack.world.tokens.values():
        token.revoked = token.revoked or token.team_id == team_id
    if team_id in slack.world.installed:
        slack.world.installed.remove(team_id)
    slack.changed("state")


async def verify(slack: Slack, kind: str) -> JSON:
    """Return how the app answers one of Slack's own probes."""
    if kind == "url_verification":
        challenge = slack.ids.secret(40)
        asked = {"token": "simulator-verification", "challenge": challenge, "type": "url_verification"}
        answer = await deliver(slack, "events_api", asked)
        said = answer.said.get("challenge") if isinstance(answer.said, dict) else answer.said
        return {"ok": said == challenge, "error": answer.error}
    asked = {"token": "simulator-verification", "ssl_check": "1", "command": "ssl_check"}
    answer = await deliver(slack, "slash_commands", asked)
    return {"ok": answer.error is None, "error": answer.error}

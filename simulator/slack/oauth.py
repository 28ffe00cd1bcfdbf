"""Installing the app: the page that asks, the code, and the token.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import base64
import html
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from simulator.slack.errors import Refusal, SlackError
from simulator.slack.platform import Slack
from simulator.slack.seed import BOT_USERS
from simulator.slack.world import JSON, Grant, Token

CODE_SECONDS = 600.0
ROTATED_SECONDS = 12 * 3600
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}
button,select{{font:inherit;padding:.4rem .8rem;margin:.5rem .5rem 0 0}}
li{{font-family:ui-monospace,monospace}}</style>
</head><body><h1>{title}</h1>{body}</body></html>"""
FORM = """<p>This is the simulated Slack. <b>{app}</b> will be able to:</p><ul>{scopes}</ul>
<form method="post" action="/oauth/v2/authorize">{hidden}
<label>Workspace <select name="team">{teams}</select></label><br>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="cancel">Cancel</button></form>"""


def routes(slack: Slack) -> list[Route]:
    """Return the page that asks a workspace's admin, and what it submits to."""

    async def ask(request: Request) -> Response:
        try:
            scopes, redirect_uri = _asked(slack, request.query_params)
        except Refusal as refused:
            slack.record.warn("oauth_refused", str(refused))
            return HTMLResponse(
                PAGE.format(title="Something went wrong", body=f"<p>{html.escape(str(refused))}</p>")
            )
        return HTMLResponse(_form(slack, scopes, redirect_uri, request.query_params))

    async def decide(request: Request) -> Response:
        async with request.form() as form:
            given = {name: str(value) for name, value in form.items()}
        state = given.get("state", "")
        try:
            scopes, redirect_uri = _asked(slack, given)
        except Refusal as refused:
            return HTMLResponse(
                PAGE.format(title="Something went wrong", body=f"<p>{html.escape(str(refused))}</p>")
            )
        if given.get("decision") != "allow":
            return _back(redirect_uri, {"error": "access_denied", "state": state})
        return _back(redirect_uri, {"code": _code(slack, given, scopes, redirect_uri), "state": state})

    return [
        Route("/oauth/v2/authorize", ask, methods=["GET"]),
        Route("/oauth/v2/authorize", decide, methods=["POST"]),
    ]


def exchange(slack: Slack, arguments: JSON) -> JSON:
    """Return the answer of oauth.v2.access. Raises SlackError."""
    if arguments.get("client_id") != slack.app.client_id:
        raise SlackError("invalid_client_id")
    if arguments.get("client_secret") != slack.app.client_secret:
        raise SlackError("bad_client_secret")
    if arguments.get("grant_type") == "refresh_token":
        grant = slack.world.refreshes.pop(str(arguments.get("refresh_token")), None)
        if grant is None:
            raise SlackError("invalid_refresh_token")
    else:
        grant = _redeemed(slack, str(arguments.get("code")), str(arguments.get("redirect_uri") or ""))
        _install(slack, grant.team_id)
    return _granted(slack, grant)


def of_basic(header: str) -> tuple[str, str]:
    """Return id and secret of an HTTP Basic header. Raises invalid_client_id."""
    try:
        client_id, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    except ValueError:
        raise SlackError("invalid_client_id") from None
    return client_id, secret


def _asked(slack: Slack, query: Mapping[str, Any]) -> tuple[list[str], str]:
    declared = slack.manifest.oauth_config
    if query.get("client_id") != slack.app.client_id:
        raise Refusal("Invalid client_id parameter.")
    redirect_uri = query.get("redirect_uri") or next(iter(declared.redirect_urls), "")
    if not redirect_uri or not any(redirect_uri.startswith(known) for known in declared.redirect_urls):
        raise Refusal(f"redirect_uri did not match any configured URIs. Passed URI: {redirect_uri}")
    scopes = [scope for scope in str(query.get("scope", "")).split(",") if scope]
    if unknown := set(scopes) - set(declared.scopes.bot):
        raise Refusal(f"Invalid permissions requested: {', '.join(sorted(unknown))}")
    if not scopes:
        raise Refusal("No scopes requested.")
    if urlsplit(redirect_uri).scheme != "https":
        slack.record.warn("redirect_not_https", "The real Slack takes only https redirect URLs.")
    return scopes, redirect_uri


def _form(slack: Slack, scopes: list[str], redirect_uri: str, query: Mapping[str, str]) -> str:
    kept = {
        "client_id": query["client_id"],
        "scope": ",".join(scopes),
        "state": query.get("state", ""),
        "redirect_uri": redirect_uri,
    }
    body = FORM.format(
        app=html.escape(slack.manifest.display_information.name),
        scopes="".join(f"<li>{html.escape(scope)}</li>" for scope in scopes),
        hidden="".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value, quote=True)}">'
            for name, value in kept.items()
        ),
        teams="".join(
            f'<option value="{team.id}"{" selected" if team.id == query.get("team") else ""}>'
            f"{html.escape(team.name)}</option>"
            for team in slack.world.teams.values()
        ),
    )
    return PAGE.format(title="Install an app", body=body)


def _code(slack: Slack, given: Mapping[str, str], scopes: list[str], redirect_uri: str) -> str:
    team_id = given.get("team") or next(iter(slack.world.teams))
    admin = next(
        person.id for person in slack.world.people.values() if person.team_id == team_id and person.is_admin
    )
    code = slack.ids.secret(40)
    slack.world.codes[code] = Grant(
        team_id=team_id,
        user=given.get("as") or admin,
        scopes=scopes,
        redirect_uri=redirect_uri,
        until=slack.now() + CODE_SECONDS,
    )
    slack.changed()
    return code


def _back(redirect_uri: str, query: dict[str, str]) -> Response:
    joint = "&" if "?" in redirect_uri else "?"
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(query)}", status_code=302)


def _redeemed(slack: Slack, code: str, redirect_uri: str) -> Grant:
    grant = slack.world.codes.pop(code, None)
    if grant is None or slack.now() > grant.until:
        raise SlackError("invalid_code")
    if redirect_uri and redirect_uri != grant.redirect_uri:
        raise SlackError("bad_redirect_uri")
    return grant


def _install(slack: Slack, team_id: str) -> None:
    if team_id not in slack.world.installed:
        slack.world.installed.append(team_id)
    slack.changed("state")


def _granted(slack: Slack, grant: Grant) -> JSON:
    team = slack.world.teams[grant.team_id]
    token = Token(
        token="xoxb-" + slack.ids.secret(32), kind="bot", team_id=grant.team_id, scopes=grant.scopes
    )
    answer: JSON = {
        "access_token": token.token,
        "token_type": "bot",
        "scope": ",".join(grant.scopes),
        "bot_user_id": BOT_USERS[grant.team_id],
        "app_id": slack.app.id,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": grant.user},
    }
    if slack.manifest.settings.token_rotation_enabled:
        token.expires_at = slack.now() + ROTATED_SECONDS
        refresh = "xoxe-1-" + slack.ids.secret(32)
        slack.world.refreshes[refresh] = grant
        answer |= {"refresh_token": refresh, "expires_in": ROTATED_SECONDS}
    slack.world.tokens[token.token] = token
    slack.changed()
    return answer

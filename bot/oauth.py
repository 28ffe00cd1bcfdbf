"""Installing the bot into any workspace, by Slack's OAuth.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from html import escape
from http import HTTPStatus
from urllib.parse import urlencode

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.installations import AT_ONCE, web_client
from bot.settings import SCOPES, SlackSettings
from bot.slack_errors import code_of
from core import agencies, signatures
from core.agencies import Grant
from core.errors import NotFound
from core.services import Services
from core.vault import Token

logger = logging.getLogger(__name__)
INSTALL, RETURN = "/slack/install", "/slack/oauth_redirect"
COOKIE = "pressroom_install"
LIFETIME = 600  # seconds
PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>{title}</title>
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/static/pressroom.css">
</head>
<body>
  <header class="brand"><img src="/static/icon.svg" alt="" width="28" height="28">Pressroom</header>
  <main class="card">
    <h1>{title}</h1>
    <p class="lead">{text}</p>
    <p class="actions"><a class="button" href="{href}">{action}</a></p>
  </main>
</body>
</html>
"""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}

Handler = Callable[[Request], Awaitable[Response]]


def routes(services: Services, slack: SlackSettings) -> list[Route]:
    """Give the two addresses: where an installation starts, and where Slack sends the browser back."""
    return [
        Route(INSTALL, start(services, slack), methods=["GET"]),
        Route(RETURN, finish(services, slack), methods=["GET"]),
    ]


def start(services: Services, slack: SlackSettings) -> Handler:
    """Send the browser to Slack, with a state that only this browser can bring back."""

    async def install(_: Request) -> Response:
        browser = secrets.token_urlsafe(32)
        state = signatures.sign(browser, "install", expires_at=int(time.time()) + LIFETIME, key=key(services))
        asked = {
            "client_id": slack.client_id,
            "scope": ",".join(SCOPES),
            "state": state,
            "redirect_uri": services.public_url + RETURN,
        }
        answer = RedirectResponse(f"{slack.authorize_url}?{urlencode(asked)}", HTTPStatus.FOUND)
        secure = services.public_url.startswith("https:")
        answer.set_cookie(
            COOKIE, browser, max_age=LIFETIME, path="/slack", httponly=True, secure=secure, samesite="lax"
        )
        return answer

    return install


def finish(services: Services, slack: SlackSettings) -> Handler:
    """Take what Slack gives, and keep it sealed."""

    async def oauth_redirect(request: Request) -> Response:
        try:
            state, browser = request.query_params.get("state", ""), request.cookies.get(COOKIE, "")
            signatures.verify(state, browser, "install", now=int(time.time()), keys=[key(services)])
        except NotFound:
            return again("This installation was not started in this browser, or too long ago.")
        if not (code := request.query_params.get("code")):
            return again("Pressroom was not installed.")
        try:
            return await exchange(services, slack, code)
        except SlackApiError as error:
            logger.warning("Slack answered %s to an installation", code_of(error))
            return again("Slack did not accept this installation.")

    return oauth_redirect


async def exchange(services: Services, slack: SlackSettings, code: str) -> Response:
    """Exchange the code for the bot's token, and keep it."""
    assert slack.client_id is not None
    assert slack.client_secret is not None
    said = {
        "client_id": slack.client_id,
        "client_secret": slack.client_secret.reveal(),
        "code": code,
        "redirect_uri": services.public_url + RETURN,
    }
    given = await web_client(slack).api_call("oauth.v2.access", data=said)  # in the body, not in the address
    team = given.get("team") or {}
    if given.get("is_enterprise_install") or not team.get("id"):
        return again("Install Pressroom into a single workspace, not into a whole organisation.")
    agency_id = await agencies.ensure(
        services.db, slack_team_id=team["id"], name=team.get("name") or team["id"]
    )
    await agencies.install(services.db, services.vault, agency_id, await grant(slack, given))
    address = f"{slack.open_url}?{urlencode({'app': given.get('app_id'), 'team': team['id']})}"
    name = escape(team.get("name") or "your workspace")
    answer = page("Pressroom is installed", f"It is ready in {name}.", address, "Open Slack")
    answer.delete_cookie(COOKIE, path="/slack")
    return answer


async def grant(slack: SlackSettings, given: AsyncSlackResponse) -> Grant:
    """Read what Slack gave; the bot's own id stands only in auth.test."""
    token = Token(given["access_token"])
    me = await web_client(slack, token, retries=AT_ONCE).auth_test()
    return Grant(
        app_id=str(given.get("app_id") or ""),
        bot_id=str(me.get("bot_id") or ""),
        bot_user_id=str(given.get("bot_user_id") or me["user_id"]),
        bot_token=token,
        scopes=tuple(str(given.get("scope") or "").split(",")),
        installed_by=(given.get("authed_user") or {}).get("id"),
    )


def key(services: Services) -> bytes:
    """Give the key that signs the state."""
    return signatures.derive(services.signing_key, "slack-install")


def again(sentence: str) -> HTMLResponse:
    """Say what went wrong, with the way on."""
    return page("That did not work", sentence, INSTALL, "Try again", HTTPStatus.BAD_REQUEST)


def page(title: str, text: str, href: str, action: str, status: int = HTTPStatus.OK) -> HTMLResponse:
    """Write a page; `text` is HTML. It looks like web's own, whose style sheet it takes."""
    said = PAGE.format(title=escape(title), text=text, href=escape(href), action=escape(action))
    return HTMLResponse(said, status, HEADERS)

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

from bot.installations import web_client
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
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<body style="font: 18px/1.6 system-ui, sans-serif; max-width: 34em; margin: 15vh auto; color: #1d1c1d">
<h1 style="font-size: 1.6em">{title}</h1><p>{text}</p><p><a href="{href}">{action}</a></p></body></html>"""

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
            signatures.verify(state, browser, "install", now=int(time.time()), key=key(services))
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
    address = "https://slack.com/app_redirect?" + urlencode({"app": given.get("app_id"), "team": team["id"]})
    name = escape(team.get("name") or "your workspace")
    answer = page("Pressroom is installed", f"It is ready in {name}.", address, "Open Slack")
    answer.delete_cookie(COOKIE, path="/slack")
    return answer


async def grant(slack: SlackSettings, given: AsyncSlackResponse) -> Grant:
    """Read what Slack gave; the bot's own id stands only in auth.test."""
    token = Token(given["access_token"])
    me = await web_client(slack, token).auth_test()
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
    """Write a page; `text` is HTML."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
    return HTMLResponse(
        PAGE.format(title=escape(title), text=text, href=escape(href), action=escape(action)), status, headers
    )

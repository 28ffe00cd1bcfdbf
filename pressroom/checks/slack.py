"""The Slack app: its token, what it may do, and how Slack's requests come in."""

import hashlib
import hmac
import json
import time
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import SecretStr

from bot.settings import SCOPES
from pressroom.checks import Patient, Unsure, Wrong, answer_of
from pressroom.settings import HALVES, missing_half

EVENTS = "/slack/events"
AGAIN = "install the app again (docs/slack-app.md)"


async def token(patient: Patient) -> str:
    """Whether Slack knows the bot's token."""
    said, _ = await auth_test(patient)
    return f"{said['user']} is installed in {said['team']}."


async def scopes(patient: Patient) -> str:
    """Whether the bot may do all that the manifest asks for."""
    _, granted = await auth_test(patient)
    if missing := sorted(set(SCOPES) - granted):
        raise Wrong(
            f"Missing: {', '.join(missing)}. Paste the manifest into the Slack app anew, and {AGAIN}."
        )
    return "The bot may do all that it needs."


async def auth_test(patient: Patient) -> tuple[dict[str, Any], set[str]]:
    """Ask who the bot is; give that, and its scopes, which stand in a header."""
    if patient.settings.slack_bot_token is None:
        raise Unsure("Each workspace has its own: they install the bot at /slack/install.")
    answer = await call(patient, "auth.test", patient.settings.slack_bot_token)
    if not (said := answer_of(answer)).get("ok"):
        raise Wrong(f"Slack says {said.get('error')} to SLACK_BOT_TOKEN. Copy it again, or {AGAIN}.")
    return said, set(answer.headers.get("x-oauth-scopes", "").replace(" ", "").split(","))


async def call(patient: Patient, method: str, secret: SecretStr) -> httpx.Response:
    """Call a method of Slack's Web API that takes nothing."""
    token = secret.get_secret_value()
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise Wrong(
            "There is a space, a line break or a letter in the token that none has. Copy it again"
            " (docs/slack-app.md)."
        )
    headers = {"authorization": f"Bearer {token}"}
    return await patient.http.post(f"{patient.settings.slack_api_url}{method}", headers=headers)


async def way_in(patient: Patient) -> str:
    """Whether Slack's requests reach us: through a socket that we open, or at our address."""
    if app_token := patient.settings.slack_app_token:
        said = answer_of(await call(patient, "apps.connections.open", app_token))
        if not said.get("ok"):
            raise Wrong(
                f"Slack says {said.get('error')} to SLACK_APP_TOKEN. Make one with connections:write, and"
                " switch Socket Mode on (docs/slack-app.md)."
            )
        return "Socket Mode: Slack opens a socket for SLACK_APP_TOKEN."
    return await at_our_address(patient)


async def install(patient: Patient) -> str:
    """Whether workspaces can install the bot by themselves, if that is meant."""
    settings = patient.settings
    for missing, why in missing_half(settings).items():
        [present] = set(HALVES) - {missing}
        raise Wrong(
            f"{present} is set and {missing} is not, so no workspace can install the bot by itself. Set"
            f" {missing}, {why}; or take {present} out, if there is one workspace only"
            " (docs/slack-app.md, Many workspaces)."
        )
    if settings.many_workspaces:
        return f"Workspaces install the bot at {settings.public_url}/slack/install."
    return "One workspace, by SLACK_BOT_TOKEN."


async def at_our_address(patient: Patient) -> str:
    """Ask our own address as Slack does when the manifest is pasted.

    https://docs.slack.dev/reference/events/url_verification
    """
    body = json.dumps({"type": "url_verification", "challenge": "doctor"}).encode()
    url, secret = patient.settings.public_url + EVENTS, patient.settings.slack_signing_secret
    assert secret is not None
    try:
        answer = await patient.http.post(url, content=body, headers=signed(body, secret))
    except httpx.HTTPError as error:
        raise Wrong(
            f"{url} cannot be reached from here ({type(error).__name__}), so Slack's requests may not come"
            " in. Is `pressroom serve` running, and does PUBLIC_URL lead to it?"
        ) from None
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        raise Wrong(f"{url} runs with another SLACK_SIGNING_SECRET than this one.")
    if answer.status_code != HTTPStatus.OK or "doctor" not in answer.text:
        raise Wrong(f"{url} answers {answer.status_code}, and not as Pressroom would.")
    return f"{url} answers. It must stand in the Slack app as well, as in manifest.yml."


def signed(body: bytes, secret: SecretStr) -> dict[str, str]:
    """Sign a request as Slack does.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    stamp = str(int(time.time()))
    said = b":".join((b"v0", stamp.encode(), body))
    signature = hmac.new(secret.get_secret_value().encode(), said, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={signature}",
    }

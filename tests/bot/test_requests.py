"""Slack's requests over HTTP, signed as Slack signs them, through the real Bolt app."""

import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

import bot.app
from bot.settings import SlackSettings
from core.services import Services
from core.vault import Token
from tests.bot.conftest import BOT, SECRET, door_of


async def knock(
    door: httpx.AsyncClient, body: str, *, kind: str, secret: str = SECRET, age: int = 0, house: str = ""
) -> Any:
    """Send a request as Slack does."""
    at = str(int(time.time()) - age)
    signature = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": kind,
        "x-slack-request-timestamp": at,
        "x-slack-signature": f"v0={signature}",
    }
    return await door.post(f"{house}/slack/events", content=body.encode(), headers=headers)


def command(text: str, name: str = "/publish") -> str:
    return urlencode(
        {
            "command": name,
            "text": text,
            "team_id": "T0BRIGHT01",
            "user_id": "U0DANA0001",
            "channel_id": "C0GENERAL1",
            "trigger_id": "1.2.3",
        }
    )


FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def interaction(**payload: Any) -> str:
    whole = {"team": {"id": "T0BRIGHT01"}, "user": {"id": "U0DANA0001", "team_id": "T0BRIGHT01"}, **payload}
    return urlencode({"payload": json.dumps(whole)})


def event(kind: str, event_id: str = "", **fields: Any) -> str:
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": "T0BRIGHT01",
            "event_id": event_id or f"Ev{kind}",
            "event_time": int(time.time()),
            "event": {"type": kind, **fields},
            "authorizations": [{"team_id": "T0BRIGHT01", "user_id": "U0PRESSBOT", "is_bot": True}],
        }
    )


async def test_publish_payload_is_a_command_like_any_other(door: httpx.AsyncClient) -> None:
    """Bolt 1.30 takes it for an interaction; FixedRequest does not."""
    answer = await knock(door, command("payload help"), kind=FORM)
    assert answer.status_code == httpx.codes.OK
    answer = await knock(door, command("payload", "/social"), kind=FORM)
    assert "I do not know `payload`" in answer.text


@pytest.mark.parametrize(("secret", "age"), [("another secret", 0), (SECRET, 3600), ("", 0)])
async def test_what_slack_did_not_sign_is_refused(door: httpx.AsyncClient, secret: str, age: int) -> None:
    for body, kind in ((command("help"), FORM), (command("payload"), FORM), (event("app_mention"), JSON)):
        answer = await knock(door, body, kind=kind, secret=secret or "x", age=age)
        assert answer.status_code == httpx.codes.UNAUTHORIZED


async def test_without_a_signing_secret_nobody_gets_in(slack: str, services: Services) -> None:
    """As in Socket Mode. An empty secret would let everybody sign."""
    async with door_of(services, SlackSettings(f"{slack}/api/", bot_token=BOT)) as door:
        assert (await knock(door, command("help"), kind=FORM, secret="")).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (command("anything", "/unknown"), FORM),
        (interaction(type="block_actions", actions=[{"action_id": "x", "block_id": "y"}]), FORM),
        (interaction(type="shortcut", callback_id="unknown", trigger_id="1"), FORM),
        (interaction(type="message_action", callback_id="unknown", trigger_id="1", message={}), FORM),
        (
            interaction(type="view_submission", view={"type": "modal", "callback_id": "old", "blocks": []}),
            FORM,
        ),
        (interaction(type="view_closed", view={"type": "modal", "callback_id": "old", "blocks": []}), FORM),
        (interaction(type="block_suggestion", action_id="x", block_id="y", value="a"), FORM),
        (event("reaction_added", user="U0DANA0001"), JSON),
        (event("message", subtype="message_changed", channel="D1", channel_type="im"), JSON),
        (event("app_home_opened", user="U0DANA0001", channel="D1", tab="messages"), JSON),
        (json.dumps({"type": "url_verification", "challenge": "c", "token": "t"}), JSON),
        ("ssl_check=1&token=t", FORM),
    ],
)
async def test_nothing_is_left_without_an_answer(door: httpx.AsyncClient, body: str, kind: str) -> None:
    assert (await knock(door, body, kind=kind)).status_code == httpx.codes.OK


@pytest.mark.parametrize("body", ['{"broken', "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")])
async def test_what_is_neither_a_form_nor_json_is_refused(door: httpx.AsyncClient, body: str) -> None:
    answer = await knock(door, body, kind=JSON)
    assert answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED)


async def test_an_old_form_says_so(door: httpx.AsyncClient) -> None:
    old = {"type": "modal", "callback_id": "old", "blocks": []}
    answer = await knock(door, interaction(type="view_submission", view=old), kind=FORM)
    assert answer.json()["response_action"] == "update"
    assert "older version" in answer.text


async def test_an_event_that_comes_again_is_answered_once(door: httpx.AsyncClient, slack: str) -> None:
    """A late second answer would be there by the time of the answer to what was said after it."""
    mention = event("app_mention", user="U0DANA0001", channel="C0GENERAL1", text="hi", ts="1.1")
    for _ in range(3):
        assert (await knock(door, mention, kind=JSON)).status_code == httpx.codes.OK
    later = event("app_mention", "EvLater", user="U0DANA0001", channel="C0NORTHW01", text="hi", ts="1.2")
    assert (await knock(door, later, kind=JSON)).status_code == httpx.codes.OK
    said = await calls(slack, "chat.postEphemeral", until=lambda one: one["channel"] == "C0NORTHW01")
    assert [one["channel"] for one in said] == ["C0GENERAL1", "C0NORTHW01"]


async def test_who_somebody_is_now_counts_as_soon_as_slack_says_so(
    door: httpx.AsyncClient, slack: str
) -> None:
    def homes(count: int) -> Any:
        return calls(slack, "views.publish", until=lambda _: True, count=count)

    opened = event("app_home_opened", user="U0DANA0001", channel="D1", tab="home")
    assert (await knock(door, opened, kind=JSON)).status_code == httpx.codes.OK
    await homes(1)
    async with httpx.AsyncClient(base_url=slack) as switches:
        assert (await switches.post("/_sim/people/U0DANA0001", json={"is_restricted": True})).is_success
    await knock(door, opened, kind=JSON)
    assert "Pressroom is for the members" not in str((await homes(2))[-1])

    changed = event("user_change", user={"id": "U0DANA0001", "is_restricted": True})
    assert (await knock(door, changed, kind=JSON)).status_code == httpx.codes.OK
    await knock(door, opened, kind=JSON)
    assert "Pressroom is for the members" in str((await homes(3))[-1])


async def calls(slack: str, method: str, *, until: Callable[[Any], bool], count: int = 1) -> list[Any]:
    """Wait for so many calls of a method that are as described, and give what was sent with all of them."""
    async with httpx.AsyncClient(base_url=slack) as client:
        found: list[Any] = []
        while sum(map(until, found)) < count:
            requests = (await client.get("/_sim/requests")).json()
            found = [one["body"] for one in requests if one["path"].endswith(method)]
        return found


async def test_slack_s_variables_in_the_environment_change_nothing(
    slack: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "BOT_TOKEN", "SIGNING_SECRET", "SCOPES"):
        monkeypatch.setenv(f"SLACK_{name}", "from the environment")
    app = bot.app.build(services, slack=SlackSettings(f"{slack}/api/", Token(SECRET), Token("xoxb-1")))
    assert app.oauth_flow is None
    assert app.client.token is None
    assert os.environ["SLACK_CLIENT_ID"] == "from the environment"


async def test_with_a_token_that_slack_does_not_take_people_are_told(slack: str, services: Services) -> None:
    settings = SlackSettings(f"{slack}/api/", Token(SECRET), bot_token=Token("xoxb-revoked"))
    async with door_of(services, settings) as door:
        answer = await knock(door, command("help"), kind=FORM)
    assert answer.status_code == httpx.codes.OK
    assert "not installed in this workspace" in answer.text

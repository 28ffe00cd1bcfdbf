"""The two manifests: equal but for where Slack's requests go, and equal to what the bot listens to."""

import re
from typing import Any

import pytest
import yaml

import bot.app
from bot import ids
from bot.settings import SCOPES, SlackSettings
from bot.views import card
from core.services import Services
from core.vault import Token
from tests.conftest import ROOT

Manifest = dict[str, Any]
HERE = "https://pressroom.example.com"
LIMITS = {"name": 35, "description": 140}  # characters
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message_metadata_deleted": "metadata.message:read",
    "message_metadata_posted": "metadata.message:read",
    "user_change": "users:read",
}


def load(name: str) -> Manifest:
    return dict(yaml.safe_load((ROOT / name).read_text()))


@pytest.fixture
def http() -> Manifest:
    return load("manifest.yml")


@pytest.fixture
def socket() -> Manifest:
    return load("manifest.socket.yml")


def test_they_are_equal_but_for_the_addresses(http: Manifest, socket: Manifest) -> None:
    assert http["settings"].pop("socket_mode_enabled") is False
    assert socket["settings"].pop("socket_mode_enabled") is True
    assert {command.pop("url") for command in http["features"]["slash_commands"]} == {f"{HERE}/slack/events"}
    for part in ("event_subscriptions", "interactivity"):
        assert http["settings"][part].pop("request_url") == f"{HERE}/slack/events"
    assert http["oauth_config"].pop("redirect_urls") == [f"{HERE}/slack/oauth_redirect"]
    assert http == socket


def test_they_declare_what_the_bot_listens_to(http: Manifest, services: Services) -> None:
    features, settings = http["features"], http["settings"]
    assert [one["command"] for one in features["slash_commands"]] == [ids.PUBLISH, ids.SOCIAL]
    assert {one["callback_id"]: one["type"] for one in features["shortcuts"]} == {
        ids.NEW_POST: "global",
        ids.PUBLISH_THIS: "message",
    }
    listened = heard(services)
    declared = {event.partition(".")[0] for event in settings["event_subscriptions"]["bot_events"]}
    assert declared == listened
    assert settings["event_subscriptions"]["metadata_subscriptions"] == [
        {"app_id": "*", "event_type": card.EVENT}
    ]


def heard(services: Services) -> set[str]:
    """Give the events that have a listener of their own: told by the words in bot/listeners."""
    bot.app.build(services, slack=SlackSettings(bot_token=Token("xoxb-1")))
    source = "\n".join(path.read_text() for path in (ROOT / "bot" / "listeners").glob("*.py"))
    return set(re.findall(r'app\.event\("(\w+)"\)', source))


def test_the_scopes_are_those_that_are_asked_for_and_needed(http: Manifest) -> None:
    scopes = http["oauth_config"]["scopes"]["bot"]
    assert tuple(scopes) == SCOPES
    for event, scope in EVENT_SCOPES.items():
        assert (event in http["settings"]["event_subscriptions"]["bot_events"]) == (scope in scopes)


def test_slack_s_own_limits_hold(http: Manifest) -> None:
    display = http["display_information"]
    assert all(len(display[name]) <= most for name, most in LIMITS.items())
    assert 175 <= len(display["long_description"]) <= 4000
    assert all(
        len(one["name"]) <= 24 and len(one["description"]) <= 150 for one in http["features"]["shortcuts"]
    )
    assert all(len(one["command"]) <= 32 for one in http["features"]["slash_commands"])
    home = http["features"]["app_home"]
    assert home["home_tab_enabled"]
    assert home["messages_tab_enabled"]
    assert not http["settings"]["token_rotation_enabled"]

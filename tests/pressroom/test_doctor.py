"""`pressroom doctor`: what it says when all is right, and for each thing that can be wrong."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from core.connections import CALLBACK
from core.vault import generate_key
from pressroom import doctor, wiring
from pressroom.doctor import Finding, Verdict
from pressroom.schema import Addresses, driver_url
from pressroom.settings import Settings
from simulator.server import bind, listening_at, running
from tests.drivers.meta import Meta
from tests.drivers.slack import Slack
from tests.journeys.conftest import settings
from tests.pressroom.conftest import own_database

RIGHT = {
    "Database",
    "Migrations",
    "Keys",
    "Slack's token",
    "Slack's scopes",
    "Slack's way in",
    "Slack's install",
    "Meta's app",
    "Permissions",
    "Pictures",
    "Clock",
}


AWAY = "http://127.0.0.1:9"
BUCKET = {
    "AWS_ENDPOINT": AWAY,
    "AWS_ALLOW_HTTP": "true",
    "AWS_REGION": "eu-north-1",
    "AWS_ACCESS_KEY_ID": "hush",
    "AWS_SECRET_ACCESS_KEY": "hush",
}


@dataclass
class Practice:
    """A Pressroom that runs, and what its operator has set."""

    settings: Settings
    addresses: Addresses

    async def look(self, **wrong: Any) -> dict[str, Finding]:
        """Have the doctor look, with these settings instead."""
        said = self.settings.model_copy(update=wrong)
        return {one.name: one for one in await doctor.checked(said, self.addresses)}

    async def sentence(self, name: str, verdict: Verdict = Verdict.WRONG, **wrong: Any) -> str:
        """Give what the doctor says of one thing, which is not right with these settings."""
        found = (await self.look(**wrong))[name]
        assert found.verdict is verdict, found
        return found.sentence


@pytest.fixture
async def practice(slack: Slack, meta: Meta, postgres: Addresses, tmp_path: Path) -> AsyncIterator[Practice]:
    bound = bind()
    url = listening_at(bound)
    said = settings(url, slack, meta, tmp_path)
    with own_database(postgres) as addresses:
        async with wiring.open_house(said, addresses) as opened, running(opened.web, bound):
            yield Practice(said, addresses)


async def test_it_says_what_is_right_and_what_the_operator_must_see_to(practice: Practice) -> None:
    found = await practice.look()
    assert {name for name, one in found.items() if one.verdict is Verdict.RIGHT} == RIGHT
    assert "without https" in found["Public address"].sentence
    assert "https addresses alone" in found["Redirect address"].sentence
    lines = list(doctor.report(list(found.values())))
    assert lines[0].startswith("✓ Database          PostgreSQL 18; ")
    assert lines[-1] == "2 to put right."


async def test_meta_does_not_tell_which_addresses_it_knows(practice: Practice) -> None:
    there = "https://pressroom.example.invalid"
    said = await practice.sentence("Redirect address", Verdict.UNSURE, public_url=there)
    assert f"exactly {there}{CALLBACK}" in said


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("Keys", {"encryption_keys": SecretStr(f"test:{generate_key()}")}, "another key under the id 'test'"),
        ("Keys", {"encryption_keys": SecretStr("k1:no")}, "'k1'"),
        ("Slack's token", {"slack_bot_token": SecretStr("xoxb-wrong")}, "invalid_auth to SLACK_BOT_TOKEN"),
        (
            "Slack's token",
            {"slack_bot_token": SecretStr("xoxb-1\nx")},
            "a line break or a letter in the token",
        ),
        ("Slack's scopes", {"slack_bot_token": SecretStr("xoxb-é")}, "Copy it again (docs/slack-app.md)"),
        ("Slack's way in", {"slack_signing_secret": SecretStr("s")}, "another SLACK_SIGNING_SECRET"),
        ("Slack's way in", {"slack_app_token": SecretStr("xapp-wrong")}, "invalid_auth to SLACK_APP_TOKEN"),
        ("Meta's app", {"facebook_client_id": "99"}, "no app with FACEBOOK_CLIENT_ID"),
        ("Meta's app", {"facebook_client_secret": SecretStr("wrong")}, "FACEBOOK_CLIENT_SECRET is not"),
        ("Meta's app", {"graph_url": AWAY}, f"{AWAY} cannot be reached from here (ConnectError). Look at"),
        ("Slack's token", {"slack_api_url": f"{AWAY}/api/"}, "(DNS, firewall, HTTPS_PROXY)"),
        ("Clock", {"slack_api_url": f"{AWAY}/api/"}, "at SLACK_API_URL and GRAPH_URL, if they are set"),
        ("Public address", {"public_url": AWAY}, "Is `pressroom serve` running"),
        ("Slack's way in", {"public_url": AWAY}, "Is `pressroom serve` running"),
        ("Slack's install", {"slack_client_id": "1"}, "Set SLACK_CLIENT_SECRET, the Client Secret that"),
        ("Slack's install", {"slack_client_secret": SecretStr("S")}, "or take SLACK_CLIENT_SECRET out"),
        ("Keys", {"encryption_key_id": "k7"}, "names 'k7', which is not among ENCRYPTION_KEYS: they have"),
        ("Pictures", {"media_url": "file:///proc/nowhere"}, "No such file or directory. Give that folder to"),
        ("Pictures", {"media_url": Path(__file__).as_uri()}, "File exists. Give that folder to"),
        ("Pictures", {"media_url": "az://nobody"}, "there are no credentials for it. Set those"),
    ],
)
async def test_what_is_wrong_comes_with_what_to_do(
    practice: Practice, name: str, wrong: dict[str, Any], says: str
) -> None:
    said = await practice.sentence(name, **wrong)
    assert says in said
    for secret in (one for one in wrong.values() if isinstance(one, SecretStr)):
        assert len(secret.get_secret_value()) == 1 or secret.get_secret_value() not in said


async def test_who_answers_and_is_neither_slack_nor_meta_is_told_apart(practice: Practice) -> None:
    url = practice.settings.public_url
    for name, wrong in (("Slack's token", "slack_api_url"), ("Meta's app", "graph_url")):
        said = await practice.sentence(name, **{wrong: f"{url}/"})
        assert said.startswith(f"{url} answers 404, and not as it should"), said


async def test_a_bucket_that_does_not_answer_is_not_waited_for(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in BUCKET.items():
        monkeypatch.setenv(name, value)
    said = await practice.sentence("Pictures", media_url="s3://nobody")
    assert "it does not answer. Is AWS_REGION, or the endpoint, right" in said
    assert "hush" not in said


async def test_a_role_with_too_many_rights_is_named(practice: Practice) -> None:
    assert practice.addresses.owner
    practice.addresses = Addresses(practice.addresses.owner, practice.addresses.owner)
    assert "is a superuser" in await practice.sentence("Database")


async def test_without_a_database_it_looks_at_all_the_rest(practice: Practice) -> None:
    practice.addresses = Addresses("postgresql+psycopg://nobody@127.0.0.1:9/none", None)
    found = await practice.look()
    assert "Does it run, and is DATABASE_URL right?" in found["Database"].sentence
    assert "Put the database right first" in found["Migrations"].sentence
    assert found["Clock"].verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [("database", "nowhere", "no such database"), ("host", "nowhere.invalid", "host in DATABASE_URL is not")],
)
async def test_a_database_that_lets_nobody_in_says_why(
    practice: Practice, part: str, value: str, says: str
) -> None:
    there = make_url(practice.addresses.program)
    wrong = there.set(query={}, host=value) if part == "host" else there.set(database=value)
    practice.addresses = Addresses(wrong.render_as_string(hide_password=False), None)
    assert says in await practice.sentence("Database")


async def test_an_older_schema_is_named(practice: Practice) -> None:
    assert practice.addresses.owner
    with psycopg.connect(driver_url(practice.addresses.owner)) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0001'")
    assert "Run `pressroom migrate`" in await practice.sentence("Migrations")


async def test_a_scope_that_was_added_later_is_missed(practice: Practice, slack: Slack) -> None:
    await slack.change("tokens", "xoxb-simulator-bot", scopes=["chat:write"])
    said = await practice.sentence("Slack's scopes")
    assert said.startswith("Missing: app_mentions:read, ")
    assert "install the app again" in said


def test_without_settings_it_says_which_are_missing() -> None:
    [found] = doctor.examine(Settings(_env_file=None))
    assert found.verdict is Verdict.WRONG
    assert "FACEBOOK_CLIENT_ID: the App ID" in found.sentence

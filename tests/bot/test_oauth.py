"""Installing into any workspace: state, cookie, the sealed token, and its end."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from sqlmodel import delete, select

from bot import ids
from bot.installations import Installations
from bot.settings import SlackSettings
from core import agencies, grace
from core.db import Actor
from core.models import Agency, AuditEntry, Client
from core.services import Services
from core.vault import Token
from tests.bot.conftest import BOT, SECRET, door_of
from tests.bot.test_requests import FORM, JSON, command, event, interaction, knock
from tests.conftest import ROOT, MakeServices

BRIGHTSIDE = "T0BRIGHT01"
FORM_OF_BEFORE = {
    "type": "modal",
    "callback_id": ids.REMOVAL_FORM,
    "private_metadata": f'{{"client": "{uuid4()}"}}',
    "blocks": [],
    "state": {"values": {}},
}
HERE = "https://pressroom.example.com"  # as the manifest says


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    return make_services(HERE)


@pytest.fixture
def settings(slack: str) -> SlackSettings:
    secret = Token("simulator-client-secret")
    return SlackSettings(
        f"{slack}/api/", Token(SECRET), client_id="simulator-client-id", client_secret=secret
    )


@pytest.fixture
async def browser(services: Services, settings: SlackSettings) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser that keeps cookies."""
    async with door_of(services, settings) as client:
        yield client


async def decide(browser: httpx.AsyncClient, decision: str = "allow") -> str:
    """Begin, and decide on Slack's page; give the way back."""
    begun = await browser.get("/slack/install")
    assert begun.status_code == httpx.codes.FOUND
    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    assert asked["redirect_uri"] == f"{HERE}/slack/oauth_redirect"
    page, _, _ = begun.headers["location"].partition("?")
    async with httpx.AsyncClient() as slack:
        answer = await slack.post(page, data={**asked, "team": BRIGHTSIDE, "decision": decision})
    return str(answer.headers["location"]).removeprefix(HERE)


async def test_a_workspace_installs_the_bot(
    browser: httpx.AsyncClient, services: Services, settings: SlackSettings
) -> None:
    done = await browser.get(await decide(browser))
    assert done.status_code == httpx.codes.OK
    assert "Pressroom is installed" in done.text
    assert f'href="{settings.open_url}?app=' in done.text
    assert settings.open_url.startswith(settings.api_url.removesuffix("api/"))
    assert "pressroom_install" not in browser.cookies

    found = await agencies.installation(services.db, services.vault, BRIGHTSIDE)
    assert found
    installation, token = found
    assert token.reveal().startswith("xoxb-")
    assert token.reveal() not in installation.bot_token
    assert installation.bot_id == "B0PRESSBOT"
    installed = await Installations(services, settings).of_agency(installation.agency_id)
    assert installed
    assert installed.team_id == BRIGHTSIDE

    answer = await knock(browser, command("help"), kind=FORM)
    assert "Here is what I can do" in answer.text

    assert (await knock(browser, event("app_uninstalled"), kind=JSON)).status_code == httpx.codes.OK
    while await agencies.installation(services.db, services.vault, BRIGHTSIDE):
        pass
    answer = await knock(browser, command("help"), kind=FORM)
    assert "not installed in this workspace" in answer.text


async def test_its_pages_run_nothing_and_are_in_no_frame(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/slack/oauth_redirect")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert "script-src" not in policy
    assert "style=" not in page.text
    assert "<script" not in page.text
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert (ROOT / "web" / address.removeprefix("/")).is_file()


async def test_only_the_browser_that_began_can_go_on(browser: httpx.AsyncClient) -> None:
    back = await decide(browser)
    browser.cookies.clear()
    refused = await browser.get(back)
    assert refused.status_code == httpx.codes.BAD_REQUEST
    assert "not started in this browser" in refused.text
    assert re.search(r'<a [^>]*href="/slack/install">Try again</a>', refused.text)


async def test_a_forged_state_and_a_used_code_are_refused(browser: httpx.AsyncClient) -> None:
    back = await decide(browser)
    forged = back.replace("state=", "state=1")
    assert (await browser.get(forged)).status_code == httpx.codes.BAD_REQUEST
    kept = dict(browser.cookies)
    assert (await browser.get(back)).status_code == httpx.codes.OK
    browser.cookies.update(kept)
    again = await browser.get(back)
    assert "did not accept" in unescape(again.text)


async def test_who_declines_is_told_so(browser: httpx.AsyncClient) -> None:
    declined = await browser.get(await decide(browser, "cancel"))
    assert "was not installed" in declined.text


async def test_with_one_workspace_nobody_else_installs(door: httpx.AsyncClient) -> None:
    assert (await door.get("/slack/install")).status_code == httpx.codes.NOT_FOUND


async def test_with_a_token_in_the_settings_a_restart_brings_a_workspace_back(
    services: Services, slack: str
) -> None:
    """The bot is installed again: its new token is put into the settings, and Pressroom started with it."""
    one = SlackSettings(f"{slack}/api/", Token(SECRET), bot_token=BOT)
    own = await Installations(services, one).own()
    assert own
    await agencies.uninstall(services.db, own.agency_id, at=datetime.now(UTC))
    assert await leaves(services, own.agency_id)
    with pytest.raises(SlackApiError):
        await Installations(services, replace(one, bot_token=Token("xoxb-revoked"))).own()
    assert await leaves(services, own.agency_id)
    async with door_of(services, one) as started:
        assert (await knock(started, command("help"), kind=FORM)).is_success
    assert not await leaves(services, own.agency_id)


async def test_a_workspace_that_left_begins_anew_only_where_an_admin_presses_for_it(
    services: Services, slack: str
) -> None:
    one = SlackSettings(f"{slack}/api/", Token(SECRET), bot_token=BOT)
    await goes(services)
    async with door_of(services, one) as started:
        for text in ("help", "accounts"):
            said = (await knock(started, command(text, "/social"), kind=FORM)).text
            assert "This workspace has left Pressroom" in said
            assert "ask an admin of this workspace" in said
        await knock(started, interaction(type="view_submission", view=FORM_OF_BEFORE), kind=FORM)
        await knock(started, presses("U0DANA0001"), kind=FORM)
        await asyncio.sleep(0.3)
        assert await agencies.find(services.db, BRIGHTSIDE) is None
        for _ in range(2):
            await knock(started, presses("U0ADA00001"), kind=FORM)
        async with asyncio.timeout(5):
            while "has left" in (await knock(started, command("help", "/social"), kind=FORM)).text:
                await asyncio.sleep(0.05)
    anew = await agencies.find(services.db, BRIGHTSIDE)
    assert anew
    async with services.db.session(Actor.program(anew)) as session:
        [added] = await session.exec(select(AuditEntry).where(AuditEntry.action == "agency_added"))
    assert added.user_id == "U0ADA00001"


async def test_a_workspace_that_left_begins_anew_by_being_installed(
    browser: httpx.AsyncClient, services: Services
) -> None:
    own = await goes(services)
    assert "not installed in this workspace" in (await knock(browser, command("help"), kind=FORM)).text
    assert (await browser.get(await decide(browser))).is_success
    assert await agencies.find(services.db, BRIGHTSIDE) not in (None, own)
    assert "Here is what I can do" in (await knock(browser, command("help"), kind=FORM)).text


async def goes(services: Services) -> UUID:
    """Let the workspace have left; give the agency that it was."""
    actor = Actor.program(await agencies.ensure(services.db, slack_team_id=BRIGHTSIDE, name="Brightside"))
    async with services.db.session(actor) as session:
        await session.exec(delete(Client))
        await grace.remove(session, actor, await session.get_one(Agency, actor.agency_id))
    return actor.agency_id


def presses(user_id: str) -> str:
    """Give what Slack sends when somebody presses *Start again*."""
    button = {"action_id": ids.START_AGAIN, "block_id": "y", "type": "button"}
    return interaction(type="block_actions", actions=[button], user={"id": user_id, "team_id": BRIGHTSIDE})


async def leaves(services: Services, agency_id: UUID) -> bool:
    """Say whether an agency's thirty days have begun."""
    async with services.db.session(Actor.program(agency_id)) as session:
        return (await session.get_one(Agency, agency_id)).leaves_at is not None

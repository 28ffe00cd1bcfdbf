from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.drivers.meta import APP_ID, BOOKS, COFFEE, COFFEE_INSTAGRAM, EVENTS, MAYA, PRIYA, Meta
from tests.simulator.meta.conftest import CALLBACK

SCOPES = "pages_show_list,pages_manage_posts,instagram_basic"


def dialog(sim: Meta, **params: str) -> str:
    asked = {"client_id": APP_ID, "redirect_uri": CALLBACK, "state": "s1", "scope": SCOPES, **params}
    return f"{sim.url}/v25.0/dialog/oauth?{urlencode(asked)}"


def returned(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def test_continuing_goes_back_with_a_code_and_the_state(sim: Meta):
    back = await sim.decide(dialog(sim))

    assert back.startswith(f"{CALLBACK}?")
    assert returned(back)["state"] == "s1"
    assert returned(back)["code"]


async def test_cancelling_goes_back_with_the_denial_as_recorded(sim: Meta):
    back = await sim.decide(dialog(sim), decision="cancel")

    assert returned(back) == {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
        "state": "s1",
    }


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "1"}, {"redirect_uri": "https://evil.example/"}, {"scope": "take_everything"}],
    ids=["app", "address", "scope"],
)
async def test_a_wrong_setup_is_shown_and_nobody_is_redirected(sim: Meta, wrong: Any):
    answer = await sim.http.get(dialog(sim, **wrong))

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "Sorry, something went wrong" in answer.text


async def test_the_dialog_refuses_frames(sim: Meta):
    answer = await sim.http.get(dialog(sim))

    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_only_what_was_shared_and_granted_is_reached(sim: Meta, http: httpx.AsyncClient):
    back = await sim.decide(
        dialog(sim), pages=(COFFEE, BOOKS), instagram=(COFFEE_INSTAGRAM,), declined=("pages_manage_posts",)
    )
    exchange = {
        "client_id": APP_ID,
        "client_secret": "simulator-app-secret",
        "redirect_uri": CALLBACK,
        "code": returned(back)["code"],
    }
    token = (await http.post(f"{sim.url}/oauth/access_token", data=exchange)).json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}

    accounts = (await http.get(f"{sim.url}/me/accounts", headers=headers)).json()["data"]
    permissions = (await http.get(f"{sim.url}/me/permissions", headers=headers)).json()["data"]

    assert [page["id"] for page in accounts] == [COFFEE, BOOKS]
    assert {"permission": "pages_manage_posts", "status": "declined"} in permissions
    assert {"permission": "pages_show_list", "status": "granted"} in permissions


async def test_what_was_declined_is_only_asked_for_again_with_rerequest(sim: Meta, http: httpx.AsyncClient):
    await sim.decide(dialog(sim), declined=("instagram_basic",))

    assert 'value="instagram_basic"' not in (await http.get(dialog(sim))).text
    assert 'value="instagram_basic"' in (await http.get(dialog(sim, auth_type="rerequest"))).text


async def test_someone_without_pages_can_log_in_too(sim: Meta):
    back = await sim.decide(dialog(sim), person=PRIYA)

    assert "code" in returned(back)


async def test_the_dialog_offers_the_portfolios_page(sim: Meta, http: httpx.AsyncClient):
    shown = (await http.get(dialog(sim, **{"as": MAYA}))).text

    assert f'value="{EVENTS}"' in shown


async def test_a_login_without_state_is_warned_about(sim: Meta):
    await sim.decide(dialog(sim, state=""))

    assert "dialog" in {warning["kind"] for warning in await sim.warnings()}

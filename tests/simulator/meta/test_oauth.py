from typing import Any

import httpx
import pytest

from tests.drivers.meta import APP_ID, APP_SECRET, COFFEE, MAYA, PRIYA, Meta
from tests.simulator.meta.conftest import CALLBACK, Caller, refused

APP = {"client_id": APP_ID, "client_secret": APP_SECRET}


async def code(sim: Meta, **how: Any):
    answer = await sim.http.post(f"{sim.url}/_sim/code", json={"redirect_uri": CALLBACK, **how})
    return answer.json()["code"]


async def exchange(sim: Meta, **params: Any):
    asked = {**APP, "redirect_uri": CALLBACK, **params}
    return await sim.http.post(f"{sim.url}/v25.0/oauth/access_token", data=asked)


async def debug(sim: Meta, token: Any):
    params = {"input_token": token, "access_token": f"{APP_ID}|{APP_SECRET}"}
    return (await sim.http.get(f"{sim.url}/debug_token", params=params)).json()["data"]


async def test_a_code_gives_a_token_once(sim: Meta):
    value = await code(sim)

    answer = (await exchange(sim, code=value)).json()
    again = await exchange(sim, code=value)

    assert answer["token_type"] == "bearer"
    assert 0 < answer["expires_in"] <= 5400
    assert "has been used" in refused(again, 100, 36009)["message"]


async def test_a_code_lives_ten_minutes(sim: Meta):
    value = await code(sim)
    await sim.pass_time(601)

    refused(await exchange(sim, code=value), 100, 36007)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"redirect_uri": CALLBACK + "/"}, (100, 36008)),
        ({"code": "nonsense"}, (100, 36009)),
        ({"client_secret": "wrong"}, (1, None)),
        ({"client_id": "1"}, (101, None)),
    ],
    ids=["address", "code", "secret", "app"],
)
async def test_a_wrong_exchange_is_refused(sim: Meta, params: Any, expected: Any):
    asked = {"code": await code(sim), **params}

    refused(await exchange(sim, **asked), *expected)


async def test_the_long_lived_exchange_gives_another_token_for_sixty_days(sim: Meta):
    short = (await sim.login(long_lived=False))["access_token"]

    answer = await exchange(sim, grant_type="fb_exchange_token", fb_exchange_token=short)

    assert answer.json()["access_token"] != short
    assert answer.json()["expires_in"] > 59 * 86_400


async def test_an_expired_token_cannot_be_exchanged(sim: Meta):
    short = (await sim.login(long_lived=False))["access_token"]
    await sim.pass_time(5401)

    refused(await exchange(sim, grant_type="fb_exchange_token", fb_exchange_token=short), 190, 463)


async def test_expires_in_may_be_missing(sim: Meta):
    await sim.settings(expires_in="unsaid")

    assert "expires_in" not in (await exchange(sim, code=await code(sim))).json()


async def test_debug_token_tells_of_a_page_token_without_end(sim: Meta):
    login = await sim.login(pages=[COFFEE], instagram=[])

    known = await debug(sim, login["page_tokens"][COFFEE])

    assert (known["type"], known["is_valid"], known["expires_at"]) == ("PAGE", True, 0)
    assert (known["user_id"], known["profile_id"]) == (MAYA, COFFEE)
    assert {"scope": "pages_manage_posts", "target_ids": [COFFEE]} in known["granular_scopes"]


async def test_debug_token_tells_of_a_dead_token_with_status_200(sim: Meta):
    login = await sim.login(person=PRIYA)
    await sim.tokens("password", who=PRIYA)

    known = await debug(sim, login["access_token"])

    assert known["is_valid"] is False
    assert (known["error"]["code"], known["error"]["subcode"]) == (190, 460)


async def test_a_page_token_of_a_short_token_ends_with_it(sim: Meta, http: httpx.AsyncClient):
    login = await sim.login(long_lived=False)
    await sim.pass_time(5401)

    headers = {"authorization": f"Bearer {login['page_tokens'][COFFEE]}"}

    refused(await http.get(f"{sim.url}/me", headers=headers), 190, 463)


async def test_instagram_permissions_lapse_with_the_data_access(sim: Meta, maya: Caller):
    await sim.pass_time(40 * 86_400)
    assert (await maya.get("me/permissions")).status_code == 200
    await sim.settings(data_access_days=30)

    given = {one["permission"]: one["status"] for one in (await maya.get("me/permissions")).json()["data"]}

    assert given["instagram_basic"] == "expired"
    assert given["pages_manage_posts"] == "granted"

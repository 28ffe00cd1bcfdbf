import asyncio
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from tests.drivers.meta import APP_SECRET, BOOKS, COFFEE, COFFEE_INSTAGRAM, MAYA, Meta
from tests.simulator.meta.conftest import Caller, Host, refused


def proof(token: Any):
    return hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("state", "subcode"),
    [
        ("expired", 463),
        ("password", 460),
        ("deauthorized", 458),
        ("checkpoint", 459),
        ("blocked", 490),
        ("logged_out", 467),
        ("unconfirmed", 464),
    ],
)
async def test_a_token_that_ended_says_why(sim: Meta, maya: Caller, state: Any, subcode: Any):
    await sim.tokens(state, who=MAYA)

    answer = await maya.get("me")

    refused(answer, 190, subcode)
    assert answer.headers["www-authenticate"].startswith('OAuth "Facebook Platform" "invalid_token"')


async def test_losing_the_role_ends_the_pages_token_and_hides_the_page(
    sim: Meta, maya: Caller, coffee: Caller
):
    await sim.tokens("role_lost", account=COFFEE)

    refused(await coffee.get("me"), 190, 492)
    refused(await maya.get(COFFEE), 100, 33)
    assert (await maya.get(BOOKS)).status_code == 200


async def test_tokens_can_be_given_back(sim: Meta, coffee: Caller):
    await sim.tokens("role_lost", account=COFFEE)
    await sim.tokens("valid", account=COFFEE)

    assert (await coffee.get("me")).status_code == 200


async def test_a_call_without_a_token_is_refused(sim: Meta, http: httpx.AsyncClient):
    refused(await http.get(f"{sim.url}/me"), 2500)
    refused(await http.get(f"{sim.url}/v25.0/{COFFEE}"), 104)
    refused(await http.get(f"{sim.url}/me", headers={"authorization": "Bearer EAAnonsense"}), 190)


async def test_the_version_is_optional_and_oauth_is_a_scheme_too(
    sim: Meta, http: httpx.AsyncClient, maya: Caller
):
    headers = {"authorization": f"OAuth {maya.token}"}

    assert (await http.get(f"{sim.url}/me", headers=headers)).json()["id"] == MAYA
    assert (await http.get(f"{sim.url}/v19.0/me", headers=headers)).json()["id"] == MAYA


async def test_a_token_in_the_url_works_and_is_warned_about(sim: Meta, http: httpx.AsyncClient, maya: Caller):
    answer = await http.get(f"{sim.url}/v25.0/me/accounts", params={"access_token": maya.token, "limit": 1})

    assert maya.token in answer.json()["paging"]["next"]
    warning = next(one for one in await sim.warnings() if one["kind"] == "token_in_url")
    assert maya.token not in json.dumps(warning)


async def test_the_proof_is_checked_when_sent(maya: Caller):
    assert (await maya.get("me", appsecret_proof=proof(maya.token))).status_code == 200
    refused(await maya.get("me", appsecret_proof=proof("other")), 100)


async def test_the_proof_may_sign_the_time_too(maya: Caller):
    signed = proof(f"{maya.token}|1700000000")

    assert (await maya.get("me", appsecret_proof=signed, appsecret_time="1700000000")).status_code == 200


async def test_the_proof_can_be_required(sim: Meta, maya: Caller):
    await sim.settings(require_proof=True)

    error = refused(await maya.get("me"), 100)
    assert error["message"] == "API calls from the server require an appsecret_proof argument"
    assert error["type"] == "GraphMethodException"
    assert (await maya.get("me", appsecret_proof=proof(maya.token))).status_code == 200


@pytest.mark.parametrize("name", ["pretty", "debug", "date_format"])
async def test_removed_parameters_are_refused_in_strict_mode(sim: Meta, maya: Caller, name: Any):
    refused(await maya.get("me", **{name: "1"}), 100)
    await sim.settings(strict_protocol=False)
    assert (await maya.get("me", **{name: "1"})).status_code == 200


async def test_etags_and_root_ids_are_refused_too(maya: Caller):
    refused(await maya.call("GET", "me", headers={"if-none-match": '"x"'}), 100)
    refused(await maya.get("", ids=MAYA), 100)


async def test_unknown_things_are_refused_as_graph_does(maya: Caller):
    refused(await maya.get("nobody"), 803)
    refused(await maya.get("999"), 100, 33)
    refused(await maya.get("me/likes"), 100)
    refused(await maya.get("me", fields="shoe_size"), 100)
    refused(await maya.get(f"{COFFEE}/posts/7"), 2500)


async def test_usage_is_told_in_headers(sim: Meta, maya: Caller):
    await sim.settings(usage={"instagram": 83, "app": 41})

    headers = (await maya.get(COFFEE_INSTAGRAM, fields="username")).headers

    use = json.loads(headers["x-business-use-case-usage"])[COFFEE_INSTAGRAM][0]
    assert (use["type"], use["call_count"], use["estimated_time_to_regain_access"]) == ("instagram", 83, 0)
    assert json.loads(headers["x-app-usage"])["call_count"] == 41


async def test_used_up_calls_are_refused_until_time_passes(sim: Meta, maya: Caller, coffee: Caller):
    await sim.settings(usage={"instagram": 100, "pages": 100, "app": 100}, regain_minutes=7)

    answer = await maya.get(COFFEE_INSTAGRAM)
    refused(answer, 80002)
    use = json.loads(answer.headers["x-business-use-case-usage"])[COFFEE_INSTAGRAM][0]
    assert use["estimated_time_to_regain_access"] == 7
    refused(await coffee.get(COFFEE), 80001)
    refused(await maya.get("me"), 4)


async def test_json_and_multipart_bodies_are_read_as_well(coffee: Caller):
    sent = await coffee.call("POST", f"{COFFEE}/feed", json={"message": "By JSON"})
    parts = await coffee.call("POST", f"{COFFEE}/feed", files={"message": (None, "By parts")})

    assert sent.json()["id"].startswith(f"{COFFEE}_")
    assert parts.status_code == 200


async def test_an_effect_can_be_followed_by_an_error(sim: Meta, coffee: Caller):
    await sim.fault(f"{COFFEE}/feed", "error_after")

    answer = await coffee.post(f"{COFFEE}/feed", message="Did it happen?")

    refused(answer, 2)
    assert answer.status_code == 500
    assert [post["message"] for post in (await sim.public())["pages"][COFFEE]] == ["Did it happen?"]


async def test_an_effect_can_be_followed_by_instagrams_false_alarm(sim: Meta, maya: Caller, host: Host):
    container = await maya.container(host.put("a.jpg", *host.files["square.jpg"]), caption="Live anyway")
    await sim.fault("media_publish", "error_after", code=4, subcode=2207051, message="Action is blocked")

    refused(await maya.publish(container), 4, 2207051)
    assert (await maya.get(container, fields="status_code")).json()["status_code"] == "PUBLISHED"


async def test_an_answer_can_be_lost_after_the_effect(sim: Meta, coffee: Caller):
    await sim.fault(f"{COFFEE}/feed", "drop_after")

    with pytest.raises(httpx.TransportError):
        await coffee.post(f"{COFFEE}/feed", message="Into the void")
    assert len((await sim.public())["pages"][COFFEE]) == 1


async def test_a_connection_can_be_lost_before_the_effect(sim: Meta, coffee: Caller):
    await sim.fault(f"{COFFEE}/feed", "drop")

    with pytest.raises(httpx.TransportError):
        await coffee.post(f"{COFFEE}/feed", message="Never said")
    assert (await sim.public())["pages"][COFFEE] == []


async def test_the_effect_can_come_long_after_the_connection_was_lost(sim: Meta, coffee: Caller):
    await sim.fault(f"{COFFEE}/feed", "drop_late", seconds=0.2)

    with pytest.raises(httpx.TransportError):
        await coffee.post(f"{COFFEE}/feed", message="In a moment")
    assert (await sim.public())["pages"][COFFEE] == []
    await asyncio.sleep(0.4)
    assert [post["message"] for post in (await sim.public())["pages"][COFFEE]] == ["In a moment"]


async def test_a_proxy_can_answer_with_a_page(sim: Meta, maya: Caller):
    await sim.fault("me", "html")

    answer = await maya.get("me")

    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (502, "text/html")


async def test_a_rate_limit_comes_with_its_header(sim: Meta, maya: Caller):
    await sim.fault("media", "rate_limit", bucket="instagram")

    answer = await maya.get(f"{COFFEE_INSTAGRAM}/media")

    refused(answer, 80002)
    assert "estimated_time_to_regain_access" in answer.headers["x-business-use-case-usage"]

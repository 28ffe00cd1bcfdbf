"""The request function: what is sent, what is tried again, and what a broken line means."""

import asyncio
import hashlib
import hmac
import json

import httpx
import pytest
from pydantic import SecretStr

from core.errors import MetaError, OutcomeUnknown, ReconnectNeeded, TryAgainLater, UnsafeAddress
from core.graph.api import GraphAPI
from core.graph.meanings import Effect
from core.vault import Token
from tests.core.graph.wire import APP_SECRET, BASE_URL, Meta, refusal

TOKEN = Token("EAAB-user-token")
PROOF = hmac.new(APP_SECRET.encode(), b"EAAB-user-token", hashlib.sha256).hexdigest()


# What is sent


async def test_the_token_is_in_the_header_and_the_proof_beside_the_parameters(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "1"})
    assert await graph.get("me", token=TOKEN, params={"fields": "id,name"}) == {"id": "1"}
    assert meta.request.headers["Authorization"] == "Bearer EAAB-user-token"
    assert meta.request.url.copy_with(query=None) == f"{BASE_URL}/v25.0/me"
    assert meta.query() == {"fields": "id,name", "appsecret_proof": PROOF}


async def test_a_post_sends_a_form_with_the_proof_in_it(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "1"})
    await graph.post("/17841/media", token=TOKEN, data={"caption": "Grüße & ☕"}, effect="invisible")
    assert meta.request.method == "POST"
    assert str(meta.request.url) == f"{BASE_URL}/v25.0/17841/media"
    assert meta.form() == {"caption": "Grüße & ☕", "appsecret_proof": PROOF}


async def test_a_delete_sends_the_proof_too(graph: GraphAPI, meta: Meta):
    meta.answers_with({"success": True})
    await graph.delete("42", token=TOKEN)
    assert (meta.request.method, meta.query()) == ("DELETE", {"appsecret_proof": PROOF})


async def test_what_is_empty_is_left_out_and_what_is_structured_goes_as_json(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "1"})
    values = {
        "message": None,
        "link": "",
        "attached_media": [],
        "children": ["1", "2"],
        "published": False,
        "limit": 0,
    }
    await graph.post("1/feed", token=TOKEN, data=values, effect="visible")
    form = meta.form()
    del form["appsecret_proof"]
    assert form == {"children": '["1", "2"]', "published": "false", "limit": "0"}


async def test_a_secret_is_revealed_in_a_form_and_refused_in_an_address(graph: GraphAPI, meta: Meta):
    meta.answers_with({})
    secrets = {"code": Token("the-code"), "client_secret": SecretStr("the-secret")}
    await graph.post("oauth/access_token", token=None, data=secrets, effect="invisible")
    assert meta.form() == {"code": "the-code", "client_secret": "the-secret"}
    assert "Authorization" not in meta.request.headers
    for name, secret in secrets.items():
        with pytest.raises(TypeError):
            await graph.get("debug_token", token=TOKEN, params={name: secret})
    assert len(meta.requests) == 1


async def test_every_request_has_its_timeouts(graph: GraphAPI, meta: Meta):
    meta.answers_with({})
    await graph.get("me", token=TOKEN)
    assert meta.request.extensions["timeout"] == {"connect": 5, "read": 60, "write": 60, "pool": 5}


async def test_a_redirect_is_not_followed_with_the_token(meta: Meta):
    meta.answers_with(*[httpx.Response(302, headers={"Location": "https://elsewhere.example/"})] * 3)
    async with httpx.AsyncClient(transport=httpx.MockTransport(meta.receives), follow_redirects=True) as http:
        graph = GraphAPI(
            http,
            base_url=BASE_URL,
            version="v25.0",
            app_id="1",
            app_secret=SecretStr("s"),
            sleep=meta.sleep,
        )
        with pytest.raises(TryAgainLater):
            await graph.get("me", token=TOKEN)
    assert {request.url.host for request in meta.requests} == {"graph.facebook.com"}


async def test_a_base_address_with_a_port_and_a_path_is_kept(meta: Meta):
    meta.answers_with({})
    async with httpx.AsyncClient(transport=httpx.MockTransport(meta.receives)) as http:
        graph = GraphAPI(
            http,
            base_url="http://127.0.0.1:8801/meta/",
            version="v26.0",
            app_id="1",
            app_secret=SecretStr("s"),
        )
        await graph.get("me", token=TOKEN)
    assert str(meta.request.url).startswith("http://127.0.0.1:8801/meta/v26.0/me?")


# Trying again


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("closed"),
        httpx.Response(502, content=b"<html>"),
        refusal(1),
        refusal(2, status=500),
    ],
    ids=repr,
)
async def test_a_read_is_tried_again_with_growing_full_jitter(graph: GraphAPI, meta: Meta, broken: object):
    meta.answers_with(broken, broken, {"id": "1"})
    assert await graph.get("me", token=TOKEN) == {"id": "1"}
    assert len(meta.requests) == 3
    first, second = meta.pauses
    assert 0 <= first <= 1
    assert 0 <= second <= 2


async def test_a_read_is_tried_three_times_and_no_more(graph: GraphAPI, meta: Meta):
    meta.answers_with(*[refusal(2)] * 3)
    with pytest.raises(TryAgainLater):
        await graph.get("me", token=TOKEN)
    assert len(meta.requests) == 3
    assert len(meta.pauses) == 2


@pytest.mark.parametrize("code", [4, 80002, 100, 190])
async def test_neither_a_rate_limit_nor_a_refusal_is_tried_again(graph: GraphAPI, meta: Meta, code: int):
    meta.answers_with(refusal(code))
    with pytest.raises(MetaError):
        await graph.get("me", token=TOKEN)
    assert len(meta.requests) == 1


@pytest.mark.parametrize("effect", ["invisible", "visible"])
@pytest.mark.parametrize(
    "broken", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), refusal(2)], ids=repr
)
async def test_a_write_is_made_once(graph: GraphAPI, meta: Meta, effect: Effect, broken: object):
    meta.answers_with(broken)
    with pytest.raises(MetaError):
        await graph.post("1/feed", token=TOKEN, data={"message": "x"}, effect=effect)
    assert len(meta.requests) == 1
    assert meta.pauses == []


# A broken line


@pytest.mark.parametrize("broken", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_what_was_provably_not_sent_can_be_tried_again_whatever_it_is(
    graph: GraphAPI, meta: Meta, broken: type[httpx.TransportError]
):
    for effect in ("invisible", "visible"):
        meta.answers_with(broken("…"))
        with pytest.raises(TryAgainLater) as caught:
            await graph.post("1/feed", token=TOKEN, effect=effect)  # type: ignore[arg-type]
        assert caught.value.message == broken.__name__


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
        httpx.ProxyError,
        httpx.DecodingError,
    ],
)
async def test_what_may_have_been_sent_is_unknown_if_people_could_see_it(
    graph: GraphAPI, meta: Meta, broken: type[httpx.RequestError]
):
    expected: tuple[tuple[Effect, type[MetaError]], ...] = (
        ("invisible", TryAgainLater),
        ("visible", OutcomeUnknown),
    )
    for effect, outcome in expected:
        meta.answers_with(broken("Illegal header value b'Bearer EAAB-user-token'"))
        with pytest.raises(outcome) as caught:
            await graph.post("1/feed", token=TOKEN, effect=effect)
        assert caught.value.message == broken.__name__
        assert caught.value.__cause__ is caught.value.__context__ is None


async def test_an_answer_that_never_ends_is_not_waited_for(meta: Meta):
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(never)) as http:
        graph = GraphAPI(
            http,
            base_url=BASE_URL,
            version="v25.0",
            app_id="1",
            app_secret=SecretStr("s"),
            total_seconds=0.01,
            sleep=meta.sleep,
        )
        with pytest.raises(OutcomeUnknown):
            await graph.post("1/feed", token=TOKEN, effect="visible")
        with pytest.raises(TryAgainLater):
            await graph.get("me", token=TOKEN)
    assert len(meta.pauses) == 2


async def test_a_delete_is_an_invisible_write_unless_it_is_said_otherwise(graph: GraphAPI, meta: Meta):
    meta.answers_with(httpx.ReadTimeout("…"), httpx.ReadTimeout("…"))
    with pytest.raises(TryAgainLater):
        await graph.delete("1", token=TOKEN)
    with pytest.raises(OutcomeUnknown):
        await graph.delete("1", token=TOKEN, effect="visible")


# Pages


def listing(*ids: str, next_url: str | None = None) -> dict[str, object]:
    paging = {"cursors": {"before": "A", "after": "B"}} | ({"next": next_url} if next_url else {})
    return {"data": [{"id": one} for one in ids], "paging": paging}


async def every_id(graph: GraphAPI) -> list[str]:
    pages = graph.pages("me/accounts", token=TOKEN, params={"limit": 2})
    return [entry["id"] async for page in pages for entry in page]


async def test_pages_are_followed_past_an_empty_one_until_there_is_no_next(graph: GraphAPI, meta: Meta):
    meta.answers_with(
        listing("1", "2", next_url=f"{BASE_URL}/v25.0/99/accounts?limit=2&after=B"),
        listing(next_url=f"{BASE_URL}/v25.0/99/accounts?limit=2&after=C"),
        listing("3"),
    )
    assert await every_id(graph) == ["1", "2", "3"]
    assert [request.url.path for request in meta.requests] == [
        "/v25.0/me/accounts",
        *["/v25.0/99/accounts"] * 2,
    ]
    assert [meta.query(n).get("after") for n in range(3)] == [None, "B", "C"]
    assert {request.headers["Authorization"] for request in meta.requests} == {"Bearer EAAB-user-token"}
    assert {meta.query(n)["appsecret_proof"] for n in range(3)} == {PROOF}


async def test_secrets_and_removed_parameters_of_a_next_address_are_not_sent_back(
    graph: GraphAPI, meta: Meta
):
    meta.answers_with(
        listing(
            "1", next_url=f"{BASE_URL}/v25.0/99/accounts?access_token=EAAB&pretty=0&appsecret_proof=x&after=B"
        ),
        listing("2"),
    )
    assert await every_id(graph) == ["1", "2"]
    assert meta.query() == {"after": "B", "appsecret_proof": PROOF}


@pytest.mark.parametrize(
    "next_url",
    [
        "https://graph.facebook.com.evil.example/v25.0/99",
        "http://graph.facebook.com/v25.0/99",
        "https://graph.facebook.com:8443/v25.0/99",
        "https://graph.facebook.com@evil.example/v25.0/99",
        "https://[/",
    ],
)
async def test_a_list_is_not_followed_to_another_host(graph: GraphAPI, meta: Meta, next_url: str):
    meta.answers_with(listing("1", next_url=next_url))
    with pytest.raises(UnsafeAddress):
        await every_id(graph)
    assert len(meta.requests) == 1


async def test_a_list_that_leads_back_to_itself_ends(graph: GraphAPI, meta: Meta):
    again = listing("1", next_url=f"{BASE_URL}/v25.0/99/accounts?after=B")
    meta.answers_with(again, again, again)
    with pytest.raises(TryAgainLater):
        await every_id(graph)
    assert len(meta.requests) == 2


async def test_an_answer_without_data_is_no_list(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "1"})
    with pytest.raises(TryAgainLater):
        await every_id(graph)


# Usage


async def test_the_newest_usage_is_told_also_when_the_call_fails(graph: GraphAPI, meta: Meta):
    told = {"X-App-Usage": json.dumps({"call_count": 12, "total_time": 3, "total_cputime": 4})}
    meta.answers_with(httpx.Response(200, json={}, headers=told), refusal(190), {})
    meta.answers[1].headers["X-Page-Usage"] = json.dumps({"call_count": 96})  # type: ignore[union-attr]
    await graph.get("me", token=TOKEN)
    with pytest.raises(ReconnectNeeded):
        await graph.get("me", token=TOKEN)
    await graph.get("me", token=TOKEN)
    assert [used.percent for used in meta.usage] == [12, 96]

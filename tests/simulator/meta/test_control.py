import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.server import bind, listening_at, running
from tests.drivers.meta import APP_SECRET, BOOKS, COFFEE, MAYA, Meta
from tests.simulator.meta.conftest import Caller, Host, refused

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def callbacks() -> AsyncIterator[dict[str, Any]]:
    """Receive what Meta sends to an app."""
    heard: dict[str, Any] = {"received": []}

    async def receive(request: Request) -> JSONResponse:
        async with request.form() as form:
            heard["received"].append((request.url.path, form["signed_request"]))
        return JSONResponse({"url": "https://pressroom.example/status", "confirmation_code": "abc"})

    bound = bind()
    heard["url"] = listening_at(bound)
    async with running(Starlette(routes=[Route("/{which}", receive, methods=["POST"])]), bound):
        yield heard


def opened(signed: str) -> dict[str, Any]:
    signature, payload = signed.split(".")
    expected = hmac.new(APP_SECRET.encode(), payload.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


async def test_removing_the_app_calls_back(sim: Meta, maya: Caller, callbacks: Any):
    await sim.http.post(f"{sim.url}/_sim/app", json={"deauthorize_url": f"{callbacks['url']}/deauthorize"})

    await sim.http.post(f"{sim.url}/_sim/deauthorize", json={"person": "maya"})

    [(path, signed)] = callbacks["received"]
    assert (path, opened(signed)["user_id"]) == ("/deauthorize", MAYA)
    refused(await maya.get("me"), 190, 458)


async def test_asking_for_deletion_calls_back(sim: Meta, callbacks: Any):
    await sim.http.post(f"{sim.url}/_sim/app", json={"deletion_url": f"{callbacks['url']}/delete"})

    answer = (await sim.http.post(f"{sim.url}/_sim/data-deletion", json={"person": MAYA})).json()

    assert answer["answer"]["confirmation_code"] == "abc"
    assert opened(callbacks["received"][0][1])["algorithm"] == "HMAC-SHA256"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("settings", {"quota": 1}),
        ("settings", {"second_publish": "sometimes"}),
        ("clock", {"advance": -1}),
        ("tokens", {"state": "tired"}),
        ("tokens", {"state": "expired", "account": "1"}),
        ("login", {"person": "nobody"}),
        ("posts", {"account": "1"}),
        ("data-deletion", {"person": MAYA}),
    ],
)
async def test_what_makes_no_sense_is_refused(sim: Meta, path: Any, body: Any):
    answer = await sim.http.post(f"{sim.url}/_sim/{path}", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_accounts_can_be_added(sim: Meta, http: httpx.AsyncClient):
    await sim.http.post(f"{sim.url}/_sim/accounts", json={"name": "Fable Foods", "instagram": "fable.foods"})
    maya = Caller(sim.url, http, (await sim.login())["access_token"])

    fields = "name,instagram_business_account{username,profile_picture_url}"
    pages = (await maya.get("me/accounts", fields=fields)).json()["data"]

    account = pages[-1]["instagram_business_account"]
    assert account["username"] == "fable.foods"
    assert (await http.get(account["profile_picture_url"])).headers["content-type"] == "image/jpeg"
    assert (await http.get(f"{sim.url}/instagram/fable.foods/")).status_code == 200


async def test_an_account_can_be_slower_than_others_to_show_its_posts(sim: Meta, http: httpx.AsyncClient):
    slow = {"name": "Slow Foods", "visibility_seconds": 30}
    made = (await sim.http.post(f"{sim.url}/_sim/accounts", json=slow)).json()["pages"][-1]["id"]
    token = (await sim.login())["page_tokens"][made]
    page = Caller(sim.url, http, token)
    await page.post(f"{made}/feed", message="Soon")

    assert (await page.get(f"{made}/published_posts")).json()["data"] == []
    await sim.pass_time(31)
    assert len((await page.get(f"{made}/published_posts")).json()["data"]) == 1


async def test_what_was_there_before_is_only_shown_when_asked_for(sim: Meta, http: httpx.AsyncClient):
    everything = (await http.get(f"{sim.url}/_sim/public", params={"old": "true"})).json()

    assert len(everything["instagram"]["northwind.coffee"]) == 9
    assert (await sim.public())["instagram"]["northwind.coffee"] == []


async def test_a_reset_forgets_everything_but_the_app(sim: Meta, coffee: Caller):
    await coffee.post(f"{COFFEE}/feed", message="Forget me")
    await sim.settings(quota_total=1)
    await sim.reset()

    assert (await sim.public())["pages"][COFFEE] == []
    assert (await sim.http.get(f"{sim.url}/_sim/settings")).json()["quota_total"] == 50
    assert (await sim.http.get(f"{sim.url}/_sim/app")).json()["redirect_uris"]
    refused(await coffee.get("me"), 190)


async def test_the_record_keeps_no_tokens(sim: Meta, coffee: Caller):
    await coffee.post(f"{COFFEE}/feed", message="Recorded")

    [entry] = [one for one in await sim.requests() if one["path"].endswith("/feed")]

    assert (entry["method"], entry["status"], entry["body"]["message"]) == ("POST", 200, "Recorded")
    assert coffee.token not in json.dumps(await sim.requests())


@contextmanager
def started(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a simulator in a process of its own, with its state in a folder."""
    command = [sys.executable, "-m", "simulator", "meta", "--port", "0", "--data", os.fspath(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().removeprefix("listening on ").strip(), process
        process.terminate()


async def test_everything_survives_a_restart(tmp_path: Any, http: httpx.AsyncClient, host: Host):
    with started(tmp_path) as (url, _):
        sim = Meta(url, http)
        await sim.settings(container_seconds=0)
        login = await sim.login()
        maya = Caller(url, http, login["access_token"])
        container = await maya.container(f"{host.url}/square.jpg", caption="Stays")
        media = (await maya.publish(container)).json()["id"]

    with started(tmp_path) as (url, process):
        again = Caller(url, http, login["access_token"])
        shown = (await again.get(media, fields="caption,media_url")).json()
        assert shown["caption"] == "Stays"
        assert (await http.get(shown["media_url"])).content == host.files["square.jpg"][0]
        assert (await Meta(url, http).public())["instagram"]["northwind.coffee"][0]["id"] == media
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0


async def test_a_person_removes_the_app_on_their_own_page(sim: Meta, maya: Caller, callbacks: Any):
    await sim.http.post(f"{sim.url}/_sim/app", json={"deauthorize_url": f"{callbacks['url']}/deauthorize"})
    assert "Maya Chen" in (await sim.http.get(f"{sim.url}/settings/apps")).text

    page = await sim.remove_app()

    assert "Pressroom was removed from Maya Chen" in page.text
    assert [path for path, _ in callbacks["received"]] == ["/deauthorize"]
    refused(await maya.get("me"), 190, 458)
    await sim.call_back(None)


async def test_a_person_asks_for_deletion_on_their_own_page(sim: Meta, callbacks: Any):
    await sim.http.post(f"{sim.url}/_sim/app", json={"deletion_url": f"{callbacks['url']}/delete"})

    page = await sim.http.post(f"{sim.url}/settings/apps/delete", data={"person": MAYA})

    assert "https://pressroom.example/status" in page.text
    [(path, signed)] = callbacks["received"]
    assert (path, opened(signed)["user_id"]) == ("/delete", MAYA)
    await sim.call_back(None)


async def test_what_is_taken_back_is_gone_and_the_login_stays(sim: Meta, maya: Caller):
    await sim.withdraw(permissions=["pages_manage_posts"], unshared=[COFFEE], tasks={BOOKS: ["ANALYZE"]})

    refused(await maya.get(COFFEE), 100, 33)
    assert (await maya.get(BOOKS, fields="tasks")).json()["tasks"] == ["ANALYZE"]
    declined = [
        one for one in (await maya.get("me/permissions")).json()["data"] if one["status"] == "declined"
    ]
    assert [one["permission"] for one in declined] == ["pages_manage_posts"]

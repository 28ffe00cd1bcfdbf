"""The whole client against the simulated Meta, which refuses what the real one would."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
import pytest_asyncio
from PIL import Image
from pydantic import SecretStr

from core.errors import OutcomeUnknown, ReconnectNeeded, Refused, TryAgainLater
from core.graph import facebook, instagram, oauth
from core.graph.api import GraphAPI
from core.graph.instagram import ContainerState
from core.graph.lines import Lines
from core.graph.oauth import PORTFOLIO_SCOPE, SCOPES, Page
from core.vault import Token

APP_ID, APP_SECRET = "1234567890123456", "simulator-app-secret"
CALLBACK = "https://pressroom.example/api/v1/social/connect/callback"
EVERYTHING = sorted({*SCOPES["facebook_page"], *SCOPES["instagram_business"], PORTFOLIO_SCOPE})


@pytest_asyncio.fixture(scope="module")
async def simulator() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "meta", "--port", "0"),
        *("--redirect-uri", CALLBACK, "--require-proof"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    assert line.startswith("listening on ")
    yield line.split()[-1]
    process.terminate()
    await process.communicate()


@pytest_asyncio.fixture(scope="module")
async def picture() -> AsyncIterator[str]:
    """The address of a JPEG."""
    jpeg = BytesIO()
    Image.new("RGB", (1080, 1080), "teal").save(jpeg, "JPEG")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {jpeg.tell()}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + jpeg.getvalue())
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/picture.jpg"


@pytest_asyncio.fixture
async def sim(simulator: str) -> AsyncIterator[httpx.AsyncClient]:
    """Meta's other side: its people, its knobs, and what the public sees. Every test begins at the seed."""
    async with httpx.AsyncClient(base_url=simulator) as sim:
        await sim.post("/_sim/reset")
        await sim.request("DELETE", "/_sim/faults")
        await sim.post("/_sim/settings", json={"container_seconds": 0, "require_proof": True})
        await sim.post("/_sim/app", json={"redirect_uris": [CALLBACK]})
        yield sim
        warnings = (await sim.get("/_sim/warnings")).json()
        assert not [one for one in warnings if one["kind"] == "token_in_url"]


@pytest_asyncio.fixture
async def graph(simulator: str) -> AsyncIterator[GraphAPI]:
    async with aclosing(Lines()) as lines:
        yield GraphAPI(
            lines,
            base_url=simulator,
            version="v25.0",
            app_id=APP_ID,
            app_secret=SecretStr(APP_SECRET),
            sleep=lambda _: asyncio.sleep(0),
        )


async def log_in(sim: httpx.AsyncClient, graph: GraphAPI, *, person: str = "Maya Chen") -> Token:
    """Give the long-lived user token of a person who shares everything."""
    code = await share_everything(sim, person)
    short = await oauth.exchange_code(graph, code=code, redirect_uri=CALLBACK)
    return (await oauth.exchange_long_lived(graph, token=short.token)).token


async def share_everything(sim: httpx.AsyncClient, person: str) -> Token:
    """Go through Meta's dialog, and give the code with which it sends the person back."""
    world = (await sim.get("/_sim/accounts")).json()
    someone = next(one for one in world["people"] if one["name"] == person)
    theirs = [page for page in world["pages"] if page["id"] in someone["tasks"]]
    url = oauth.dialog_url(
        str(sim.base_url),
        version="v25.0",
        client_id=APP_ID,
        redirect_uri=CALLBACK,
        state="the-state",
        scopes=EVERYTHING,
    )
    assert (await sim.get(url)).status_code == 200
    shared = {
        "pages": [page["id"] for page in theirs],
        "instagram": [page["instagram_id"] for page in theirs if page["instagram_id"]],
    }
    form = {**dict(parse_qsl(urlsplit(url).query)), **shared, "person": someone["id"], "decision": "continue"}
    back = parse_qs(urlsplit((await sim.post("/dialog/decide", data=form)).headers["Location"]).query)
    assert back["state"] == ["the-state"]
    return Token(back["code"][0])


async def page_of(sim: httpx.AsyncClient, graph: GraphAPI, name: str) -> Page:
    pages = await oauth.pages(graph, token=await log_in(sim, graph))
    return next(page for page in pages if page.name == name)


async def misbehave(sim: httpx.AsyncClient, match: str, kind: str, **more: object) -> None:
    answer = await sim.post("/_sim/faults", json={"match": match, "kind": kind, **more})
    assert answer.status_code < 300, answer.text


async def test_a_login_leads_to_pages_accounts_and_what_is_known_of_the_token(
    sim: httpx.AsyncClient, graph: GraphAPI
):
    token = await log_in(sim, graph)
    assert (await oauth.me(graph, token=token)).name == "Maya Chen"
    assert (await oauth.permissions(graph, token=token)).granted >= set(EVERYTHING)
    pages = {page.name: page for page in await oauth.pages(graph, token=token)}
    assert set(pages) == {"Northwind Coffee", "Northwind Roastery", "Harbor Books", "Northwind Events"}
    assert pages["Harbor Books"].instagram is None
    coffee = pages["Northwind Coffee"]
    assert coffee.may_publish
    assert coffee.instagram
    assert coffee.instagram.username == "northwind.coffee"
    facts = await oauth.debug_token(graph, token=token)
    assert (facts.valid, facts.kind, facts.app_id) == (True, "USER", APP_ID)
    assert facts.expires_at
    assert timedelta(days=59) < facts.expires_at - datetime.now(UTC) < timedelta(days=61)
    of_page = await oauth.debug_token(graph, token=coffee.token)
    assert (of_page.kind, of_page.page_id, of_page.expires_at) == ("PAGE", coffee.id, None)


async def test_somebody_without_pages_and_somebody_who_may_not_publish(
    sim: httpx.AsyncClient, graph: GraphAPI
):
    assert await oauth.pages(graph, token=await log_in(sim, graph, person="Priya Nair")) == []
    (garage,) = await oauth.pages(graph, token=await log_in(sim, graph, person="Tom Berg"))
    assert not garage.may_publish


async def test_a_code_is_good_once(sim: httpx.AsyncClient, graph: GraphAPI):
    code = await share_everything(sim, "Maya Chen")
    await oauth.exchange_code(graph, code=code, redirect_uri=CALLBACK)
    with pytest.raises(Refused, match="start connecting"):
        await oauth.exchange_code(graph, code=code, redirect_uri=CALLBACK)


async def test_every_list_is_followed_to_its_end(sim: httpx.AsyncClient, graph: GraphAPI):
    token = await log_in(sim, graph)
    await sim.post("/_sim/settings", json={"page_size": 1})
    assert len(await oauth.pages(graph, token=token)) == 4


async def test_a_picture_goes_live_on_instagram(sim: httpx.AsyncClient, graph: GraphAPI, picture: str):
    page = await page_of(sim, graph, "Northwind Coffee")
    assert page.instagram
    began = datetime.now(UTC) - timedelta(seconds=2)
    about = {"token": page.token, "ig_id": page.instagram.id}
    container = await instagram.create_photo(
        graph, **about, image_url=picture, caption="Guten Morgen ☕ #kaffee", alt_text="Nothing but teal"
    )
    status = await instagram.container_status(graph, token=page.token, container_id=container)
    assert status.code is ContainerState.FINISHED
    media = await instagram.publish(graph, **about, container_id=container)
    status = await instagram.container_status(graph, token=page.token, container_id=container)
    assert status.code is ContainerState.PUBLISHED
    (found,) = await instagram.recent_media(graph, **about, since=began)
    assert (found.id, found.caption, found.kind) == (media, "Guten Morgen ☕ #kaffee", "IMAGE")
    assert found.permalink == await instagram.permalink(graph, token=page.token, media_id=media)
    assert (await sim.get(str(found.permalink))).status_code == 200
    limit = await instagram.publishing_limit(graph, **about)
    assert (limit.used, limit.total, limit.duration) == (1, 50, timedelta(days=1))


async def test_a_second_publish_of_one_container_says_nothing_and_the_container_tells(
    sim: httpx.AsyncClient, graph: GraphAPI, picture: str
):
    page = await page_of(sim, graph, "Northwind Coffee")
    assert page.instagram
    about = {"token": page.token, "ig_id": page.instagram.id}
    container = await instagram.create_photo(graph, **about, image_url=picture)
    await misbehave(sim, "media_publish", "drop_after")
    for _ in ("the answer is lost", "Meta no longer knows the container"):
        with pytest.raises(OutcomeUnknown):
            await instagram.publish(graph, **about, container_id=container)
    status = await instagram.container_status(graph, token=page.token, container_id=container)
    assert status.code is ContainerState.PUBLISHED
    public = (await sim.get("/_sim/public")).json()["instagram"]["northwind.coffee"]
    assert len([one for one in public if one["container_id"] == container]) == 1


async def test_a_picture_that_meta_cannot_fetch_is_tried_again(sim: httpx.AsyncClient, graph: GraphAPI):
    page = await page_of(sim, graph, "Northwind Coffee")
    assert page.instagram
    with pytest.raises(TryAgainLater, match="could not fetch the picture"):
        await instagram.create_photo(
            graph, token=page.token, ig_id=page.instagram.id, image_url=f"{sim.base_url}/nothing.jpg"
        )


async def test_photos_go_live_on_a_page_with_their_post(
    sim: httpx.AsyncClient, graph: GraphAPI, picture: str
):
    page = await page_of(sim, graph, "Harbor Books")
    about = {"token": page.token, "page_id": page.id}
    began = datetime.now(UTC) - timedelta(seconds=2)
    photos = [await facebook.stage_photo(graph, **about, image_url=picture, alt_text="Teal") for _ in "ab"]
    assert await facebook.photo_story(graph, token=page.token, photo_id=photos[0]) is None
    post = await facebook.publish(graph, **about, message="Zwei Bilder", photo_ids=photos)
    assert post.permalink == await facebook.permalink(graph, token=page.token, post_id=post.id)
    assert (await sim.get(str(post.permalink))).status_code == 200
    assert await facebook.photo_story(graph, token=page.token, photo_id=photos[0]) == post.id
    (found,) = await facebook.recent_posts(graph, **about, since=began)
    assert (found.id, found.message, found.app_id) == (post.id, "Zwei Bilder", APP_ID)
    assert found.permalink == post.permalink
    assert set(photos) <= set(found.photo_ids)


async def test_a_staged_photo_can_be_deleted(sim: httpx.AsyncClient, graph: GraphAPI, picture: str):
    page = await page_of(sim, graph, "Harbor Books")
    photo = await facebook.stage_photo(graph, token=page.token, page_id=page.id, image_url=picture)
    await facebook.delete_photo(graph, token=page.token, photo_id=photo)
    with pytest.raises(TryAgainLater):
        await facebook.photo_story(graph, token=page.token, photo_id=photo)


@pytest.mark.parametrize(
    ("kind", "more", "live"),
    [
        ("drop_after", {}, True),
        ("error_after", {"code": 1}, True),
        ("drop", {}, False),
        ("error", {"code": 2}, False),
        ("html", {}, False),
        ("rate_limit", {}, False),
    ],
)
async def test_a_post_whose_answer_was_lost_is_found_or_not_by_looking(
    sim: httpx.AsyncClient,
    graph: GraphAPI,
    kind: str,
    more: dict[str, object],
    live: bool,  # noqa: FBT001
):
    page = await page_of(sim, graph, "Harbor Books")
    about = {"token": page.token, "page_id": page.id}
    began = datetime.now(UTC) - timedelta(seconds=2)
    await misbehave(sim, f"{page.id}/feed", kind, **more)
    with pytest.raises(OutcomeUnknown):
        await facebook.publish(graph, **about, message="Is it there?")
    found = await facebook.recent_posts(graph, **about, since=began)
    assert [post.message for post in found] == ["Is it there?"] * live


async def test_a_read_gets_over_a_bad_moment(sim: httpx.AsyncClient, graph: GraphAPI):
    token = await log_in(sim, graph)
    await misbehave(sim, "permissions", "html")
    await misbehave(sim, "permissions", "drop")
    assert (await oauth.permissions(graph, token=token)).granted


async def test_a_rate_limit_is_waited_for_as_long_as_meta_says(sim: httpx.AsyncClient, graph: GraphAPI):
    page = await page_of(sim, graph, "Harbor Books")
    await sim.post("/_sim/settings", json={"regain_minutes": 37})
    await misbehave(sim, "published_posts", "rate_limit")
    with pytest.raises(TryAgainLater) as caught:
        await facebook.recent_posts(graph, token=page.token, page_id=page.id, since=datetime.now(UTC))
    assert caught.value.after == timedelta(minutes=37)


@pytest.mark.parametrize("state", ["expired", "password", "deauthorized", "checkpoint"])
async def test_a_token_that_ended_needs_a_new_login(sim: httpx.AsyncClient, graph: GraphAPI, state: str):
    token = await log_in(sim, graph)
    assert (await sim.post("/_sim/tokens", json={"who": "maya", "state": state})).status_code == 200
    with pytest.raises(ReconnectNeeded) as caught:
        await oauth.me(graph, token=token)
    facts = await oauth.debug_token(graph, token=token)
    assert not facts.valid
    assert isinstance(facts.problem, ReconnectNeeded)
    assert facts.problem.sentence == caught.value.sentence


async def test_no_token_is_in_an_address_or_a_log(
    sim: httpx.AsyncClient, graph: GraphAPI, picture: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    token = await log_in(sim, graph)
    page = next(page for page in await oauth.pages(graph, token=token) if page.instagram)
    await facebook.stage_photo(graph, token=page.token, page_id=page.id, image_url=picture)
    await oauth.debug_token(graph, token=page.token)
    with pytest.raises(ReconnectNeeded):
        await oauth.me(graph, token=Token("EAABmalformed0123456789malformed0123456789"))
    requests = (await sim.get("/_sim/requests")).json()
    addresses = [f"{one['path']} {one['query']}" for one in requests]
    secrets = [token.reveal(), page.token.reveal(), APP_SECRET, "EAABmalformed"]
    assert len(addresses) > 5
    assert not [text for text in (*addresses, caplog.text) for secret in secrets if secret in text]

from collections.abc import AsyncIterator

import httpx
import pytest
import structlog
from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import web.app
from tests.web.conftest import Site
from web.guard import LARGEST_BODY, Guard
from web.pages import STATIC, policy


async def test_the_bare_address_says_what_this_is(site: Site, page: Page):
    await page.goto(site.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Publish for your clients, from Slack")
    await page.get_by_role("link", name="Add to Slack").click()
    await expect(page.get_by_text("Slack's own page comes here")).to_be_visible()


async def test_where_the_bot_is_installed_by_hand_there_is_no_button(site: Site):
    transport = httpx.ASGITransport(site.app_over_https())
    async with httpx.AsyncClient(transport=transport, base_url="https://pressroom.example") as client:
        shown = await client.get("/")
    assert shown.status_code == 200
    assert "Add to Slack" not in shown.text


async def test_an_address_where_nothing_is(site: Site, http: httpx.AsyncClient):
    for address in ("/nothing", "/static/nothing.css", "/api/v1/social/connect/accounts/x", "/../etc/passwd"):
        answer = await http.get(site.url + address)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text
        assert answer.headers["x-request-id"] in answer.text


async def test_a_wrong_method(site: Site, http: httpx.AsyncClient):
    for method, address in (("POST", "/"), ("DELETE", "/livez"), ("PUT", "/api/v1/social/connect/start")):
        answer = await http.request(method, site.url + address)
        assert answer.status_code == 405
        assert answer.headers["allow"]
        assert answer.headers["x-request-id"] in answer.text


async def test_a_fault_of_ours_has_an_id_and_shows_nothing_else(site: Site, http: httpx.AsyncClient):
    with structlog.testing.capture_logs() as events:
        answer = await http.get(f"{site.url}/broken")
    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert "RuntimeError" not in answer.text
    (event,) = [event for event in events if event["event"] == "unexpected"]
    assert event["request_id"] in answer.text
    assert answer.headers["x-request-id"] == event["request_id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in answer.headers


async def test_every_answer_has_an_id_of_its_own(site: Site, http: httpx.AsyncClient):
    ids = [(await http.get(f"{site.url}/livez")).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3


async def test_too_large_a_form_is_refused(site: Site, http: httpx.AsyncClient):
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = b"x" * (LARGEST_BODY + 1)
    answer = await http.post(f"{site.url}/api/v1/social/connect/start", content=body, headers=form)
    assert answer.status_code == 413
    assert "That is too large" in answer.text


async def test_a_body_is_counted_even_when_its_size_is_not_announced():
    async def reads(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def drops(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 100

    guarded = [Middleware(Guard, largest_body=1000)]
    app = Starlette(routes=[Route("/", reads, methods=["POST"])], middleware=guarded)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        assert (await client.post("/", content=drops(10))).text == "1000"
        assert (await client.post("/", content=drops(11))).status_code == 413
        assert (await client.post("/", content=b"x" * 1001)).status_code == 413


async def test_styles_and_scripts_are_served_as_what_they_are(site: Site, http: httpx.AsyncClient):
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    for file in STATIC.iterdir():
        answer = await http.get(f"{site.url}/static/{file.name}")
        assert answer.headers["content-type"].startswith(kinds[file.suffix])
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["etag"]


@pytest.mark.parametrize(
    ("facebook_url", "form_action"),
    [
        ("https://www.facebook.com", "form-action 'self' https://www.facebook.com https://*.facebook.com"),
        ("http://127.0.0.1:8002", "form-action 'self' http://127.0.0.1:8002"),
    ],
)
def test_forms_may_lead_to_metas_dialog_wherever_it_redirects(facebook_url: str, form_action: str):
    assert form_action in policy(facebook_url).split("; ")


def test_everything_is_known_by_its_own_address(site: Site):
    app = web.app.build(site.services, notifier=site.slack, slack_routes=[], readiness=site.readiness)
    assert {getattr(route, "path", "") for route in app.routes} == {
        "/",
        "/api/v1/social/connect",
        "/api/v1/social/connect/start",
        "/api/v1/social/connect/callback",
        "/api/v1/social/connect/accounts/{ticket_id:uuid}",
        "/api/v1/social/connect/accounts/{ticket_id:uuid}/done",
        "/api/v1/social/connect/status",
        "/review",
        "/api/v1/meta/deauthorize",
        "/api/v1/meta/data-deletion",
        "/api/v1/meta/data-deletion/{code}",
        "/media/{token}/{media_id:uuid}/{variant}.jpg",
        "/exports/{token}/{departure_id:uuid}.zip",
        "/livez",
        "/healthz",
        "/metrics",
        "/static",
    }

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import structlog
from sqlmodel import select

from core.connections import CALLBACK, LINK
from core.models import ConnectTicket
from tests.conftest import Cast
from tests.drivers.meta import COFFEE, Meta
from tests.web.conftest import Site

SLACK = {"user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Give one person's browser: it keeps its cookies, and follows nothing by itself."""
    async with httpx.AsyncClient(base_url=site.url) as kept:
        yield kept


def ticket_in(link: str) -> str:
    return parse_qs(urlsplit(link).query)["ticket"][0]


async def start(client: httpx.AsyncClient, link: str) -> httpx.Response:
    return await client.post(f"{LINK}/start", data={"ticket": ticket_in(link)})


async def log_in(client: httpx.AsyncClient, meta: Meta, link: str) -> httpx.Response:
    started = await start(client, link)
    return await client.get(await meta.decide(started.headers["location"]))


# Who may look, and who may start


async def test_link_previews_and_crawlers_use_nothing_up(site: Site, agency: Cast, client: httpx.AsyncClient):
    link = await site.link(agency)
    for _ in range(3):
        assert (await client.get(link, headers=SLACK)).status_code == 200
        assert (await client.head(link)).status_code == 200
    shown = (await client.get(link)).text
    assert re.findall(r'href="([^"]+)"', shown) == [
        "/static/icon.svg",
        "/static/pressroom.css",
    ]  # nothing to follow
    async with site.services.db.session(agency.program) as session:
        (ticket,) = await session.exec(select(ConnectTicket))
    assert (ticket.started_at, ticket.browser_hash) == (None, None)
    assert client.cookies == httpx.Cookies()
    assert (await start(client, link)).status_code == 303


async def test_starting_takes_a_post_of_our_own_page(site: Site, agency: Cast, client: httpx.AsyncClient):
    link = await site.link(agency)
    answer = await client.get(f"{LINK}/start", params={"ticket": ticket_in(link)})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    for place in ("cross-site", "same-site", "none"):
        refused = await client.post(
            f"{LINK}/start", data={"ticket": ticket_in(link)}, headers={"sec-fetch-site": place}
        )
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers


@pytest.mark.parametrize(
    "form", [{}, {"ticket_id": "x"}, {"ticket_id": "6a1f2c1e-0000-4000-8000-000000000000"}]
)
async def test_starting_without_a_ticket_is_refused(client: httpx.AsyncClient, form: dict[str, str]):
    assert (await client.post(f"{LINK}/start", data=form)).status_code in (400, 403)


async def test_the_choice_is_closed_to_whoever_did_not_start(
    site: Site, agency: Cast, client: httpx.AsyncClient, meta: Meta, http: httpx.AsyncClient
):
    place = (await log_in(client, meta, await site.link(agency))).headers["location"].partition("#")[0]
    for address in (place, f"{place}/done"):
        assert (await client.get(address)).status_code in (200, 303)
        assert (await http.get(site.url + address)).status_code == 403
    value = f"facebook_page:{COFFEE}"
    assert (await http.post(site.url + place, data={"account": value})).status_code == 403
    foreign = await client.post(place, data={"account": value}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert (await client.post(place, data={"account": value})).status_code == 303


# The cookie and the state


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    site: Site, agency: Cast, client: httpx.AsyncClient
):
    answer = await start(client, await site.link(agency))
    (cookie,) = answer.headers.get_list("set-cookie")
    name, _, attributes = cookie.partition(";")
    assert name.startswith("pressroom-connect-")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=1800"} == set(attributes.strip().split("; "))


async def test_over_https_the_cookie_is_secure_and_no_other_host_can_set_it(site: Site, agency: Cast):
    transport = httpx.ASGITransport(site.app_over_https())
    async with httpx.AsyncClient(transport=transport, base_url="https://pressroom.example") as client:
        answer = await start(client, await site.link(agency))
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-pressroom-connect-")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_what_goes_to_meta_is_the_state_and_no_secret_of_the_browser(
    site: Site, agency: Cast, client: httpx.AsyncClient
):
    link = await site.link(agency)
    answer = await start(client, link)
    place = answer.headers["location"]
    assert place.startswith(f"{site.services.facebook_url}/v25.0/dialog/oauth?")
    assert parse_qs(urlsplit(place).query)["redirect_uri"] == [site.url + CALLBACK]
    (browser,) = client.cookies.values()
    assert ticket_in(link) not in place
    assert browser.partition(".")[2] not in place
    assert answer.headers["cache-control"] == "no-store"


# Nothing leaks


async def test_no_token_reaches_the_browser_or_the_log(
    site: Site, agency: Cast, client: httpx.AsyncClient, meta: Meta, caplog: pytest.LogCaptureFixture
):
    link = await site.link(agency)
    with caplog.at_level("DEBUG"), structlog.testing.capture_logs() as events:
        returned = await log_in(client, meta, link)
        place = returned.headers["location"].partition("#")[0]
        shown = await client.get(place)
        stored = await client.post(place, data={"account": f"facebook_page:{COFFEE}"})
        done = await client.get(stored.headers["location"])
    for answer in (returned, shown, stored, done):
        assert answer.status_code < 400
        assert "EAA" not in answer.text + str(answer.headers)
    assert "EAA" not in caplog.text + str(events)


async def test_what_was_said_in_the_address_is_not_repeated(client: httpx.AsyncClient):
    for address in (f"{LINK}?ticket=<script>canary", f"{CALLBACK}?state=<canary>&error_description=canary"):
        assert "canary" not in (await client.get(address)).text


# The page that waits


async def test_the_status_needs_the_ticket_in_a_header(
    site: Site, agency: Cast, client: httpx.AsyncClient, meta: Meta
):
    link = await site.link(agency)
    bearer = {"authorization": f"Bearer {ticket_in(link)}"}
    for nobody in ({}, {"authorization": "Bearer x"}, {"authorization": ""}):
        assert (await client.get(f"{LINK}/status", headers=nobody)).status_code == 404
    assert (await client.get(f"{LINK}/status", headers=bearer)).json() == {"state": "waiting", "accounts": []}
    place = (await log_in(client, meta, link)).headers["location"].partition("#")[0]
    assert (await client.get(f"{LINK}/status", headers=bearer)).json()["state"] == "choosing"
    await client.post(place, data={"account": f"facebook_page:{COFFEE}"})
    assert (await client.get(f"{LINK}/status", headers=bearer)).json() == {
        "state": "connected",
        "accounts": [{"label": "Northwind Coffee", "platform": "Facebook"}],
    }


# Headers


async def test_every_page_keeps_to_itself(site: Site, agency: Cast, client: httpx.AsyncClient, meta: Meta):
    link = await site.link(agency)
    pages = [await client.get(address) for address in ("/", "/nothing", f"{LINK}/start", CALLBACK, link)]
    place = (await log_in(client, meta, link)).headers["location"].partition("#")[0]
    pages.append(await client.get(place))
    done = await client.post(place, data={"account": f"facebook_page:{COFFEE}"})
    pages.append(await client.get(done.headers["location"]))
    for page in pages:
        policy = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "connect-src": "'self'",
            "img-src": f"'self' https: data: {site.services.facebook_url}",
            "form-action": f"'self' {site.services.facebook_url}",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"
        assert "<style" not in page.text
        assert "style=" not in page.text
        assert not re.search(r"<script(?! src=\"/static/)|\son\w+=", page.text)


async def test_only_the_page_that_opens_the_popup_shields_itself_from_openers(
    site: Site, agency: Cast, client: httpx.AsyncClient, meta: Meta
):
    link = await site.link(agency)
    assert (await client.get(link)).headers["cross-origin-opener-policy"] == "same-origin-allow-popups"
    started = await start(client, link)
    assert "cross-origin-opener-policy" not in started.headers
    returned = await client.get(await meta.decide(started.headers["location"]))
    assert "cross-origin-opener-policy" not in returned.headers
    shown = await client.get(returned.headers["location"])
    assert shown.headers["cross-origin-opener-policy"] == "unsafe-none"

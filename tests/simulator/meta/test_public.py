from urllib.parse import urlencode

import httpx
import pytest
from playwright.async_api import Page, expect

from simulator.meta.templates import words
from tests.drivers.meta import APP_ID, BOOKS, COFFEE, Meta
from tests.simulator.meta.conftest import CALLBACK, Caller, Host

PROFILE = "instagram/northwind.coffee/"


async def test_a_new_post_appears_on_the_open_profile(sim: Meta, maya: Caller, host: Host, page: Page):
    await page.goto(f"{sim.url}/{PROFILE}")
    tiles = page.locator("a[data-view]")
    await expect(tiles).to_have_count(9)

    container = await maya.container(
        f"{host.url}/square.jpg", caption="Hello <b>#world</b>", alt_text="A teal square"
    )
    await maya.publish(container)

    await expect(tiles).to_have_count(10)
    await expect(page.locator("[data-count=posts]")).to_have_text("10")
    await tiles.first.click()
    viewer = page.get_by_role("dialog")
    await expect(viewer.locator("[data-caption]")).to_have_text("Hello <b>#world</b>")
    await expect(viewer.locator("[data-alt]")).to_have_text("A teal square")
    await viewer.get_by_role("button", name="Close").click()
    await expect(viewer).to_be_hidden()


async def test_a_new_post_appears_on_the_open_page(sim: Meta, coffee: Caller, page: Page):
    await page.goto(f"{sim.url}/facebook/{COFFEE}")

    await coffee.post(f"{COFFEE}/feed", message="Fresh from the oven: https://northwind.example")

    newest = page.locator("article.post").first
    await expect(newest.locator("[data-message]")).to_have_text(
        "Fresh from the oven: https://northwind.example"
    )
    await expect(newest.get_by_role("link", name="https://northwind.example")).to_be_visible()


@pytest.mark.parametrize("width", [420, 1280])
@pytest.mark.parametrize("path", ["", PROFILE, f"facebook/{BOOKS}", "_sim/not-simulated"])
async def test_no_page_is_wider_than_its_window(sim: Meta, page: Page, path: str, width: int):
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(f"{sim.url}/{path}")

    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_the_pages_ask_nothing_of_the_outside(sim: Meta, page: Page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    for path in ("", PROFILE, f"facebook/{COFFEE}"):
        await page.goto(f"{sim.url}/{path}", wait_until="networkidle")

    assert [url for url in asked if not url.startswith((sim.url, "data:"))] == []


async def test_what_the_public_sees_may_be_framed(sim: Meta, http: httpx.AsyncClient):
    for path in ("", PROFILE, f"facebook/{COFFEE}"):
        assert "x-frame-options" not in (await http.get(f"{sim.url}/{path}")).headers


@pytest.mark.parametrize("path", ["p/nothing/", "instagram/nobody/", "facebook/1", "facebook/1/posts/2"])
async def test_what_is_not_there_says_so(sim: Meta, http: httpx.AsyncClient, path: str):
    answer = await http.get(f"{sim.url}/{path}")

    assert answer.status_code == 404
    assert "isn't available" in answer.text


async def test_the_dialog_is_decided_by_hand(sim: Meta, page: Page):
    asked = {
        "client_id": APP_ID,
        "redirect_uri": CALLBACK,
        "state": "s",
        "scope": "pages_show_list,pages_manage_posts",
    }
    await page.route(f"{CALLBACK}**", lambda route: route.fulfill(body="Back"))
    await page.goto(f"{sim.url}/v25.0/dialog/oauth?{urlencode(asked)}")

    await page.get_by_role("checkbox", name="Harbor Books").uncheck()
    await page.get_by_text("Review what Pressroom may do").click()
    await page.get_by_role("checkbox", name="Decline pages_manage_posts").check()
    await page.get_by_role("button", name="Continue as Maya").click()

    await page.wait_for_url(f"{CALLBACK}**")
    assert "state=s" in page.url
    accounts = (await sim.http.get(f"{sim.url}/v25.0/dialog/oauth?{urlencode(asked)}")).text
    assert "you have connected Pressroom before" in accounts


async def test_the_dialog_can_be_shown_as_someone_else_and_cancelled(sim: Meta, page: Page):
    asked = {"client_id": APP_ID, "redirect_uri": CALLBACK, "state": "s", "scope": "pages_show_list"}
    await page.route(f"{CALLBACK}**", lambda route: route.fulfill(body="Back"))
    await page.goto(f"{sim.url}/dialog/oauth?{urlencode(asked)}")

    await page.get_by_role("link", name="Priya Nair").click()
    await expect(page.get_by_text("You don't have any Pages.")).to_be_visible()
    await page.get_by_role("button", name="Cancel").click()

    await page.wait_for_url(f"{CALLBACK}**")
    assert "error_reason=user_denied" in page.url


def test_captions_are_escaped_and_marked():
    shown = words.linked('<i>"5 & 6"</i> #one @two.three https://a.example/x?y=1&z=2. a@b.example')

    assert "<i>" not in shown
    assert '<span class="mark">#one</span>' in shown
    assert '<span class="mark">@two.three</span>' in shown
    assert 'href="https://a.example/x?y=1&amp;z=2"' in shown
    assert "a@b.example" in shown

"""A newcomer's first minute with the demo, in a browser: connect, publish, and see it live."""

import httpx
from playwright.async_api import BrowserContext, FrameLocator, Locator, Page, expect

from tests.drivers.demo import data_folder, demo
from tests.drivers.pictures import picture

CAPTION = "Fresh roast, slow morning. #coffee"


async def test_from_nothing_to_a_post_that_the_public_sees(window: BrowserContext, page: Page) -> None:
    with data_folder() as folder, demo(folder) as (url, _):
        await page.goto(url)
        slack = page.frame_locator("iframe[title='Slack, simulated']")
        public = page.frame_locator("iframe[name='public']")
        await add_a_client(slack)
        await connect_its_accounts(window, slack)
        await publish_a_picture(slack)

        card = slack.get_by_role("article").filter(has_text="Published · Northwind Coffee")
        await expect(card).to_be_visible(timeout=15_000)
        await expect(card.get_by_role("link", name="See it on Instagram")).to_be_visible()
        await expect(card.get_by_role("link", name="See it on Facebook")).to_be_visible()
        await expect(public.locator("[data-count=posts]")).to_have_text("10")
        await page.get_by_role("link", name="Facebook").click()
        await expect(public.get_by_text(CAPTION)).to_be_visible()

        await say(slack, "/social audit")
        trail = slack.get_by_role("dialog", name="Audit trail")
        for deed in ("added a client", "connected an account", "published a post"):
            await expect(trail).to_contain_text(deed)
        assert httpx.get(f"{url}/healthz").json() == {"slack": True, "meta": True, "pressroom": True}


async def add_a_client(slack: FrameLocator) -> None:
    await say(slack, "/social clients")
    await slack.get_by_role("dialog", name="Clients").get_by_role("button", name="Add a client").click()
    form = slack.get_by_role("dialog", name="Add a client")
    await form.get_by_label("Name").fill("Northwind Coffee")
    await form.get_by_role("button", name="Add").last.click()


async def connect_its_accounts(window: BrowserContext, slack: FrameLocator) -> None:
    await slack.get_by_role("button", name="Connect an account").click()
    async with window.expect_page() as opening:
        await slack.get_by_role("button", name="Connect Instagram").click()
    opener = await opening.value
    await opener.wait_for_load_state()  # before its script has run, the form leads on in the same window
    async with window.expect_page() as opening:
        await opener.get_by_text("Continue with Facebook").click()
    popup = await opening.value
    await popup.get_by_role("button", name="Continue as Maya").click()
    await popup.get_by_role("checkbox", name="@northwind.coffee").check()
    await popup.get_by_role("checkbox", name="Northwind Coffee Facebook Page").check()
    async with popup.expect_event("close", timeout=10_000):
        await popup.get_by_role("button", name="Connect").click()
    await expect(opener.get_by_text("Connected for Northwind Coffee")).to_be_visible()
    await opener.close()
    await slack.get_by_role("button", name="Dismiss").click()


async def publish_a_picture(slack: FrameLocator) -> None:
    await say(slack, "/publish")
    composer = slack.get_by_role("dialog", name="New post")
    for account in ("@northwind.coffee", "Facebook · Northwind Coffee"):
        await composer.get_by_label("Accounts").click()
        await slack.get_by_role("option", name=account).click()
    await composer.get_by_label("Caption").fill(CAPTION)
    file = {"name": "morning.png", "mimeType": "image/png", "buffer": picture()}
    await composer.get_by_label("Picture", exact=True).set_input_files(files=[file])  # type: ignore[list-item]
    await composer.get_by_role("button", name="Preview").click()
    preview = slack.get_by_role("dialog", name="Preview")
    await expect(preview.get_by_text("Converted from PNG to JPEG").first).to_be_visible()
    await preview.get_by_role("button", name="Publish now").click()


async def say(slack: FrameLocator, text: str) -> None:
    await expect(slack.get_by_role("dialog")).to_have_count(0)  # what is typed below one is lost
    composer: Locator = slack.get_by_label("Message #northwind")
    await composer.fill(text)
    await composer.press("Enter")

import re
from datetime import UTC, datetime
from html import escape

from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlmodel import col, select, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from core.models import Account, AuditEntry, ConnectTicket, Platform
from core.services import Services
from tests.conftest import Cast, Serving
from tests.drivers.connecting import connect
from tests.drivers.meta import BOOKS, COFFEE, COFFEE_INSTAGRAM, EVENTS, ROASTERY, Meta
from tests.web.conftest import OpenSite, Site
from tests.web.dialog import CONTINUE, choose, decide, open_popup, title

WITHOUT_INSTAGRAM = tuple(f"page-{page}" for page in (COFFEE, ROASTERY, EVENTS))
INSTAGRAM_CHOICE = "@northwind.coffee"
PAGE_CHOICE = re.compile("^Northwind Coffee")


async def accounts_of(services: Services, agency: Cast) -> dict[str, Account]:
    async with services.db.session(agency.program) as session:
        listed = await session.exec(select(Account).where(col(Account.is_active)))
        return {account.label: account for account in listed}


async def end_tickets(services: Services, agency: Cast) -> None:
    async with services.db.session(agency.program) as session:
        await session.exec(update(ConnectTicket).values(expires_at=datetime.now(UTC)))


# Everything goes well


async def test_an_instagram_account_and_a_page_are_connected_in_one_go(site: Site, agency: Cast, page: Page):
    popup = await open_popup(page, await site.link(agency))
    await expect(page.get_by_role("status")).to_contain_text("Go on in the window")
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")
    async with popup.expect_event("close"):
        await choose(popup, INSTAGRAM_CHOICE, PAGE_CHOICE)
    await title(page, "Connected for Northwind Coffee")
    await expect(page.get_by_role("listitem")).to_have_text(
        ["Northwind CoffeeFacebook", "@northwind.coffeeInstagram"]
    )
    kept = await accounts_of(site.services, agency)
    assert set(kept) == {"@northwind.coffee", "Northwind Coffee"}
    (told,) = site.slack.accounts
    assert (told["client"], told["member"]) == (agency.client.id, agency.manager.id)
    assert set(told["accounts"]) == {account.id for account in kept.values()}


async def test_who_connected_from_where_is_written_down(site: Site, agency: Cast, page: Page):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")
    written = select(AuditEntry).where(col(AuditEntry.action) == "account_connected")
    async with site.services.db.session(agency.program) as session:
        (entry,) = await session.exec(written)
    assert entry.ip_address == "127.0.0.1"
    assert "Chrome" in str(entry.user_agent)
    assert entry.user_id == agency.manager.slack_user_id


async def test_the_page_says_who_connects_what_for_which_client(site: Site, agency: Cast, page: Page):
    await page.goto(await site.link(agency, platform=Platform.FACEBOOK))
    await title(page, "Connect Facebook Pages for Northwind Coffee")
    await expect(page.get_by_text("Dana Reyes")).to_be_visible()
    await expect(page.get_by_text("Brightside")).to_be_visible()


async def test_everything_works_without_scripts(site: Site, agency: Cast, browser: Browser):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(await site.link(agency))
    await page.get_by_role("button", name=CONTINUE).click()
    await decide(page)
    await choose(page, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")
    assert set(await accounts_of(site.services, agency)) == {"@northwind.coffee"}
    await context.close()


async def test_a_blocked_popup_leads_on_in_the_same_window(site: Site, agency: Cast, page: Page):
    await page.add_init_script("window.open = () => null")
    await page.goto(await site.link(agency))
    await page.get_by_role("button", name=CONTINUE).click()
    await decide(page)
    await choose(page, PAGE_CHOICE)
    await title(page, "Connected for Northwind Coffee")


async def test_a_dialog_that_cuts_the_popup_off_does_not_matter(
    open_site: OpenSite, serving: Serving, agency: Cast, browser: Browser, meta: Meta
):
    """Facebook may isolate its dialog; then there is no opener to speak to."""
    page = await browser.new_page()

    async def isolated(request: Request) -> HTMLResponse:
        address = escape(f"{meta.url}{request.url.path}?{request.url.query}")
        headers = {"cross-origin-opener-policy": "same-origin"}
        return HTMLResponse(f"<title>Isolated</title><a href='{address}'>Go on</a>", headers=headers)

    async with (
        serving(lambda _: Starlette(routes=[Route("/{version}/dialog/oauth", isolated)])) as facebook,
        open_site(facebook_url=facebook) as site,
    ):
        await page.goto(await site.link(agency))
        async with page.context.expect_page() as opened:
            await page.get_by_role("button", name=CONTINUE).click()
        popup = await opened.value
        await popup.get_by_role("link", name="Go on").click()
        assert await popup.evaluate("window.opener") is None
        await decide(popup)
        await choose(popup, INSTAGRAM_CHOICE)
        await title(page, "Connected for Northwind Coffee")
    await page.context.close()


async def test_the_page_that_waits_gets_a_message(site: Site, agency: Cast, page: Page):
    popup = await open_popup(page, await site.link(agency))
    await page.evaluate("addEventListener('message', said => { window.said = [said.origin, said.data]; })")
    await decide(popup)
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")
    origin, data = await page.evaluate("window.said")
    assert origin == site.url
    accounts = [{"label": "@northwind.coffee", "platform": "Instagram"}]
    assert data == {"type": "pressroom:connected", "accounts": accounts}


async def test_a_page_of_another_site_that_opened_the_window_hears_nothing(
    site: Site, serving: Serving, agency: Cast, page: Page
):
    async def elsewhere(_: Request) -> HTMLResponse:
        return HTMLResponse("<title>Elsewhere</title>")

    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")
    done = popup.url.partition("#")[0] + "/done"
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")
    async with serving(lambda _: Starlette(routes=[Route("/", elsewhere)])) as url:
        await page.goto(url)
        await page.evaluate("addEventListener('message', one => { window.heard = one.data; })")
        async with page.expect_popup() as opened:
            await page.evaluate("address => { window.open(address); }", done)
        foreign = await opened.value
        await title(foreign, "Connected for Northwind Coffee")
        assert await foreign.evaluate("window.opener !== null")
        async with foreign.expect_event("close"):
            pass  # it closes after it has spoken
        assert await page.evaluate("window.heard") is None


async def test_a_message_from_elsewhere_is_not_believed(site: Site, agency: Cast, page: Page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(await site.link(agency))
    await page.evaluate("window.postMessage({type: 'pressroom:connected', accounts: []}, '*')")
    await page.evaluate("new Promise(done => setTimeout(done))")  # it has arrived by then
    await expect(page.get_by_role("button", name=CONTINUE)).to_be_visible()
    assert not [url for url in asked if url.endswith("/status")]


async def test_the_choice_can_be_loaded_again(site: Site, agency: Cast, page: Page):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")
    assert "code=" not in popup.url
    assert "state=" not in popup.url
    assert not popup.url.endswith("#_=_")
    await popup.reload()
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")


async def test_slack_that_does_not_answer_holds_nothing_up(site: Site, agency: Cast, page: Page):
    site.slack.fails = True
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")


# What is ticked beforehand


async def test_the_only_account_of_the_platform_that_was_asked_for_is_ticked(
    site: Site, agency: Cast, page: Page
):
    popup = await open_popup(page, await site.link(agency))
    others = [f"page-{ROASTERY}", f"page-{EVENTS}"]
    await decide(popup, without=tuple(others))
    await expect(popup.get_by_role("checkbox", name=INSTAGRAM_CHOICE)).to_be_checked()
    await expect(popup.get_by_role("checkbox", name=PAGE_CHOICE)).not_to_be_checked()


async def test_of_several_accounts_none_is_ticked_unless_it_was_connected_before(
    site: Site, agency: Cast, page: Page, meta: Meta
):
    actor = agency.actor(agency.manager)
    before = f"instagram_business:{COFFEE_INSTAGRAM}"
    await connect(site.services, meta, actor, agency.client.id, before)
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await expect(popup.get_by_role("checkbox", checked=True)).to_have_count(1)
    await expect(popup.get_by_role("checkbox", name=INSTAGRAM_CHOICE)).to_be_checked()
    await expect(popup.get_by_text("Connected already. Linked to the Page Northwind Coffee")).to_be_visible()


# The person decides otherwise


async def test_cancelling_says_so_and_offers_another_try(site: Site, agency: Cast, page: Page):
    popup = await open_popup(page, await site.link(agency))
    await popup.click("#cancel")
    await title(popup, "Nothing was connected")
    await popup.get_by_role("button", name="Log in again").click()
    await decide(popup)
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")


async def test_a_missing_permission_is_named_and_asked_for_again(site: Site, agency: Cast, page: Page):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup, without=("declined-instagram_content_publish",))
    await title(popup, "Permission is missing")
    await expect(popup.get_by_role("listitem")).to_have_text(
        "Upload media and create posts for that Instagram account"
    )
    await popup.get_by_role("button", name="Ask again").click()
    assert "auth_type=rerequest" in popup.url
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")


async def test_a_login_without_pages_says_so_and_lets_somebody_else_log_in(
    site: Site, agency: Cast, page: Page
):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup, person="Priya")
    await title(popup, "There is no Page to connect")
    await popup.get_by_role("button", name="Log in again").click()
    await decide(popup, person="Maya")
    await title(popup, "What belongs to Northwind Coffee?")


async def test_a_page_without_instagram_says_how_to_get_there(site: Site, agency: Cast, page: Page):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup, without=WITHOUT_INSTAGRAM)
    await expect(popup.get_by_role("status")).to_contain_text("no Instagram account that can be connected")
    await expect(
        popup.get_by_text("No professional Instagram account is linked to this Page, or")
    ).to_be_visible()
    await choose(popup, re.compile("^Harbor Books"))
    await title(page, "Connected for Northwind Coffee")


async def test_a_page_without_the_right_to_publish_is_shown_but_not_offered(
    site: Site, agency: Cast, page: Page
):
    popup = await open_popup(page, await site.link(agency, platform=Platform.FACEBOOK))
    await decide(popup, person="Tom")
    await expect(
        popup.get_by_text("Tom Berg may not create content on the Page Tom's Garage.")
    ).to_be_visible()
    await expect(popup.get_by_role("checkbox")).to_have_count(0)
    await expect(popup.get_by_role("button", name="Connect", exact=True)).to_have_count(0)
    await expect(popup.get_by_role("button", name="Log in again")).to_be_visible()


async def test_an_account_of_another_client_is_shown_as_taken(
    site: Site, agency: Cast, page: Page, meta: Meta
):
    stranger = agency.actor(agency.stranger)
    await connect(site.services, meta, stranger, agency.other_client.id, f"facebook_page:{BOOKS}")
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await expect(popup.get_by_text("Connected for another client of your agency.")).to_be_visible()
    await expect(popup.get_by_role("checkbox", name=re.compile("^Harbor Books"))).to_have_count(0)


async def test_an_account_that_somebody_else_takes_meanwhile_is_said_so(
    site: Site, agency: Cast, page: Page, meta: Meta
):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await popup.get_by_role("checkbox", name=re.compile("^Harbor Books")).check()
    stranger = agency.actor(agency.stranger)
    await connect(site.services, meta, stranger, agency.other_client.id, f"facebook_page:{BOOKS}")
    await popup.get_by_role("button", name="Connect", exact=True).click()
    await expect(popup.get_by_role("alert")).to_have_text("Choose at least one account.")
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")


async def test_choosing_nothing_is_said_so(site: Site, agency: Cast, page: Page):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await choose(popup)
    await expect(popup.get_by_role("alert")).to_have_text("Choose at least one account.")


# Links and logins that are no longer good


async def test_a_link_that_is_none(site: Site, page: Page):
    for address in ("?ticket=nonsense", "?ticket=", ""):
        answer = await page.goto(f"{site.url}/api/v1/social/connect{address}")
        assert answer
        assert answer.status == 404
        await title(page, "This link does not work")
        await expect(page.get_by_text("run /social connect for a new link")).to_be_visible()


async def test_a_link_that_has_expired(site: Site, agency: Cast, page: Page):
    link = await site.link(agency)
    await end_tickets(site.services, agency)
    await page.goto(link)
    await title(page, "This link has expired")
    await expect(page.get_by_text("run /social connect for a new link")).to_be_visible()


async def test_a_link_that_was_used(site: Site, agency: Cast, page: Page):
    link = await site.link(agency)
    popup = await open_popup(page, link)
    await decide(popup)
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")
    await page.goto(link)
    await title(page, "This link has been used")
    await expect(page.get_by_text("Connected with this link: Instagram @northwind.coffee")).to_be_visible()


async def test_a_link_that_runs_out_while_the_page_waits(site: Site, agency: Cast, page: Page):
    await open_popup(page, await site.link(agency))
    await end_tickets(site.services, agency)
    await expect(page.get_by_role("heading", level=1)).to_have_text("This link has expired")


async def test_a_state_that_is_used_again(site: Site, agency: Cast, page: Page):
    back: list[str] = []
    popup = await open_popup(page, await site.link(agency))
    popup.on("request", lambda request: back.append(request.url) if "/callback" in request.url else None)
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")
    await popup.goto(back[0])
    await title(popup, "This login is over")
    await popup.get_by_role("button", name="Log in again").click()
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")


async def test_a_state_that_is_forged(site: Site, page: Page):
    for said in ("?code=x&state=y", "?code=x", "", "?error=access_denied&state="):
        answer = await page.goto(f"{site.url}/api/v1/social/connect/callback{said}")
        assert answer
        assert answer.status == 400
        await title(page, "This address does not work")


async def test_another_browser_cannot_go_on(
    site: Site, agency: Cast, page: Page, browser: Browser, meta: Meta
):
    link = await site.link(agency)
    popup = await open_popup(page, link)
    back = await meta.decide(popup.url)
    context: BrowserContext = await browser.new_context()
    elsewhere = await context.new_page()
    await elsewhere.goto(back)
    await title(elsewhere, "Go on where you started")
    await elsewhere.goto(link)
    async with elsewhere.expect_popup() as opened:
        await elsewhere.get_by_role("button", name=CONTINUE).click()
    await title(await opened.value, "Go on where you started")
    await context.close()
    await popup.goto(back)
    await title(popup, "What belongs to Northwind Coffee?")


async def test_two_links_can_be_used_in_one_browser_at_once(site: Site, agency: Cast, window: BrowserContext):
    pages = [await window.new_page(), await window.new_page()]
    links = [
        await site.link(agency, member=agency.admin),
        await site.link(agency, member=agency.admin, client=agency.other_client),
    ]
    await window.add_init_script("window.open = () => null")
    for page, link in zip(pages, links, strict=True):
        await page.goto(link)
        await page.get_by_role("button", name=CONTINUE).click()
    for page, label in zip(pages, (INSTAGRAM_CHOICE, re.compile("^Harbor Books")), strict=True):
        await decide(page)
        await choose(page, label)
    await title(pages[0], "Connected for Northwind Coffee")
    await title(pages[1], "Connected for Harbor Books")


# Meta is not well


async def test_when_meta_is_down_on_the_way_back_one_can_log_in_again(
    site: Site, agency: Cast, page: Page, meta: Meta
):
    popup = await open_popup(page, await site.link(agency))
    await meta.fault("oauth/access_token", "html")
    await decide(popup)
    await title(popup, "Meta does not answer")
    await popup.get_by_role("button", name="Log in again").click()
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")


async def test_when_meta_is_down_at_the_choice_one_can_try_again(
    site: Site, agency: Cast, page: Page, meta: Meta
):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")
    await meta.fault("me/accounts", "html", times=3)
    await popup.reload()
    await title(popup, "Meta does not answer")
    await popup.get_by_role("link", name="Try again").click()
    await choose(popup, INSTAGRAM_CHOICE)
    await title(page, "Connected for Northwind Coffee")


async def test_a_login_that_facebook_ends_meanwhile(site: Site, agency: Cast, page: Page, meta: Meta):
    popup = await open_popup(page, await site.link(agency))
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")
    await meta.tokens("password", who="Maya Chen")
    await popup.reload()
    await title(popup, "Facebook has ended the login")
    await popup.get_by_role("button", name="Log in again").click()
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")


# What it looks like


async def test_nothing_is_cut_off_on_the_narrowest_phone(site: Site, agency: Cast, page: Page, meta: Meta):
    async def fits(shown: Page) -> bool:
        await shown.set_viewport_size({"width": 320, "height": 640})
        return bool(await shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    await page.goto(site.url)
    assert await fits(page)
    popup = await open_popup(page, await site.link(agency))
    assert await fits(page)
    await decide(popup)
    await title(popup, "What belongs to Northwind Coffee?")
    assert await fits(popup)
    await meta.tokens("password", who="Maya Chen")
    await popup.reload()
    assert await fits(popup)


async def test_dark_is_dark(site: Site, agency: Cast, page: Page):
    async def brightness() -> int:
        colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    await page.goto(await site.link(agency))
    await page.emulate_media(color_scheme="light")
    assert await brightness() > 600
    await page.emulate_media(color_scheme="dark")
    assert await brightness() < 150

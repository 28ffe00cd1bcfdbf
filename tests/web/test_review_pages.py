"""The client's own page, as people meet it: on a desk and on a phone."""

import io
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
import structlog
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, expect
from psycopg import Connection
from sqlmodel import col, select

from core import drafts, policies, private_links, schedule, submissions, withdrawals
from core.decisions import Seen
from core.models import Announcement, Approval, AuditEntry, Fit, Mode, PostState, SignOff
from core.policies import Rules, Stage
from core.posts import PostView
from pressroom.schema import Addresses, driver_url
from tests.conftest import Cast
from tests.core.desk import Desk, make_desk
from tests.core.timetable import soon
from tests.drivers.meta import Meta
from tests.web.conftest import Site
from tests.web.dialog import title
from web import previews
from web.previews import Piece
from web.review import LARGEST_FORM

CLIENT = Stage("Northwind Coffee", 1, by_link=True)
PHONE = {"width": 375, "height": 812}
CAPTION = """Our autumn blend is here. ☕️

Plum, cocoa and a long, warm finish: roasted on Tuesday, in your cup by Friday.

#autumnblend #FikaTid thank you @harbor.books"""
NASTY = """<script>document.title = "broken"</script><img src=x onerror=alert(1)>
{{ 7 * 7 }} "quotes" & 'ticks' </textarea>
#<b>bold #größe"""


@dataclass
class Review:
    """A client's post, and the page behind its link."""

    site: Site
    desk: Desk
    post: PostView
    link: str

    @property
    def ticket(self) -> str:
        """Give the secret in the link."""
        return parse_qs(urlsplit(self.link).query)["ticket"][0]

    @property
    def form(self) -> dict[str, str]:
        """Give what the page's form sends."""
        return {"ticket": self.ticket, "version": "1", "decision": "approved", "name": "Maya", "comment": ""}

    async def decided(self) -> list[Approval]:
        async with self.desk.services.db.session(self.desk.cast.program) as session:
            theirs = select(Approval).where(Approval.post_id == self.post.post.id)
            return list(await session.exec(theirs))

    async def state(self) -> PostState:
        return (await self.desk.look(self.post)).post.state

    async def change(self, caption: str) -> None:
        """Have another version count, within the same round of asking."""
        desk, content = self.desk, self.desk.content(caption=caption, media_id=self.post.version.media_id)
        about = {"post_id": self.post.post.id, "base_version": 1}
        changed = await drafts.revise(desk.services, desk.actor, **about, content=content)  # type: ignore[arg-type]
        async with desk.services.db.session(desk.cast.program) as session:
            (await session.merge(self.post.post)).version = changed.version.version


@pytest.fixture
async def desk(site: Site, agency: Cast, meta: Meta) -> Desk:
    """A desk whose client decides by itself."""
    made = await make_desk(site.services, agency, meta)
    boss, rules = agency.actor(agency.manager), Rules(Mode.REQUIRED, (CLIENT,))
    await policies.change(site.services, boss, client_id=agency.client.id, rules=rules)
    return made


async def ask(
    site: Site, desk: Desk, caption: str = CAPTION, size: tuple[int, int] = (1200, 1000), **more: Any
) -> Review:
    """Send a post on its way, and make the link for the client."""
    kept = await desk.keep(photo(*size))
    view = await desk.draft(desk.content(caption=caption, media_id=kept.id, **more))
    about = {"post_id": view.post.id, "version": view.version.version, "channel_id": "C0NORTHW01"}
    view = await submissions.submit(desk.services, desk.actor, **about)  # type: ignore[arg-type]
    secret = await private_links.make(desk.services, desk.cast.actor(desk.cast.manager), post_id=view.post.id)
    return Review(site, desk, view, private_links.address(desk.services, secret))


@pytest.fixture
async def review(site: Site, desk: Desk) -> Review:
    return await ask(site, desk)


@pytest.fixture(scope="module")
def owner(addresses: Addresses) -> Iterator[Connection[Any]]:
    """Connect as the owner, who may let a link's time be over."""
    assert addresses.owner is not None
    with psycopg.connect(driver_url(addresses.owner), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """Give a page on a phone, far away."""
    context = await browser.new_context(
        viewport=PHONE, locale="en-GB", timezone_id="Asia/Tokyo", has_touch=True, device_scale_factor=2
    )
    yield await context.new_page()
    await context.close()


def photo(width: int, height: int) -> bytes:
    """Take a picture."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


# What the page shows


async def test_it_shows_exactly_what_each_network_would(review: Review, page: Page) -> None:
    await page.goto(review.link)
    await title(page, "A post for Northwind Coffee")
    await expect(page.get_by_text("Brightside asks for your approval")).to_be_visible()
    await expect(page.get_by_text("Dana Reyes, Brightside")).to_be_visible()
    for name in ("Instagram", "Facebook"):
        shown = page.get_by_role("article", name=f"On {name}")
        await expect(shown.locator(".caption")).to_contain_text("a long, warm finish: roasted on Tuesday")
        await expect(shown.locator(".shines").first).to_have_text("#autumnblend")
        picture = shown.get_by_role("img", name="The picture of this post")
        await picture.scroll_into_view_if_needed()
        assert await picture.evaluate("one => one.decode().then(() => one.naturalWidth > 300)")
    await expect(page.locator(".instagram .shines")).to_have_text(
        ["#autumnblend", "#FikaTid", "@harbor.books"]
    )
    await expect(page.locator(".facebook .shines")).to_have_text(["#autumnblend", "#FikaTid"])
    lines = await page.locator(".facebook .caption").inner_text()
    assert lines == CAPTION


async def test_a_picture_has_the_ratio_that_it_is_cropped_to(site: Site, desk: Desk, page: Page) -> None:
    review = await ask(site, desk, size=(900, 1800), fit=Fit.CROP, alt_text="A cup, from above")
    await page.goto(review.link)
    ratios = []
    for name in ("instagram", "facebook"):
        picture = page.locator(f".{name} img")
        assert await picture.evaluate("one => one.decode().then(() => true)")
        box = await picture.bounding_box()
        assert box
        real = await picture.evaluate("one => one.naturalWidth / one.naturalHeight")
        assert box["width"] / box["height"] == pytest.approx(real, abs=0.01)
        ratios.append(real)
    assert ratios == pytest.approx([0.8, 0.5], abs=0.01)
    await expect(page.get_by_text("A cup, from above").first).to_be_visible()


async def test_whatever_stands_in_a_caption_is_only_text(site: Site, desk: Desk, page: Page) -> None:
    review = await ask(site, desk, caption=NASTY)
    await page.goto(review.link)
    await expect(page).to_have_title("Approve a post for Northwind Coffee")
    assert await page.locator(".facebook .caption").inner_text() == NASTY
    assert await page.locator(".network b, .network script").count() == 0
    await page.get_by_label("Your name").fill("</textarea><b>Maya</b>")
    await page.get_by_label("Comment", exact=True).fill(NASTY)
    await page.get_by_role("button", name="Ask for changes").click()
    await title(page, "Changes asked for")
    await expect(page.get_by_text("</textarea><b>Maya</b>")).to_be_visible()
    await expect(page.locator(".said")).to_contain_text("<script>")


async def test_a_link_is_shown_with_where_it_leads(desk: Desk, page: Page) -> None:
    content = desk.content(desk.facebook, caption="Read this", link="https://www.example.com/a?b=<c>")
    view = await desk.draft(content)
    about = {"post_id": view.post.id, "version": 1, "channel_id": "C0NORTHW01"}
    await submissions.submit(desk.services, desk.actor, **about)  # type: ignore[arg-type]
    secret = await private_links.make(desk.services, desk.cast.actor(desk.cast.manager), post_id=view.post.id)
    await page.goto(private_links.address(desk.services, secret))
    await expect(page.locator(".leads")).to_contain_text("EXAMPLE.COM")
    await expect(page.locator(".leads strong")).to_have_text("https://www.example.com/a?b=<c>")
    assert await page.locator(".instagram").count() == 0


async def test_its_time_is_the_visitor_s(desk: Desk, phone: Page) -> None:
    view = await desk.draft(desk.content(desk.facebook))
    due_at = soon(days=3)
    about = {"post_id": view.post.id, "version": 1, "channel_id": "C0NORTHW01", "due_at": due_at}
    await submissions.submit(desk.services, desk.actor, **about)  # type: ignore[arg-type]
    secret = await private_links.make(desk.services, desk.cast.actor(desk.cast.manager), post_id=view.post.id)
    await phone.goto(private_links.address(desk.services, secret))
    shown = phone.locator(".opening time").first
    await expect(shown).to_contain_text("(Tokyo time)")
    assert await shown.get_attribute("title") == f"{due_at:%A} {due_at.day} {due_at:%B %Y, %H:%M} UTC"


def test_what_shines_in_a_caption() -> None:
    text = "See #café, mail me@example.com or @northwind.coffee. #1 \uff03東京 https://example.com/#a"
    shines = {
        platform: [one.text for one in previews.pieces(text, platform) if one.shines]
        for platform in previews.SHINES
    }
    assert list(shines.values()) == [
        ["#café", "@northwind.coffee", "#1", "\uff03東京"],
        ["#café", "#1", "\uff03東京", "https://example.com/#a"],
    ]
    instagram = next(iter(previews.SHINES))
    assert list(previews.pieces("", instagram)) == []
    assert list(previews.pieces("#a", instagram)) == [Piece("#a", shines=True)]


# What the client says


@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, PHONE])
async def test_approving_is_one_name_and_one_click(review: Review, page: Page, size: dict[str, int]) -> None:
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await page.goto(review.link)
    assert await fits(page)
    await page.get_by_label("Your name").fill("Maya Chen")
    await page.get_by_role("button", name="Approve").click()
    await title(page, "Approved")
    await expect(page.get_by_text("Thank you. It is on its way.")).to_be_visible()
    await expect(page.get_by_text("Maya Chen")).to_be_visible()
    await expect(page.get_by_text(re.compile("Version 1, for .*Facebook "))).to_be_visible()
    await expect(page.get_by_text("To say something else, write to")).to_be_visible()
    assert await fits(page)
    (row,) = await review.decided()
    assert (row.reviewer_name, row.ip_address, row.version) == ("Maya Chen", "127.0.0.1", 1)
    assert "Chrome" in str(row.user_agent)
    assert await review.state() is PostState.PUBLISHING


async def test_what_is_missing_is_said_under_its_field_and_what_was_typed_stays(
    review: Review, phone: Page
) -> None:
    await phone.goto(review.link)
    await phone.get_by_role("button", name="Reject").click()
    await expect(phone.locator("#name-wrong")).to_have_text("Write your name: the record says who decided.")
    await expect(phone.locator("#comment-wrong")).to_have_text("Say why, so that its author knows.")
    await expect(phone.get_by_label("Your name")).to_be_focused()
    await phone.get_by_label("Your name").fill("Maya Chen")
    await phone.get_by_role("button", name="Ask for changes").click()
    await expect(phone.locator("#comment-wrong")).to_have_text("Say what should be different.")
    await expect(phone.get_by_label("Your name")).to_have_value("Maya Chen")
    await expect(phone.get_by_label("Comment", exact=True)).to_be_focused()
    assert await fits(phone)
    assert await review.decided() == []
    await phone.get_by_label("Comment", exact=True).fill("Rather on Monday.\nAnd shorter.")
    await phone.get_by_role("button", name="Ask for changes").click()
    await title(phone, "Changes asked for")
    assert await phone.locator(".said").inner_text() == "Rather on Monday.\nAnd shorter."
    assert await review.state() is PostState.CHANGES_REQUESTED


async def test_the_address_stays_good_after_a_refused_send(review: Review, page: Page) -> None:
    await page.goto(review.link)
    await page.get_by_role("button", name="Approve").click()
    await expect(page.locator("#name-wrong")).to_be_visible()
    assert page.url == review.link
    await page.reload()
    await title(page, "A post for Northwind Coffee")
    await page.goto(page.url)
    await title(page, "A post for Northwind Coffee")
    await expect(page.locator("#name-wrong")).to_have_count(0)


async def test_on_a_phone_a_button_leads_to_the_form(review: Review, phone: Page) -> None:
    await phone.goto(review.link)
    await expect(phone.get_by_role("button", name="Approve")).not_to_be_in_viewport()
    assert await phone.locator(".jump").evaluate("one => getComputedStyle(one).position") == "static"
    await phone.get_by_role("link", name="Your decision").tap()
    await expect(phone.get_by_role("button", name="Approve")).to_be_in_viewport()
    await phone.set_viewport_size({"width": 1280, "height": 900})
    await expect(phone.get_by_role("link", name="Your decision")).to_be_hidden()


async def test_the_enter_key_decides_nothing(review: Review, page: Page) -> None:
    await page.goto(review.link)
    await page.get_by_label("Your name").fill("Maya Chen")
    await page.get_by_label("Your name").press("Enter")
    await page.reload()
    await title(page, "A post for Northwind Coffee")
    assert await review.decided() == []


async def test_what_was_changed_meanwhile_is_shown_first(review: Review, page: Page) -> None:
    await page.goto(review.link)
    await review.change("Our winter blend")
    await page.get_by_label("Your name").fill("Maya Chen")
    await page.get_by_label("Comment", exact=True).fill("Lovely")
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("alert")).to_contain_text("was changed while you looked at it")
    await expect(page.locator(".facebook .caption")).to_have_text("Our winter blend")
    await expect(page.get_by_label("Your name")).to_have_value("Maya Chen")
    await expect(page.get_by_label("Comment", exact=True)).to_have_value("Lovely")
    assert await review.decided() == []
    await page.get_by_role("button", name="Approve").click()
    await title(page, "Approved")
    assert [(one.version, one.comment) for one in await review.decided()] == [(2, "Lovely")]


async def test_a_link_that_was_used_says_what_was_decided(
    review: Review, page: Page, window: BrowserContext
) -> None:
    second = await window.new_page()
    for one, name in ((page, "Maya Chen"), (second, "Tom Hale")):
        await one.goto(review.link)
        await one.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Approve").click()
    await title(page, "Approved")
    await second.get_by_label("Comment", exact=True).fill("No!")
    await second.get_by_role("button", name="Reject").click()
    await title(second, "Approved")
    await expect(second.get_by_role("alert")).to_contain_text("decides nothing")
    await expect(second.get_by_label("What you wrote")).to_have_value("No!")
    await expect(second.locator(".receipt")).to_contain_text("Our autumn blend is here.")
    await expect(second.get_by_text("Maya Chen")).to_be_visible()
    await second.goto(review.link)
    await title(second, "Approved")
    await expect(second.get_by_role("alert")).to_have_count(0)
    assert len(await review.decided()) == 1


async def test_everything_works_without_scripts(review: Review, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(review.link)
    await expect(page.locator("time")).to_contain_text("UTC")
    await page.get_by_label("Your name").fill("Maya Chen")
    await page.get_by_role("button", name="Approve").click()
    await title(page, "Approved")
    await context.close()


async def test_nothing_is_cut_off_on_the_narrowest_phone(site: Site, desk: Desk, page: Page) -> None:
    review = await ask(site, desk, caption="W" * 300 + " #" + "x" * 300)
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto(review.link)
    assert await fits(page)
    await page.get_by_label("Your name").fill("M" * 80)
    await page.get_by_role("button", name="Approve").click()
    await title(page, "Approved")
    assert await fits(page)


# Links that are over


async def test_links_that_are_good_for_nothing(review: Review, page: Page, owner: Connection[Any]) -> None:
    desk, post_id = review.desk, review.post.post.id
    for address in ("?ticket=nonsense", "?ticket=", ""):
        answer = await page.goto(f"{review.site.url}/review{address}")
        assert answer
        assert answer.status == 404
        await title(page, "This link does not work")
    secret = await private_links.make(desk.services, desk.cast.actor(desk.cast.manager), post_id=post_id)
    await page.goto(review.link)
    await title(page, "This link no longer works")
    newest = private_links.address(desk.services, secret)
    owner.execute("UPDATE sign_offs SET expires_at = now() WHERE post_id = %s", [post_id])
    answer = await page.goto(newest)
    assert answer
    assert answer.status == 410
    await title(page, "This link has expired")
    await expect(page.get_by_text("Ask whoever sent you this link for a new one.")).to_be_visible()


async def test_a_post_that_no_longer_waits(review: Review, page: Page) -> None:
    desk = review.desk
    await page.goto(review.link)
    await schedule.cancel(desk.services, desk.actor, post_id=review.post.post.id)
    await page.get_by_label("Your name").fill("Maya Chen")
    await page.get_by_role("button", name="Approve").click()
    await title(page, "This no longer waits for you")
    await expect(page.get_by_text("This post was called off in the meantime.")).to_be_visible()


@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, PHONE])
async def test_words_that_came_too_late_are_kept_and_passed_on_once(
    review: Review, page: Page, window: BrowserContext, size: dict[str, int]
) -> None:
    desk, second = review.desk, await window.new_page()
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    for one, words in ((page, "Rather on Monday.\n\nAnd shorter."), (second, "Something else")):
        await one.goto(review.link)
        await one.get_by_label("Your name").fill("Maya Chen")
        await one.get_by_label("Comment", exact=True).fill(words)
    await withdrawals.withdraw(desk.services, desk.actor, Seen.of(review.post.post))
    await page.get_by_role("button", name="Ask for changes").click()
    for _ in range(2):
        await title(page, "This no longer waits for you")
        await expect(page.get_by_text("This post was withdrawn in the meantime.")).to_be_visible()
        await expect(page.get_by_text("Your comment was passed on")).to_be_visible()
        await expect(page.get_by_label("What you wrote")).to_have_value("Rather on Monday.\n\nAnd shorter.")
        assert await fits(page)
        await page.reload()  # the browser sends it again
    await second.get_by_role("button", name="Reject").click()
    await expect(second.get_by_text("Your comment was not passed on")).to_be_visible()
    await expect(second.get_by_label("What you wrote")).to_have_value("Something else")
    (told,) = await remarks_of(review)
    assert (told["by_name"], told["seen"]) == ("Maya Chen", 1)
    assert told["comment"] == "Rather on Monday.\n\nAnd shorter."
    assert await review.decided() == []


async def test_words_by_a_revoked_or_expired_link_are_kept_on_the_page_only(
    review: Review, page: Page, window: BrowserContext, owner: Connection[Any]
) -> None:
    desk, post_id, second = review.desk, review.post.post.id, await window.new_page()
    for one in (page, second):
        await one.goto(review.link)
        await one.get_by_label("Your name").fill("Maya Chen")
        await one.get_by_label("Comment", exact=True).fill("Shorter!")
    owner.execute("UPDATE sign_offs SET expires_at = now() WHERE post_id = %s", [post_id])
    await page.get_by_role("button", name="Ask for changes").click()
    await title(page, "This link has expired")
    await expect(page.get_by_label("What you wrote")).to_have_value("Shorter!")
    await private_links.make(desk.services, desk.cast.actor(desk.cast.manager), post_id=post_id)
    await second.get_by_role("button", name="Ask for changes").click()
    await title(second, "This link no longer works")
    await expect(second.get_by_text("It was taken back, or a newer one has taken its place.")).to_be_visible()
    await expect(second.get_by_text("Your comment was not passed on")).to_be_visible()
    await expect(second.get_by_label("What you wrote")).to_have_value("Shorter!")
    assert await remarks_of(review) == []


async def remarks_of(review: Review) -> list[dict[str, Any]]:
    """Give what the thread is told that came too late; the trail tells of as many."""
    about = review.post.post.id
    async with review.desk.services.db.session(review.desk.cast.program) as session:
        owed = await session.exec(select(Announcement).where(Announcement.post_id == about))
        told = [one.payload for one in owed if one.payload.get("kind") == "remark"]
        trail = await session.exec(select(AuditEntry).where(AuditEntry.action == "post_remark"))
        assert len(trail.all()) == len(told)
    return told


# Requests


async def test_link_previews_and_crawlers_use_nothing_up(review: Review, http: httpx.AsyncClient) -> None:
    for _ in range(3):
        for answer in (await http.get(review.link), await http.head(review.link)):
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["x-robots-tag"] == "noindex"
            assert "script-src 'self'; style-src 'self'" in answer.headers["content-security-policy"]
            assert "set-cookie" not in answer.headers
    shown = (await http.get(review.link)).text
    followed = [one for one in re.findall(r'href="([^"]+)"', shown) if not one.startswith("/static/")]
    assert followed == ["#decide"]
    assert "style=" not in shown
    assert "<script>" not in shown
    async with review.desk.services.db.session(review.desk.cast.program) as session:
        (link,) = await session.exec(select(SignOff))
        entries = await session.exec(select(AuditEntry).order_by(col(AuditEntry.created_at).desc()).limit(1))
    assert link.used_at is None
    assert entries.one().action == "sign_off_link_made"


async def test_forms_that_are_not_ours_are_refused(review: Review, http: httpx.AsyncClient) -> None:
    address = f"{review.site.url}/review"
    for exchanged in ({"version": ""}, {"version": "x"}, {"decision": ""}, {"decision": "taken_back"}):
        assert (await http.post(address, data=review.form | exchanged)).status_code == 400
    for place in ("cross-site", "same-site", "none"):
        refused = await http.post(address, data=review.form, headers={"sec-fetch-site": place})
        assert refused.status_code == 403
    assert (await http.post(address, data=review.form | {"ticket": "x"})).status_code == 404
    assert (await http.delete(address)).status_code == 405
    too_long = await http.post(address, data=review.form | {"comment": "x" * LARGEST_FORM})
    assert too_long.status_code == 413
    longest = await http.post(address, data=review.form | {"comment": "é" * 2001})
    assert longest.status_code == 422
    assert "That is 1 characters too long." in longest.text
    assert await review.decided() == []


async def test_a_second_click_on_the_same_button_is_no_news(review: Review, http: httpx.AsyncClient) -> None:
    address = f"{review.site.url}/review"
    for _ in range(2):
        answer = await http.post(address, data=review.form)
        assert answer.status_code == 303
        assert answer.headers["cache-control"] == "no-store"
    other = await http.post(address, data=review.form | {"decision": "rejected", "comment": "No"})
    assert other.status_code == 409
    assert len(await review.decided()) == 1


async def test_the_secret_stands_in_no_log(review: Review, http: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as events:
        await http.get(review.link)
        await http.post(f"{review.site.url}/review", data=review.form)
        await http.get(review.link)
    assert review.ticket not in repr(events)

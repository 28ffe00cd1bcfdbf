import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import Response

from tests.simulator.slack.hands import DANA, GENERAL, LEE, Simulated

Opening = Callable[[str], Awaitable[Page]]
Serving = Callable[[AsyncApp], AbstractAsyncContextManager[None]]


def text(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}}


def field(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": text(label),
        "element": {**element, "action_id": "it"},
    } | more


def modal(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "new",
        "title": text("New post"),
        "submit": text("Send"),
        "blocks": list(blocks),
    }


CAPTION = field("caption", "Caption", {"type": "plain_text_input", "multiline": True, "max_length": 20})
ACCOUNTS = field(
    "accounts", "Accounts", {"type": "multi_external_select", "min_query_length": 1}, dispatch_action=True
)
WHEN = field("when", "When", {"type": "datetimepicker"}, optional=True)


@pytest.fixture
def acting(window: BrowserContext, simulated: Simulated) -> Opening:
    """Open the page as somebody, in a tab of its own."""

    async def open_as(person: str) -> Page:
        page = await window.new_page()
        await page.goto(f"{simulated.address}/?as={person}")
        await expect(page.get_by_role("log")).to_be_visible()
        return page

    return open_as


async def say(page: Page, words: str, where: str = "Message #general") -> None:
    await page.get_by_label(where).fill(words)
    await page.get_by_label(where).press("Enter")


def message(page: Page, words: str) -> Locator:
    return page.get_by_role("article").filter(has_text=words)


async def test_two_people_talk_in_a_thread(acting: Opening) -> None:
    dana, lee = await acting(DANA), await acting(LEE)
    await say(dana, "Which picture shall we take?")
    await message(lee, "Which picture").hover()
    await message(lee, "Which picture").get_by_label("Reply in thread").click()
    await say(lee, "The latte, @dana!", "Reply…")
    await dana.get_by_role("button", name="1 reply").click()
    thread = dana.get_by_role("complementary", name="Thread")
    await expect(thread).to_contain_text("The latte, @Dana Reyes!")


async def test_files_are_sent_with_the_message(acting: Opening, picture: bytes) -> None:
    dana, lee = await acting(DANA), await acting(LEE)
    chosen = [
        {"name": name, "mimeType": "image/png", "buffer": picture} for name in ("a.png", "b.png", "c.png")
    ]
    await dana.get_by_label("Upload files").set_input_files(chosen)  # type: ignore[arg-type]  # FilePayload is no more
    await dana.get_by_label("Remove b.png").click()
    await expect(dana.locator(".pending-file[data-file-id]")).to_have_count(2)
    await say(dana, "Two pictures")
    shown = message(lee, "Two pictures").get_by_role("img")
    await expect(shown).to_have_count(2)
    assert (
        await shown.first.evaluate("async image => { await image.decode(); return image.naturalWidth }")
        == 640
    )


async def test_what_people_write_is_never_markup_of_the_page(acting: Opening) -> None:
    dana = await acting(DANA)
    await say(dana, "*bold* <img src=x onerror=alert(1)> & <b>_it_</b>")
    written = message(dana, "bold")
    await expect(written).to_contain_text("bold <img src=x onerror=alert(1)> & <b>it</b>")
    await expect(written.locator("strong")).to_have_text("bold")
    await expect(written.locator("img, b")).to_have_count(0)


async def test_an_app_cannot_make_a_link_run_a_script(acting: Opening, simulated: Simulated) -> None:
    dana = await acting(DANA)
    links = [{"type": "link", "url": "javascript:alert(1)", "text": "Careful"}]
    section = {"type": "rich_text_section", "elements": links}
    blocks = [{"type": "rich_text", "elements": [section]}, mrkdwn("<https://example.com/a?b&amp;c|Fine>")]
    await simulated.call("chat.postMessage", channel=GENERAL, text="Two links", blocks=blocks)
    await expect(message(dana, "Careful").get_by_role("link")).to_have_count(1)
    await expect(dana.get_by_role("link", name="Fine")).to_have_attribute("href", "https://example.com/a?b&c")


async def test_a_command_nobody_answers_is_said_by_slackbot_to_that_person_only(
    acting: Opening, answering: Callable[..., AbstractAsyncContextManager[None]]
) -> None:
    async def broken(_: Request) -> Response:
        return Response(status_code=500)

    dana, lee = await acting(DANA), await acting(LEE)
    async with answering(broken):
        await say(dana, "/probe now")
        await expect(message(dana, "Slackbot")).to_contain_text("/probe failed with the error")
    await expect(message(lee, "Slackbot")).to_have_count(0)


async def test_commands_are_completed_and_never_run_in_threads(acting: Opening, simulated: Simulated) -> None:
    dana = await acting(DANA)
    composer = dana.get_by_label("Message #general")
    await composer.press_sequentially("/pr")
    await expect(dana.get_by_role("option", name="/probe [what]")).to_be_visible()
    await composer.press("Tab")
    await expect(composer).to_have_value("/probe ")
    await composer.fill("")
    await dana.get_by_role("article").first.hover()
    await dana.get_by_label("Reply in thread").first.click()
    await say(dana, "/probe", "Reply…")
    await expect(message(dana, "Slackbot")).to_contain_text("not supported in threads")
    assert simulated.warned() == []


async def test_a_modal_keeps_what_was_typed_and_where_while_the_app_changes_it(
    acting: Opening, bolt: AsyncApp, serving: Serving
) -> None:
    opened = asyncio.get_running_loop().create_future()

    @bolt.command("/probe")
    async def probe(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        opened.set_result(await client.views_open(trigger_id=body["trigger_id"], view=modal(CAPTION)))

    dana = await acting(DANA)
    async with serving(bolt):
        await say(dana, "/probe")
        caption = dana.get_by_role("dialog", name="New post").get_by_label("Caption")
        await caption.press_sequentially("World")
        await caption.press("Home")
        view_id = (await opened)["view"]["id"]
        await bolt.client.views_update(view_id=view_id, view=modal(mrkdwn("For *Northwind*"), CAPTION, WHEN))
        await expect(dana.get_by_role("dialog")).to_contain_text("For Northwind")
        await expect(caption).to_be_focused()
        await caption.press_sequentially("Hello ")
        await expect(caption).to_have_value("Hello World")
        await expect(dana.locator("[data-counter]")).to_have_text("9")


async def test_a_modal_is_filled_in_and_sent(
    acting: Opening, bolt: AsyncApp, serving: Serving, simulated: Simulated
) -> None:
    sent = asyncio.get_running_loop().create_future()

    @bolt.shortcut("new")
    async def new(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(ACCOUNTS, CAPTION, WHEN))

    @bolt.options("it")
    async def accounts(ack: Any) -> None:
        await ack(options=[{"text": text(name), "value": name} for name in ("@northwind", "@harbor")])

    @bolt.action("it")
    async def chosen(ack: Any) -> None:
        await ack()

    @bolt.view("new")
    async def submitted(ack: Any, view: dict[str, Any]) -> None:
        values = {name: actions["it"] for name, actions in view["state"]["values"].items()}
        if values["caption"]["value"] == "Dull":
            await ack(response_action="errors", errors={"caption": "Say it with more joy."})
        else:
            await ack()
            sent.set_result(values)

    dana = await acting(DANA)
    async with serving(bolt):
        await dana.get_by_label("Attach and shortcuts").click()
        await dana.get_by_role("menuitem", name="New").click()
        dialog = dana.get_by_role("dialog", name="New post")
        await dialog.get_by_role("button", name="Send").click()
        await expect(dialog.locator("[data-block-id=accounts]")).to_contain_text(
            "Please complete this required field."
        )
        await dialog.get_by_label("Accounts").fill("o")
        await dana.get_by_role("option", name="@northwind").click()
        await dana.get_by_role("option", name="@harbor").click()
        await dana.keyboard.press("Escape")
        await dialog.get_by_label("When", exact=True).fill("2026-12-01")
        await dialog.get_by_label("When time").fill("2:30 pm")
        await dialog.get_by_label("Caption").fill("Dull")
        await dialog.get_by_role("button", name="Send").click()
        await expect(dialog.locator("[data-block-id=caption]")).to_contain_text("Say it with more joy.")
        await dialog.get_by_label("Caption").fill("Joy!")
        await dialog.get_by_role("button", name="Send").click()
        await expect(dialog).to_be_hidden()
    values = await sent
    assert [option["value"] for option in values["accounts"]["selected_options"]] == ["@northwind", "@harbor"]
    assert values["when"]["selected_date_time"] == 1_796_153_400, "14:30 in New York, where Dana is"
    assert simulated.warned() == []


@pytest.mark.parametrize("leave", ["Tab", "Enter", "blur"])
async def test_a_time_that_one_sees_is_the_time_that_is_sent(
    acting: Opening, bolt: AsyncApp, serving: Serving, leave: str
) -> None:
    sent: list[int | None] = []

    @bolt.command("/probe")
    async def probe(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(CAPTION, WHEN))

    @bolt.view("new")
    async def submitted(ack: Any, view: dict[str, Any]) -> None:
        await ack()
        sent.append(view["state"]["values"]["when"]["it"]["selected_date_time"])

    dana = await acting(DANA)
    async with serving(bolt):
        await say(dana, "/probe")
        dialog = dana.get_by_role("dialog", name="New post")
        await dialog.get_by_label("Caption").fill("Joy!")
        time = dialog.get_by_label("When time")
        for typed in ("9:00", "17:32"):
            await time.click()
            await time.fill("")
            await time.press_sequentially(typed)
            await (time.blur() if leave == "blur" else time.press(leave))
        await expect(time).to_have_value("5:32 PM")
        today = datetime.now(ZoneInfo("America/New_York"))
        await expect(dialog.get_by_label("When", exact=True)).to_have_value(
            re.compile(f"^{today:%B} {today.day}")
        )
        await dialog.get_by_role("button", name="Send").click()
        await expect(dialog).to_be_hidden()
    assert sent == [int(today.replace(hour=17, minute=32, second=0, microsecond=0).timestamp())]


async def test_the_lines_of_a_text_stay_lines(acting: Opening, simulated: Simulated) -> None:
    words = "Our autumn blend\n\n  Plum and cocoa\nUntil Friday"
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    parts = [
        {"type": "section", "text": text(words)},
        mrkdwn(words),
        {"type": "rich_text", "elements": [rich]},
        {"type": "context", "elements": [text(words)]},
    ]
    dana = await acting(DANA)
    await simulated.call("chat.postMessage", channel=GENERAL, text="Lines", blocks=parts)
    shown = message(dana, "Our autumn blend").locator(".rich")
    await expect(shown).to_have_count(len(parts))
    assert await shown.evaluate_all("all => all.map((one) => one.innerText)") == [words] * len(parts)


def test_the_page_draws_every_emoji_of_the_bot_on_a_machine_without_a_font_for_them() -> None:
    here = Path(__file__).parents[3]
    known = (here / "simulator/slack/page/emoji.js").read_text()
    used = {
        code
        for file in (here / "bot").rglob("*.py")
        for code in re.findall(r":([a-z][a-z0-9_+-]*):(?!:)", file.read_text())
    }
    assert len(used) > 15
    names = set(re.findall(r'^  "?([a-z0-9_+-]+)"?: "', known, re.MULTILINE))
    assert used <= names, used - names
    drawings = (here / "simulator/slack/page/emoji_art.js").read_text().partition("export const ART")[2]
    drawn = set(re.findall(r'^  "?([a-z0-9_+-]+)"?[:,]', drawings, re.MULTILINE))
    ours = used - {"smile"}  # the one of a sentence about what people type
    assert ours <= drawn, ours - drawn


async def test_a_dangerous_button_asks_first_and_shows_when_the_app_does_not_answer(
    acting: Opening, simulated: Simulated, bolt: AsyncApp, serving: Serving
) -> None:
    pressed = []

    @bolt.action("delete")
    async def delete(ack: Any, user: Any = None) -> None:
        pressed.append(user)
        await ack()

    sure = {
        "title": text("Delete it?"),
        "text": text("It is gone."),
        "confirm": text("Delete"),
        "deny": text("Keep"),
    }
    button = {
        "type": "button",
        "action_id": "delete",
        "text": text("Remove"),
        "style": "danger",
        "confirm": sure,
    }
    blocks = [{"type": "actions", "block_id": "act", "elements": [button]}]
    await simulated.call("chat.postMessage", channel=GENERAL, text="A card", blocks=blocks)
    dana = await acting(DANA)
    remove = dana.get_by_role("button", name="Remove")
    async with serving(bolt):
        await remove.click()
        await dana.get_by_role("dialog", name="Delete it?").get_by_role("button", name="Keep").click()
        assert pressed == []
        await remove.click()
        await dana.get_by_role("button", name="Delete", exact=True).click()
        await expect(dana.locator("[data-action-id=delete]")).not_to_have_attribute(
            "data-busy", re.compile(".*")
        )
        assert len(pressed) == 1
    await remove.click()
    await dana.get_by_role("button", name="Delete", exact=True).click()
    await expect(dana.get_by_role("img", name=re.compile("This did not work"))).to_be_visible()


async def test_a_lost_connection_comes_back_and_nothing_is_missed(
    acting: Opening, simulated: Simulated
) -> None:
    dana = await acting(DANA)
    simulated.slack.watchers.close()
    await simulated.call("chat.postMessage", channel=GENERAL, text="Said meanwhile")
    await expect(message(dana, "Said meanwhile")).to_be_visible()
    await simulated.call("chat.postMessage", channel=GENERAL, text="Said after")
    await expect(message(dana, "Said after")).to_be_visible()


async def test_a_permalink_opens_the_message_as_that_person(acting: Opening, simulated: Simulated) -> None:
    dana = await acting(DANA)
    posted = await simulated.call("chat.postMessage", channel=GENERAL, text="Here")
    link = await simulated.web().chat_getPermalink(channel=GENERAL, message_ts=posted["ts"])
    await simulated.call("chat.postMessage", channel=GENERAL, text=f"See <{link['permalink']}|that one>")
    await dana.get_by_role("link", name="that one").click()
    await expect(dana.locator(".message-found")).to_contain_text("Here")
    assert DANA in dana.url


async def test_home_is_shown_and_the_app_is_told_of_every_opening(
    acting: Opening, bolt: AsyncApp, serving: Serving
) -> None:
    opened = []

    @bolt.event("app_home_opened")
    async def home(event: dict[str, Any], client: Any) -> None:
        opened.append(event["tab"])
        blocks = [{"type": "header", "text": text(f"Opened {len(opened)} times")}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    dana = await acting(DANA)
    async with serving(bolt):
        for times in (1, 2):
            await (
                dana.get_by_role("navigation", name="Channels and apps")
                .get_by_role("button", name="probe")
                .click()
            )
            await expect(dana.get_by_role("tabpanel")).to_contain_text(f"Opened {times} times")
            await (
                dana.get_by_role("navigation", name="Channels and apps")
                .get_by_role("button", name="general")
                .click()
            )

"""The card: where it stands, what it says, and what one can do there."""

import httpx
import pytest

from core import clients
from core.clients import Details
from tests.bot.test_requests import FORM, interaction, knock
from tests.drivers.meta import COFFEE
from tests.drivers.pictures import picture
from tests.drivers.slack import BOARD, GENERAL, NORTHWIND, Person
from tests.journeys.conftest import House, Northwind, set_up


async def publish(person: Person, channel: str, *accounts: str, caption: str = "Good morning") -> None:
    """Publish words on Facebook, or on what is named."""
    await person.says("/publish", channel)
    await person.submits(Accounts=list(accounts) or ["Facebook"], Caption=caption)
    await person.sees_modal("Published at once")
    await person.submits()
    await person.sees_no_modal()


async def test_without_a_channel_of_its_own_the_card_stays_where_it_began(house: House) -> None:
    await set_up(house, channel=None)
    await publish(house.slack.dana, GENERAL)
    await house.slack.dana.sees("Published · Northwind Coffee", GENERAL)


async def test_where_the_bot_is_not_the_card_comes_to_the_author(house: House) -> None:
    await set_up(house, channel=None)
    await publish(house.slack.lee, BOARD)
    await house.slack.lee.sees("Published · Northwind Coffee", await house.slack.lee.direct_messages())


async def test_a_channel_that_the_bot_cannot_write_in_is_said(house: House) -> None:
    await set_up(house, channel=BOARD)
    lee = house.slack.lee
    await publish(lee, GENERAL)
    direct = await lee.direct_messages()
    await lee.sees("I cannot write in", direct)
    await lee.sees("Published · Northwind Coffee", direct)


@pytest.mark.usefixtures("northwind")
async def test_a_refusal_says_why_and_is_tried_again_once_it_is_put_right(house: House) -> None:
    dana = house.slack.dana
    await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
    await publish(dana, NORTHWIND)
    card = await dana.sees("Not published on 1 of 1", NORTHWIND)
    reply = await dana.sees("was not published on Facebook Northwind Coffee", NORTHWIND, thread=card.id)
    assert f"<@{dana.id}>" in reply.text
    assert "Needs attention" in (await dana.home("Not published")).text

    await card.clicks("Retry")
    card = await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert "See it on Facebook" in card.text
    assert [one["text"]["text"] for one in card.buttons()] == []


@pytest.mark.usefixtures("northwind")
async def test_a_stale_retry_is_refused_to_that_person_alone(house: House, http: httpx.AsyncClient) -> None:
    """Lee's screen still shows the button that Dana has pressed: the request comes all the same."""
    dana, lee = house.slack.dana, house.slack.lee
    await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
    await publish(dana, NORTHWIND)
    card = await dana.sees("Not published on 1 of 1", NORTHWIND)
    block, button = card.button("Retry")
    await card.clicks("Retry")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    late = interaction(
        type="block_actions",
        user={"id": lee.id, "team_id": "T0BRIGHT01"},
        channel={"id": NORTHWIND},
        container={"type": "message", "channel_id": NORTHWIND, "message_ts": card.id},
        actions=[{"block_id": block["block_id"], "action_id": button["action_id"], "value": button["value"]}],
    )
    assert (await knock(http, late, kind=FORM, house=house.url)).is_success
    await lee.sees("This is being published already", await lee.direct_messages())
    assert len((await house.meta.public())["pages"][COFFEE]) == 1
    assert not [one for one in await dana.messages(NORTHWIND) if "published already" in one.text]


@pytest.mark.usefixtures("northwind")
async def test_where_only_a_new_login_helps_the_card_leads_there(house: House) -> None:
    dana = house.slack.dana
    await house.meta.tokens("password")
    await publish(dana, NORTHWIND)
    card = await dana.sees("Waiting for a new login (0 of 1)", NORTHWIND)
    assert [one["text"]["text"] for one in card.buttons()] == ["Reconnect", "Cancel post"]
    await card.clicks("Reconnect")
    links = await dana.sees_modal("Connect an account for Northwind Coffee")
    assert len(links.buttons()) == 2


@pytest.mark.usefixtures("northwind")
async def test_a_long_caption_is_shown_whole_on_demand(house: House) -> None:
    dana = house.slack.dana
    caption = "\n".join(f"Line {number} <!channel>" for number in range(60))
    await publish(dana, NORTHWIND, caption=caption)
    card = await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert "Line 59" not in card.text
    await card.clicks("Show all")
    assert "Line 59 <!channel>" in (await dana.sees_modal("Line 59")).text


@pytest.mark.usefixtures("northwind")
async def test_slack_s_rate_limit_holds_nothing_back_for_good(house: House) -> None:
    dana = house.slack.dana
    await house.slack.fault("chat.postMessage", "rate_limit", retry_after=1, times=2)
    await publish(dana, NORTHWIND)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)


@pytest.mark.usefixtures("northwind")
async def test_a_picture_that_slack_cannot_fetch_is_left_out(house: House) -> None:
    """As on a machine that Slack cannot reach: everything else is shown."""
    dana = house.slack.dana
    await dana.says("/publish", NORTHWIND)
    await house.slack.fault("chat.postMessage", "error", error=unfetched("/blocks/3"), times=1)
    await dana.submits(Accounts=["Facebook"], Caption="Hello", Picture=("a.png", picture()))
    await dana.sees_modal("Converted from PNG")
    await dana.submits()
    card = await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert card.text


def unfetched(at: str) -> dict[str, object]:
    words = f"downloading image failed [json-pointer:{at}/image_url]"
    return {
        "error": "invalid_blocks",
        "errors": [words],
        "response_metadata": {"messages": [f"[ERROR] {words}"]},
    }


async def test_only_those_who_work_for_the_client_may_try_again(house: House, northwind: Northwind) -> None:
    ada, dana, lee = house.slack.ada, house.slack.dana, house.slack.lee
    await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
    await publish(dana, NORTHWIND)
    card = await lee.sees("Not published on 1 of 1", NORTHWIND)
    assert northwind.dana.member_id
    alone = Details("Northwind Coffee", NORTHWIND, frozenset({northwind.dana.member_id}), frozenset())
    await clients.change(house.services.db, northwind.ada, northwind.client.id, alone)
    await card.clicks("Retry")
    await lee.sees("Only those who work for Northwind Coffee can do this: Dana Reyes.", NORTHWIND)
    assert not [one for one in await ada.messages(NORTHWIND) if "do not work" in one.text]


@pytest.mark.usefixtures("northwind")
async def test_a_card_that_was_deleted_is_posted_anew(house: House) -> None:
    dana = house.slack.dana
    await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
    await publish(dana, NORTHWIND)
    card = await dana.sees("Not published on 1 of 1", NORTHWIND)
    await house.slack.fault("chat.update", "error", error="message_not_found", times=1)
    await card.clicks("Retry")
    anew = await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert anew.id != card.id

"""A post with a time: all that people do with it until it is out, or called off."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect
from sqlalchemy import update
from sqlmodel import col, select

from bot import mrkdwn
from core import clients, drafts, lateness, ledger, pauses, submissions
from core.clients import Details
from core.db import Actor
from core.drafts import Content
from core.models import (
    AuditEntry,
    Fit,
    Post,
    PostState,
    Publication,
    PublicationState,
    StepName,
)
from tests.bot.test_requests import FORM, interaction, knock
from tests.drivers.meta import COFFEE
from tests.drivers.pictures import picture
from tests.drivers.slack import BOARD, GENERAL, HARBOR, NORTHWIND, PATIENCE, Modal, Person, Place
from tests.journeys.conftest import House, Northwind, set_up
from tests.journeys.test_cards import publish

BOTH = ["@northwind.coffee", "Northwind Coffee"]
SCHEDULED = "Scheduled · Northwind Coffee"


def in_hours(hours: float) -> datetime:
    """Give a full minute, so many hours from now."""
    return (datetime.now(UTC) + timedelta(hours=hours)).replace(second=0, microsecond=0)


async def schedules(
    person: Person, due_at: datetime, *accounts: str, channel: str = NORTHWIND, **more: object
) -> Place:
    """Write a post with a time, and find its card."""
    await person.says("/publish", channel)
    await person.submits(Accounts=list(accounts) or ["Facebook"], When=due_at, **more)
    preview = await person.sees_modal("Goes out")
    assert submit_of(preview) == "Schedule"
    await person.submits()
    await person.sees_no_modal()
    return await person.sees(SCHEDULED, channel)


def submit_of(modal: Modal) -> str:
    return str(modal.shape["submit"]["text"])


def labels(place: Place) -> list[str]:
    return [one["text"]["text"] for one in place.buttons()]


# What the database says


async def the_post(house: House, northwind: Northwind) -> tuple[Post, list[Publication]]:
    """Give the only post, and the publications of the version that counts."""
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        post = (await session.exec(select(Post))).one()
        theirs = select(Publication).where(Publication.version == post.version)
        return post, list(await session.exec(theirs.order_by(col(Publication.kind))))


async def deeds(house: House, northwind: Northwind) -> list[tuple[str, str]]:
    """Give what the audit trail tells of posts: who did what, the oldest first."""
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        told = select(AuditEntry).where(col(AuditEntry.action).like("p%"))
        found = await session.exec(told.order_by(col(AuditEntry.created_at)))
        return [(entry.user_id, entry.action) for entry in found]


async def let_its_minute_pass(house: House, northwind: Northwind, *, ago: timedelta = timedelta(0)) -> None:
    """Have all that waits be due so long ago, as if time had passed while nobody was at work."""
    then = datetime.now(UTC) - ago
    waiting = col(Publication.state) == PublicationState.SCHEDULED
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        await session.exec(update(Post).where(col(Post.state) == PostState.SCHEDULED).values(due_at=then))
        await session.exec(update(Publication).where(waiting).values(due_at=then, next_run_at=then))


async def becomes_late(house: House, northwind: Northwind) -> Place:
    """Let its minute pass by longer than the client tolerates; give the card that asks."""
    await let_its_minute_pass(house, northwind, ago=timedelta(hours=1))
    await lateness.guard(house.services)
    return await house.slack.dana.sees("Too late · Northwind Coffee", NORTHWIND)


async def on_facebook(house: House) -> list[str]:
    return [one["message"] for one in (await house.meta.public())["pages"][COFFEE]]


# --- from the composer to its minute ----------------------------------------------------------------------


async def test_it_goes_out_at_its_minute_and_not_before(house: House, northwind: Northwind) -> None:
    dana, due_at = house.slack.dana, in_hours(3)
    card = await schedules(dana, due_at, Caption="Fresh roast at noon")
    assert f"Goes out {mrkdwn.moment(due_at)}" in card.text
    assert labels(card) == ["Publish now", "Move", "Edit", "Cancel post"]
    assert await on_facebook(house) == []
    post, [publication] = await the_post(house, northwind)
    assert (post.state, post.due_at) == (PostState.SCHEDULED, due_at)
    assert (publication.state, publication.due_at) == (PublicationState.SCHEDULED, due_at)
    assert await deeds(house, northwind) == [(dana.id, "post_scheduled")]

    await let_its_minute_pass(house, northwind)
    card = await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert labels(card) == []
    assert await on_facebook(house) == ["Fresh roast at noon"]
    assert (await deeds(house, northwind))[1:] == [("pressroom", "post_published")]


async def test_everybody_sees_the_minute_on_their_own_clock(
    house: House, northwind: Northwind, window: BrowserContext
) -> None:
    """Dana picks half past three on the night when New York's clocks change, and London's do not yet."""
    people = house.slack.ada, house.slack.dana, house.slack.lee, house.slack.otto
    ada, dana, lee, otto = [await looking_at_northwind(window, house, one) for one in people]
    day = next_change(ZoneInfo("America/New_York"))
    await dana.get_by_label("Message #northwind").fill("/publish")
    await dana.get_by_label("Message #northwind").press("Enter")
    composer = dana.get_by_role("dialog", name="New post")
    await composer.get_by_label("Accounts").click()
    await dana.get_by_role("option", name="Facebook · Northwind Coffee").click()
    await composer.get_by_label("Caption").fill("While you slept")
    await composer.get_by_label("When", exact=True).fill(day.isoformat())
    await composer.get_by_label("When", exact=True).press("Enter")
    await composer.get_by_label("When time").fill("03:30")
    await composer.get_by_label("When time").press("Enter")
    await composer.get_by_role("button", name="Preview").click()
    preview = dana.get_by_role("dialog", name="Preview")
    await expect(preview).to_contain_text("Goes out")
    await preview.get_by_role("button", name="Schedule").click()

    picked = datetime(day.year, day.month, day.day, 3, 30, tzinfo=ZoneInfo("America/New_York"))
    zones = ("Europe/Stockholm", "America/New_York", "Europe/London", "Europe/Berlin")
    for page, zone in zip((ada, dana, lee, otto), zones, strict=True):
        there = picked.astimezone(ZoneInfo(zone))
        shown = f"{there:%b} {there.day}, {there.year} at {there:%I:%M %p}".replace(" at 0", " at ")
        card = page.get_by_role("article").filter(has_text=SCHEDULED)
        await expect(card).to_contain_text(f"Goes out {shown}")
    post, [publication] = await the_post(house, northwind)
    assert post.due_at == publication.due_at == picked


async def looking_at_northwind(window: BrowserContext, house: House, person: Person) -> Page:
    """Be somebody, in a tab of its own."""
    page = await window.new_page()
    await page.goto(f"{house.slack.url}/?as={person.id}#{NORTHWIND}")
    await expect(page.get_by_label("Message #northwind")).to_be_visible()
    return page


def next_change(zone: ZoneInfo) -> date:
    """Give the day of the next change between summer and winter time."""
    day = datetime.now(zone).replace(hour=12) + timedelta(days=2)
    while day.utcoffset() == (day - timedelta(days=1)).utcoffset():
        day += timedelta(days=1)
    return day.date()


@pytest.mark.usefixtures("northwind")
async def test_a_time_that_will_not_do_is_said_under_its_field_with_all_else(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=BOTH, Caption="Hello", When=in_hours(-1))
    errors = await dana.sees_errors()
    assert "That time is over" in errors["When"]
    assert "Instagram needs a picture" in errors["Picture"]
    await dana.submits(When=in_hours(24 * 366), Picture=("a.png", picture()))
    errors = await dana.sees_errors()
    assert errors == {"When": "That is more than a year away. Choose an earlier time."}
    composer = await dana.sees_modal("Caption")
    assert composer.entered_in("Caption") == "Hello"
    await dana.submits(When=None)
    assert submit_of(await dana.sees_modal("Published at once")) == "Publish now"


async def test_the_time_stays_when_the_client_is_changed(house: House, northwind: Northwind) -> None:
    dana, due_at = house.slack.dana, in_hours(5)
    assert northwind.dana.member_id
    details = Details("Harbor Books", HARBOR, frozenset({northwind.dana.member_id}), frozenset())
    await clients.add(house.services.db, northwind.ada, details)
    await dana.says("/publish", HARBOR)
    await dana.enters(Caption="Typed", When=due_at, Client="Northwind")
    await dana.sees_modal(lambda modal: any("Northwind" in one for one in modal_accounts(modal)))
    await dana.submits(Accounts=["Facebook"])
    assert mrkdwn.moment(due_at) in (await dana.sees_modal("Goes out")).text


def modal_accounts(modal: Modal) -> Sequence[str]:
    has_them = any(block["block_id"].startswith("accounts:") for block in modal.shape["blocks"])
    return modal.options("Accounts") if has_them else []


async def test_going_back_keeps_the_time_and_the_time_can_be_taken_out(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=["Facebook"], Caption="Later", When=in_hours(2))
    await dana.sees_modal("Goes out")
    await dana.goes_back()
    await dana.submits(When=None, Caption="Now")
    await dana.sees_modal("Published at once")
    await dana.submits()
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert (await the_post(house, northwind))[0].due_at is None


async def test_a_time_that_passes_during_the_preview_is_said_above_it(
    house: House, northwind: Northwind, http: httpx.AsyncClient
) -> None:
    """As if Dana had left the preview open; it has a field, but the sentence is not about that."""
    dana, due_at = house.slack.dana, in_hours(2)
    await dana.says("/publish")
    tall = ("a.png", picture(600, 1200))
    await dana.submits(Accounts=["@northwind.coffee"], Caption="Slow", Picture=tall, When=due_at)
    preview = await dana.sees_modal(lambda modal: bool(modal.images()))
    await preview.enters("How should the picture fit?", "Crop")
    shown = (await dana.sees_modal("Cropped")).shape
    said = json.loads(shown["private_metadata"]) | {"due": in_hours(-1).isoformat()}
    submitted = interaction(type="view_submission", view=shown | {"private_metadata": json.dumps(said)})
    answer = (await knock(http, submitted, kind=FORM, house=house.url)).json()
    assert (answer["response_action"], answer["view"]["title"]["text"]) == ("push", "Please check")
    assert "That time is over" in json.dumps(answer)
    assert (await the_post(house, northwind))[0].state is PostState.DRAFT


async def test_where_the_bot_is_not_the_card_is_promised_where_it_comes(house: House) -> None:
    await set_up(house, channel=BOARD)
    lee = house.slack.lee
    await lee.says("/publish", GENERAL)
    await lee.submits(Accounts=["Facebook"], Caption="Hello", When=in_hours(2))
    preview = await lee.sees_modal("Goes out")
    assert f"I am not in <#{BOARD}>, so its card comes to you" in preview.text
    await lee.submits()
    await lee.sees(SCHEDULED, await lee.direct_messages())


# --- while publishing is paused ---------------------------------------------------------------------------


async def test_while_it_is_paused_only_a_post_with_a_time_is_taken(
    house: House, northwind: Northwind
) -> None:
    dana, db = house.slack.dana, house.services.db
    await pauses.pause(db, northwind.dana, client_id=northwind.client.id)
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["Facebook"], Caption="In a pause")
    preview = await dana.sees_modal("Publishing is paused for Northwind Coffee")
    assert "cannot go out at once" in preview.text
    await dana.submits()
    assert "Publishing is paused for Northwind Coffee" in (await dana.sees_modal("That did not work")).text
    await dana.goes_back()
    await dana.goes_back()
    await dana.submits(When=in_hours(2))
    assert "this waits" in (await dana.sees_modal("Publishing is paused")).text
    await dana.submits()
    card = await dana.sees(SCHEDULED, NORTHWIND)
    await card.clicks("Publish now")
    await dana.sees("Publishing is paused for Northwind Coffee", NORTHWIND)

    await pauses.resume(db, northwind.dana, client_id=northwind.client.id)
    await card.clicks("Publish now")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)


# --- what can be done with it -----------------------------------------------------------------------------


async def test_it_is_moved_by_somebody_else_and_the_thread_tells(house: House, northwind: Northwind) -> None:
    dana, lee, was, due_at = house.slack.dana, house.slack.lee, in_hours(2), in_hours(30)
    card = await schedules(dana, was, Caption="Tomorrow is better")
    await (await lee.sees(SCHEDULED, NORTHWIND)).clicks("Move")
    form = await lee.sees_modal("Tomorrow is better")
    assert form.entered_in("When") == int(was.timestamp())
    await lee.submits(When=in_hours(-2))
    assert "That time is over" in (await lee.sees_errors())["When"]
    await lee.submits(When=due_at)
    await lee.sees_no_modal()
    await dana.sees(f"Goes out {mrkdwn.moment(due_at)}", NORTHWIND)
    reply = await dana.sees("moved this", NORTHWIND, thread=card.id)
    assert f"<@{lee.id}> moved this: it goes out {mrkdwn.moment(due_at)} instead of {mrkdwn.moment(was)}" in (
        reply.text
    )
    post, [publication] = await the_post(house, northwind)
    assert post.due_at == publication.due_at == due_at
    assert (await deeds(house, northwind))[1:] == [(lee.id, "post_moved")]


async def test_it_is_published_now_instead(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    card = await schedules(dana, in_hours(2), Caption="Why wait?")
    mine = await lee.sees(SCHEDULED, NORTHWIND)
    assert mine.button("Publish now")[1]["confirm"]
    await mine.clicks("Publish now")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await dana.sees(f"<@{lee.id}> has this published now", NORTHWIND, thread=card.id)
    assert await on_facebook(house) == ["Why wait?"]
    assert (lee.id, "post_sent_now") in await deeds(house, northwind)


async def test_it_is_cancelled_and_a_stale_button_is_refused_privately(
    house: House, northwind: Northwind, http: httpx.AsyncClient
) -> None:
    """Lee's screen still shows the buttons of before: the request comes all the same."""
    dana, lee = house.slack.dana, house.slack.lee
    card = await schedules(dana, in_hours(2), Caption="Never mind")
    block, button = card.button("Publish now")
    confirm = card.button("Cancel post")[1]["confirm"]
    assert (confirm["style"], confirm["deny"]["text"]) == ("danger", "Keep it")
    await card.clicks("Cancel post")
    card = await dana.sees("Cancelled · Northwind Coffee", NORTHWIND)
    assert labels(card) == []
    await dana.sees(f"<@{dana.id}> cancelled this post. It goes out nowhere.", NORTHWIND, thread=card.id)
    await let_its_minute_pass(house, northwind)

    late = interaction(
        type="block_actions",
        user={"id": lee.id, "team_id": "T0BRIGHT01"},
        channel={"id": NORTHWIND},
        container={"type": "message", "channel_id": NORTHWIND, "message_ts": card.id},
        actions=[{"block_id": block["block_id"], "action_id": button["action_id"], "value": button["value"]}],
    )
    assert (await knock(http, late, kind=FORM, house=house.url)).is_success
    await lee.sees("This post was called off already", await lee.direct_messages())
    assert await on_facebook(house) == []
    assert (await deeds(house, northwind))[1:] == [(dana.id, "post_cancelled")]


async def test_a_cancel_that_comes_too_late_is_told_so(house: House, northwind: Northwind) -> None:
    """The call to Meta is under way: nobody can tell that the public does not see it."""
    dana = house.slack.dana
    card = await schedules(dana, in_hours(2), Caption="Too late to stop")
    await is_under_way(house, northwind)
    await card.clicks("Cancel post")
    await dana.sees("can no longer be called off", NORTHWIND)
    await card.clicks("Edit")
    assert "already on its way" in (await dana.sees_modal("That did not work")).text
    assert [one for one in await deeds(house, northwind) if one[1] == "post_cancelled"] == []


async def is_under_way(house: House, northwind: Northwind) -> None:
    """Commit what a worker commits right before the call that the public sees."""
    db = house.services.db
    post, [publication] = await the_post(house, northwind)
    async with db.session(Actor.program(northwind.dana.agency_id)) as session:
        queued = {"state": PublicationState.QUEUED, "queued_at": datetime.now(UTC), "next_run_at": None}
        await session.exec(update(Publication).values(**queued))
    lease = await ledger.claim(
        db, agency_id=post.agency_id, publication_id=publication.id, lasting=timedelta(hours=1)
    )
    assert lease
    step = ledger.attempt(publication, lease, StepName.FEED, number=1, reference=None)
    await ledger.intend_visibly(db, lease, step, post)


# --- changing what it says --------------------------------------------------------------------------------


async def test_words_and_picture_are_changed_with_everything_filled_in(
    house: House, northwind: Northwind
) -> None:
    dana, lee, due_at = house.slack.dana, house.slack.lee, in_hours(2)
    first = {
        "Caption": "Frist roast",
        "Picture": ("old.png", picture()),
        "Description_of_the_picture": "A cup",
    }
    card = await schedules(dana, due_at, *BOTH, **first)
    await (await lee.sees(SCHEDULED, NORTHWIND)).clicks("Edit")
    composer = await lee.sees_modal("Keep this picture")
    assert composer.title == "Edit post"
    assert composer.entered_in("Caption") == "Frist roast"
    assert len(composer.entered_in("Accounts")) == 2
    assert composer.entered_in("Description of the picture") == "A cup"
    assert composer.entered_in("When") == int(due_at.timestamp())
    _, beside = composer.field("The picture so far")
    assert beside["image_url"].endswith("/thumbnail.jpg")
    await lee.submits(Caption="First roast", Another_picture=("new.png", picture(1000, 1000)))
    assert submit_of(await lee.sees_modal("Goes out")) == "Save changes"
    await lee.submits()
    await lee.sees_no_modal()

    await dana.sees(f"changed by <@{lee.id}>", NORTHWIND)
    reply = await dana.sees("changed the", NORTHWIND, thread=card.id)
    assert f"<@{lee.id}> changed the caption and picture." in reply.text
    await let_its_minute_pass(house, northwind)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    public = await house.meta.public()
    assert [one["caption"] for one in public["instagram"]["northwind.coffee"]] == ["First roast"]
    assert await on_facebook(house) == ["First roast"]
    assert [deed for deed in await deeds(house, northwind) if deed[1] == "post_scheduled"] == [
        (dana.id, "post_scheduled"),
        (lee.id, "post_scheduled"),
    ]


@pytest.mark.usefixtures("northwind")
async def test_a_kept_picture_keeps_its_border_and_only_the_time_may_change(house: House) -> None:
    dana, due_at = house.slack.dana, in_hours(26)
    await dana.says("/publish", NORTHWIND)
    tall = ("tall.jpg", picture(600, 1200, "JPEG"))
    await dana.submits(Accounts=["@northwind.coffee"], Caption="Tall", Picture=tall, When=in_hours(2))
    preview = await dana.sees_modal(lambda modal: bool(modal.images()))
    await preview.enters("How should the picture fit?", "Add a border")
    await dana.sees_modal("Border added")
    await dana.submits()
    card = await dana.sees(SCHEDULED, NORTHWIND)

    await card.clicks("Edit")
    await dana.submits(When=due_at)
    preview = await dana.sees_modal(lambda modal: bool(modal.images()) and modal.title == "Preview")
    assert preview.entered_in("How should the picture fit?")["value"] == "pad"
    await dana.submits()
    await dana.sees(f"Goes out {mrkdwn.moment(due_at)}", NORTHWIND)
    await dana.sees("changed the time", NORTHWIND, thread=card.id)


@pytest.mark.usefixtures("northwind")
async def test_a_post_of_which_nothing_is_live_is_changed_and_published_again(house: House) -> None:
    dana = house.slack.dana
    await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
    await publish(dana, NORTHWIND, caption="Not like this")
    card = await dana.sees("Not published on 1 of 1", NORTHWIND)
    assert labels(card) == ["Reconnect", "Retry", "Edit"]
    await card.clicks("Edit")
    await dana.submits(Caption="Like this")
    assert submit_of(await dana.sees_modal("Published at once")) == "Publish now"
    await dana.submits()
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await on_facebook(house) == ["Like this"]
    await dana.sees("changed the caption, and has this published now", NORTHWIND, thread=card.id)


# --- two people at once -----------------------------------------------------------------------------------


async def test_of_two_editors_the_second_sees_the_first_and_loses_nothing(
    house: House, northwind: Northwind
) -> None:
    dana, lee, due_at = house.slack.dana, house.slack.lee, in_hours(2)
    card = await schedules(dana, due_at, Caption="As it was")
    await (await lee.sees(SCHEDULED, NORTHWIND)).clicks("Edit")
    await card.clicks("Edit")
    await lee.submits(Caption="As Lee wants it")
    await lee.sees_modal("Goes out")
    await dana.submits(Caption="As Dana wants it")
    await dana.sees_modal("Goes out")
    await dana.submits()
    await dana.sees_no_modal()
    await dana.sees("As Dana wants it", NORTHWIND)

    await lee.submits()
    stale = await lee.sees_modal("changed this post in the meantime")
    assert f"<@{dana.id}>" in stale.text
    assert "As Dana wants it" in stale.text
    assert "As Lee wants it" in stale.text
    assert "What differs: caption." in stale.text
    assert (await the_post(house, northwind))[0].version == 3
    await lee.goes_back()
    assert (await lee.sees_modal("Caption")).entered_in("Caption") == "As Lee wants it"
    await lee.submits(Caption="As both want it")
    assert submit_of(await lee.sees_modal("As Dana wants it")) == "Save mine instead"
    await lee.submits()
    await lee.sees_no_modal()
    await dana.sees("As both want it", NORTHWIND)


async def test_a_new_time_is_not_undone_by_somebody_who_only_changed_the_words(
    house: House, northwind: Northwind
) -> None:
    dana, lee, due_at = house.slack.dana, house.slack.lee, in_hours(20)
    card = await schedules(dana, in_hours(2), Caption="Words")
    await (await lee.sees(SCHEDULED, NORTHWIND)).clicks("Edit")
    await lee.submits(Caption="Better words")
    await lee.sees_modal("Goes out")
    await card.clicks("Move")
    await dana.submits(When=due_at)
    await dana.sees(f"Goes out {mrkdwn.moment(due_at)}", NORTHWIND)

    await lee.submits()
    stale = await lee.sees_modal("gave this post another time")
    assert f"Goes out {mrkdwn.moment(due_at)}" in stale.text
    await lee.submits()
    await lee.sees_no_modal()
    await dana.sees("Better words", NORTHWIND)
    assert (await the_post(house, northwind))[0].due_at == due_at


@pytest.mark.usefixtures("northwind")
async def test_what_went_out_meanwhile_is_not_changed_any_more(house: House) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    card = await schedules(dana, in_hours(2), Caption="Out already")
    await (await lee.sees(SCHEDULED, NORTHWIND)).clicks("Edit")
    await lee.sees_modal("Caption")
    await card.clicks("Publish now")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await lee.submits(Caption="Not any more")
    assert "already on its way" in (await lee.sees_modal("Not changed")).text
    await lee.goes_back()
    assert (await lee.sees_modal("Caption")).entered_in("Caption") == "Not any more"
    assert await on_facebook(house) == ["Out already"]


# --- what became too late ---------------------------------------------------------------------------------


async def test_what_is_too_late_asks_and_is_published_now(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await schedules(dana, in_hours(2), Caption="Late, but still good")
    card = await becomes_late(house, northwind)
    assert "This was to go out" in card.text
    assert "What is later than 15 minutes does not go out by itself" in card.text
    assert labels(card) == ["Publish now", "Choose another time", "Cancel post"]
    reply = await dana.sees("could not go out at its time", NORTHWIND, thread=card.id)
    assert f"<@{dana.id}>" in reply.text
    assert await on_facebook(house) == []
    await card.clicks("Publish now")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await on_facebook(house) == ["Late, but still good"]
    assert [("pressroom", "publication_late"), (dana.id, "post_sent_now")] == (await deeds(house, northwind))[
        1:3
    ]


async def test_what_is_too_late_gets_another_time_or_is_cancelled(house: House, northwind: Northwind) -> None:
    dana, due_at = house.slack.dana, in_hours(4)
    await schedules(dana, in_hours(2), Caption="Another day")
    card = await becomes_late(house, northwind)
    await card.clicks("Choose another time")
    assert (await dana.sees_modal("Another day")).entered_in("When") is None
    await dana.submits(When=due_at)
    await dana.sees(f"Goes out {mrkdwn.moment(due_at)}", NORTHWIND)
    assert (await the_post(house, northwind))[0].state is PostState.SCHEDULED

    card = await becomes_late(house, northwind)
    await card.clicks("Cancel post")
    await dana.sees("Cancelled · Northwind Coffee", NORTHWIND)
    post, [publication] = await the_post(house, northwind)
    assert (post.state, publication.state) == (PostState.CANCELLED, PublicationState.CANCELLED)


async def test_where_one_account_is_too_late_the_other_stays_live(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await schedules(dana, in_hours(2), *BOTH, Caption="In two steps", Picture=("a.png", picture()))
    await house.meta.fault("/media", "error", code=9, message="the limit of posts is reached", times=1)
    await let_its_minute_pass(house, northwind, ago=timedelta(minutes=5))
    card = await dana.sees("Too late · Northwind Coffee", NORTHWIND)
    assert "On 1 of 2 accounts this was to go out" in card.text
    assert "Instagram's limit of posts for 24 hours is reached" in card.text
    reply = await dana.sees("misses its time on Instagram @northwind.coffee", NORTHWIND, thread=card.id)
    assert "Instagram's limit of posts for 24 hours is reached" in reply.text
    await card.clicks("Publish now")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await on_facebook(house) == ["In two steps"]
    assert len((await house.meta.public())["instagram"]["northwind.coffee"]) == 1


async def test_what_waits_for_its_next_try_says_why_and_can_be_cancelled(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await house.meta.fault("/photos", "error", code=2, message="try later", times=None)
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["Facebook"], Caption="Not now", Picture=("a.png", picture()))
    await dana.sees_modal(lambda modal: bool(modal.images()))
    await dana.submits()
    await dana.sees("Publishing (0 of 1)", NORTHWIND)
    await until_it_waits(house, northwind)
    await let_its_minute_pass(house, northwind)
    card = await dana.sees("waiting, next try", NORTHWIND)
    assert "Meta is having trouble at the moment." in card.text
    assert labels(card) == ["Cancel post"]
    await card.clicks("Cancel post")
    await dana.sees("Cancelled · Northwind Coffee", NORTHWIND)
    assert await on_facebook(house) == []


async def until_it_waits(house: House, northwind: Northwind) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await the_post(house, northwind))[1][0].state is not PublicationState.SCHEDULED:
            await asyncio.sleep(0.05)


async def test_many_late_posts_of_a_client_are_one_question_in_its_channel(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    facebook = next(one for one in northwind.accounts if one.label == "Northwind Coffee")
    for number in range(lateness.FEW + 1):
        said = Content(f"Number {number}", None, None, None, Fit.KEEP, (facebook.id,))
        post = await drafts.save(
            house.services, northwind.dana, post_id=uuid4(), client_id=northwind.client.id, content=said
        )
        await submissions.submit(
            house.services,
            northwind.dana,
            post_id=post.post.id,
            version=post.version.version,
            channel_id=NORTHWIND,
            due_at=in_hours(number + 1),
        )
    await becomes_late(house, northwind)
    question = await dana.sees("6 posts* of *Northwind Coffee* became too late", NORTHWIND)
    assert "thread_ts" not in question.shape
    assert labels(question) == ["Publish all now", "Look through them", "Cancel all"]
    assert {one["value"] for one in question.buttons()} == {str(northwind.client.id)}
    assert [one for one in await dana.messages(NORTHWIND) if "became too late" in one.text] == [question]


# --- begun, and gone on with ------------------------------------------------------------------------------


@pytest.mark.usefixtures("northwind")
async def test_a_draft_is_continued_with_all_that_was_typed(house: House) -> None:
    dana, due_at = house.slack.dana, in_hours(7)
    await dana.says("/publish", NORTHWIND)
    typed = {"Caption": "Half a thought", "Picture": ("a.png", picture()), "When": due_at}
    await dana.submits(Accounts=BOTH, **typed)
    await dana.sees_modal(lambda modal: bool(modal.images()))
    await dana.goes_back(clear=True)
    await dana.opens_home()
    await (await dana.home("Half a thought")).clicks("Continue")
    composer = await dana.sees_modal("Keep this picture")
    assert composer.title == "New post"
    assert composer.entered_in("Caption") == "Half a thought"
    assert composer.entered_in("When") == int(due_at.timestamp())
    await dana.submits(Caption="A whole thought", Picture="No picture", Accounts=["Facebook"])
    preview = await dana.sees_modal("A whole thought")
    assert submit_of(preview) == "Schedule"
    assert preview.images() == []
    await dana.submits()
    await dana.sees(SCHEDULED, NORTHWIND)

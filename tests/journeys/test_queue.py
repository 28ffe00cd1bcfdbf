"""The queue: what goes out when, and what people do about it from there."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.views import queue as queue_view
from core import lateness
from core.lateness import FEW
from core.models import Platform
from tests.drivers.slack import GENERAL, NORTHWIND, Modal, Person, Place
from tests.journeys.conftest import House, Northwind
from tests.journeys.waiting import LATE, harbor, live, passes, schedules

MANY = FEW + 1


async def test_everything_is_in_the_order_of_its_time_day_by_day(house: House, northwind: Northwind) -> None:
    books, dana, ada = await harbor(house, northwind), house.slack.dana, house.slack.ada
    await schedules(house, northwind, "In two days", due_in=timedelta(days=2))
    await schedules(house, northwind, "In three hours", due_in=timedelta(hours=3))
    await schedules(house, books, "In one day", due_in=timedelta(days=1))
    await ada.says("/social queue", GENERAL)
    queue = await ada.sees_modal("In two days")
    assert positions(queue, "In three hours", "In one day", "In two days") == sorted(
        positions(queue, "In three hours", "In one day", "In two days")
    )
    assert "Tomorrow · " in queue.text
    assert labels(queue)[:5] == ["Show all", "Publish now", "Move", "Edit", "Cancel post"]
    await dana.says("/social queue", GENERAL)
    assert "In one day" not in (await dana.sees_modal("In two days")).text


def positions(queue: Modal, *captions: str) -> list[int]:
    return [queue.text.index(caption) for caption in captions]


def labels(place: Place) -> list[str]:
    return [one["text"]["text"] for one in place.buttons()]


async def test_it_is_of_the_channel_s_client_the_one_named_or_the_one_chosen(
    house: House, northwind: Northwind
) -> None:
    books, ada = await harbor(house, northwind), house.slack.ada
    await schedules(house, northwind, "Coffee")
    await schedules(house, books, "Reading")
    await ada.says("/social queue", NORTHWIND)
    assert "Reading" not in (await ada.sees_modal("Coffee")).text
    await ada.goes_back()
    await ada.says("/social queue harbor", GENERAL)
    queue = await ada.sees_modal("Reading")
    assert "Coffee" not in queue.text
    await queue.enters("What is to go out", "All clients")
    queue = await ada.sees_modal("Coffee")
    assert "Reading" in queue.text
    await queue.enters("What is to go out", "Northwind")
    await ada.sees_modal(lambda modal: "Coffee" in modal.text and "Reading" not in modal.text)


@pytest.mark.usefixtures("northwind")
async def test_an_empty_queue_says_what_to_do(house: House) -> None:
    dana = house.slack.dana
    await dana.opens_home()
    await (await dana.home("Northwind")).clicks("Queue")
    queue = await dana.sees_modal("Nothing is scheduled")
    await queue.clicks("New post")
    await dana.sees_modal("Caption")


async def test_a_post_is_moved_published_and_cancelled_from_there(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    for caption in ("First", "Second", "Third"):
        await schedules(house, northwind, caption)
    await dana.says("/social queue", NORTHWIND)
    queue = await dana.sees_modal("Third")
    await queue.clicks("Cancel post", beside="Third")
    queue = await dana.sees_modal(lambda modal: "Third" not in modal.text)
    await dana.sees("Cancelled · Northwind Coffee", NORTHWIND)

    await queue.clicks("Move", beside="Second")
    form = await dana.sees_modal("So far")
    later = datetime.fromtimestamp(form.entered_in("When") + 7 * 24 * 3600, UTC)
    await dana.submits(When=later)
    queue = await dana.sees_modal(lambda modal: f"<!date^{int(later.timestamp())}^" in modal.text)
    assert positions(queue, "First", "Second") == sorted(positions(queue, "First", "Second"))

    await queue.clicks("Publish now", beside="First")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await live(house) == ["First"]


async def test_a_long_queue_has_pages_and_stays_on_them(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    for number in range(queue_view.A_PAGE + 2):
        await schedules(house, northwind, f"Number {number:02}", due_in=timedelta(hours=number + 1))
    await dana.says("/social queue", NORTHWIND)
    queue = await dana.sees_modal("Number 14")
    assert "Number 15" not in queue.text
    await queue.clicks("Show more")
    queue = await dana.sees_modal("Number 15")
    await queue.clicks("Cancel post", beside="Number 15")
    queue = await dana.sees_modal(lambda modal: "Number 16" in modal.text and "Number 15" not in modal.text)
    await queue.clicks("Cancel post", beside="Number 16")
    await dana.sees_modal("Number 14")


async def test_what_went_out_meanwhile_is_told_and_no_longer_changed(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await schedules(house, northwind, "Hello")
    await dana.says("/social queue", NORTHWIND)
    queue = await dana.sees_modal("Hello")
    await passes(house, northwind)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await queue.clicks("Cancel post")
    await dana.sees_modal("This post is already on its way, or live")


# --- many late posts ------------------------------------------------------------------------------------


async def many_late(house: House, at: Northwind) -> Place:
    """Let many posts become late together; give the question."""
    for number in range(MANY):
        await schedules(house, at, f"Number {number}")
    await passes(house, at, LATE)
    await lateness.guard(house.services)
    return await house.slack.lee.sees(f"*{MANY} posts* of *Northwind Coffee* became too late", NORTHWIND)


async def test_many_late_posts_are_one_question_and_published_together(
    house: House, northwind: Northwind
) -> None:
    lee = house.slack.lee
    question = await many_late(house, northwind)
    asked = [one for one in await lee.messages(NORTHWIND) if "too late:" in one.text]
    assert asked == [question]
    await question.clicks("Publish all now")
    decided = await lee.sees(f"has the {MANY} late posts published now", NORTHWIND)
    assert (decided.id, labels(decided)) == (question.id, [])
    assert f"<@{lee.id}>" in decided.text
    for _ in range(MANY):
        await lee.sees("Published · Northwind Coffee", NORTHWIND)


async def test_many_late_posts_are_looked_through_one_by_one(house: House, northwind: Northwind) -> None:
    books, lee = await harbor(house, northwind), house.slack.lee
    await schedules(house, books, "Reading")
    question = await many_late(house, northwind)
    await question.clicks("Look through them")
    queue = await lee.sees_modal("What became too late")
    assert all(f"Number {number}" in queue.text for number in range(MANY))
    assert "Reading" not in queue.text
    await queue.clicks("Cancel post", beside="Number 3")
    await lee.sees_modal(lambda modal: "Number 3" not in modal.text and "Number 4" in modal.text)


async def test_many_late_posts_are_cancelled_together(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await (await many_late(house, northwind)).clicks("Cancel all")
    decided = await dana.sees(f"cancelled the {MANY} late posts", NORTHWIND)
    assert f"<@{lee.id}>" in decided.text
    await dana.says("/social queue", NORTHWIND)
    await dana.sees_modal("Nothing is scheduled")
    assert await live(house) == []


async def test_a_second_answer_is_told_that_it_is_decided(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    question = await many_late(house, northwind)
    await lateness.cancel_all(house.services, northwind.dana, client_id=northwind.client.id)
    await question.clicks("Publish all now")
    said = await lee.sees("That is done already", NORTHWIND)
    assert said.shape["ephemeral"]
    assert not [one for one in await dana.messages(NORTHWIND) if "done already" in one.text]
    assert await live(house) == []


# --- Home -----------------------------------------------------------------------------------------------


async def test_home_shows_what_comes_what_is_begun_and_what_needs_somebody(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await schedules(house, northwind, "Too late by now")
    await passes(house, northwind, LATE)
    await lateness.guard(house.services)
    await dana.sees("Too late · Northwind Coffee", NORTHWIND)
    await schedules(house, northwind, "Next of all", on=Platform.INSTAGRAM)
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["Facebook"], Caption="Only begun")
    await dana.sees_modal("Published at once")
    await dana.goes_back(clear=True)
    await dana.opens_home()
    home = await dana.home("Only begun")
    parts = ("Needs attention", "Too late by now", "Scheduled next", "Next of all", "Drafts", "Only begun")
    assert [home.text.index(part) for part in parts] == sorted(home.text.index(part) for part in parts)
    await home.clicks("Show all", beside="Next of all")
    await dana.sees_modal(lambda modal: bool(modal.images()))
    await dana.goes_back()
    await home.clicks("Continue")
    assert (await dana.sees_modal("New post")).entered_in("Caption") == "Only begun"
    await dana.goes_back()
    await home.clicks("Delete")
    home = await without(dana, "Only begun")
    await home.clicks("Queue")
    await dana.sees_modal("Too late by now")


async def without(person: Person, text: str) -> Place:
    """Wait until somebody's Home has these words no longer."""

    async def look() -> Place | None:
        home = await person.home()
        return home if text not in home.text else None

    return await person.until(look, person.home, f"a Home without {text!r}")

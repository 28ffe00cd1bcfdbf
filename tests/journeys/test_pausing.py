"""The emergency stop: while it is on, nothing goes out; afterwards, what is too late asks first."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select

from core import clients, lateness
from core.clients import Details
from core.db import Actor
from core.models import Client, Platform, Publication, PublicationState
from tests.drivers.slack import BOARD, GENERAL, HARBOR, NORTHWIND, Person
from tests.journeys.conftest import House, Northwind, set_up
from tests.journeys.test_queue import labels
from tests.journeys.waiting import LATE, harbor, live, passes, schedules

PAUSED = "paused publishing for"


async def pauses(person: Person, channel: str = NORTHWIND, what: str = "") -> None:
    """Pause the channel's client, or what is named."""
    await person.says(f"/social pause {what}".strip(), channel)
    await person.sees_modal("Nothing goes out for")
    await person.submits()
    await person.sees_modal("Publishing is paused for")
    await person.goes_back()


async def resumes(person: Person, channel: str = NORTHWIND, what: str = "") -> None:
    """Resume what is paused."""
    await person.says(f"/social resume {what}".strip(), channel)
    await person.submits()
    await person.sees_modal("Publishing goes on for")
    await person.goes_back()


async def states(house: House, at: Northwind) -> list[PublicationState]:
    async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
        return list(await session.exec(select(Publication.state).order_by(col(Publication.due_at))))


async def test_a_manager_pauses_a_client_and_everybody_there_is_told(
    house: House, northwind: Northwind
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await schedules(house, northwind, "Soon")
    await schedules(house, northwind, "In two days", due_in=timedelta(days=2))
    await dana.says("/social pause", NORTHWIND)
    form = await dana.sees_modal("Nothing goes out for *Northwind Coffee*")
    assert "1 post is scheduled in the next 24 hours" in form.text
    assert "What is already on its way at Meta cannot be held back" in form.text
    await dana.submits()
    await dana.sees_modal("Publishing is paused for")
    told = await lee.sees(PAUSED, NORTHWIND)
    assert "2 scheduled posts wait" in told.text
    assert f"<@{dana.id}>" in told.text
    assert labels(told) == ["Resume"]


async def test_what_is_due_stays_and_goes_out_once_it_is_resumed(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await schedules(house, northwind, "Hello")
    await pauses(dana)
    await passes(house, northwind)
    await asyncio.sleep(1.5)  # more than a sweep
    assert (await live(house), await states(house, northwind)) == ([], [PublicationState.SCHEDULED])
    await (await dana.sees(PAUSED, NORTHWIND)).clicks("Resume")
    form = await dana.sees_modal("1 post is past its time, and goes out at once")
    assert "too late" not in form.text
    await dana.submits()
    await dana.sees_modal("Publishing goes on for")
    await dana.sees("resumed publishing for *Northwind Coffee*", NORTHWIND)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await live(house) == ["Hello"]


async def test_what_is_between_two_steps_is_held_back_too(house: House, northwind: Northwind) -> None:
    dana, instagram = house.slack.dana, northwind.accounts[0]
    assert instagram.platform is Platform.INSTAGRAM
    await house.meta.settings(container_seconds=60)
    await schedules(house, northwind, "Latte", due_in=None, on=Platform.INSTAGRAM)
    while not [one for one in await house.meta.requests() if one["path"].endswith("/media")]:
        await asyncio.sleep(0.05)
    await pauses(dana)
    await house.meta.settings(container_seconds=0)
    await house.meta.pass_time(120)
    while await states(house, northwind) != [PublicationState.SCHEDULED]:
        await asyncio.sleep(0.05)
    assert await published(house) == 0
    await resumes(dana)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await published(house) == 1


async def published(house: House) -> int:
    """Count the calls that make something public on Instagram."""
    return len([one for one in await house.meta.requests() if one["path"].endswith("/media_publish")])


async def test_what_became_too_late_asks_after_it_is_resumed(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await schedules(house, northwind, "Yesterday's news")
    await pauses(dana)
    await passes(house, northwind, LATE)
    await dana.says("/social resume", NORTHWIND)
    form = await dana.sees_modal("1 post is too late by now, and goes out only when somebody says so")
    assert f"was paused by <@{dana.id}>" in form.text
    await dana.submits()
    told = await dana.sees("resumed publishing for", NORTHWIND)
    assert "1 post is too late by now" in told.text
    await lateness.guard(house.services)
    await dana.sees("Too late · Northwind Coffee", NORTHWIND)
    assert await live(house) == []


async def test_an_admin_pauses_the_whole_agency_and_the_channels_concerned_are_told(
    house: House, northwind: Northwind
) -> None:
    ada, dana, books = house.slack.ada, house.slack.dana, await harbor(house, northwind)
    await schedules(house, northwind, "Coffee")
    await ada.says("/social pause", GENERAL)
    form = await ada.sees_modal("What should stop?")
    assert form.shape.get("submit") is None
    await form.enters("What should stop?", "All clients")
    await ada.sees_modal("Nothing goes out for *all clients*")
    await ada.submits()
    await ada.sees_modal("Publishing is paused for")
    await ada.goes_back()
    told = await dana.sees(PAUSED, NORTHWIND)
    assert "*all clients*. 1 scheduled post waits" in told.text
    assert not [one for one in await ada.messages(HARBOR) if PAUSED in one.text]

    await schedules(house, books, "Reading")
    await passes(house, northwind)
    await told.clicks("Resume")
    await dana.sees_modal("Only your agency's admins can pause publishing for all clients")
    await ada.opens_home()
    home = await ada.home("Publishing for *all clients* was paused")
    await home.clicks("Resume")
    await ada.submits()
    await ada.sees("resumed publishing for *all clients*", HARBOR)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await ada.sees("Published · Harbor Books", HARBOR)


async def test_without_a_channel_to_tell_the_person_is_told(house: House) -> None:
    await set_up(house, channel=None)
    dana = house.slack.dana
    await pauses(dana, GENERAL)
    told = await dana.sees(PAUSED, await dana.direct_messages())
    assert "Nothing is scheduled" in told.text


async def test_a_channel_without_the_bot_does_not_stop_it(house: House) -> None:
    northwind = await set_up(house, channel=BOARD)
    await schedules(house, northwind, channel=house.slack.dana.id)
    await pauses(house.slack.dana, GENERAL)
    await house.slack.dana.sees(PAUSED, await house.slack.dana.direct_messages())


@pytest.mark.usefixtures("northwind")
async def test_an_author_is_told_who_can(house: House) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await lee.says("/social pause", NORTHWIND)
    refusal = await lee.sees_modal("Only its managers (Dana Reyes) and your agency's admins can pause")
    assert "Northwind Coffee" in refusal.text
    await lee.goes_back()
    await lee.says("/social pause", GENERAL)
    await lee.sees_modal("Only the managers of a client, and your agency's admins")
    await lee.goes_back()
    await dana.says("/social pause all", GENERAL)
    await dana.sees_modal("Only your agency's admins can pause publishing for all clients")
    await dana.goes_back()
    await pauses(dana)
    await lee.opens_home()
    assert "Resume" not in labels(await lee.home("Publishing for *Northwind Coffee* was paused"))
    await (await lee.sees(PAUSED, NORTHWIND)).clicks("Resume")
    await lee.sees_modal("Only its managers (Dana Reyes)")


async def test_nobody_pauses_what_they_did_not_read(house: House, northwind: Northwind) -> None:
    """The menu says something else than the text: the text is drawn anew, and nothing happens yet."""
    ada = house.slack.ada
    await harbor(house, northwind)
    await ada.says("/social pause northwind", GENERAL)
    form = await ada.sees_modal("Nothing goes out for *Northwind Coffee*")
    await house.slack.fault("views.update", "slow", seconds=1, times=1)
    await form.enters("What should stop?", "Harbor")
    await ada.submits()
    await ada.sees_modal("Nothing goes out for *Harbor Books*")
    async with house.services.db.session(northwind.ada) as session:
        found = await session.exec(select(Client).where(col(Client.paused_at).is_not(None)))
        assert list(found) == []


async def test_the_queue_says_what_is_held_back_and_offers_to_resume(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await schedules(house, northwind, "Hello")
    await pauses(dana)
    await dana.says("/social queue", NORTHWIND)
    queue = await dana.sees_modal("Held back")
    await queue.clicks("Publish now")
    await dana.sees_modal("Publishing is paused for Northwind Coffee")
    await dana.goes_back()
    await queue.clicks("Resume")
    await dana.sees_modal("1 post goes out as planned")
    await dana.submits()
    queue = await dana.sees_modal(":date: Scheduled")
    assert "was paused by" not in queue.text


@pytest.mark.usefixtures("northwind")
async def test_what_is_paused_or_running_already_is_said(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/social resume", NORTHWIND)
    await dana.sees_modal("Nothing is paused")
    await dana.goes_back()
    await pauses(dana)
    await dana.says("/social pause", NORTHWIND)
    form = await dana.sees_modal("Publishing for *Northwind Coffee* was paused by")
    assert form.shape.get("submit") is None
    await form.clicks("Resume")
    await dana.submits()
    await dana.sees_modal("Publishing goes on for")
    await dana.goes_back()
    await (await dana.sees(PAUSED, NORTHWIND)).clicks("Resume")
    await dana.sees_modal("Nothing is paused")


async def test_how_late_a_post_may_be_is_the_client_s_own_rule(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await dana.says("/social clients")
    await dana.clicks("Edit")
    form = await dana.sees_modal("They connect accounts")
    assert form.entered_in("How late may a post still go out by itself?")["value"] == "15"
    await form.enters("How late may a post still go out by itself?", "4 hours")
    await dana.submits()
    await dana.sees_modal(lambda modal: modal.title == "Clients")
    await schedules(house, northwind, "Late, but not too late")
    await passes(house, northwind, LATE)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)


@pytest.mark.usefixtures("northwind")
async def test_a_client_s_channel_without_the_bot_is_said(house: House) -> None:
    dana, ada = house.slack.dana, house.slack.ada
    await dana.says("/social clients")
    await dana.clicks("Edit")
    await dana.submits(Channel=BOARD)
    saved = await dana.sees_modal("is saved")
    assert f"I am not in <#{BOARD}> yet" in saved.text
    await dana.goes_back()
    await dana.sees_modal(f"Channel: <#{BOARD}>")
    await ada.says("/social clients")
    await ada.clicks("Add a client")
    await ada.submits(Name="Harbor Books", Channel=HARBOR)
    assert "I am not in" not in (await ada.sees_modal("is added")).text


async def test_everything_is_not_taken_for_a_part_of_a_name(house: House, northwind: Northwind) -> None:
    ada, people = house.slack.ada, frozenset({northwind.ada.member_id} - {None})
    details = Details("Ballet Shoes", None, people, frozenset())
    await clients.add(house.services.db, northwind.ada, details)
    await ada.says("/social pause all", GENERAL)
    await ada.sees_modal("Nothing goes out for *all clients*")
    await ada.goes_back()
    await ada.says("/social pause ballet", GENERAL)
    await ada.sees_modal("Nothing goes out for *Ballet Shoes*")


async def test_the_card_says_that_it_is_held_back_until_it_goes_on(
    house: House, northwind: Northwind
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await schedules(house, northwind, "Good morning")
    await lee.sees("Goes out", NORTHWIND)
    await pauses(dana)
    card = await lee.sees("Held back: publishing is paused", NORTHWIND)
    assert f"by <@{dana.id}>" in card.text
    await resumes(dana)
    await lee.sees("*Goes out", NORTHWIND)

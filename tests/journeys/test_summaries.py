"""The daily summary, by direct message, for those who want it."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlmodel import select

from core import summaries
from core.db import Actor
from core.models import AuditEntry, Summary
from tests.drivers.slack import Person
from tests.journeys.conftest import House, Northwind
from tests.journeys.test_approvals import CLIENT, asks, reviewed_by, rules


async def chooses(person: Person, hour: str) -> None:
    """Choose in Home when to hear what waits, and see that it stands there."""
    await person.opens_home()
    home = await person.home("Daily summary")
    await home.enters("Daily summary", hour)

    async def stands() -> bool | None:
        field = (await person.home("Daily summary")).field("Daily summary")[1]
        return field["initial_option"]["text"]["text"] == hour or None

    await person.until(stands, person.home, f"{hour} in Home")


async def comes_round(house: House, northwind: Northwind) -> None:
    """Have the hour come, and the sweep."""
    then = datetime.now(UTC) - timedelta(minutes=1)
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        await session.exec(update(Summary).values(due_at=then, next_run_at=then))
    await summaries.hand_over(house.services)


async def due(house: House, northwind: Northwind) -> list[Summary]:
    """Give the summaries that are still to be sent."""
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        return [one for one in await session.exec(select(Summary)) if one.due_at < datetime.now(UTC)]


async def greeted(house: House) -> list[str]:
    """Give whom the bot greeted, each time."""
    calls = await house.slack.requests("chat.postMessage")
    return [str(one["body"]["channel"]) for one in calls if "Hello" in str(one["body"].get("text"))]


async def test_who_wants_it_hears_every_morning_what_waits_for_them(
    house: House, northwind: Northwind
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    await chooses(dana, "Working days at 8:00")
    await chooses(lee, "Working days at 9:00")
    await asks(lee, "Good morning")
    await comes_round(house, northwind)
    direct = await dana.direct_messages()
    told = await dana.sees("1 post waits for your approval", direct)
    assert "Good morning" in told.text
    await told.clicks("Review")
    await dana.sees_modal("Waiting for approval")
    async with asyncio.timeout(10):
        while await due(house, northwind):
            await asyncio.sleep(0.05)
    assert await greeted(house) == [dana.id]  # nothing waits for Lee, who is left alone


async def test_who_no_longer_wants_it_hears_nothing_more(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await chooses(dana, "Working days at 8:00")
    await chooses(dana, "Never")
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        assert (await session.exec(select(Summary))).all() == []
        told = await session.exec(select(AuditEntry).where(AuditEntry.action == "summary_chosen"))
        assert sorted(str(one.details["hour"]) for one in told) == ["8", "None"]


async def test_a_guest_who_reviews_has_what_waits_for_them_and_nothing_else(
    house: House, northwind: Northwind
) -> None:
    ada, lee = house.slack.ada, house.slack.lee
    await house.slack.change("people", ada.id, is_restricted=True, is_admin=False, is_owner=False)
    await reviewed_by(house, northwind, ada)
    await rules(house, northwind, CLIENT)
    await ada.opens_home()
    home = await ada.home("Nothing waits for your approval")
    assert home.buttons() == []
    await chooses(ada, "Working days at 8:00")
    await asks(lee, "Good morning")
    await ada.opens_home()
    home = await ada.home("Waits for you")
    assert [one["text"]["text"] for one in home.buttons()] == ["Review"]
    await comes_round(house, northwind)
    told = await ada.sees("1 post waits for your approval", await ada.direct_messages())
    assert "Needs attention" not in told.text
    await home.clicks("Review")
    await ada.sees_modal("Waiting for approval")
    await ada.clicks("Approve")
    await ada.sees_modal("Publishing")
    await ada.home("Nothing waits for your approval")

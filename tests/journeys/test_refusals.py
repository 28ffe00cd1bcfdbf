"""Whoever may not press a button on a card is told so alone, kindly, and who can; nothing comes of it."""

from collections.abc import Awaitable, Callable, Collection

import pytest

from core import clients
from core.clients import Details
from tests.drivers.slack import NORTHWIND, Person, Place
from tests.journeys.conftest import House, Northwind
from tests.journeys.test_approvals import BOTH, DECIDE, asks, rules
from tests.journeys.test_cards import publish
from tests.journeys.test_reviews import in_question
from tests.journeys.test_scheduling import becomes_late, deeds, in_hours, labels, schedules

TEAM = "Only those who work for Northwind Coffee can do this: Dana Reyes."
JOIN = "Dana Reyes can add you, with /social clients."
WRITERS = "Only those who work for Northwind Coffee can do this: Dana Reyes or Lee Okafor."
APPROVERS = "This waits for somebody else. Ada Lindqvist can approve it."
OUTSIDE = "Pressroom is for the members of the workspace that it is installed in. Ask Ada Lindqvist."

Made = Callable[[House, Northwind], Awaitable[Place]]


async def waiting(house: House, northwind: Northwind) -> Place:
    """A post that waits for Ada."""
    await rules(house, northwind, BOTH)
    return await asks(house.slack.dana, "Good morning. " * 60, due_at=in_hours(4))


async def planned(house: House, _: Northwind) -> Place:
    """A post that goes out in some hours."""
    return await schedules(house.slack.dana, in_hours(4), Caption="Good morning")


async def failed(house: House, _: Northwind) -> Place:
    """A post that Facebook refused."""
    await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
    await publish(house.slack.dana, NORTHWIND)
    return await house.slack.dana.sees("Not published on 1 of 1", NORTHWIND)


async def late(house: House, northwind: Northwind) -> Place:
    """A post whose minute passed while it could not go out."""
    await planned(house, northwind)
    return await becomes_late(house, northwind)


@pytest.mark.parametrize("made", [waiting, planned, failed, late, in_question])
async def test_who_does_not_work_for_the_client_is_told_who_does(
    house: House, northwind: Northwind, made: Made
) -> None:
    lee = house.slack.lee
    card = await made(house, northwind)
    await works_alone(house, northwind)
    before = await deeds(house, northwind)
    words = {
        "Reconnect": f"You do not work for Northwind Coffee yet. {JOIN}",
        **dict.fromkeys(DECIDE, APPROVERS),
    }
    for label in labels(card):
        await is_refused(lee, card, label, words.get(label, f"{TEAM} {JOIN}"))
    assert await deeds(house, northwind) == before


@pytest.mark.parametrize("made", [waiting, planned, failed, late, in_question])
async def test_somebody_of_the_client_s_own_workspace_is_told_whom_to_ask(
    house: House, northwind: Northwind, made: Made
) -> None:
    otto = house.slack.otto
    card = await made(house, northwind)
    before = await deeds(house, northwind)
    for label in labels(card):
        words = {"Show all": f"{WRITERS} {JOIN}", **dict.fromkeys(DECIDE, APPROVERS)}.get(label, OUTSIDE)
        await is_refused(otto, card, label, words)
    assert await deeds(house, northwind) == before


async def works_alone(house: House, northwind: Northwind) -> None:
    """Have nobody work for the client but Dana, who manages it."""
    assert northwind.dana.member_id
    team = Details(northwind.client.name, NORTHWIND, frozenset({northwind.dana.member_id}), frozenset())
    await clients.change(house.services.db, northwind.ada, northwind.client.id, team)


async def is_refused(person: Person, card: Place, label: str, words: str) -> None:
    """Press a button, and read these words in a modal or in a message that only this person sees."""
    known = {one.id for one in await told(person, words)}
    await (await person.looks_again(card)).clicks(label)

    async def look() -> bool | None:
        return bool(await told(person, words, but=known)) or None

    await person.until(look, person.modals, f"{words!r} after {label!r}")
    if await person.modals():
        await person.goes_back()


async def told(person: Person, words: str, *, but: Collection[str] = ()) -> list[Place]:
    """Give the modals and messages in which a person reads this."""
    shown = [*await person.modals(), *await person.messages(NORTHWIND)]
    return [one for one in shown if words in one.text and one.id not in but]

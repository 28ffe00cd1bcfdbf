"""The audit trail in Slack: looked through, taken away, checked, and what is personal in it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import mrkdwn
from bot.views import trail as trail_view
from core import audit, sign_offs
from core.db import Origin
from core.models import Decision
from core.policies import Stage
from tests.drivers.slack import GENERAL, NORTHWIND, Modal, Person
from tests.journeys.conftest import House, Northwind
from tests.journeys.test_approvals import asks, edits, rules
from tests.journeys.waiting import harbor, schedules

END = "PostgreSQL refuses"
BY_LINK = Stage("Client", 1, by_link=True)
PHONE = Origin("203.0.113.7", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) Safari/604.1")


async def looks(person: Person, client: str = "") -> Modal:
    """Open the trail."""
    await person.says(f"/social audit {client}".strip(), GENERAL)
    return await person.sees_modal(END)


# --- looking through ------------------------------------------------------------------------------------


async def test_each_filter_shows_what_fits_and_all_that_are_chosen_together(
    house: House, northwind: Northwind
) -> None:
    books, ada = await harbor(house, northwind), house.slack.ada
    await schedules(house, northwind, "Coffee")
    await schedules(house, books, "Reading")
    trail = await looks(ada)
    assert "Coffee" in trail.text
    assert "Reading" in trail.text
    await trail.enters("All clients", "Harbor")
    trail = await ada.sees_modal(lambda modal: "“Reading”" in modal.text and "“Coffee”" not in modal.text)
    assert trail.options("All actions")[0] == "All actions"
    await trail.enters("All actions", "Connected an account")
    trail = await ada.sees_modal(lambda modal: "“Reading”" not in modal.text and "Harbor Books" in modal.text)
    assert "connected an account, Facebook Harbor Books" in trail.text
    await trail.enters("All accounts", "Harbor Books")
    await trail.clicks("Clear filters")
    trail = await ada.sees_modal("“Coffee”")
    assert "“Reading”" in trail.text
    assert trail.entered_in("All actions")["text"]["text"] == "All actions"


async def test_it_is_of_one_person_or_of_what_nobody_did(house: House, northwind: Northwind) -> None:
    ada, dana = house.slack.ada, house.slack.dana
    await schedules(house, northwind, "Coffee")
    trail = await looks(ada)
    await trail.enters("Everybody", "Dana")
    trail = await ada.sees_modal(lambda modal: f"<@{ada.id}> " not in modal.text)
    assert f"<@{dana.id}> scheduled a post" in trail.text
    await trail.enters("Dana Reyes", "Pressroom itself")
    await ada.sees_modal(lambda modal: f"<@{dana.id}> " not in modal.text and "I set up" in modal.text)


@pytest.mark.usefixtures("northwind")
async def test_days_are_those_of_whoever_looks_and_must_be_in_order(house: House) -> None:
    dana = house.slack.dana
    trail = await looks(dana, "northwind")
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    await trail.enters("First day", tomorrow)
    trail = await dana.sees_modal("Nothing like that is in the trail")
    await trail.enters("Last day", tomorrow - timedelta(days=9))
    await dana.sees_modal("The first day is after the last one.")
    await dana.goes_back()
    await trail.clicks("Clear filters")
    await dana.sees_modal("added a client")


async def test_older_pages_follow_and_the_way_back(house: House, northwind: Northwind) -> None:
    ada = house.slack.ada
    async with house.services.db.session(northwind.ada) as session:
        for number in range(2 * trail_view.A_PAGE):
            audit.record(session, northwind.ada, f"step_{number:02}", client_id=northwind.client.id)
            await session.flush()
    trail = await looks(ada)
    assert "step 29" in trail.text
    assert "step 15" in trail.text
    assert "step 14" not in trail.text
    await trail.clicks("Older")
    trail = await ada.sees_modal("step 14")
    assert "step 15" not in trail.text
    await trail.clicks("Older")
    trail = await ada.sees_modal("added a client")
    await trail.clicks("Newest")
    trail = await ada.sees_modal("step 29")
    assert "Newest" not in [one["text"]["text"] for one in trail.buttons()]


async def test_a_client_that_is_not_theirs_is_not_there(house: House, northwind: Northwind) -> None:
    books, dana = await harbor(house, northwind), house.slack.dana
    await schedules(house, books, "Reading")
    trail = await looks(dana, "harbor")
    assert "You work for no client called *harbor*" in trail.text
    assert "Reading" not in trail.text
    assert "Harbor" not in trail.text.replace("called *harbor*", "")


# --- its words ------------------------------------------------------------------------------------------


async def test_an_edit_is_told_from_asking_with_version_and_round(house: House, northwind: Northwind) -> None:
    await rules(house, northwind)
    lee = house.slack.lee
    card = await asks(lee, "Good *morning*")
    await edits(lee, card, "Better morning :wave:")
    trail = await looks(lee)
    assert (
        f"<@{lee.id}> asked for approval of a post, Facebook Northwind Coffee: “{mrkdwn.literal('Good *morning*', 80)}”"
        in trail.text
    )
    edited = f"<@{lee.id}> edited a post, so that everybody is asked anew, Facebook Northwind Coffee"
    assert f"{edited}: “{mrkdwn.literal('Better morning :wave:', 80)}”" in trail.text
    assert "version 1 · round 1" in trail.text
    assert "version 2 · round 2" in trail.text


async def test_a_decision_by_a_private_link_is_told_as_such_and_who_made_it(
    house: House, northwind: Northwind
) -> None:
    await rules(house, northwind, BY_LINK)
    post = await schedules(house, northwind, "Good morning")
    secret = await sign_offs.make(house.services, northwind.dana, post_id=post.post.id)
    await sign_offs.decide(
        house.services, secret.reveal(), PHONE, version=1, decision=Decision.APPROVED, name="Maya *C*"
    )
    trail = await looks(house.slack.dana)
    assert f"{mrkdwn.literal('Maya *C*', 80)} approved a post: “Good morning”" in trail.text
    by_link = f"by the private link that <@{house.slack.dana.id}> made · from 203.0.113.7 (Safari, iPhone)"
    assert f"version 1 · round 1 · stage “Client” · {by_link}" in trail.text
    assert NORTHWIND not in trail.text.split("Maya")[1].split("\n")[1]

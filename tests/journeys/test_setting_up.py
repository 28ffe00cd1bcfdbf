"""An agency's first minutes, and what changes later: clients, people, accounts."""

import re

import pytest

from bot.announcer import SlackAnnouncer
from core import clients
from core.clients import Details
from core.models import Platform
from pressroom import wiring
from tests.drivers.connecting import connect
from tests.drivers.meta import COFFEE
from tests.drivers.slack import GENERAL, HARBOR, NORTHWIND
from tests.journeys.conftest import House, Northwind
from tests.journeys.waiting import live, schedules


async def test_an_admin_adds_the_first_client(house: House) -> None:
    ada, dana = house.slack.ada, house.slack.dana
    await ada.says("/publish")
    await ada.clicks("Add a client")
    await ada.submits(Name="Northwind Coffee", Channel=NORTHWIND, Managers=[dana], Authors=[house.slack.lee])
    added = await ada.sees_modal("Northwind Coffee* is added")
    assert "connect its Instagram account" in added.text
    await added.clicks("Connect an account")
    links = await ada.sees_modal("Connect an account for Northwind Coffee")
    assert all(one["url"].startswith(f"{house.url}/api/v1/social/connect?ticket=") for one in links.buttons())
    assert "Northwind Coffee" in (await ada.home("Northwind Coffee")).text


async def test_what_is_missing_is_said_under_its_field(house: House, northwind: Northwind) -> None:
    ada = house.slack.ada
    assert northwind.client.slack_channel_id == NORTHWIND
    await ada.says("/social clients")
    await ada.clicks("Add a client")
    form = await ada.sees_modal("They connect accounts")
    assert form.entered_in("Managers") == [ada.id]
    await ada.submits(Name="northwind COFFEE", Channel=NORTHWIND)
    errors = await ada.sees_errors()
    assert "already" in errors["Name"]
    assert "channel of Northwind Coffee" in errors["Channel"]


async def test_a_client_added_in_a_channel_gets_that_channel(house: House) -> None:
    ada = house.slack.ada
    await ada.says("/social clients", NORTHWIND)
    await ada.clicks("Add a client")
    form = await ada.sees_modal("They connect accounts")
    assert form.entered_in("Channel") == NORTHWIND


@pytest.mark.usefixtures("northwind")
async def test_a_manager_changes_a_client_and_sees_it_in_the_list(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/social clients")
    listing = await dana.sees_modal("Northwind Coffee")
    assert f"<@{house.slack.lee.id}>" in listing.text
    assert "Add a client" not in listing.text
    await dana.clicks("Edit")
    await dana.submits(Name="Northwind & Sons", Authors=[])
    listing = await dana.sees_modal("Northwind &amp; Sons")
    assert "Authors: nobody" in listing.text
    await dana.goes_back()
    await dana.says("/social audit")
    await dana.sees_modal(f"<@{dana.id}> changed a client: managers <@{dana.id}>\n")


@pytest.mark.usefixtures("northwind")
async def test_somebody_of_another_workspace_cannot_be_chosen(house: House) -> None:
    dana, otto = house.slack.dana, house.slack.otto
    await dana.says("/social clients")
    await dana.clicks("Edit")
    await dana.submits(Authors=[otto])
    assert "Otto Brandt cannot be chosen" in (await dana.sees_errors())["Authors"]


@pytest.mark.usefixtures("northwind")
async def test_an_author_sees_the_client_and_changes_nothing(house: House) -> None:
    lee = house.slack.lee
    await lee.says("/social clients")
    listing = await lee.sees_modal("Northwind Coffee")
    assert listing.buttons() == []
    await lee.says("/social connect")
    assert "Only the managers of Northwind Coffee" in (await lee.sees("Only the managers")).text


@pytest.mark.usefixtures("northwind")
async def test_the_private_links_are_for_one_person_alone(house: House) -> None:
    dana, ada = house.slack.dana, house.slack.ada
    await dana.says("/social connect", NORTHWIND)
    message = await dana.sees("Connect an account for Northwind Coffee", NORTHWIND)
    assert message.shape["ephemeral"]
    assert [one["text"]["text"] for one in message.buttons()] == [
        "Connect Instagram",
        "Connect a Facebook Page",
    ]
    await message.clicks("Connect Instagram")
    assert not [one for one in await ada.messages(NORTHWIND) if "Connect an account" in one.text]


@pytest.mark.usefixtures("northwind")
async def test_with_several_clients_it_asks_for_which(house: House) -> None:
    ada = house.slack.ada
    await ada.says("/social clients")
    await ada.clicks("Add a client")
    await ada.submits(Name="Harbor Books", Channel=HARBOR)
    await ada.sees_modal("Harbor Books* is added")
    await ada.goes_back(clear=True)
    await ada.says("/social connect", GENERAL)
    question = await ada.sees("For which client?")
    await question.enters("For which client?", "Harbor")
    await ada.sees("Connect an account for Harbor Books")


async def test_everybody_concerned_hears_what_was_connected(house: House, northwind: Northwind) -> None:
    """The web has its own tests; here is only what it tells Slack, and what Slack shows."""
    dana, chosen = house.slack.dana, [account.id for account in northwind.accounts]
    assert northwind.dana.member_id
    announcer = SlackAnnouncer(house.services, slack=wiring.slack_settings(house.settings))
    client_id, member_id = northwind.client.id, northwind.dana.member_id
    await announcer.accounts_connected(
        northwind.dana.agency_id, client_id=client_id, member_id=member_id, account_ids=chosen
    )
    message = await house.slack.lee.sees(
        "Instagram @northwind.coffee, Facebook Northwind Coffee for", NORTHWIND
    )
    assert f"<@{dana.id}> connected" in message.text
    assert "Instagram @northwind.coffee" in (await dana.home("northwind.coffee")).text


async def test_an_account_is_disconnected_after_a_question(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    for _ in range(2):
        await schedules(house, northwind, on=Platform.INSTAGRAM)
    await dana.says("/social accounts")
    listing = await dana.sees_modal("@northwind.coffee")
    assert "Connected by Dana Reyes with the login of Maya Chen" in listing.text
    _, button = listing.button("Disconnect", beside="@northwind.coffee")
    assert button["confirm"]["style"] == "danger"
    assert "2 planned posts for it will not go out there unless" in button["confirm"]["text"]["text"]
    _, other = listing.button("Disconnect", beside="Facebook* · Northwind Coffee")
    assert "No planned post is for it." in other["confirm"]["text"]["text"]
    await listing.clicks("Disconnect", beside="@northwind.coffee")
    told = await dana.sees("disconnected Instagram @northwind.coffee of *Northwind Coffee*", NORTHWIND)
    assert f"<@{dana.id}>" in told.text
    assert "2 planned posts for it will not go out there: connect it again before then" in told.text
    listing = await dana.sees_modal(lambda modal: "@northwind.coffee" not in modal.text)
    assert "Facebook* · Northwind Coffee" in listing.text
    home = await dana.home(":large_green_circle: Facebook Northwind Coffee")
    assert "@northwind.coffee" not in home.text.partition("*Clients*")[2]


async def test_what_waits_for_a_disconnected_account_says_so_until_it_is_connected_again(
    house: House, northwind: Northwind
) -> None:
    ada, dana = house.slack.ada, house.slack.dana
    await schedules(house, northwind)
    card = await dana.sees("Goes out", NORTHWIND)
    await ada.says("/social accounts")
    await (await ada.sees_modal("Facebook*")).clicks("Disconnect", beside="Facebook* · Northwind")
    told = await dana.sees("disconnected Facebook Northwind", NORTHWIND, thread=card.id)
    assert f"<@{ada.id}> disconnected Facebook Northwind Coffee, for <@{dana.id}>: this does" in told.text
    assert "connects it again with `/social connect`" in told.text
    assert "If it is not to go out there, cancel it." in told.text
    card = await dana.sees("Waits until its account is connected again", NORTHWIND)
    assert "Goes out" not in card.text
    assert "Disconnected: it waits until somebody connects the account again" in card.text
    await dana.says("/social queue")
    queue = await dana.sees_modal(":electric_plug: Waits")
    assert "Facebook Northwind Coffee · disconnected: it waits until the account is" in queue.text
    await dana.goes_back()
    await card.clicks("Edit")
    composer = await dana.sees_modal("Northwind Coffee is disconnected. After this change the post no longer")
    assert composer.entered_in("Accounts") is None
    await dana.goes_back()
    await card.clicks("Publish now")
    card = await dana.sees("Waiting for its account (0 of 1)", NORTHWIND)
    assert await live(house) == []
    page = f"facebook_page:{COFFEE}"
    await connect(house.services, house.meta, northwind.dana, northwind.client.id, page)
    await dana.sees("Published", NORTHWIND)
    assert await live(house) == ["Good morning"]
    thread = [one.text for one in await dana.messages(NORTHWIND, card.id)]
    assert sum("disconnected Facebook" in one for one in thread) == 1


@pytest.mark.usefixtures("northwind")
async def test_a_client_that_is_not_there_is_only_asked_for_where_one_can_choose(house: House) -> None:
    lee = house.slack.lee
    for word in ("accounts", "approval"):
        await lee.says(f"/social {word} Nobody", GENERAL)
        listing = await lee.sees_modal("You work for no client called *Nobody*.")
        assert "Choose one here" not in listing.text
        assert "Northwind Coffee" in listing.text
        await lee.goes_back()
    await lee.says("/social connect Nobody", GENERAL)
    assert "called *Nobody*. Choose one here." in (await lee.sees("For which client?", GENERAL)).text


async def test_an_account_in_trouble_can_be_connected_again(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await house.meta.tokens("password")
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["Facebook"], Caption="Hello")
    await dana.sees_modal("Published at once")
    await dana.submits()
    await dana.sees("Waiting for a new login (0 of 1)", NORTHWIND)
    await dana.says("/social accounts")
    listing = await dana.sees_modal("changed their Facebook password")
    await listing.clicks("Reconnect")
    await dana.sees_modal(f"Connect an account for {northwind.client.name}")


@pytest.mark.usefixtures("northwind")
async def test_the_trail_tells_who_did_what(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/social audit")
    trail = await dana.sees_modal("PostgreSQL refuses")
    assert f"<@{dana.id}> connected an account, Instagram @northwind.coffee" in trail.text
    assert "· *Northwind Coffee*" in trail.text
    assert "PostgreSQL refuses to change or delete entries" in trail.text


@pytest.mark.usefixtures("northwind")
async def test_the_trail_tells_from_where(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/social connect", NORTHWIND)
    await dana.sees("Connect an account for Northwind Coffee", NORTHWIND)
    await dana.says("/social audit")
    trail = await dana.sees_modal("PostgreSQL refuses")
    asked = (
        rf"<@{dana.id}> asked for a link to connect an account\n.* · \*Northwind Coffee\* · in <#{NORTHWIND}>"
    )
    assert re.search(asked, trail.text)


async def test_the_client_after_the_hundredth_is_like_any_other(house: House, northwind: Northwind) -> None:
    ada, people = house.slack.ada, frozenset({northwind.ada.member_id} - {None})
    for number in range(105):
        details = Details(f"Client {number:03}", None, people, frozenset())
        await clients.add(house.services.db, northwind.ada, details)
    await clients.add(house.services.db, northwind.ada, Details("Zeta & Co", None, people, frozenset()))

    await ada.says("/social accounts Zeta")
    listing = await ada.sees_modal("Zeta &amp; Co")
    assert "Client 0" not in listing.text
    await ada.goes_back()

    await ada.says("/social clients")
    for first in range(21, 102, 20):
        await ada.clicks("Show more")
        await ada.sees_modal(f"{first} to ")
    listing = await ada.sees_modal("Zeta &amp; Co")
    await listing.clicks("Edit", beside="Zeta &amp; Co")
    await ada.submits(Name="Zeta & Sons")
    listing = await ada.sees_modal("Zeta &amp; Sons")
    assert "101 to 107 of 107" in listing.text
    await ada.goes_back()

    await ada.opens_home()
    for first in range(16, 107, 15):
        await (await ada.home("Show more")).clicks("Show more")
        home = await ada.home(f"{first} to ")
    assert "Zeta &amp; Sons" in home.text

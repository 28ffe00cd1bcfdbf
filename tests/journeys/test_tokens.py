"""Each way in which a login ends, as people meet it in Slack, and the way back to health."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from core import alerts, checkups, removals
from core.db import Actor
from core.models import Account, Alert, Connection, Platform
from tests.drivers.connecting import connect
from tests.drivers.meta import COFFEE, COFFEE_INSTAGRAM, Meta
from tests.drivers.slack import NORTHWIND, Person, Place
from tests.journeys.conftest import House, Northwind
from tests.journeys.waiting import live, passes, schedules

BOTH = (f"instagram_business:{COFFEE_INSTAGRAM}", f"facebook_page:{COFFEE}")


async def role_lost(meta: Meta) -> None:
    await meta.tokens("role_lost", account=COFFEE)


async def task_lost(meta: Meta) -> None:
    await meta.withdraw(tasks={COFFEE: ["ANALYZE"]})


async def permission_withdrawn(meta: Meta) -> None:
    await meta.withdraw(permissions=["pages_manage_posts"])


def ended(state: str) -> Any:
    async def end(meta: Meta) -> None:
        await meta.tokens(state)

    return end


ENDS: dict[str, tuple[Any, str]] = {
    "expired": (ended("expired"), "The login has run out"),
    "password": (ended("password"), "changed their Facebook password"),
    "removed": (ended("deauthorized"), "removed Pressroom in their Facebook settings"),
    "checkpoint": (ended("checkpoint"), "Facebook wants to check who the person is"),
    "unconfirmed": (ended("unconfirmed"), "must first confirm their own Facebook account"),
    "logged out": (ended("logged_out"), "Facebook has ended the login"),
    "role lost": (role_lost, "no longer has a role on the Page"),
    "task lost": (task_lost, "may no longer create content"),
    "permission": (permission_withdrawn, "A permission that this account needs was withdrawn"),
}


async def connects_again(house: House, at: Northwind, how: str = "") -> None:
    """Log in anew, after whatever only the Page's owner can do."""
    if how == "role lost":
        await house.meta.tokens("valid", account=COFFEE)
    if how == "task lost":
        await house.meta.withdraw(tasks={COFFEE: ["CREATE_CONTENT"]})
    await connect(house.services, house.meta, at.dana, at.client.id, *BOTH)


async def alerted(house: House, person: Person, text: str) -> Place:
    """See what somebody is told by direct message."""
    await alerts.hand_over(house.services)
    return await person.sees(text, await person.direct_messages())


async def kept(house: House, at: Northwind) -> set[Any]:
    """Give the identities of the client's accounts."""
    async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
        return set(await session.exec(select(Account.id)))


@pytest.mark.parametrize("how", list(ENDS))
async def test_a_post_waits_for_a_new_login_and_then_goes_out_by_itself(
    house: House, northwind: Northwind, how: str
) -> None:
    dana, (end, sentence) = house.slack.dana, ENDS[how]
    before = await kept(house, northwind)
    await end(house.meta)
    await schedules(house, northwind, due_in=None)
    card = await dana.sees("Waiting for a new login (0 of 1)", NORTHWIND)
    assert sentence in card.text
    told = await alerted(house, dana, "can no longer be used with the login of Maya Chen")
    assert sentence in told.text
    assert "ticket=" not in str(told.shape)
    await told.clicks("Reconnect")
    links = await dana.sees_modal("Connect an account for Northwind Coffee")
    assert all("ticket=" in one["url"] for one in links.buttons())
    assert (await house.meta.public())["pages"].get(COFFEE, []) == []
    await connects_again(house, northwind, how)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await live(house) == ["Good morning"]
    assert await kept(house, northwind) == before


async def test_when_the_ninety_days_are_over_instagram_waits_for_a_new_login(
    house: House, northwind: Northwind
) -> None:
    dana, before = house.slack.dana, await kept(house, northwind)
    await house.meta.settings(data_access_days=0)
    await schedules(house, northwind, due_in=None, on=Platform.INSTAGRAM)
    card = await dana.sees("Waiting for a new login (0 of 1)", NORTHWIND)
    assert "Facebook gives access for 90 days after a login, and they are over" in card.text
    told = await alerted(house, dana, "can no longer be used with the login of Maya Chen")
    assert "they are over" in told.text
    await house.meta.settings(data_access_days=90)
    await connects_again(house, northwind)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await kept(house, northwind) == before


async def test_what_became_too_late_meanwhile_asks_and_says_why(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await house.meta.tokens("password")
    await schedules(house, northwind, due_in=None)
    await dana.sees("Waiting for a new login (0 of 1)", NORTHWIND)
    await passes(house, northwind, timedelta(hours=1))
    card = await dana.sees("Too late", NORTHWIND)
    assert "changed their Facebook password" in card.text
    await connects_again(house, northwind)
    card = await dana.looks_again(card)
    assert "Too late" in card.text
    await card.clicks("Publish now")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await live(house) == ["Good morning"]


async def test_the_accounts_and_home_say_how_each_is(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await dana.says("/social accounts")
    listing = await dana.sees_modal("Connected by Dana Reyes with the login of Maya Chen")
    assert "Access ends on" in listing.text
    assert "Checked on" in listing.text
    await permission_withdrawn(house.meta)
    login = northwind.accounts[0].connection_id
    ids = {"agency_id": northwind.dana.agency_id, "connection_id": login}
    await checkups.look(house.services, **ids)
    await dana.goes_back(clear=True)
    await dana.opens_home()
    home = await dana.home("*Nothing goes out on Facebook Northwind Coffee.* A permission that this account")
    assert "Connected by Dana Reyes with the login of Maya Chen." in home.text
    await home.clicks("Reconnect")
    await dana.sees_modal("Connect an account for Northwind Coffee")
    await dana.goes_back(clear=True)
    lee = house.slack.lee
    await lee.opens_home()
    home = await lee.home("Its managers can connect it again.")
    assert "Reconnect" not in [one["text"]["text"] for one in home.buttons()]
    await dana.says("/social audit")
    trail = await dana.sees_modal("PostgreSQL refuses")
    assert f"<@{dana.id}> logged in at Meta as Maya Chen" in trail.text


async def test_the_one_who_connected_is_warned_and_one_button_solves_it(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await ends_in(house, northwind, timedelta(days=13))
    told = await alerted(house, dana, "The login of Maya Chen for *Northwind Coffee* ends")
    await told.clicks("Reconnect")
    await dana.sees_modal("Connect an account for Northwind Coffee")
    await connects_again(house, northwind)
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        row = await session.get_one(Connection, northwind.accounts[0].connection_id)
        assert row.warned_days is None
        assert row.data_access_expires_at
        assert row.data_access_expires_at > datetime.now(UTC) + timedelta(days=80)


async def ends_in(house: House, at: Northwind, left: timedelta) -> None:
    """Have the access to data end so soon; and it is a working hour for everybody."""
    now = datetime.now(UTC)
    async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
        await session.exec(update(Connection).values(data_access_expires_at=now + left, warn_at=now))
    await alerts.warn(house.services)
    async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
        await session.exec(update(Alert).values(next_run_at=now))


async def test_removing_the_app_at_facebook_is_heard_of_at_once(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await house.meta.call_back(house.url)
    await house.meta.remove_app()
    await removals.carry_on(house.services)
    await alerted(house, dana, "removed Pressroom in their Facebook settings")
    await schedules(house, northwind, due_in=None)
    await dana.says("/social accounts")
    await dana.sees_modal("removed Pressroom in their Facebook settings")
    await dana.goes_back(clear=True)
    await connects_again(house, northwind)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await live(house) == ["Good morning"]

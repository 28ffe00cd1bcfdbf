"""Slack drops the connection once the work is done: nobody is told that it failed, and does it twice."""

import asyncio

import pytest

from core.db import Actor
from core.models import Account
from tests.drivers.meta import COFFEE
from tests.drivers.slack import NORTHWIND, PATIENCE
from tests.journeys.conftest import House, Northwind
from tests.journeys.test_cards import publish


@pytest.mark.usefixtures("northwind")
async def test_after_publish_now(house: House, caplog: pytest.LogCaptureFixture) -> None:
    dana = house.slack.dana
    await house.slack.fault("views.publish", "drop", times=None)
    await publish(dana, NORTHWIND)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await nothing_went_wrong(house, caplog, times=2)
    assert len((await house.meta.public())["pages"][COFFEE]) == 1


@pytest.mark.usefixtures("northwind")
async def test_after_retry(house: House, caplog: pytest.LogCaptureFixture) -> None:
    dana = house.slack.dana
    await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
    await publish(dana, NORTHWIND)
    card = await dana.sees("Not published on 1 of 1", NORTHWIND)
    await dana.home("Not published")
    await house.slack.fault("views.publish", "drop", times=None)
    await card.clicks("Retry")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await nothing_went_wrong(house, caplog, times=2)


@pytest.mark.parametrize("method", ["views.publish", "views.update"])
async def test_after_disconnecting(
    house: House, northwind: Northwind, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    dana = house.slack.dana
    await dana.says("/social accounts")
    listing = await dana.sees_modal("@northwind.coffee")
    await house.slack.fault(method, "drop", times=None)
    await listing.clicks("Disconnect", beside="@northwind.coffee")
    await nothing_went_wrong(house, caplog)
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        account = await session.get_one(Account, northwind.accounts[0].id)
    assert not account.is_active


async def test_after_a_client_was_changed(
    house: House, northwind: Northwind, caplog: pytest.LogCaptureFixture
) -> None:
    dana = house.slack.dana
    await dana.says("/social clients")
    await dana.clicks("Edit")
    await dana.sees_modal("They connect accounts")
    await house.slack.fault("views.", "drop", times=None)
    await dana.submits(Name="Northwind & Sons")
    await nothing_went_wrong(house, caplog)
    await dana.sees_modal(northwind.client.name)


async def nothing_went_wrong(house: House, caplog: pytest.LogCaptureFixture, *, times: int = 1) -> None:
    """Wait until as often as this something could not be shown, and look that nobody was told of a failure.

    A post is shown twice on Home: by who acted, and by what tells how it is doing.
    """
    async with asyncio.timeout(PATIENCE):
        while sum(one.getMessage().startswith("could not show") for one in caplog.records) < times:
            await asyncio.sleep(0.02)
    assert "incident" not in caplog.text
    dana = house.slack.dana
    assert not [one for one in await dana.messages(NORTHWIND) if "Something went wrong" in one.text]
    assert not [one for one in await dana.modals() if one.title == "That did not work"]

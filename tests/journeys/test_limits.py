"""Meta's limits, as people meet them: before they publish, in the queue, and on the cards of what waits."""

from datetime import timedelta

import pytest

from core.models import Platform
from tests.drivers.pictures import picture
from tests.drivers.slack import NORTHWIND
from tests.journeys.conftest import House, Northwind
from tests.journeys.waiting import schedules

LEFT = "{} of {} posts left within 24 hours on @northwind.coffee"


@pytest.mark.usefixtures("northwind")
async def test_the_preview_says_what_is_left_and_warns_when_it_is_nothing(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["@northwind.coffee"], Caption="One", Picture=("a.png", picture()))
    preview = await dana.sees_modal(LEFT.format(50, 50))
    assert "would not fit" not in preview.text
    await dana.submits()
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["@northwind.coffee"], Caption="Two", Picture=("a.png", picture()))
    await dana.sees_modal(LEFT.format(49, 50))


@pytest.mark.usefixtures("northwind")
async def test_a_post_that_does_not_fit_is_warned_of_and_then_asked_about(house: House) -> None:
    dana = house.slack.dana
    await house.meta.settings(quota_total=0)
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["@northwind.coffee"], Caption="One", Picture=("a.png", picture()))
    preview = await dana.sees_modal("This would not fit on *@northwind.coffee*")
    assert LEFT.format(0, 0) in preview.text
    await dana.submits()
    card = await dana.sees("Too late · Northwind Coffee", NORTHWIND)
    assert "limit of posts for 24 hours is reached" in card.text


async def test_the_queue_says_what_is_left(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await schedules(house, northwind, on=Platform.INSTAGRAM)
    await dana.says("/social queue", NORTHWIND)
    await dana.sees_modal(LEFT.format(50, 50))


async def test_what_waits_for_a_closed_account_says_so(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await schedules(house, northwind, "Later", due_in=timedelta(minutes=3))
    await house.meta.fault("/photos", "rate_limit", times=None)
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["Facebook"], Caption="Now", Picture=("a.png", picture()))
    await dana.sees_modal("Publish")
    await dana.submits()
    await dana.sees("Meta allows no more calls for a while.", NORTHWIND)
    await dana.sees("not before", NORTHWIND)
    await dana.says("/social queue", NORTHWIND)
    await dana.sees_modal("Meta allows no calls for Northwind Coffee until")

"""The same Pressroom without a public address: Slack's requests come through a socket."""

import pytest

from tests.drivers.slack import NORTHWIND
from tests.journeys.conftest import House, set_up


@pytest.fixture
def over_socket() -> bool:
    return True


async def test_a_post_is_published_over_the_socket(house: House) -> None:
    await set_up(house, channel=NORTHWIND)
    dana = house.slack.dana
    await dana.says("/publish payload", NORTHWIND)
    await dana.goes_back()
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["@northwind.coffee"], Caption="No picture")
    assert "needs a picture" in (await dana.sees_errors())["Picture"]
    await dana.goes_back()
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["Facebook"], Caption="Over the socket")
    await dana.sees_modal("Over the socket")
    await dana.submits()
    await dana.sees_no_modal()
    await dana.sees("Published · Northwind Coffee", NORTHWIND)

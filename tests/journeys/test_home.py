"""App Home, the guide, and people from outside."""

import pytest

from tests.drivers.slack import GENERAL, NORTHWIND
from tests.journeys.conftest import House


async def test_home_begins_with_one_thing_to_do(house: House) -> None:
    ada, dana = house.slack.ada, house.slack.dana
    await ada.opens_home()
    home = await ada.home("Let us begin")
    assert [one["text"]["text"] for one in home.buttons()] == ["Add a client"]
    await dana.opens_home()
    assert (await dana.home("do not work for a client yet")).buttons() == []


@pytest.mark.usefixtures("northwind")
async def test_home_is_the_cockpit(house: House) -> None:
    dana = house.slack.dana
    await dana.opens_home()
    home = await dana.home("Northwind Coffee")
    assert "Nothing is published yet" in home.text
    assert ":large_green_circle:" in home.text
    for label, title in (
        ("New post", "Caption"),
        ("Clients", "Managers"),
        ("Accounts", "login of Maya Chen"),
        ("Audit trail", "PostgreSQL refuses"),
    ):
        await home.clicks(label)
        await dana.sees_modal(title)
        await dana.goes_back()
    await home.clicks("Connect")
    await dana.sees_modal("Connect an account for Northwind Coffee")


async def test_the_guide_is_the_same_everywhere(house: House) -> None:
    dana = house.slack.dana
    for command in ("/publish help", "/social", "/social help"):
        said = await dana.says(command)
        assert said
        assert "Here is what I can do" in str(said)
    said = await dana.says("/social frobnicate")
    assert "I do not know `frobnicate`" in str(said)

    await dana.says("hello <@U0PRESSBOT>", GENERAL)
    await dana.sees("Here is what I can do", GENERAL)
    await dana.opens_home()
    direct = await dana.direct_messages()
    await dana.says("help me", direct)
    guide = await dana.sees("Here is what I can do", direct)
    await guide.clicks("New post")
    await dana.sees_modal("do not work for a client yet")


@pytest.mark.usefixtures("northwind")
async def test_a_guest_is_kept_outside(house: House) -> None:
    lee = house.slack.lee
    await house.slack.change("people", lee.id, is_restricted=True)
    await lee.says("/publish", NORTHWIND)
    await lee.sees_modal("Pressroom is for the members of the workspace")
    await lee.goes_back()
    await lee.says("/social audit")
    await lee.sees_modal("Pressroom is for the members of the workspace")
    await lee.goes_back()
    await lee.opens_home()
    assert (await lee.home("Pressroom is for the members")).buttons() == []


@pytest.mark.usefixtures("northwind")
async def test_somebody_of_another_workspace_cannot_press_our_buttons(house: House) -> None:
    dana, otto = house.slack.dana, house.slack.otto
    await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["Facebook"], Caption="Hello")
    await dana.sees_modal("Published at once")
    await dana.submits()
    card = await otto.sees("Not published on 1 of 1", NORTHWIND)
    await card.clicks("Retry")
    await otto.sees("Pressroom is for the members of the workspace", NORTHWIND)
    assert "Not published" in (await otto.sees("Not published on 1 of 1", NORTHWIND)).text


@pytest.mark.usefixtures("northwind")
async def test_our_own_faults_come_with_a_number_to_quote(house: House) -> None:
    dana = house.slack.dana
    await house.slack.fault("users.info", "error", error="invalid_arguments", times=1)
    await dana.says("/publish")
    assert "tell your agency's admins this number" in (await dana.sees_modal("That did not work")).text

"""From a message with a picture to a post."""

import pytest

from tests.drivers.pictures import picture
from tests.drivers.slack import BOARD, GENERAL, NORTHWIND, Person, Place
from tests.journeys.conftest import House

pytestmark = pytest.mark.usefixtures("northwind")


async def message(person: Person, text: str, *names: str, channel: str = GENERAL, kind: str = "PNG") -> Place:
    """Post pictures with words."""
    files = [await person.uploads(name, picture(1200, 1000, kind)) for name in names]
    await person.says(text, channel, files=tuple(files))
    return await person.sees(text[:10], channel)


async def test_the_message_s_picture_and_words_are_there_already(house: House) -> None:
    dana = house.slack.dana
    source = await message(dana, "The new *autumn* blend & more", "blend.png")
    await dana.uses("publish_this", source)
    composer = await dana.sees_modal("Use the picture of the message?")
    assert composer.entered_in("Caption") == "The new *autumn* blend & more"
    assert composer.entered_in("Use the picture of the message?")["text"]["text"] == "blend.png"
    await dana.submits(Accounts=["@northwind.coffee"])
    await dana.sees_modal("Converted from PNG to JPEG")
    await dana.submits()
    await dana.sees("Published · Northwind Coffee", NORTHWIND)


async def test_of_several_pictures_one_is_chosen(house: House) -> None:
    dana = house.slack.dana
    source = await message(dana, "Which one?", "one.png", "two.png", "three.png")
    await dana.uses("publish_this", source)
    composer = await dana.sees_modal("Which picture of the message?")
    assert composer.options("Which picture of the message?") == [
        "one.png",
        "two.png",
        "three.png",
        "None of these",
    ]
    await dana.submits(Accounts=["@northwind.coffee"], **{"Which_picture_of_the_message?": "two.png"})
    await dana.sees_modal(lambda modal: "Converted from PNG to JPEG" in modal.text and bool(modal.images()))


async def test_an_upload_replaces_the_message_s_picture(house: House) -> None:
    dana = house.slack.dana
    source = await message(dana, "Not this one", "old.png")
    await dana.uses("publish_this", source)
    await dana.submits(
        Accounts=["@northwind.coffee"], Another_picture=("new.webp", picture(1200, 1000, "WEBP"))
    )
    await dana.sees_modal(lambda modal: "Converted from WebP to JPEG" in modal.text and bool(modal.images()))


async def test_a_picture_that_the_bot_cannot_read_is_said_plainly(house: House) -> None:
    lee = house.slack.lee
    source = await message(lee, "Secret picture", "secret.png", channel=BOARD)
    await lee.uses("publish_this", source)
    composer = await lee.sees_modal("I cannot read that picture")
    assert composer.entered_in("Caption") == "Secret picture"
    assert composer.field("Picture")


async def test_a_message_without_a_picture_is_only_words(house: House) -> None:
    dana = house.slack.dana
    await dana.says("Just words")
    await dana.uses("publish_this", await dana.sees("Just words"))
    await dana.sees_modal("This message has no picture")

"""From an idea to a post that the public sees."""

import pytest

from tests.drivers.pictures import picture
from tests.drivers.slack import NORTHWIND
from tests.journeys.conftest import House

pytestmark = pytest.mark.usefixtures("northwind")

MORNING = ("morning.png", picture())
BOTH = ["@northwind.coffee", "Northwind Coffee"]


async def test_a_picture_with_words_goes_to_both_accounts(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish", NORTHWIND)
    composer = await dana.sees_modal("Accounts")
    assert composer.entered_in("Client")["text"]["text"] == "Northwind Coffee"

    await dana.submits(Accounts=BOTH, Caption="Fresh roast today ☕ *really*", Picture=MORNING)
    preview = await dana.sees_modal("Publish")
    preview = await dana.sees_modal(lambda modal: bool(modal.images()))
    assert preview.title == "Preview"
    assert "Fresh roast today ☕ *really*" in preview.text
    assert "Converted from PNG to JPEG" in preview.text

    await dana.submits()
    await dana.sees_no_modal()
    card = await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert "See it on Instagram" in card.text
    assert "See it on Facebook" in card.text
    assert card.images()
    await dana.sees("Published on Instagram @northwind.coffee", NORTHWIND, thread=card.id)

    public = await house.meta.public()
    assert [one["caption"] for one in public["instagram"]["northwind.coffee"]] == [
        "Fresh roast today ☕ *really*"
    ]
    home = await dana.home("See it on Instagram")
    assert "Fresh roast today" in home.text

"""Writing a post: what the composer offers, what it says, and what it never loses."""

import json
from uuid import UUID

import pytest

from core import clients, drafts, submissions
from core.clients import Details
from core.drafts import Content
from core.models import Fit
from tests.drivers.pictures import picture
from tests.drivers.slack import GENERAL, HARBOR, NORTHWIND
from tests.journeys.conftest import House, Northwind

BOTH = ["@northwind.coffee", "Northwind Coffee"]


async def harbor(house: House, northwind: Northwind, channel: str | None = None) -> None:
    """Add a second client for Dana, without accounts."""
    assert northwind.dana.member_id
    details = Details("Harbor Books", channel, frozenset({northwind.dana.member_id}), frozenset())
    await clients.add(house.services.db, northwind.ada, details)


async def test_a_new_agency_is_told_how_to_begin(house: House) -> None:
    ada, dana = house.slack.ada, house.slack.dana
    await dana.says("/publish")
    assert "Ask a manager of your client" in (await dana.sees_modal("do not work for a client yet")).text
    await ada.says("/publish")
    await ada.sees_modal("There are no clients yet")


async def test_the_only_client_is_chosen_already(house: House, northwind: Northwind) -> None:
    await house.slack.dana.says("/publish", GENERAL)
    composer = await house.slack.dana.sees_modal("Accounts")
    assert composer.entered_in("Client")["value"] == str(northwind.client.id)
    assert composer.options("Accounts") == ["Instagram · @northwind.coffee", "Facebook · Northwind Coffee"]


async def test_a_client_s_own_channel_and_its_name_choose_it(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await harbor(house, northwind, HARBOR)
    for channel, text in (
        (HARBOR, "/publish"),
        (GENERAL, "/publish harbor"),
        (NORTHWIND, "/publish HARBOR BOOKS"),
    ):
        await dana.says(text, channel)
        composer = await dana.sees_modal("Harbor Books* has no accounts yet")
        assert composer.entered_in("Client")["text"]["text"] == "Harbor Books"
        await dana.goes_back()
    await dana.says("/publish <!channel>", GENERAL)
    composer = await dana.sees_modal("You work for no client called *&lt;!channel&gt;*")
    assert composer.entered_in("Client") is None


async def test_another_client_shows_its_accounts_and_keeps_what_was_typed(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await harbor(house, northwind)
    await dana.uses("new_post")
    await dana.enters(Client="Northwind", Caption="Already typed")
    composer = await dana.sees_modal(
        lambda modal: "Accounts" in modal.text and bool(modal.options("Accounts"))
    )
    await dana.enters(Accounts=BOTH)
    await dana.enters(Client="Harbor")
    composer = await dana.sees_modal("Harbor Books* has no accounts yet")
    assert composer.entered_in("Caption") == "Already typed"
    await dana.submits()
    assert "has no accounts yet" in (await dana.sees_errors())["Client"]
    await dana.enters(Client="Northwind")
    composer = await dana.sees_modal(lambda modal: any("Instagram" in one for one in options_in(modal)))
    assert composer.entered_in("Accounts") is None
    assert composer.entered_in("Caption") == "Already typed"


def options_in(modal: object) -> list[str]:
    try:
        return modal.options("Accounts")  # type: ignore[attr-defined, no-any-return]
    except AssertionError:
        return []


@pytest.mark.usefixtures("northwind")
async def test_everything_wrong_is_said_at_once_and_nothing_is_lost(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(
        Accounts=BOTH,
        Caption="#a " * 31 + "x" * 2300,
        Picture=("notes.png", b"%PDF-1.7 not a picture"),
        Description_of_the_picture="d" * 1001,
    )
    errors = await dana.sees_errors()
    assert "too long for Instagram" in errors["Caption"]
    assert "too many hashtags" in errors["Caption"]
    assert "too long" in errors["Description of the picture"]
    assert "PDF" in errors["Picture"]
    composer = await dana.sees_modal("Caption")
    assert composer.entered_in("Caption").startswith("#a #a")
    assert len(composer.entered_in("Accounts")) == 2


@pytest.mark.usefixtures("northwind")
async def test_instagram_needs_a_picture_and_only_one_is_given(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=["@northwind.coffee"], Caption="Words alone")
    assert "Instagram needs a picture" in (await dana.sees_errors())["Picture"]
    await dana.submits(Picture=("a.png", picture()), Or_the_address_of_a_picture="https://a.example/b.jpg")
    assert "not both" in (await dana.sees_errors())["Or the address of a picture"]


@pytest.mark.usefixtures("northwind")
async def test_an_address_that_is_not_public_is_refused_under_its_field(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=BOTH, Or_the_address_of_a_picture="https://localhost/picture.jpg")
    errors = await dana.sees_errors()
    assert list(errors) == ["Or the address of a picture"]


@pytest.mark.usefixtures("northwind")
async def test_a_tall_picture_is_cropped_or_gets_a_border_as_decided(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=BOTH, Caption="Tall", Picture=("tall.jpg", picture(600, 1200, "JPEG")))
    preview = await dana.sees_modal(lambda modal: modal.title == "Preview" and bool(modal.images()))
    assert preview.options("How should the picture fit?") == ["Crop it to 4:5", "Add a border, to 4:5"]

    await preview.enters("How should the picture fit?", "Add a border")
    preview = await dana.sees_modal("Border added")
    assert any("instagram_business-pad" in address for address in preview.images())
    await preview.enters("How should the picture fit?", "Crop")
    preview = await dana.sees_modal("Cropped at the top and bottom to 4:5")
    await dana.submits()
    await dana.sees_no_modal()
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    [public] = (await house.meta.public())["instagram"]["northwind.coffee"]
    assert public["caption"] == "Tall"


@pytest.mark.usefixtures("northwind")
async def test_a_tall_picture_is_not_published_before_somebody_decided(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=BOTH, Caption="Tall", Picture=("tall.jpg", picture(600, 1200, "JPEG")))
    preview = await dana.sees_modal(lambda modal: modal.title == "Preview" and bool(modal.images()))
    answer = await house.slack.http.post(
        f"{house.slack.url}/_sim/ui/views/{preview.id}/submit", json={"as": dana.id}
    )
    assert answer.json()["errors"]
    assert (await house.meta.public())["instagram"]["northwind.coffee"] == []


@pytest.mark.usefixtures("northwind")
async def test_going_back_changes_the_same_post(house: House) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=["Facebook"], Caption="First words")
    await dana.sees_modal("First words")
    await dana.goes_back()
    await dana.submits(Caption="Better words", Link="https://northwind.example/menu?a=1&b=2")
    await dana.sees_modal("Better words")
    await dana.submits()
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    public = await house.meta.public()
    assert [one["message"] for page in public["pages"].values() for one in page] == ["Better words"]


@pytest.mark.usefixtures("northwind")
async def test_a_slow_picture_is_waited_for_in_sight(house: House) -> None:
    dana = house.slack.dana
    await house.slack.fault("files-pri", "slow", seconds=3)
    await dana.says("/publish")
    await dana.submits(Accounts=BOTH, Caption="Slow", Picture=("slow.png", picture()))
    await dana.sees_modal("Preparing the preview")
    preview = await dana.sees_modal("Converted from PNG")
    assert "Slow" in preview.text


@pytest.mark.usefixtures("northwind")
async def test_what_is_wrong_with_a_slow_picture_is_said_with_the_way_back(house: House) -> None:
    dana = house.slack.dana
    await house.slack.fault("files-pri", "slow", seconds=3)
    await dana.says("/publish")
    await dana.submits(Accounts=BOTH, Caption="Slow", Picture=("slow.png", b"%PDF-1.7"))
    await dana.sees_modal("Preparing the preview")
    assert "PDF" in (await dana.sees_modal("cannot be published yet")).text
    await dana.goes_back()
    assert (await dana.sees_modal("Caption")).entered_in("Caption") == "Slow"


async def test_what_changed_in_the_meantime_is_shown_and_not_published(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=["Facebook"], Caption="As it was")
    preview = await dana.sees_modal("As it was")
    facebook = next(account for account in northwind.accounts if account.label == "Northwind Coffee")
    post_id = UUID(json.loads(preview.shape["private_metadata"])["post"])
    newer = Content("As it is now", None, None, None, Fit.KEEP, (facebook.id,))
    client_id = northwind.client.id
    await drafts.save(house.services, northwind.dana, post_id=post_id, client_id=client_id, content=newer)

    await dana.submits()
    newest = await dana.sees_modal("changed in the meantime")
    assert "As it is now" in newest.text
    assert "As it was" not in newest.text
    assert not any((await house.meta.public())["pages"].values())

    await dana.submits()
    await dana.sees_no_modal()
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    published = (await house.meta.public())["pages"].values()
    assert [one["message"] for page in published for one in page] == ["As it is now"]


async def test_the_same_post_is_not_sent_on_its_way_twice(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await dana.says("/publish")
    await dana.submits(Accounts=["Facebook"], Caption="Once")
    preview = await dana.sees_modal("Published at once")
    said = json.loads(preview.shape["private_metadata"])
    await submissions.submit(
        house.services,
        northwind.dana,
        post_id=UUID(said["post"]),
        version=said["version"],
        channel_id=NORTHWIND,
    )
    await dana.submits()
    await dana.sees_modal("already on its way")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert len([one for page in (await house.meta.public())["pages"].values() for one in page]) == 1

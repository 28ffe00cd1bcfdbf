"""When Meta's answer is lost and nobody can tell whether a post is live: a person looks, and says so."""

import asyncio
from datetime import UTC, datetime

from sqlmodel import col, select

from core import publishing
from core.db import Actor
from core.models import Publication, PublicationState
from tests.drivers.meta import COFFEE
from tests.drivers.slack import NORTHWIND, Place
from tests.journeys.conftest import House, Northwind
from tests.journeys.test_cards import publish

OVER = (PublicationState.PUBLISHED, PublicationState.FAILED, PublicationState.NEEDS_REVIEW)


async def in_question(house: House, northwind: Northwind) -> Place:
    """Publish words of which nobody can tell whether they are live."""
    await house.meta.fault("/feed", "drop", times=None)
    await publish(house.slack.dana, NORTHWIND)
    await until_nobody_looks_any_more(house, northwind)
    await house.meta.http.delete(f"{house.meta.url}/_sim/faults")
    return await house.slack.lee.sees("Please check · Northwind Coffee", NORTHWIND)


async def until_nobody_looks_any_more(house: House, northwind: Northwind) -> None:
    """Let the time pass that the publication waits for, again and again."""
    program = Actor.program(northwind.dana.agency_id)
    while True:
        async with house.services.db.session(program) as session:
            one = (await session.exec(select(Publication).order_by(col(Publication.due_at).desc()))).first()
            assert one
            if one.state in OVER:
                return
            if one.state is PublicationState.SCHEDULED:
                one.sqlmodel_update({"state": "queued", "next_run_at": None, "queued_at": datetime.now(UTC)})
        if one.state is PublicationState.QUEUED:
            await publishing.advance(house.services, agency_id=one.agency_id, publication_id=one.id)
        await asyncio.sleep(0.02)


async def test_who_has_seen_it_says_so_and_where(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    card = await in_question(house, northwind)
    assert "is it live there?" in card.text
    reply = await lee.sees("I cannot tell whether this is live", NORTHWIND, thread=card.id)
    assert f"<@{dana.id}>" in reply.text
    assert "*It's live* or *Publish again*" in reply.text

    await card.clicks("It's live")
    assert "Northwind Coffee* on Facebook Northwind Coffee" in (await lee.sees_modal("Permalink")).text
    await lee.submits(Permalink="https://northwind.example/elsewhere")
    assert "Facebook" in (await lee.sees_errors())["Permalink"]
    await lee.submits(Permalink="https://www.facebook.com/104/posts/7")
    await lee.sees_no_modal()
    card = await lee.sees("Published · Northwind Coffee", NORTHWIND)
    assert "<https://www.facebook.com/104/posts/7|See it on Facebook>" in card.text
    assert card.buttons() == []
    await dana.says("/social audit")
    assert f"<@{lee.id}> said that a post is live" in (await dana.sees_modal("PostgreSQL refuses")).text


async def test_it_is_live_without_its_address_from_the_whole_post(house: House, northwind: Northwind) -> None:
    """From Home, in the modal with all of it, which is drawn anew below."""
    await in_question(house, northwind)
    dana = house.slack.dana
    home = await dana.home("Please check")
    await home.clicks("Show all")
    await dana.clicks("It's live")
    await dana.submits()
    whole = await dana.sees_modal(lambda modal: modal.title == "Post" and "Published" in modal.text)
    assert whole.buttons() == []
    await dana.home("Published")


async def test_what_is_not_there_is_published_again_after_a_warning(
    house: House, northwind: Northwind
) -> None:
    card = await in_question(house, northwind)
    _, button = card.button("Publish again")
    assert "it may stand there twice" in button["confirm"]["text"]["text"]
    await card.clicks("Publish again")
    card = await house.slack.lee.sees("Published · Northwind Coffee", NORTHWIND)
    assert "See it on Facebook" in card.text
    assert len((await house.meta.public())["pages"][COFFEE]) == 1


async def test_the_question_is_answered_once(house: House, northwind: Northwind) -> None:
    card, dana = await in_question(house, northwind), house.slack.dana
    await card.clicks("It's live")
    await house.slack.lee.sees_modal("Permalink")
    mine = await dana.sees("Please check · Northwind Coffee", NORTHWIND)
    await mine.clicks("Publish again")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await house.slack.lee.submits()
    assert "answered this already" in (await house.slack.lee.sees_modal("That did not work")).text

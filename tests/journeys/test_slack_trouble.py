"""Slack in trouble, and people in a hurry: what comes twice counts once, and what was held up comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import func, update
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.installations import THERE
from core import clients, jobs, posts
from core.db import Actor
from core.models import Announcement, AuditEntry, Card
from pressroom.schema import Addresses, driver_url
from tests.bot.test_requests import FORM, JSON, event, knock
from tests.conftest import Serving
from tests.drivers.meta import COFFEE
from tests.drivers.slack import NORTHWIND, PATIENCE, QUIET, Place
from tests.journeys.conftest import House, Northwind, set_up
from tests.journeys.test_cards import publish
from tests.journeys.test_reviews import in_question
from tests.journeys.waiting import live, passes, schedules

LONG = "\n".join(f"Line {number}" for number in range(20))
SCHEDULED, PUBLISHED = "Scheduled · Northwind Coffee", "Published · Northwind Coffee"
EVERY = {"times": None}
ACK = 3.0  # seconds that Slack gives


@dataclass
class Twice:
    """Catches what Slack delivers, and delivers it twice at once, and once more when all is done."""

    house: House
    http: httpx.AsyncClient
    catcher: str
    caught: list[str] = field(default_factory=list)

    async def __call__(self, does: Awaitable[Any], *, done: Awaitable[Any]) -> None:
        """Let somebody do something; `done` waits for what comes of it."""
        slack = self.house.slack
        await slack.deliver_to(self.catcher)
        await does
        await slack.deliver_to(f"{self.house.url}/slack/events")
        [body] = [one for one in self.caught if one.startswith("payload=")]
        answers = await asyncio.gather(*(self.deliver(body) for _ in range(2)))
        await done
        answers.append(await self.deliver(body))
        assert all(answer.is_success for answer in answers)

    async def deliver(self, body: str) -> httpx.Response:
        return await knock(self.http, body, kind=FORM, house=self.house.url)  # type: ignore[no-any-return]


@pytest.fixture
async def twice(house: House, http: httpx.AsyncClient, serving: Serving) -> AsyncIterator[Twice]:
    caught: list[str] = []

    async def catch(request: Request) -> Response:
        caught.append((await request.body()).decode())
        return Response()

    async with serving(lambda _: Starlette(routes=[Route("/", catch, methods=["POST"])])) as url:
        yield Twice(house, http, url, caught)


async def entries(house: House, at: Northwind, action: str) -> int:
    """Count the audit entries that say that somebody did this."""
    counted = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
    async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
        return (await session.exec(counted)).one()


async def calls(house: House) -> int:
    """Count how often Meta was asked to publish on the Page."""
    asked = [one["path"] for one in await house.meta.requests() if one["method"] == "POST"]
    return len([path for path in asked if path.endswith(f"{COFFEE}/feed")])


async def cards(house: House, channel: str = NORTHWIND) -> list[Place]:
    """Give the cards in a channel."""
    return [one for one in await house.slack.dana.messages(channel) if " · Northwind Coffee" in one.text]


async def time_comes(house: House, at: Northwind) -> None:
    """Let the time pass that what is owed to Slack waits for."""
    unpaid = update(Announcement).where(col(Announcement.done_at).is_(None))
    async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
        await session.exec(unpaid.values(next_run_at=func.now()))
    await jobs.announce(house.services)


class TestTwice:
    async def test_a_preview_is_submitted(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana = house.slack.dana
        await dana.says("/publish", NORTHWIND)
        await dana.submits(Accounts=["Facebook"], Caption="Once")
        await dana.sees_modal("Published at once")
        await twice(dana.submits(), done=dana.sees(PUBLISHED, NORTHWIND))
        assert (await live(house), await calls(house)) == (["Once"], 1)
        assert await entries(house, northwind, "post_submitted") == 1
        assert len(await cards(house)) == 1

    async def test_retry_is_pressed(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana = house.slack.dana
        await house.meta.fault("/feed", "error", code=200, message="no permission", times=1)
        await publish(dana, NORTHWIND)
        card = await dana.sees("Not published on 1 of 1", NORTHWIND)
        await twice(card.clicks("Retry"), done=dana.sees(PUBLISHED, NORTHWIND))
        assert (len(await live(house)), await calls(house)) == (1, 2)
        assert await entries(house, northwind, "publication_retried") == 1

    async def test_it_is_live_is_submitted(self, house: House, northwind: Northwind, twice: Twice) -> None:
        lee, card = house.slack.lee, await in_question(house, northwind)
        await card.clicks("It's live")
        await lee.sees_modal("Permalink")
        await twice(lee.submits(), done=lee.sees(PUBLISHED, NORTHWIND))
        assert await entries(house, northwind, "publication_confirmed_live") == 1

    async def test_publish_again_is_pressed(self, house: House, northwind: Northwind, twice: Twice) -> None:
        lee, card = house.slack.lee, await in_question(house, northwind)
        before = await calls(house)
        await twice(card.clicks("Publish again"), done=lee.sees(PUBLISHED, NORTHWIND))
        assert (len(await live(house)), await calls(house)) == (1, before + 1)
        assert await entries(house, northwind, "publication_sent_again") == 1

    async def test_publish_now_is_pressed(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana = house.slack.dana
        await schedules(house, northwind)
        card = await dana.sees(SCHEDULED, NORTHWIND)
        await twice(card.clicks("Publish now"), done=dana.sees(PUBLISHED, NORTHWIND))
        assert (len(await live(house)), await calls(house)) == (1, 1)
        assert await entries(house, northwind, "post_sent_now") == 1

    async def test_a_post_is_called_off(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana = house.slack.dana
        await schedules(house, northwind)
        card = await dana.sees(SCHEDULED, NORTHWIND)
        await twice(card.clicks("Cancel post"), done=dana.sees("Cancelled · Northwind", NORTHWIND))
        assert await entries(house, northwind, "post_cancelled") == 1

    async def test_a_post_is_moved(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana, due_at = house.slack.dana, (datetime.now(UTC) + timedelta(hours=30)).replace(microsecond=0)
        await schedules(house, northwind)
        card = await dana.sees(SCHEDULED, NORTHWIND)
        await card.clicks("Move")
        await dana.enters(When=due_at)
        await twice(dana.submits(), done=dana.sees("moved this", NORTHWIND, thread=card.id))
        assert await entries(house, northwind, "post_moved") == 1
        assert len([one for one in await dana.messages(NORTHWIND, card.id) if "moved" in one.text]) == 1

    async def test_a_post_is_composed(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana = house.slack.dana
        await dana.says("/publish", NORTHWIND)
        await dana.enters(Accounts=["Facebook"], Caption="Once")
        await twice(dana.submits(), done=asyncio.sleep(0))
        async with house.services.db.session(northwind.dana) as session:
            [draft] = await posts.drafts_of(session, northwind.dana.member_id or uuid4())
        assert (draft.version.version, draft.version.caption) == (1, "Once")

    async def test_a_client_is_changed(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana = house.slack.dana
        await dana.says("/social clients")
        await dana.clicks("Edit")
        await dana.enters(Name="Northwind & Sons")
        await twice(dana.submits(), done=until_named(house, northwind, "Northwind & Sons"))
        assert await entries(house, northwind, "client_changed") == 1

    async def test_a_client_is_paused(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana = house.slack.dana
        await dana.says("/social pause", NORTHWIND)
        await dana.sees_modal("Nothing goes out for")
        await twice(dana.submits(), done=dana.sees("paused publishing for", NORTHWIND))
        assert await entries(house, northwind, "publishing_paused") == 1
        assert len([one for one in await dana.messages(NORTHWIND) if "paused" in one.text]) == 1

    async def test_an_account_is_disconnected(self, house: House, northwind: Northwind, twice: Twice) -> None:
        dana = house.slack.dana
        await dana.says("/social accounts", NORTHWIND)
        await dana.sees_modal("Disconnect")
        gone = dana.sees_modal(lambda modal: "Connect" in modal.text)
        await twice(dana.clicks("Disconnect", "Facebook"), done=gone)
        assert await entries(house, northwind, "account_disconnected") == 1


async def until_named(house: House, at: Northwind, name: str) -> None:
    """Wait until the client is called so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with house.services.db.session(at.dana) as session:
                if await clients.named(session, name):
                    return
            await asyncio.sleep(0.02)


class TestLostAnswers:
    """Slack took the card, and we did not hear of it."""

    async def test_slack_tells_where_the_card_stands(self, house: House, northwind: Northwind) -> None:
        dana = house.slack.dana
        await house.slack.fault("chat.postMessage", "drop_after", times=1)
        await schedules(house, northwind)
        card = await dana.sees(SCHEDULED, NORTHWIND)
        await placed(house, northwind)
        await passes(house, northwind)
        await time_comes(house, northwind)
        assert (await dana.sees(PUBLISHED, NORTHWIND)).id == card.id
        assert len(await cards(house)) == 1

    async def test_slack_tells_so_too_late(self, house: House, http: httpx.AsyncClient) -> None:
        """By then another card stands there; the first is taken away, however often Slack tells."""
        copy, card = await standing_twice(house)
        told = event(
            "message_metadata_posted",
            channel_id=QUIET,
            message_ts=copy.id,
            metadata=copy.shape["metadata"],
            bot_id=copy.shape["bot_id"],
        )
        for _ in range(2):
            assert (await knock(http, told, kind=JSON, house=house.url)).is_success
        await until_only(house, card)

    async def test_what_others_post_is_let_alone(self, house: House, http: httpx.AsyncClient) -> None:
        copy, card = await standing_twice(house)
        named = {"channel_id": QUIET, "message_ts": copy.id}
        for other in (
            {"metadata": copy.shape["metadata"], "bot_id": "B0OTHER"},
            {"metadata": {"event_type": "another", "event_payload": {}}, "bot_id": copy.shape["bot_id"]},
        ):
            told = event("message_metadata_posted", str(other), **named, **other)
            assert (await knock(http, told, kind=JSON, house=house.url)).is_success
        await house.slack.dana.says("/social help")
        assert [one.id for one in await cards(house, QUIET)] == [copy.id, card.id]

    async def test_a_copy_that_somebody_uses_is_taken_away(self, house: House) -> None:
        """Where the bot is not in the channel, Slack does not tell."""
        copy, card = await standing_twice(house)
        await copy.clicks("Show all")
        await house.slack.dana.sees_modal("Line 19")
        await until_only(house, card)
        assert card.id.replace(".", "") in (await house.slack.dana.sees("a copy of the card", QUIET)).text


async def placed(house: House, at: Northwind) -> None:
    """Wait until it is known where the card stands."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
                if (await session.exec(select(Card.ts))).one():
                    return
            await asyncio.sleep(0.02)


async def standing_twice(house: House) -> tuple[Place, Place]:
    """Have a card stand twice, where the bot is not; give the copy, and the card."""
    northwind, dana = await set_up(house, channel=QUIET), house.slack.dana
    await house.slack.fault("chat.postMessage", "drop_after", times=1)
    await schedules(house, northwind, LONG)
    await dana.sees(SCHEDULED, QUIET)
    async with asyncio.timeout(PATIENCE):
        while len(found := await cards(house, QUIET)) < 2:
            await time_comes(house, northwind)
            await asyncio.sleep(0.05)
    await placed(house, northwind)
    return found[0], found[1]


async def until_only(house: House, card: Place) -> None:
    """Wait until this is the only card."""
    async with asyncio.timeout(PATIENCE):
        while [one.id for one in await cards(house, QUIET)] != [card.id]:
            await asyncio.sleep(0.02)


class TestAfterwards:
    async def test_cards_that_could_not_be_drawn_are_drawn_when_slack_is_back(
        self, house: House, northwind: Northwind
    ) -> None:
        dana = house.slack.dana
        for number in range(3):
            await schedules(house, northwind, f"Post {number}")
        for number in range(3):
            await dana.sees(f"Post {number}", NORTHWIND)
        await house.slack.fault("chat.", "status", status=503, **EVERY)
        await passes(house, northwind)
        await until_owed(house, northwind, 3)
        await house.slack.http.delete(f"{house.slack.url}/_sim/faults")
        await schedules(house, northwind, "Slack is back")
        await dana.sees("Slack is back", NORTHWIND)
        for card in await cards(house):
            if "Slack is back" not in card.text:
                await until_drawn(house, card)

    async def test_a_card_that_is_deleted_is_posted_again_at_once(
        self, house: House, northwind: Northwind
    ) -> None:
        dana = house.slack.dana
        await schedules(house, northwind)
        card = await dana.sees(SCHEDULED, NORTHWIND)
        await placed(house, northwind)
        await delete(house, card)
        again = await dana.sees(SCHEDULED, NORTHWIND)
        assert again.id != card.id
        await dana.sees("The card was deleted; here it is again", NORTHWIND, thread=again.id)
        await passes(house, northwind)
        assert (await dana.sees(PUBLISHED, NORTHWIND)).id == again.id

    async def test_where_slack_does_not_tell_show_all_notices(self, house: House) -> None:
        northwind, dana = await set_up(house, channel=QUIET), house.slack.dana
        await schedules(house, northwind, LONG)
        card = await dana.sees(SCHEDULED, QUIET)
        await placed(house, northwind)
        await delete(house, card)
        await dana.opens_home()
        await (await dana.home("Scheduled")).clicks("Show all")
        await dana.sees_modal("Line 19")
        assert (await dana.sees(SCHEDULED, QUIET)).id != card.id


async def until_owed(house: House, at: Northwind, count: int) -> None:
    """Wait until so many posts are live whose cards could not be drawn since."""
    tried = select(func.count(func.distinct(Announcement.post_id))).where(
        col(Announcement.done_at).is_(None), Announcement.attempts > 0
    )
    async with asyncio.timeout(PATIENCE):
        while True:
            async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
                if (await session.exec(tried)).one() == count == len(await live(house)):
                    return
            await asyncio.sleep(0.05)


async def until_drawn(house: House, card: Place) -> None:
    """Wait until a card shows that its post is live."""

    async def look() -> Place | None:
        now = await house.slack.dana.looks_again(card)
        return now if PUBLISHED in now.text else None

    await house.slack.dana.until(look, look, "the card of a live post")


async def delete(house: House, card: Place) -> None:
    """Delete a message, as an admin of the workspace can."""
    token = {"Authorization": "Bearer xoxb-simulator-bot"}
    said = {"channel": card.where["channel"], "ts": card.id}
    answer = await house.slack.http.post(f"{house.slack.url}/api/chat.delete", data=said, headers=token)
    assert answer.json()["ok"], answer.text


@pytest.mark.usefixtures("northwind")
async def test_a_database_that_is_slow_holds_no_answer_up(house: House, own_database: Addresses) -> None:
    """Slack has its answer in time, and the work is done once the database answers."""
    dana = house.slack.dana
    await dana.opens_home()
    await dana.home("Northwind Coffee")
    await asyncio.sleep(THERE)  # until it is looked again whether we are still there
    with psycopg.connect(driver_url(str(own_database.owner))) as owner:
        owner.execute("LOCK TABLE agencies IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(ACK):
            await dana.says("/social clients")
        await dana.sees_modal("Clients")
    await dana.sees_modal("Northwind Coffee")

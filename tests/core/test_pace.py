"""Meta's limits: how they slow us down before Meta does, and what closes an account, and opens it."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from core import pace, publishing
from core.errors import TryAgainLater
from core.flows import AGAIN
from core.graph.usage import Usage
from core.models import Account, Announcement, Client, PostState, Publication, PublicationState
from core.pace import FEW, FORGOTTEN, Pace
from core.patience import Patience
from core.posts import PostView
from tests.conftest import Cast, MakeServices, Serving
from tests.core.desk import Desk, served_desk
from tests.core.timetable import scheduled, soon
from tests.drivers.meta import Meta

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def desk(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> AsyncIterator[Desk]:
    """A desk whose pictures Meta can fetch."""
    async with served_desk(make_services, serving, agency, meta) as served:
        yield served


async def row(desk: Desk, account: Account) -> Account:
    """Look at an account as it is now."""
    async with desk.services.db.session(desk.actor) as session:
        return await session.get_one(Account, account.id)


async def write(desk: Desk, account: Account, **values: Any) -> None:
    async with desk.services.db.session(desk.cast.program) as session:
        await session.exec(update(Account).where(col(Account.id) == account.id).values(**values))


async def make_due(desk: Desk) -> None:
    """Hand over what waits, whatever it waits for."""
    async with desk.services.db.session(desk.cast.program) as session:
        waiting = update(Publication).where(col(Publication.state) == PublicationState.SCHEDULED)
        handed = {"state": "queued", "next_run_at": None, "queued_at": datetime.now(UTC)}
        await session.exec(waiting.where(col(Publication.agency_id) == desk.cast.id).values(**handed))


async def calls(meta: Meta, part: str = "/v25.0/") -> int:
    return sum(part in one["path"] for one in await meta.requests())


async def picture_on(desk: Desk, account: Account) -> PostView:
    kept = await desk.keep()
    return await desk.advance(await desk.publish(desk.content(account, media_id=kept.id)))


async def early(desk: Desk, account: Account) -> PostView:
    """Give a post that is due in five minutes, handed over to be made ready."""
    kept = await desk.keep()
    view = await scheduled(desk, desk.content(account, media_id=kept.id), soon(minutes=5))
    await make_due(desk)
    return view


class TestTheApp:
    def test_what_was_heard_last_counts_and_is_forgotten(self):
        now = [1000.0]
        pace = Pace(lambda: now[0])
        assert pace.of() == 0
        pace.hear(Usage(app=96))
        pace.hear(Usage(app=85))
        pace.hear(Usage(accounts={"1": 20}))
        assert pace.of() == 85
        now[0] += FORGOTTEN - 1
        assert pace.is_slow()
        now[0] += 1
        assert pace.of() == 0

    @pytest.mark.parametrize(
        ("percent", "room", "ahead"),
        [(79, 20, 20), (80, 20, FEW), (94, 20, FEW), (95, 20, 0), (79, -3, 0), (85, 0, 0), (85, -3, 0)],
    )
    def test_so_many_are_prepared_ahead(self, percent: int, room: int, ahead: int):
        pace = Pace()
        pace.hear(Usage(app=percent))
        assert pace.ahead(room) == ahead

    async def test_every_answer_tells(self, desk: Desk, meta: Meta):
        await meta.settings(usage={"app": 85})
        await desk.advance(await desk.publish(desk.content(desk.facebook)))
        assert desk.services.pace.is_slow()
        await meta.settings(usage={"app": 96})
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        assert desk.services.pace.is_full()
        assert view.post.state is PostState.PUBLISHED

    async def test_close_to_the_limit_nothing_is_made_ready_ahead(self, desk: Desk, meta: Meta):
        view, before = await early(desk, desk.instagram), await calls(meta)
        desk.services.pace.hear(Usage(app=95))
        [one] = (await desk.advance(view)).publications
        assert await calls(meta) == before
        assert (one.state, one.reason, one.attempts) == (PublicationState.SCHEDULED, None, 0)
        assert one.next_run_at is not None
        assert one.next_run_at <= soon(seconds=60)

    @pytest.mark.parametrize(("percent", "pause"), [(79, AGAIN), (80, MINUTE)])
    async def test_a_container_is_looked_at_less_often_when_slow(
        self, desk: Desk, meta: Meta, percent: int, pause: timedelta
    ):
        await meta.settings(container_seconds=60, usage={"app": percent})
        [one] = (await desk.advance(await early(desk, desk.instagram))).publications
        assert one.next_run_at is not None
        assert abs(one.next_run_at - datetime.now(UTC) - pause) < timedelta(seconds=5)


class TestAnAccount:
    async def test_only_what_slows_us_down_is_written_and_that_it_no_longer_does(
        self, desk: Desk, meta: Meta
    ):
        seen = []
        for percent in (50, 85, 40, 30):
            await meta.settings(usage={"instagram": percent})
            view = await picture_on(desk, desk.instagram)
            assert view.post.state is PostState.PUBLISHED
            seen.append((await row(desk, desk.instagram)).usage_percent)
        assert seen == [0, 85, 40, 40]
        assert (await row(desk, desk.facebook)).usage_seen_at is None

    async def test_close_to_its_limit_it_does_only_what_is_due(self, desk: Desk, meta: Meta):
        await write(desk, desk.facebook, usage_percent=95, usage_seen_at=datetime.now(UTC))
        view, before = await early(desk, desk.facebook), await calls(meta)
        [one] = (await desk.advance(view)).publications
        assert (one.state, await calls(meta)) == (PublicationState.SCHEDULED, before)
        assert (await picture_on(desk, desk.facebook)).post.state is PostState.PUBLISHED

    @pytest.mark.parametrize("bucket", ["instagram", "app"])
    async def test_a_refusal_closes_it_as_long_as_meta_says(self, desk: Desk, meta: Meta, bucket: str):
        await meta.settings(regain_minutes=10)
        await meta.fault("/media", "rate_limit", bucket=bucket, times=1)
        began = datetime.now(UTC)
        [one] = (await picture_on(desk, desk.instagram)).publications
        closed, least = (await row(desk, desk.instagram)).blocked_until, {"instagram": 10, "app": 5}[bucket]
        assert closed is not None
        assert least * MINUTE <= closed - began < least * MINUTE * 1.1 + timedelta(seconds=20)
        assert (one.state, one.reason) == (
            PublicationState.SCHEDULED,
            "Meta allows no more calls for a while.",
        )
        async with desk.services.db.session(desk.actor) as session:
            owed = (await session.exec(select(Announcement.kind))).all()
        assert owed.count("card") == 2
        assert (await row(desk, desk.facebook)).blocked_until is None

    async def test_while_it_is_closed_nothing_is_asked_of_meta_for_it(self, desk: Desk, meta: Meta):
        await write(desk, desk.facebook, blocked_until=soon(minutes=5))
        before = await calls(meta)
        [one] = (await desk.advance(await desk.publish(desk.content(desk.facebook)))).publications
        assert (one.state, await calls(meta)) == (PublicationState.SCHEDULED, before)
        assert one.reason == "Meta allows no more calls for Northwind Coffee for a while."

    async def test_the_cards_of_what_else_waits_for_it_are_drawn(self, desk: Desk, meta: Meta):
        content = desk.content(desk.instagram, media_id=(await desk.keep()).id)
        waits = await scheduled(desk, content, soon(minutes=3))
        await scheduled(desk, content, soon(minutes=30))
        await meta.fault("/media", "rate_limit", bucket="instagram", times=1)
        refused = await picture_on(desk, desk.instagram)
        async with desk.services.db.session(desk.actor) as session:
            owed = list(await session.exec(select(Announcement).where(Announcement.kind == "card")))
        counted = Counter(one.post_id for one in owed)
        assert sorted(counted.values()) == [1, 2, 2]
        assert counted[waits.post.id] == counted[refused.post.id] == 2

    async def test_what_would_be_too_late_by_then_is_asked_about_at_once(self, desk: Desk, meta: Meta):
        await meta.settings(regain_minutes=20)
        await meta.fault("/media", "rate_limit", bucket="instagram", times=1)
        view = await picture_on(desk, desk.instagram)
        assert view.post.state is PostState.LATE
        [one] = (await desk.advance(await desk.publish(desk.content(desk.facebook)))).publications
        assert one.state is PublicationState.PUBLISHED

    async def test_a_refusal_that_lied_closes_it_only_until_the_post_is_seen(self, desk: Desk, meta: Meta):
        lie = {"code": 4, "subcode": 2207051, "http_status": 403, "times": 1}
        await meta.fault("media_publish", "error_after", **lie)
        view = await picture_on(desk, desk.instagram)
        assert view.post.state is PostState.PUBLISHING
        closed = (await row(desk, desk.instagram)).blocked_until
        assert closed is not None
        assert closed > soon(minutes=59)
        await make_due(desk)
        assert (await desk.advance(view)).post.state is PostState.PUBLISHED
        assert (await row(desk, desk.instagram)).blocked_until is None

    async def test_a_longer_pause_is_never_cut_short(self, desk: Desk):
        two_days = soon(days=2)
        await write(desk, desk.facebook, blocked_until=two_days)
        with pytest.raises(TryAgainLater):
            async with pace.kept(desk.services.db, desk.facebook):
                raise TryAgainLater(code=32)
        assert (await row(desk, desk.facebook)).blocked_until == two_days


class TestTryingAgain:
    def test_pauses_grow_and_differ(self):
        patience = Patience()
        for attempts in range(publishing.MOST_ATTEMPTS):
            pauses = {publishing.pause_after(patience, attempts) for _ in range(50)}
            longest = min(patience.first_pause * 2**attempts, patience.longest_pause)
            assert len(pauses) > 10
            assert longest / 2 <= min(pauses) < max(pauses) <= longest

    async def test_it_ends_and_says_so(self, desk: Desk, meta: Meta):
        await meta.fault("/photos", "error", code=2, times=None)
        view = await picture_on(desk, desk.facebook)
        tried = 1
        while view.publications[0].state is PublicationState.SCHEDULED:
            await make_due(desk)
            view, tried = await desk.advance(view), tried + 1
        assert view.post.state is PostState.LATE  # the next pause would end after what its client tolerates
        assert view.publications[0].reason
        assert tried > 7

    async def test_a_client_that_tolerates_more_is_tried_for_longer(self, desk: Desk, meta: Meta):
        await meta.fault("/photos", "error", code=2, times=None)
        async with desk.services.db.session(desk.cast.program) as session:
            (await session.get_one(Client, desk.cast.client.id)).late_minutes = 1440
        view = await picture_on(desk, desk.facebook)
        for _ in range(3 * publishing.MOST_ATTEMPTS):
            assert view.publications[0].state is PublicationState.SCHEDULED
            await make_due(desk)
            view = await desk.advance(view)

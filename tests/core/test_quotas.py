"""Instagram's quota: read and remembered, never in anybody's way, and said before a post would not fit."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from core import quotas
from core.graph.usage import Usage
from core.models import Account, Announcement, PostState, Publication, PublicationState
from core.quotas import Outlook
from tests.conftest import Cast, MakeServices, Serving
from tests.core.desk import Desk, served_desk
from tests.core.timetable import scheduled, soon
from tests.drivers.meta import Meta

LIMIT = "content_publishing_limit"


@pytest.fixture
async def desk(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> AsyncIterator[Desk]:
    """A desk whose pictures Meta can fetch."""
    async with served_desk(make_services, serving, agency, meta) as served:
        yield served


async def row(desk: Desk) -> Account:
    async with desk.services.db.session(desk.actor) as session:
        return await session.get_one(Account, desk.instagram.id)


async def write(desk: Desk, **values: Any) -> Account:
    async with desk.services.db.session(desk.cast.program) as session:
        await session.exec(update(Account).where(col(Account.id) == desk.instagram.id).values(**values))
    return await row(desk)


async def used(desk: Desk, count: int, total: int, *, ago: timedelta = timedelta(0)) -> Account:
    """Give the Instagram account as if Meta had said this some time ago."""
    return await write(desk, quota_used=count, quota_total=total, quota_seen_at=datetime.now(UTC) - ago)


async def asked(meta: Meta, part: str = LIMIT) -> int:
    return sum(part in one["path"] for one in await meta.requests())


async def hand_over(desk: Desk, **values: Any) -> None:
    async with desk.services.db.session(desk.cast.program) as session:
        waiting = update(Publication).where(col(Publication.agency_id) == desk.cast.id)
        handed = {"state": "queued", "next_run_at": None, "queued_at": datetime.now(UTC)}
        await session.exec(waiting.values(**handed | values))


class TestReading:
    async def test_it_is_read_once_and_kept(self, desk: Desk, meta: Meta):
        await meta.settings(quota_total=25)
        quota = await quotas.left(desk.services, desk.instagram)
        assert quota is not None
        assert (quota.used, quota.total, quota.left) == (0, 25, 25)
        assert await quotas.left(desk.services, await row(desk)) == quota
        assert await asked(meta) == 1

    async def test_it_is_read_anew_when_it_is_old(self, desk: Desk, meta: Meta):
        account = await used(desk, 49, 50, ago=quotas.FRESH)
        quota = await quotas.left(desk.services, account)
        assert quota is not None
        assert quota.used == 0
        assert await asked(meta) == 1

    async def test_less_often_near_the_app_s_limit_and_never_close_to_it(self, desk: Desk, meta: Meta):
        account = await used(desk, 49, 50, ago=quotas.FRESH)
        desk.services.pace.hear(Usage(app=80))
        quota = await quotas.left(desk.services, account)
        assert quota is not None
        assert quota.used == 49
        desk.services.pace.hear(Usage(app=95))
        assert await quotas.left(desk.services, desk.instagram) is None
        assert await asked(meta) == 0

    async def test_a_page_and_a_disconnected_account_have_none(self, desk: Desk, meta: Meta):
        gone = Account(**desk.instagram.model_dump() | {"access_token": None})
        assert await quotas.of(desk.services, [desk.facebook, gone]) == {}
        assert await asked(meta) == 0

    @pytest.mark.parametrize(
        "fault", [{"kind": "error", "code": 10}, {"kind": "html"}, {"kind": "slow", "seconds": 3}]
    )
    async def test_what_cannot_be_read_stops_nobody(self, desk: Desk, meta: Meta, fault: dict[str, Any]):
        await meta.fault(LIMIT, times=None, **fault)
        assert await quotas.left(desk.services, desk.instagram) is None
        assert (await row(desk)).quota_seen_at is None

    async def test_what_goes_out_is_counted_until_it_is_read_again(self, desk: Desk):
        kept = await desk.keep()
        await used(desk, 7, 50)
        await desk.advance(await desk.publish(desk.content(media_id=kept.id)))
        assert (await row(desk)).quota_used == 8


class TestNoRoom:
    async def test_it_waits_for_its_minute_and_says_why(self, desk: Desk, meta: Meta):
        await meta.settings(quota_total=0)
        kept = await desk.keep()
        content, due_at = desk.content(desk.instagram, media_id=kept.id), soon(minutes=5)
        view = await scheduled(desk, content, due_at)
        await hand_over(desk)
        [one] = (await desk.advance(view)).publications
        assert one.state is PublicationState.SCHEDULED
        assert one.next_run_at is not None
        assert abs(one.next_run_at - due_at) < timedelta(seconds=2)
        reason = "Instagram takes 0 posts in 24 hours for @northwind.coffee, and has had them."
        assert one.reason == reason
        assert await asked(meta, "/media") == 0
        async with desk.services.db.session(desk.actor) as session:
            owed = (await session.exec(select(Announcement.kind))).all()
        assert owed.count("card") == 2

    async def test_at_its_minute_meta_has_the_last_word_and_a_person_is_asked(self, desk: Desk, meta: Meta):
        await meta.settings(quota_total=0)
        kept = await desk.keep()
        view = await desk.advance(await desk.publish(desk.content(desk.instagram, media_id=kept.id)))
        assert view.post.state is PostState.LATE
        assert view.publications[0].reason is not None
        assert "24 hours" in view.publications[0].reason
        assert await asked(meta) == 0

    async def test_with_room_it_is_made_ready(self, desk: Desk, meta: Meta):
        kept = await desk.keep()
        view = await scheduled(desk, desk.content(desk.instagram, media_id=kept.id), soon(minutes=5))
        await hand_over(desk)
        assert (await desk.advance(view)).publications[0].reason is None
        assert (await asked(meta), await asked(meta, "/media")) == (1, 1)


class TestOutlook:
    async def look(self, desk: Desk, account: Account, due_at: datetime | None = None) -> Outlook:
        accounts = [desk.facebook, account]
        [found] = await quotas.outlook(desk.services, accounts, due_at=due_at, post_id=uuid4())
        assert found.account == account
        return found

    async def test_a_post_fits_as_long_as_one_is_left(self, desk: Desk):
        assert (await self.look(desk, await used(desk, 49, 50))).fits
        assert not (await self.look(desk, await used(desk, 50, 50))).fits

    async def test_what_goes_out_before_it_counts_and_what_goes_out_later_does_not(self, desk: Desk):
        kept = await desk.keep()
        content = desk.content(desk.instagram, media_id=kept.id)
        for hours in (1, 2, 3):
            await scheduled(desk, content, soon(hours=hours))
        account = await used(desk, 48, 50)
        assert (await self.look(desk, account)).left_then == 2
        assert (await self.look(desk, account, soon(hours=1.5))).left_then == 1
        assert (await self.look(desk, account, soon(hours=2.5))).left_then == 0
        assert (await self.look(desk, account, soon(hours=25.5))).left_then == 48
        assert (await self.look(desk, account, soon(hours=2.5))).quota.left == 2

    async def test_the_post_itself_does_not_count(self, desk: Desk):
        kept = await desk.keep()
        view = await scheduled(desk, desk.content(desk.instagram, media_id=kept.id), soon(hours=1))
        [found] = await quotas.outlook(
            desk.services, [await used(desk, 49, 50)], due_at=soon(hours=2), post_id=view.post.id
        )
        assert found.fits

    async def test_a_page_s_post_has_none(self, desk: Desk):
        assert await quotas.outlook(desk.services, [desk.facebook], due_at=None, post_id=uuid4()) == []
        assert await quotas.outlook(desk.services, [], due_at=None, post_id=uuid4()) == []

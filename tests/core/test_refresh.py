"""A login is renewed before it ends, once however many want it, and nothing is lost on the way."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import holds, refresh
from core.errors import TryAgainLater
from core.models import PublicationState
from core.services import Services
from tests.conftest import Cast, MakeServices, Serving
from tests.core.desk import served_desk
from tests.core.logins import LONG_AGO, Login, logged_in
from tests.drivers.meta import COFFEE, Meta

EXCHANGE = "oauth/access_token"
HOUR = timedelta(hours=1)


def ago(**how: float) -> datetime:
    return datetime.now(UTC) - timedelta(**how)


@pytest.fixture
async def login(services: Services, meta: Meta, agency: Cast) -> Login:
    return await logged_in(services, meta, agency)


async def exchanges(meta: Meta) -> int:
    """Count how often a login was exchanged for another."""
    asked = [one["body"] for one in await meta.requests() if one["path"].endswith(EXCHANGE)]
    return sum(one.get("grant_type") == "fb_exchange_token" for one in asked)


async def works(meta: Meta, tokens: list[str]) -> bool:
    """Say whether Meta honours all of these tokens."""
    answers = [
        await meta.http.get(f"{meta.url}/v25.0/me", headers={"authorization": f"Bearer {one}"})
        for one in tokens
    ]
    return all(one.is_success for one in answers)


async def test_a_login_is_renewed_and_everything_sealed_anew(login: Login, meta: Meta) -> None:
    before = await login.opened()
    await login.put(refresh_at=LONG_AGO)
    await refresh.renew(login.services)
    after, row = await login.opened(), await login.row()
    assert len(set(before) & set(after)) == 0
    assert await works(meta, after)
    assert await works(meta, before)
    assert row.refreshed_at
    assert row.refreshed_at > ago(minutes=1)
    assert row.token_expires_at
    assert row.refresh_at
    half = (row.token_expires_at - datetime.now(UTC)) / 2
    assert abs((row.refresh_at - datetime.now(UTC)) / half - 1) < 0.11
    [entry] = await login.trail("token_refreshed")
    assert entry.client_id == login.cast.client.id
    assert entry.details["connection_id"] == str(login.id)
    assert len(entry.details["accounts"]) == 2


async def test_one_that_is_not_due_is_left_alone(login: Login) -> None:
    before = await login.opened()
    await refresh.renew(login.services)
    assert await login.opened() == before


async def test_however_many_sweeps_renew_it_once(login: Login, meta: Meta) -> None:
    await login.put(refresh_at=LONG_AGO)
    done = await exchanges(meta)
    await asyncio.gather(*(refresh.renew(login.services) for _ in range(5)))
    assert await exchanges(meta) == done + 1
    assert len(await login.trail("token_refreshed")) == 1


@pytest.mark.parametrize("match", [EXCHANGE, "debug_token", "me/accounts", "me/permissions", "me/businesses"])
@pytest.mark.parametrize("kind", ["status", "drop_after"])
async def test_whatever_call_fails_nothing_changes_and_it_is_done_again(
    login: Login, meta: Meta, match: str, kind: str
) -> None:
    more: dict[str, Any] = {"status": 503} if kind == "status" else {}
    before = await login.opened()
    await login.put(refresh_at=LONG_AGO)
    await meta.fault(match, kind, times=4, **more)
    await refresh.renew(login.services)
    row = await login.row()
    assert await login.opened() == before
    assert await works(meta, before)
    assert row.refresh_at
    assert row.refresh_at > datetime.now(UTC)
    assert row.lease_until is None
    await meta.http.delete(f"{meta.url}/_sim/faults")
    await login.put(refresh_at=LONG_AGO)
    await refresh.renew(login.services)
    assert set(await login.opened()).isdisjoint(before)
    assert await login.endings() == [None, None]


@pytest.mark.parametrize(
    ("left", "after"),
    [(timedelta(minutes=61), timedelta(0)), (timedelta(minutes=61), HOUR), (timedelta(minutes=5), HOUR)],
)
async def test_what_failed_is_tried_again_before_the_end(
    login: Login, left: timedelta, after: timedelta
) -> None:
    end = datetime.now(UTC) + left
    await login.put(token_expires_at=end)
    held = await holds.take(login.services, login.cast.id, login.id)
    assert held
    for _ in range(50):
        at = await refresh.again_at(held, TryAgainLater("Meta is away.", after=after))
        assert datetime.now(UTC) < at
        assert at < end - timedelta(minutes=3)


async def test_a_process_that_dies_between_meta_s_answer_and_the_commit_loses_nothing(
    login: Login, meta: Meta
) -> None:
    before = await login.opened()
    held = await holds.take(login.services, login.cast.id, login.id)
    assert held
    answer = await refresh.ask(held)  # and here it dies
    assert await works(meta, [answer.token.reveal(), *before])
    assert await login.opened() == before
    await login.put(refresh_at=LONG_AGO)
    await refresh.renew(login.services)
    assert await login.opened() == before  # the lease of the dead
    await login.put(lease_until=ago(seconds=1))
    await refresh.renew(login.services)
    after = await login.opened()
    assert set(after).isdisjoint(before)
    assert await works(meta, after)
    await refresh.write_down(held, answer)  # it was only frozen: what it knows is of no use any more
    assert await login.opened() == after
    assert len(await login.trail("token_refreshed")) == 1


async def test_somebody_who_logs_in_meanwhile_is_not_overwritten(login: Login, meta: Meta) -> None:
    held = await holds.take(login.services, login.cast.id, login.id)
    assert held
    answer = await refresh.ask(held)
    await logged_in(login.services, meta, login.cast)
    fresh = await login.opened()
    await refresh.write_down(held, answer)
    assert await login.opened() == fresh


async def test_a_page_that_is_not_listed_keeps_its_token_and_is_looked_at(login: Login, meta: Meta) -> None:
    own, *of_accounts = await login.opened()
    await meta.withdraw(unshared=[COFFEE])
    await login.put(refresh_at=LONG_AGO)
    await refresh.renew(login.services)
    own_now, *now = await login.opened()
    assert own_now != own
    assert now == of_accounts
    row = await login.row()
    assert row.check_at
    assert row.check_at <= datetime.now(UTC)


class TestBeforePublishing:
    async def test_ten_that_wait_for_it_renew_a_login_once(
        self, make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
    ) -> None:
        async with served_desk(make_services, serving, agency, meta) as desk:
            login = Login(desk.services, meta, agency, desk.facebook.connection_id)
            await login.put(token_expires_at=datetime.now(UTC) + timedelta(minutes=9))
            before, done = await login.opened(), await exchanges(meta)
            row = await login.row()
            await asyncio.gather(*(refresh.before_publish(desk.services, row) for _ in range(10)))
            assert await exchanges(meta) == done + 1
            assert set(await login.opened()).isdisjoint(before)
            view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
            assert view.publications[0].state is PublicationState.PUBLISHED
            assert await exchanges(meta) == done + 1

    async def test_what_is_published_goes_out_with_the_new_token(
        self, make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
    ) -> None:
        async with served_desk(make_services, serving, agency, meta) as desk:
            login = Login(desk.services, meta, agency, desk.facebook.connection_id)
            await login.put(token_expires_at=datetime.now(UTC) + timedelta(minutes=9))
            before = await login.opened()
            view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
            assert view.publications[0].state is PublicationState.PUBLISHED
            assert set(await login.opened()).isdisjoint(before)
            assert len(await login.trail("token_refreshed")) == 1

    async def test_with_ten_minutes_left_nothing_is_asked(self, login: Login, meta: Meta) -> None:
        await login.put(token_expires_at=datetime.now(UTC) + timedelta(minutes=11))
        done = await exchanges(meta)
        await refresh.before_publish(login.services, await login.row())
        assert await exchanges(meta) == done

    async def test_while_meta_is_away_it_is_tried_once_and_what_there_is_is_used(
        self, make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
    ) -> None:
        async with served_desk(make_services, serving, agency, meta) as desk:
            login = Login(desk.services, meta, agency, desk.facebook.connection_id)
            await login.put(token_expires_at=datetime.now(UTC) + timedelta(minutes=9))
            await meta.fault(EXCHANGE, "status", status=503, times=None)
            for _ in range(2):
                view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
                assert view.publications[0].state is PublicationState.PUBLISHED
            assert await exchanges(meta) == 1

    async def test_another_process_at_it_is_waited_for(self, login: Login) -> None:
        await login.put(token_expires_at=datetime.now(UTC) + timedelta(minutes=9), refresh_at=None)
        held = await holds.take(login.services, login.cast.id, login.id)
        assert held
        waiting = asyncio.create_task(refresh.before_publish(login.services, held.connection))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await refresh.refresh_held(held)
        await asyncio.wait_for(waiting, 5)
        assert len(await login.trail("token_refreshed")) == 1

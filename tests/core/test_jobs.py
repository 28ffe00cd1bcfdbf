"""The sweeps, and the engine's own jobs: what is due is handed over once, what was lost comes back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlmodel import col, select

from core import jobs, publishing
from core.jobs import Engine
from core.models import PostState, Publication, PublicationState
from core.posts import PostView
from core.services import Services
from pressroom.schema import Addresses, driver_url
from tests.conftest import Cast, Heard
from tests.core.desk import Desk, make_desk
from tests.drivers.meta import COFFEE, Meta

PAST = timedelta(minutes=5)


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    return await make_desk(services, agency, meta)


@pytest.fixture
async def engine(addresses: Addresses) -> AsyncIterator[Engine]:
    made = Engine(driver_url(addresses.program))
    async with made.app.open_async():
        yield made


async def put(desk: Desk, view: PostView, **values: Any) -> None:
    """Change a post's publications, whatever the program would say to it."""
    async with desk.services.db.session(desk.cast.program) as session:
        theirs = update(Publication).where(col(Publication.post_id) == view.post.id)
        await session.exec(theirs.values(**values))


async def waiting(desk: Desk, *, since: timedelta) -> PostView:
    """Give a post whose publication waits for a time that is past."""
    view = await desk.publish(desk.content(desk.facebook))
    then = datetime.now(UTC) - since
    await put(desk, view, state=PublicationState.SCHEDULED, next_run_at=then, queued_at=None)
    return await desk.look(view)


def heard(desk: Desk) -> Heard:
    assert isinstance(desk.services.transport, Heard)
    return desk.services.transport


class TestDispatch:
    async def test_what_is_due_is_handed_over_and_what_is_not_stays(self, desk: Desk):
        due, later = await waiting(desk, since=PAST), await waiting(desk, since=-PAST)
        heard(desk).advanced.clear()
        await jobs.dispatch(desk.services)
        assert due.publications[0].id in heard(desk).advanced
        assert later.publications[0].id not in heard(desk).advanced
        assert (await desk.look(due)).publications[0].state is PublicationState.QUEUED
        assert (await desk.look(later)).publications[0].state is PublicationState.SCHEDULED

    async def test_sweeps_in_many_processes_at_once_hand_it_over_once(self, desk: Desk):
        due = await waiting(desk, since=PAST)
        heard(desk).advanced.clear()
        await asyncio.gather(*(jobs.dispatch(desk.services) for _ in range(5)))
        assert heard(desk).advanced.count(due.publications[0].id) == 1


class TestRecovery:
    async def running(self, desk: Desk, *, lease: timedelta) -> PostView:
        view = await desk.publish(desk.content(desk.facebook))
        until = datetime.now(UTC) + lease
        await put(desk, view, state=PublicationState.RUNNING, queued_at=None, lease_until=until)
        return view

    async def test_a_lease_that_is_over_comes_back_and_is_counted(self, desk: Desk):
        dead, alive = (
            await self.running(desk, lease=-PAST),
            await waiting(desk, since=-PAST),
        )
        await jobs.recover(desk.services)
        [back] = (await desk.look(dead)).publications
        assert (back.state, back.crashes, back.lease_until) == (PublicationState.SCHEDULED, 1, None)
        assert (await desk.look(alive)).publications[0].crashes == 0

    async def test_a_lease_that_holds_is_left_alone(self, desk: Desk):
        alive = await self.running(desk, lease=PAST)
        await jobs.recover(desk.services)
        assert (await desk.look(alive)).publications[0].state is PublicationState.RUNNING

    async def test_a_job_that_was_lost_comes_back(self, desk: Desk):
        view = await desk.publish(desk.content(desk.facebook))
        await put(desk, view, queued_at=datetime.now(UTC) - PAST)
        await jobs.recover(desk.services)
        assert (await desk.look(view)).publications[0].state is PublicationState.SCHEDULED

    async def test_a_queued_one_whose_job_is_still_there_is_only_waiting(self, desk: Desk, engine: Engine):
        busy = replace(desk, services=replace(desk.services, transport=engine))
        waits, lost = [await busy.publish(busy.content(busy.facebook, caption=one)) for one in ("One", "Two")]
        for view in (waits, lost):
            await put(busy, view, queued_at=datetime.now(UTC) - PAST)
        await drop_jobs(desk, lost.publications[0].id)
        assert await engine.waiting()
        await jobs.recover(busy.services)
        assert (await busy.look(waits)).publications[0].state is PublicationState.QUEUED
        assert (await busy.look(lost)).publications[0].state is PublicationState.SCHEDULED
        await drop_jobs(desk)

    async def test_one_that_takes_its_worker_down_again_and_again_is_given_up(self, desk: Desk, meta: Meta):
        view = await desk.publish(desk.content(desk.facebook))
        await put(desk, view, crashes=publishing.MOST_CRASHES)
        view = await desk.advance(view)
        assert view.post.state is PostState.FAILED
        assert COFFEE not in {page for page, posts in (await meta.public())["pages"].items() if posts}


async def test_a_job_is_there_only_if_its_transaction_commits(desk: Desk, engine: Engine):
    view = await desk.publish(desk.content(desk.facebook))
    async with desk.services.db.session(desk.actor) as session:
        await engine.advance(session, [view.publications[0].id], agency_id=desk.cast.id)
        await session.rollback()
    assert not await engine.waiting()
    async with desk.services.db.session(desk.actor) as session:
        await engine.advance(session, [view.publications[0].id], agency_id=desk.cast.id)
    assert await engine.waiting()
    await drop_jobs(desk)


async def drop_jobs(desk: Desk, publication_id: UUID | None = None) -> None:
    """Lose the jobs of one publication, or all of them."""
    lost = text(
        "DELETE FROM jobs.procrastinate_jobs WHERE CAST(:id AS text) IS NULL OR args->>'publication_id' = :id"
    )
    async with desk.services.db.engine.begin() as connection:
        await connection.execute(lost, {"id": str(publication_id) if publication_id else None})


async def test_a_publication_is_only_ever_found_in_its_own_agency(desk: Desk, agency: Cast):
    view = await desk.publish(desk.content(desk.facebook))
    stranger = UUID(int=0)
    await publishing.advance(desk.services, agency_id=stranger, publication_id=view.publications[0].id)
    async with desk.services.db.session(agency.program) as session:
        [one] = await session.exec(select(Publication).where(Publication.post_id == view.post.id))
    assert one.state is PublicationState.QUEUED

"""The emergency stop: while it is on, nothing of a client, or of the agency, goes out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlmodel import select

from core import audit, jobs, lateness, pauses, reviews, schedule
from core.db import Actor
from core.errors import Changed, NotAllowed, NotFound
from core.models import AuditEntry, Client, PostState, PublicationState
from core.posts import PostView
from tests.conftest import Cast, MakeServices, Serving
from tests.core.desk import Desk, make_desk, served_desk
from tests.core.timetable import (
    hand_over,
    pass_time,
    replies,
    round_of_the_engine,
    scheduled,
    soon,
    steps,
    work,
)
from tests.drivers.meta import COFFEE, Meta

SCHEDULED = PublicationState.SCHEDULED
MakeAgency = Callable[[], Awaitable[Cast]]


@pytest.fixture
async def desk(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> AsyncIterator[Desk]:
    async with served_desk(make_services, serving, agency, meta) as served:
        yield served


@pytest.fixture
def manager(agency: Cast) -> Actor:
    return agency.actor(agency.manager)


@pytest.fixture
def admin(agency: Cast) -> Actor:
    return agency.actor(agency.admin)


async def pause(desk: Desk, actor: Actor, *, whole_agency: bool = False) -> None:
    client_id = None if whole_agency else desk.cast.client.id
    await pauses.pause(desk.services.db, actor, client_id=client_id)


async def resume(desk: Desk, actor: Actor, *, whole_agency: bool = False) -> None:
    client_id = None if whole_agency else desk.cast.client.id
    await pauses.resume(desk.services.db, actor, client_id=client_id)


async def public(meta: Meta) -> list[Any]:
    return (await meta.public())["pages"].get(COFFEE, [])


class TestWhoMay:
    async def test_a_manager_pauses_their_client_and_an_admin_the_whole_agency(
        self, desk: Desk, agency: Cast, manager: Actor, admin: Actor
    ):
        await pause(desk, manager)
        await pause(desk, admin, whole_agency=True)
        async with desk.services.db.session(admin) as session:
            client = await session.get_one(Client, agency.client.id)
            whole = await pauses.of_client(session, client)
            assert whole is not None
            assert (whole.whole_agency, whole.by) == (True, agency.admin.slack_user_id)
            assert [one.id for one in await pauses.paused_clients(session)] == [client.id]
        await resume(desk, admin, whole_agency=True)
        async with desk.services.db.session(admin) as session:
            client = await session.get_one(Client, agency.client.id)
            own = await pauses.of_client(session, client)
            other = await session.get_one(Client, agency.other_client.id)
            assert await pauses.of_client(session, other) is None
        assert own is not None
        assert (own.whole_agency, own.by) == (False, agency.manager.slack_user_id)

    async def test_the_trail_tells_who(self, desk: Desk, agency: Cast, manager: Actor):
        await pause(desk, manager)
        await resume(desk, manager)
        async with desk.services.db.session(manager) as session:
            found = await audit.recent(session, most=2)
        assert [(one.action, one.user_id, one.client_id) for one in reversed(found)] == [
            ("publishing_paused", agency.manager.slack_user_id, agency.client.id),
            ("publishing_resumed", agency.manager.slack_user_id, agency.client.id),
        ]

    async def test_an_author_may_not(self, desk: Desk):
        with pytest.raises(NotAllowed):
            await pause(desk, desk.actor)

    async def test_a_manager_may_not_pause_the_whole_agency(self, desk: Desk, manager: Actor):
        with pytest.raises(NotAllowed):
            await pause(desk, manager, whole_agency=True)

    async def test_a_stranger_finds_no_such_client(self, desk: Desk, agency: Cast):
        with pytest.raises(NotFound):
            await pause(desk, agency.actor(agency.stranger))

    async def test_a_second_click_changes_nothing(self, desk: Desk, manager: Actor, admin: Actor):
        await asyncio.gather(pause(desk, manager), pause(desk, admin), return_exceptions=True)
        with pytest.raises(Changed):
            await pause(desk, manager)
        await resume(desk, manager)
        with pytest.raises(Changed):
            await resume(desk, manager)
        async with desk.services.db.session(desk.cast.program) as session:
            entries = await session.exec(
                select(AuditEntry.action).where(AuditEntry.agency_id == desk.cast.id)
            )
            about = [one for one in entries if one.startswith("publishing_")]
        assert sorted(about) == ["publishing_paused", "publishing_resumed"]


class TestWhileItIsOn:
    @pytest.mark.parametrize("whole_agency", [True, False], ids=["the agency", "a client"])
    async def test_nothing_goes_out_and_it_goes_on_afterwards(
        self,
        desk: Desk,
        meta: Meta,
        admin: Actor,
        whole_agency: bool,  # noqa: FBT001
    ):
        at_once = await desk.publish(desk.content(desk.facebook, caption="At once"))
        await pause(desk, admin, whole_agency=whole_agency)
        await round_of_the_engine(desk)
        await round_of_the_engine(desk)
        assert await public(meta) == []
        now = await desk.look(at_once)
        assert (now.post.state, now.publications[0].state) == (PostState.PUBLISHING, SCHEDULED)
        assert now.publications[0].attempts == 0
        await resume(desk, admin, whole_agency=whole_agency)
        await round_of_the_engine(desk)
        assert [one["message"] for one in await public(meta)] == ["At once"]

    async def test_other_clients_and_agencies_go_on(
        self, desk: Desk, meta: Meta, make_agency: MakeAgency, admin: Actor
    ):
        await pause(desk, admin, whole_agency=True)
        elsewhere = await make_desk(desk.services, await make_agency(), meta)
        view = await elsewhere.publish(elsewhere.content(elsewhere.facebook))
        await round_of_the_engine(elsewhere)
        assert (await elsewhere.look(view)).post.state is PostState.PUBLISHED

    async def test_what_is_handed_over_already_is_held_back_at_the_last_moment(
        self, desk: Desk, meta: Meta, manager: Actor
    ):
        view = await scheduled(desk, desk.content(desk.facebook), soon(minutes=1))
        await pass_time(desk, minutes=1)
        await hand_over(desk, view)
        await pause(desk, manager)
        await work(desk)
        now = await desk.look(view)
        assert (now.post.state, now.publications[0].state) == (PostState.SCHEDULED, SCHEDULED)
        assert await steps(desk, view.post.id) == []
        assert await public(meta) == []

    async def test_what_may_be_live_is_looked_for_all_the_same_once_it_is_over(
        self, desk: Desk, meta: Meta, manager: Actor
    ):
        await meta.fault("/feed", "drop_after", times=1)
        view = await desk.publish(desk.content(desk.facebook))
        await round_of_the_engine(desk)
        await pause(desk, manager)
        await pass_time(desk, hours=1)
        await lateness.guard(desk.services)
        await resume(desk, manager)
        await lateness.guard(desk.services)
        await round_of_the_engine(desk)
        assert (await desk.look(view)).post.state is PostState.PUBLISHED
        assert len(await public(meta)) == 1

    async def test_its_posts_can_be_moved_and_called_off(self, desk: Desk, manager: Actor):
        one = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        other = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        await pause(desk, manager)
        due_at = soon(days=2)
        moved = await schedule.move(desk.services, desk.actor, post_id=one.post.id, due_at=due_at)
        off = await schedule.cancel(desk.services, desk.actor, post_id=other.post.id)
        assert (moved.post.due_at, off.post.state) == (due_at, PostState.CANCELLED)

    async def test_nobody_can_send_anything_at_once(self, desk: Desk, meta: Meta, manager: Actor):
        await meta.fault("/feed", "error", code=100, message="Invalid parameter", times=1)
        failed = await desk.publish(desk.content(desk.facebook))
        await round_of_the_engine(desk)
        asked = await in_question(desk, meta)
        await pause(desk, manager)
        with pytest.raises(pauses.Paused):
            await desk.publish(desk.content(desk.facebook))
        with pytest.raises(pauses.Paused):
            await schedule.retry(desk.services, desk.actor, publication_id=failed.publications[0].id)
        with pytest.raises(pauses.Paused):
            await reviews.publish_again(desk.services, desk.actor, publication_id=asked.publications[0].id)
        assert (await desk.look(failed)).post.state is PostState.FAILED
        assert (await desk.look(asked)).post.state is PostState.NEEDS_REVIEW

    async def test_what_became_late_meanwhile_asks_once_it_is_over(
        self, desk: Desk, meta: Meta, manager: Actor
    ):
        view = await scheduled(desk, desk.content(desk.facebook), soon(minutes=1))
        in_time = await scheduled(desk, desk.content(desk.facebook, caption="In time"), soon(minutes=25))
        await pause(desk, manager)
        await pass_time(desk, minutes=30)
        for sweep in (jobs.dispatch, lateness.guard):
            await sweep(desk.services)
        assert await replies(desk, view.post.id) == []
        await resume(desk, manager)
        await lateness.guard(desk.services)
        await round_of_the_engine(desk)
        assert await replies(desk, view.post.id) == [{"kind": "late"}]
        assert (await desk.look(view)).post.state is PostState.LATE
        assert (await desk.look(in_time)).post.state is PostState.PUBLISHED
        assert [one["message"] for one in await public(meta)] == ["In time"]


async def in_question(desk: Desk, meta: Meta) -> PostView:
    """Give a post of which nobody can tell whether it is live."""
    await meta.fault("/feed", "drop", times=1)
    view = await desk.publish(desk.content(desk.facebook, caption="In question"))
    await round_of_the_engine(desk)
    for _ in desk.services.patience.looks:
        await hand_over(desk, view)
        await work(desk)
    view = await desk.look(view)
    assert view.post.state is PostState.NEEDS_REVIEW
    return view

"""The late guard: what could not go out at its minute waits for a person, who is asked once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from core import jobs, lateness, pauses, schedule
from core.drafts import Content
from core.errors import Changed, NotAllowed, NotFound
from core.lateness import Answered
from core.models import Client, PostState, PublicationState, StepName
from core.posts import PostView
from tests.conftest import Cast, MakeServices, Serving
from tests.core.desk import Desk, make_desk, served_desk
from tests.core.timetable import (
    actions,
    hand_over,
    pass_time,
    replies,
    round_of_the_engine,
    scheduled,
    soon,
    steps,
    trail,
    work,
)
from tests.drivers.meta import COFFEE, Meta

LATE, SCHEDULED = PublicationState.LATE, PublicationState.SCHEDULED
MakeAgency = Callable[[], Awaitable[Cast]]


@pytest.fixture
async def desk(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> AsyncIterator[Desk]:
    async with served_desk(make_services, serving, agency, meta) as served:
        yield served


async def public(meta: Meta) -> list[Any]:
    return (await meta.public())["pages"].get(COFFEE, [])


async def waiting(desk: Desk, content: Content | None = None, *, late_by: float = 16) -> PostView:
    """Give a post whose minute was so many minutes ago, while nobody was at work."""
    view = await scheduled(desk, content or desk.content(desk.facebook), soon(minutes=1))
    await pass_time(desk, minutes=1 + late_by)
    return view


async def tolerate(desk: Desk, minutes: int) -> None:
    async with desk.services.db.session(desk.cast.program) as session:
        ours = update(Client).where(col(Client.id) == desk.cast.client.id)
        await session.exec(ours.values(late_minutes=minutes))


async def questions(desk: Desk, views: list[PostView]) -> list[str]:
    """Give what the threads of these posts are asked."""
    return [one["kind"] for view in views for one in await replies(desk, view.post.id)]


class TestWhatIsLate:
    async def test_it_does_not_go_out_by_itself_and_its_thread_asks(self, desk: Desk, meta: Meta):
        view = await waiting(desk)
        await round_of_the_engine(desk)
        await lateness.guard(desk.services)
        await round_of_the_engine(desk)
        now = await desk.look(view)
        assert (now.post.state, now.publications[0].state) == (PostState.LATE, LATE)
        assert now.publications[0].next_run_at is None
        assert await replies(desk, view.post.id) == [{"kind": "late"}]
        entry = (await trail(desk, view.post.id))[-1]
        assert (entry.action, entry.user_id, entry.account_id) == (
            "publication_late",
            "pressroom",
            desk.facebook.id,
        )
        assert await public(meta) == []

    @pytest.mark.parametrize(("late_by", "is_late"), [(14.5, False), (15.5, True)])
    async def test_fifteen_minutes_are_tolerated(self, desk: Desk, late_by: float, is_late: bool):  # noqa: FBT001
        view = await waiting(desk, late_by=late_by)
        await lateness.guard(desk.services)
        assert (await desk.look(view)).post.state is (PostState.LATE if is_late else PostState.SCHEDULED)

    @pytest.mark.parametrize(("tolerance", "expected"), [(60, PostState.PUBLISHED), (2, PostState.LATE)])
    async def test_each_client_says_how_late_is_too_late(
        self, desk: Desk, tolerance: int, expected: PostState
    ):
        await tolerate(desk, tolerance)
        view = await waiting(desk, late_by=14 if expected is PostState.LATE else 30)
        await lateness.guard(desk.services)
        await round_of_the_engine(desk)
        assert (await desk.look(view)).post.state is expected

    async def test_one_that_waits_for_its_next_try_is_not_late_yet(self, desk: Desk, meta: Meta):
        await meta.fault("/photos", "rate_limit", times=1)
        view = await desk.publish(desk.content(desk.facebook, media_id=(await desk.keep()).id))
        await round_of_the_engine(desk)
        assert (await desk.look(view)).publications[0].state is SCHEDULED
        await lateness.guard(desk.services)
        assert (await desk.look(view)).publications[0].state is SCHEDULED

    async def test_what_may_be_live_is_looked_for_however_late(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "drop_after", times=1)
        view = await desk.publish(desk.content(desk.facebook))
        await round_of_the_engine(desk)
        await pass_time(desk, hours=5)
        await lateness.guard(desk.services)
        assert (await desk.look(view)).post.state is PostState.PUBLISHING
        await round_of_the_engine(desk)
        assert (await desk.look(view)).post.state is PostState.PUBLISHED
        assert len(await public(meta)) == 1

    async def test_a_draft_whose_time_is_over_is_nobodys_business(self, desk: Desk):
        view = await desk.draft(desk.content(desk.facebook))
        await pass_time(desk, days=3)
        await lateness.guard(desk.services)
        assert (await desk.look(view)).post.state is PostState.DRAFT


class TestTheQuestion:
    async def test_two_accounts_of_one_post_are_one_question(self, desk: Desk):
        view = await waiting(desk, desk.content(media_id=(await desk.keep()).id))
        await lateness.guard(desk.services)
        assert await replies(desk, view.post.id) == [{"kind": "late"}]
        assert await actions(desk, view.post.id) == ["post_scheduled", *["publication_late"] * 2]

    async def test_a_few_are_asked_about_one_by_one(self, desk: Desk):
        views = [await waiting(desk, late_by=20) for _ in range(lateness.FEW)]
        await lateness.guard(desk.services)
        assert await questions(desk, views) == ["late"] * lateness.FEW

    async def test_many_at_once_are_one_question(self, desk: Desk):
        views = [await waiting(desk, late_by=20) for _ in range(lateness.FEW + 1)]
        await lateness.guard(desk.services)
        assert {(await desk.look(view)).post.state for view in views} == {PostState.LATE}
        [asked] = [one for view in views for one in await replies(desk, view.post.id)]
        assert asked == {"kind": "many_late", "count": lateness.FEW + 1}

    async def test_after_an_outage_the_sweeps_of_every_process_ask_once(self, desk: Desk, meta: Meta):
        views = [await waiting(desk, late_by=20) for _ in range(lateness.FEW + 1)]
        await asyncio.gather(
            *(
                sweep(desk.services)
                for _ in range(3)
                for sweep in (jobs.dispatch, lateness.guard, jobs.recover)
            )
        )
        await work(desk)
        await lateness.guard(desk.services)
        assert await questions(desk, views) == ["many_late"]
        assert await public(meta) == []

    async def test_what_was_handed_over_before_the_outage_is_in_that_one_question(
        self, desk: Desk, meta: Meta
    ):
        views = [await waiting(desk, late_by=20) for _ in range(lateness.FEW + 1)]
        for view in views:
            await hand_over(desk, view)
            await work(desk)
            assert (await desk.look(view)).publications[0].state is SCHEDULED
        await jobs.dispatch(desk.services)
        await lateness.guard(desk.services)
        assert await questions(desk, views) == ["many_late"]
        assert await public(meta) == []

    async def test_every_client_has_its_own(self, desk: Desk, meta: Meta, make_agency: MakeAgency):
        elsewhere = await make_desk(desk.services, await make_agency(), meta)
        ours = [await waiting(desk, late_by=20) for _ in range(lateness.FEW + 1)]
        theirs = await waiting(elsewhere, late_by=20)
        await lateness.guard(desk.services)
        assert await questions(desk, ours) == ["many_late"]
        assert await questions(elsewhere, [theirs]) == ["late"]

    async def test_what_is_paused_is_not_asked_about_until_it_goes_on(self, desk: Desk, agency: Cast):
        manager = agency.actor(agency.manager)
        view = await scheduled(desk, desk.content(desk.facebook), soon(minutes=1))
        await pauses.pause(desk.services.db, manager, client_id=agency.client.id)
        await pass_time(desk, hours=2)
        await lateness.guard(desk.services)
        assert (await desk.look(view)).post.state is PostState.SCHEDULED
        await pauses.resume(desk.services.db, manager, client_id=agency.client.id)
        await round_of_the_engine(desk)
        await lateness.guard(desk.services)
        assert (await desk.look(view)).post.state is PostState.LATE
        assert await replies(desk, view.post.id) == [{"kind": "late"}]


class TestInTheWorker:
    async def test_one_that_came_too_late_to_its_worker_makes_no_call_that_the_public_sees(
        self, desk: Desk, meta: Meta
    ):
        view = await waiting(desk, desk.content(desk.facebook, media_id=(await desk.keep()).id))
        await hand_over(desk, view)
        await work(desk)
        await lateness.guard(desk.services)
        assert (await desk.look(view)).post.state is PostState.LATE
        assert {one.name for one in await steps(desk, view.post.id)} == {StepName.PHOTO}
        assert await public(meta) == []

    async def test_one_whose_next_try_would_be_too_late_is_asked_about_at_once_with_the_reason(
        self, desk: Desk, meta: Meta
    ):
        await tolerate(desk, 1)
        await meta.settings(regain_minutes=5)
        await meta.fault("/photos", "rate_limit", times=None)
        view = await desk.publish(desk.content(desk.facebook, media_id=(await desk.keep()).id))
        await round_of_the_engine(desk)
        now = await desk.look(view)
        [late] = now.publications
        assert (now.post.state, late.state) == (PostState.LATE, LATE)
        assert late.reason
        assert await replies(desk, view.post.id) == [{"kind": "late", "publication_id": str(late.id)}]
        entry = (await trail(desk, view.post.id))[-1]
        assert (entry.action, entry.details["reason"]) == ("publication_late", late.reason)

    async def test_one_that_may_be_live_is_never_called_late(self, desk: Desk, meta: Meta):
        await tolerate(desk, 1)
        await meta.fault("/feed", "drop_after", times=1)
        view = await desk.publish(desk.content(desk.facebook))
        await round_of_the_engine(desk)
        await pass_time(desk, minutes=3)
        await meta.fault("/published_posts", "rate_limit", times=None)
        await round_of_the_engine(desk)
        now = await desk.look(view)
        assert (now.post.state, now.publications[0].state) == (PostState.PUBLISHING, SCHEDULED)


class TestTheAnswer:
    async def test_publish_now(self, desk: Desk, meta: Meta):
        view = await late(desk)
        await schedule.publish_now(desk.services, desk.actor, post_id=view.post.id)
        await round_of_the_engine(desk)
        await lateness.guard(desk.services)
        assert (await desk.look(view)).post.state is PostState.PUBLISHED
        assert len(await public(meta)) == 1

    async def test_another_time(self, desk: Desk, meta: Meta):
        view = await late(desk)
        due_at = soon(hours=1)
        moved = await schedule.move(desk.services, desk.actor, post_id=view.post.id, due_at=due_at)
        assert (moved.post.state, moved.publications[0].state) == (PostState.SCHEDULED, SCHEDULED)
        await lateness.guard(desk.services)
        await pass_time(desk, hours=1)
        await round_of_the_engine(desk)
        assert (await desk.look(view)).post.state is PostState.PUBLISHED
        assert len(await public(meta)) == 1

    async def test_call_it_off(self, desk: Desk, meta: Meta):
        view = await late(desk)
        off = await schedule.cancel(desk.services, desk.actor, post_id=view.post.id)
        assert off.post.state is PostState.CANCELLED
        await round_of_the_engine(desk)
        assert await public(meta) == []

    async def test_all_of_a_clients_go_out_now(self, desk: Desk, meta: Meta):
        views = [await late(desk, caption=f"Number {number}") for number in range(3)]
        waits = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        client_id = desk.cast.client.id
        found = await lateness.publish_all(desk.services, desk.actor, client_id=client_id)
        assert found == Answered(done=3)
        for _ in views:
            await round_of_the_engine(desk)
            await pass_time(desk, seconds=1)  # one at a time for an account
        assert {(await desk.look(view)).post.state for view in views} == {PostState.PUBLISHED}
        assert (await desk.look(waits)).post.state is PostState.SCHEDULED
        assert len(await public(meta)) == 3
        assert await lateness.publish_all(desk.services, desk.actor, client_id=client_id) == Answered()

    @pytest.mark.parametrize(
        ("answer", "state", "action"),
        [
            (lateness.publish_all, PostState.PUBLISHING, "post_sent_now"),
            (lateness.cancel_all, PostState.CANCELLED, "post_cancelled"),
        ],
        ids=["publish", "call off"],
    )
    async def test_two_people_answer_at_once_and_each_post_is_answered_once(
        self,
        desk: Desk,
        agency: Cast,
        answer: Callable[..., Awaitable[Answered]],
        state: PostState,
        action: str,
    ):
        views = [await late(desk) for _ in range(3)]
        people = agency.author, agency.manager
        answers = (answer(desk.services, agency.actor(one), client_id=agency.client.id) for one in people)
        assert sum(one.done for one in await asyncio.gather(*answers)) == 3
        for view in views:
            assert (await desk.look(view)).post.state is state
            assert (await actions(desk, view.post.id)).count(action) == 1

    async def test_an_answer_for_all_does_nothing_to_one_that_was_answered_for_meanwhile(self, desk: Desk):
        view = await waiting(desk)
        await lateness.guard(desk.services)
        tomorrow = soon(days=1)
        await schedule.move(desk.services, desk.actor, post_id=view.post.id, due_at=tomorrow)
        for answer in (schedule.publish_now, schedule.cancel):
            with pytest.raises(Changed, match="answered for this post already"):
                await answer(desk.services, desk.actor, post_id=view.post.id, only_late=True)
        assert (await desk.look(view)).post.due_at == tomorrow

    async def test_one_that_may_be_live_on_another_account_is_among_all(self, desk: Desk, meta: Meta):
        kept = await desk.keep()
        both = desk.content(desk.facebook, desk.instagram, media_id=kept.id)
        view = await scheduled(desk, both, soon(minutes=1))
        await pass_time(desk, minutes=1)
        await meta.fault("/feed", "drop", times=1)
        await hand_over(desk, view, only=desk.facebook)
        await work(desk)
        await pass_time(desk, minutes=20)
        await lateness.guard(desk.services)
        assert (await desk.look(view)).post.state is PostState.PUBLISHING
        answered = await lateness.cancel_all(desk.services, desk.actor, client_id=view.client.id)
        assert answered == Answered(done=1)

    async def test_while_its_client_is_paused_nothing_goes_out_and_all_may_be_called_off(
        self, desk: Desk, agency: Cast
    ):
        view = await late(desk)
        manager = agency.actor(agency.manager)
        await pauses.pause(desk.services.db, manager, client_id=agency.client.id)
        with pytest.raises(pauses.Paused):
            await lateness.publish_all(desk.services, desk.actor, client_id=agency.client.id)
        assert (await desk.look(view)).post.state is PostState.LATE
        found = await lateness.cancel_all(desk.services, desk.actor, client_id=agency.client.id)
        assert found == Answered(done=1)

    @pytest.mark.parametrize("answer", [lateness.publish_all, lateness.cancel_all])
    async def test_who_does_not_work_for_the_client_answers_nothing(
        self, desk: Desk, agency: Cast, answer: Callable[..., Awaitable[Answered]]
    ):
        view = await late(desk)
        with pytest.raises((NotFound, NotAllowed)):
            await answer(desk.services, agency.actor(agency.stranger), client_id=agency.client.id)
        assert (await desk.look(view)).post.state is PostState.LATE


async def late(desk: Desk, **more: Any) -> PostView:
    """Give a post that became late, and was asked about."""
    view = await waiting(desk, desk.content(desk.facebook, **more))
    await lateness.guard(desk.services)
    view = await desk.look(view)
    assert view.post.state is PostState.LATE
    return view

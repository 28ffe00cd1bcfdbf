"""People and the worker at the same moment.

Either the person wins, and the public sees nothing of it, or they are told that it is on its way, and it is
public once.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from psycopg import Connection
from sqlalchemy import text

from core import announcements, drafts, jobs, lateness, pauses, plans, posts, schedule, submissions
from core.errors import Changed
from core.models import Post, PostState, PublicationState
from core.posts import PostView
from tests.conftest import Cast, Heard, MakeServices, Serving
from tests.core.desk import Desk, served_desk
from tests.core.timetable import (
    CHANNEL,
    hand_over,
    pass_time,
    replies,
    round_of_the_engine,
    scheduled,
    soon,
    steps,
    work,
)
from tests.core.turnstile import Turnstile, behind
from tests.drivers.meta import COFFEE, Meta

ROUNDS = 8
LONGEST = 0.03  # seconds by which a person may be earlier or later than it takes to meet the worker
USUALLY = {"at once": 0.0, "at its minute": 0.03}  # seconds that takes

Result = TypeVar("Result")
Act = Callable[[Desk, PostView], Awaitable[PostView]]


@pytest.fixture
async def turnstile() -> AsyncIterator[Turnstile]:
    yield (made := Turnstile())
    await made.aclose()


@pytest.fixture
async def desk(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta, turnstile: Turnstile
) -> AsyncIterator[Desk]:
    """A desk whose pictures Meta can fetch, and whose calls to it can be held back."""
    async with served_desk(make_services, serving, agency, meta) as served:
        yield replace(served, services=behind(turnstile, served.services))


async def cancel(desk: Desk, view: PostView) -> PostView:
    return await schedule.cancel(desk.services, desk.actor, post_id=view.post.id)


async def move(desk: Desk, view: PostView) -> PostView:
    return await schedule.move(desk.services, desk.actor, post_id=view.post.id, due_at=soon(days=1))


async def edit(desk: Desk, view: PostView) -> PostView:
    """Write it anew, to go out in a while."""
    return await resubmit(desk, await revise(desk, view))


async def revise(desk: Desk, view: PostView) -> PostView:
    content = drafts.content_of(view.version)
    return await drafts.revise(
        desk.services,
        desk.actor,
        post_id=view.post.id,
        base_version=view.version.version,
        content=replace(content, caption=f"{content.caption} Anew."),
    )


async def resubmit(desk: Desk, anew: PostView) -> PostView:
    return await submissions.submit(
        desk.services,
        desk.actor,
        post_id=anew.post.id,
        version=anew.version.version,
        channel_id=CHANNEL,
        due_at=soon(days=1),
        base_version=anew.post.version,
    )


ACTS = pytest.mark.parametrize("act", [cancel, move, edit])
MODES = pytest.mark.parametrize("when", ["at once", "at its minute"])


async def sent(desk: Desk, content: drafts.Content, *, when: str) -> PostView:
    """Send a post on its way, and hand it to the engine: it is due now, or in a tenth of a second."""
    if when == "at once":
        view = await desk.publish(content)
    else:
        view = await scheduled(desk, content, soon(minutes=1))
        await pass_time(desk, seconds=59.9)
    await hand_over(desk, view)
    return view


async def on_the_page(meta: Meta) -> list[Any]:
    return (await meta.public())["pages"].get(COFFEE, [])


async def with_picture(desk: Desk, *accounts: Any, **more: Any) -> drafts.Content:
    return desk.content(*accounts, media_id=(await desk.keep()).id, **more)


class TestBetweenTwoSteps:
    @ACTS
    @MODES
    async def test_the_person_wins(self, desk: Desk, meta: Meta, turnstile: Turnstile, act: Act, when: str):
        view = await sent(desk, await with_picture(desk, desk.facebook), when=when)
        turnstile.hold("/photos")
        worker = asyncio.create_task(work(desk))
        await turnstile.reached.wait()
        changed = await act(desk, view)
        turnstile.opened.set()
        await worker
        await round_of_the_engine(desk)
        assert not [one for one in turnstile.passed if one.endswith("/feed")]
        assert await on_the_page(meta) == []
        assert (await desk.look(view)).post == changed.post


class TestDuringTheCall:
    @ACTS
    @MODES
    async def test_the_person_is_told_that_it_is_on_its_way(
        self, desk: Desk, meta: Meta, turnstile: Turnstile, act: Act, when: str
    ):
        view = await sent(desk, desk.content(desk.facebook), when=when)
        turnstile.hold("/feed")
        worker = asyncio.create_task(work(desk))
        await turnstile.reached.wait()
        with pytest.raises(Changed, match="on its way"):
            await act(desk, view)
        assert (await desk.look(view)).post.state is PostState.PUBLISHING
        turnstile.opened.set()
        await worker
        await round_of_the_engine(desk)
        assert (await desk.look(view)).post.state is PostState.PUBLISHED
        assert len(await on_the_page(meta)) == 1
        assert [one["kind"] for one in await replies(desk, view.post.id)] == ["published"]

    async def test_only_the_rest_is_called_off(self, desk: Desk, meta: Meta, turnstile: Turnstile):
        view = await desk.publish(await with_picture(desk))
        await hand_over(desk, view, only=desk.facebook)
        turnstile.hold("/feed")
        worker = asyncio.create_task(work(desk))
        await turnstile.reached.wait()
        off = await cancel(desk, view)
        assert off.post.state is PostState.PUBLISHING
        turnstile.opened.set()
        await worker
        await round_of_the_engine(desk)
        done = await desk.look(view)
        assert done.post.state is PostState.PUBLISHED
        states = {one.account_id: one.state for one in done.publications}
        assert states[desk.instagram.id] is PublicationState.CANCELLED
        assert len(await on_the_page(meta)) == 1


class TestAtTheVeryIntent:
    @pytest.mark.parametrize("act", [cancel, move, resubmit])
    @MODES
    async def test_one_of_the_two_wins(self, desk: Desk, meta: Meta, act: Act, when: str):
        chance = random.Random(f"{act.__name__} {when}")
        for number in range(ROUNDS):
            caption = f"Round {number}."
            view = await sent(desk, desk.content(desk.facebook, caption=caption), when=when)
            mine = await revise(desk, view) if act is resubmit else view
            start = USUALLY[when] + chance.uniform(-LONGEST, LONGEST)
            won, _ = await asyncio.gather(after(start, attempt(act, desk, mine)), after(-start, work(desk)))
            await round_of_the_engine(desk)
            public = [one["message"] for one in await on_the_page(meta) if one["message"].startswith(caption)]
            state = (await desk.look(view)).post.state
            if won:
                assert (public, state) == ([], won.post.state)
            else:
                assert (public, state) == ([caption], PostState.PUBLISHED)

    async def test_an_intent_that_is_committed_while_somebody_submits_an_edit_wins(
        self, desk: Desk, meta: Meta, turnstile: Turnstile, owner: Connection[Any]
    ):
        """The editor has looked for an intent, and not locked yet what it would be of."""
        view = await sent(desk, await with_picture(desk, desk.facebook), when="at once")
        turnstile.hold("/photos")
        worker = asyncio.create_task(work(desk))
        await turnstile.reached.wait()
        anew = await revise(desk, view)
        with owner.transaction():
            owner.execute("LOCK TABLE clients_social_platforms IN ACCESS EXCLUSIVE MODE")
            editor = asyncio.create_task(attempt(resubmit, desk, anew))
            await waits_for_a_lock(desk)
            turnstile.opened.set()
            async with asyncio.timeout(10):
                while not any(call.endswith("/feed") for call in turnstile.passed):
                    await asyncio.sleep(0.01)
        assert await editor is None
        await worker
        await round_of_the_engine(desk)
        assert (await desk.look(view)).post.state is PostState.PUBLISHED
        assert [one["message"] for one in await on_the_page(meta)] == [view.version.caption]


class TestAPause:
    async def test_once_it_is_said_nothing_is_begun(self, desk: Desk, meta: Meta, turnstile: Turnstile):
        chance = random.Random("pause")
        cast = desk.cast
        for number in range(ROUNDS):
            whole = number % 2 == 0
            boss = cast.actor(cast.admin)
            client_id = None if whole else cast.client.id
            view = await sent(desk, desk.content(desk.facebook, caption=f"Round {number}."), when="at once")
            worker = asyncio.create_task(work(desk))
            await after(
                chance.uniform(0, 2 * LONGEST), pauses.pause(desk.services.db, boss, client_id=client_id)
            )
            begun = [step.state for step in await steps(desk, view.post.id)]
            await worker
            await round_of_the_engine(desk)
            assert len(await steps(desk, view.post.id)) == len(begun)
            calls = [one for one in turnstile.passed if one.endswith("/feed")]
            assert len(calls) == len(begun)
            turnstile.passed.clear()
            state = (await desk.look(view)).publications[0].state
            assert state is (PublicationState.PUBLISHED if begun else PublicationState.SCHEDULED)
            await pauses.resume(desk.services.db, boss, client_id=client_id)
            await round_of_the_engine(desk)
            assert (await desk.look(view)).post.state is PostState.PUBLISHED
            turnstile.passed.clear()
        assert len(await on_the_page(meta)) == ROUNDS

    async def test_between_two_steps_it_is_held_back(self, desk: Desk, meta: Meta, turnstile: Turnstile):
        cast = desk.cast
        view = await sent(desk, await with_picture(desk, desk.facebook), when="at once")
        turnstile.hold("/photos")
        worker = asyncio.create_task(work(desk))
        await turnstile.reached.wait()
        await pauses.pause(desk.services.db, cast.actor(cast.manager), client_id=cast.client.id)
        turnstile.opened.set()
        await worker
        await round_of_the_engine(desk)
        assert await on_the_page(meta) == []
        assert (await desk.look(view)).publications[0].state is PublicationState.SCHEDULED
        await pauses.resume(desk.services.db, cast.actor(cast.manager), client_id=cast.client.id)
        await round_of_the_engine(desk)
        assert len(await on_the_page(meta)) == 1
        assert len([one for one in turnstile.passed if one.endswith("/photos")]) == 1


class TestTheSweeps:
    async def test_what_is_moved_while_it_is_held_back_as_late_is_not_late(self, desk: Desk):
        """The guard has found it, and waits for the person who moves it just then."""
        view = await scheduled(desk, desk.content(desk.facebook), soon(minutes=1))
        await pass_time(desk, minutes=30)
        async with desk.services.db.session(desk.cast.program) as session:
            await posts.locked(session, view.post.id)
            mover = asyncio.create_task(move(desk, view))
            await waits_for_a_lock(desk)
            guard = asyncio.create_task(lateness.guard(desk.services))
            await waits_for_a_lock(desk, how_many=2)
        await asyncio.gather(mover, guard)
        now = await desk.look(view)
        assert now.post.state is PostState.SCHEDULED
        assert now.publications[0].state is PublicationState.SCHEDULED
        assert [one["kind"] for one in await replies(desk, view.post.id)] == ["moved"]

    async def test_what_somebody_changes_is_left_for_the_next_sweep(self, desk: Desk):
        """Two who wait for each other's rows would both have to begin anew."""
        view = await scheduled(desk, await with_picture(desk), soon(minutes=5))
        heard = desk.services.transport
        assert isinstance(heard, Heard)
        async with desk.services.db.session(desk.cast.program) as session:
            post = await session.get_one(Post, view.post.id)
            await plans.locked_publications(session, post)
            await asyncio.wait_for(jobs.dispatch(desk.services), 5)
            await asyncio.wait_for(jobs.recover(desk.services), 5)
            assert not {one.id for one in view.publications} & set(heard.advanced)
        await jobs.dispatch(desk.services)
        assert {one.id for one in view.publications} <= set(heard.advanced)

    async def test_a_card_is_owed_while_somebody_changes_its_post(self, desk: Desk):
        view = await desk.publish(desk.content(desk.facebook))
        async with desk.services.db.session(desk.cast.program) as session:
            await posts.locked(session, view.post.id)
            async with asyncio.timeout(5), desk.services.db.session(desk.cast.program) as other:
                await announcements.owe_card(other, desk.services, view.post)


# --- what happens here and there ------------------------------------------------------------------


async def after(seconds: float, what: Awaitable[Result]) -> Result:
    await asyncio.sleep(max(seconds, 0))
    return await what


async def attempt(act: Act, desk: Desk, view: PostView) -> PostView | None:
    """Give what came of it, or None for somebody who was told that it is too late."""
    try:
        return await act(desk, view)
    except Changed:
        return None


async def waits_for_a_lock(desk: Desk, *, how_many: int = 1) -> None:
    """Wait until so many of the program's transactions wait for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(10):
        while True:
            async with desk.services.db.engine.connect() as connection:
                if (await connection.execute(waiting)).scalar_one() >= how_many:
                    return
            await asyncio.sleep(0.01)

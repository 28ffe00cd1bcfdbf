"""What is owed to Slack is said in order, by one process at a time, however the others fare."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, update
from sqlmodel import col, select

from core import announcements, jobs
from core.announcements import SlackAway
from core.errors import PressroomError, TryAgainLater
from core.models import Announcement, Card, Post
from core.services import Services
from tests.conftest import Cast, Heard
from tests.core.recorder import Recorder, failing, owe, posted

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Thread:
    """One post, and what is owed of it."""

    services: Services
    cast: Cast
    post: Post

    async def owe(self, *words: str) -> None:
        await owe(self.services, self.cast, self.post, *words)

    async def deliver(self, announcer: Recorder) -> None:
        await announcements.deliver(self.services, announcer, agency_id=self.cast.id, post_id=self.post.id)

    async def unpaid(self) -> list[Announcement]:
        async with self.services.db.session(self.cast.program) as session:
            found = select(Announcement).where(col(Announcement.done_at).is_(None))
            return list(await session.exec(found.order_by(col(Announcement.created_at))))

    async def pause(self) -> timedelta:
        """Say for how long the oldest unpaid one still waits."""
        waits = select(col(Announcement.next_run_at) - func.clock_timestamp())
        async with self.services.db.session(self.cast.program) as session:
            unpaid = waits.where(col(Announcement.done_at).is_(None))
            return (await session.exec(unpaid.order_by(col(Announcement.created_at)).limit(1))).one()

    async def time_comes(self) -> None:
        """Let the time pass that is waited for. It comes first in every sweep, whatever other tests left."""
        await self.change(
            update(Announcement)
            .where(col(Announcement.done_at).is_(None))
            .values(next_run_at=func.now() - timedelta(days=9999))
        )

    async def lease_for(self, seconds: int) -> None:
        """Let the lease's end be so many seconds away."""
        await self.change(
            update(Card).values(lease_until=func.clock_timestamp() + timedelta(seconds=seconds))
        )

    async def lease(self) -> timedelta | None:
        async with self.services.db.session(self.cast.program) as session:
            return (await session.exec(select(col(Card.lease_until) - func.clock_timestamp()))).one()

    async def change(self, statement: Any) -> None:
        async with self.services.db.session(self.cast.program) as session:
            await session.exec(statement)

    async def is_due(self) -> bool:
        """Say whether a sweep finds it."""
        found = await self.services.db.ids("due_announcements", most=1_000_000)
        return (self.cast.id, self.post.id) in [tuple(row) for row in found]


@pytest.fixture
async def thread(services: Services, agency: Cast) -> Thread:
    return Thread(services, agency, await posted(services.db, agency))


def waiting(started: asyncio.Event, go_on: asyncio.Event) -> Callable[[], Awaitable[None]]:
    """Stay in the middle of a call to Slack until told to go on."""

    async def happens() -> None:
        started.set()
        await go_on.wait()

    return happens


class TestOrder:
    async def test_the_card_is_drawn_once_and_replies_follow_oldest_first(self, thread: Thread):
        await thread.owe("one", "two", "three")
        slack = Recorder()
        await thread.deliver(slack)
        assert slack.said == ["card", "one", "two", "three"]
        assert await thread.unpaid() == []
        assert not await thread.is_due()

    async def test_what_is_paid_is_not_said_again(self, thread: Thread):
        await thread.owe("one")
        slack = Recorder()
        await thread.deliver(slack)
        await thread.deliver(slack)
        assert slack.said == ["card", "one"]

    async def test_a_reply_that_waits_is_not_overtaken(self, thread: Thread):
        await thread.owe("one", "two")
        slack = Recorder(meanwhile={"one": failing(TryAgainLater(after=HOUR))})
        await thread.deliver(slack)
        assert not await thread.is_due()
        await thread.owe("three")
        assert await thread.is_due(), "the card may always be drawn"
        await thread.deliver(slack)
        assert slack.said == ["card", "card"]
        assert not await thread.is_due()
        await thread.time_comes()
        await thread.deliver(slack)
        assert slack.said == ["card", "card", "one", "two", "three"]

    async def test_replies_wait_behind_a_card_that_could_not_be_drawn(self, thread: Thread):
        await thread.owe("one")
        slack = Recorder(meanwhile={"card": failing(TryAgainLater(after=HOUR))})
        await thread.deliver(slack)
        assert (slack.said, await thread.is_due()) == ([], False)
        await thread.deliver(slack)
        assert slack.said == []
        await thread.time_comes()
        assert await thread.is_due()
        await thread.deliver(slack)
        assert slack.said == ["card", "one"]

    async def test_a_newer_card_pays_for_one_that_waits(self, thread: Thread):
        await thread.owe("one")
        slack = Recorder(meanwhile={"card": failing(TryAgainLater(after=HOUR))})
        await thread.deliver(slack)
        await thread.owe("two")
        await thread.deliver(slack)
        assert slack.said == ["card", "one", "two"]
        assert await thread.unpaid() == []


class TestFailing:
    async def test_it_waits_as_long_as_slack_asks(self, thread: Thread):
        await thread.owe("one")
        await thread.deliver(Recorder(meanwhile={"one": failing(TryAgainLater("Later.", after=HOUR))}))
        [reply] = await thread.unpaid()
        assert (reply.trouble, reply.attempts) == ("Later.", 1)
        assert HOUR - timedelta(minutes=5) < await thread.pause() <= HOUR

    @pytest.mark.parametrize(
        ("error", "trouble"),
        [(PressroomError("Slack refused it."), "Slack refused it."), (KeyError("xoxb-secret"), "KeyError")],
    )
    async def test_what_cannot_be_said_waits_longer_each_time(
        self, thread: Thread, error: Exception, trouble: str
    ):
        await thread.owe("one")
        pauses = []
        for _ in range(9):
            await thread.time_comes()
            await thread.deliver(Recorder(meanwhile={"one": failing(error)}))
            pauses.append(await thread.pause())
            assert not await thread.is_due()
        [reply] = await thread.unpaid()
        assert (reply.trouble, reply.attempts) == (trouble, 9)
        assert pauses[4] > 4 * pauses[0] > timedelta(0)
        assert timedelta(minutes=4) < pauses[-1] <= timedelta(minutes=5)

    async def test_once_the_fault_is_mended_all_is_said(self, thread: Thread):
        await thread.owe("one", "two")
        slack = Recorder(meanwhile={"one": failing(RuntimeError())})
        await thread.deliver(slack)
        await thread.time_comes()
        await thread.deliver(slack)
        assert slack.said == ["card", "one", "two"]
        assert await thread.unpaid() == []
        assert await thread.lease() is None

    async def test_one_post_in_trouble_holds_no_other_back(self, thread: Thread):
        await thread.owe("one")
        await thread.deliver(Recorder(meanwhile={"card": failing(RuntimeError())}))
        other = Thread(thread.services, thread.cast, await posted(thread.services.db, thread.cast))
        await other.owe("other")
        assert (await thread.is_due(), await other.is_due()) == (False, True)
        slack = Recorder()
        await other.deliver(slack)
        assert slack.said == ["card", "other"]


class TestOutage:
    """Slack is away, for one post and another; then something gets through."""

    async def test_the_first_that_gets_through_wakes_the_others(self, thread: Thread):
        others = [
            Thread(thread.services, thread.cast, await posted(thread.services.db, thread.cast))
            for _ in range(2)
        ]
        for other in others:
            await other.owe("one")
            await other.deliver(Recorder(meanwhile={"card": failing(SlackAway(after=HOUR))}))
            assert not await other.is_due()
        await thread.owe("one")
        await thread.deliver(Recorder())
        for other in others:
            assert await other.is_due()
            slack = Recorder()
            await other.deliver(slack)
            assert slack.said == ["card", "one"]

    @pytest.mark.parametrize(
        "error", [TryAgainLater("Slack asks us to wait.", after=HOUR), PressroomError("Slack refused it.")]
    )
    async def test_what_waits_for_another_reason_goes_on_waiting(self, thread: Thread, error: PressroomError):
        other = Thread(thread.services, thread.cast, await posted(thread.services.db, thread.cast))
        await other.owe("one")
        await other.deliver(Recorder(meanwhile={"card": failing(error)}))
        await thread.owe("one")
        await thread.deliver(Recorder())
        assert not await other.is_due()

    async def test_another_agency_is_not_woken(
        self, thread: Thread, make_agency: Callable[[], Awaitable[Cast]]
    ):
        cast = await make_agency()
        other = Thread(thread.services, cast, await posted(thread.services.db, cast))
        await other.owe("one")
        await other.deliver(Recorder(meanwhile={"card": failing(SlackAway(after=HOUR))}))
        await thread.owe("one")
        await thread.deliver(Recorder())
        assert not await other.is_due()

    async def test_it_is_tried_every_minute(self, thread: Thread):
        await thread.owe("one")
        for _ in range(9):
            await thread.time_comes()
            await thread.deliver(Recorder(meanwhile={"card": failing(SlackAway())}))
        assert timedelta(seconds=30) < await thread.pause() <= timedelta(minutes=1)


class TestOneAtATime:
    async def test_a_second_process_leaves_it_to_the_first(self, thread: Thread):
        await thread.owe("one")
        started, go_on = asyncio.Event(), asyncio.Event()
        first, second = Recorder(meanwhile={"card": waiting(started, go_on)}), Recorder()
        async with asyncio.TaskGroup() as both:
            both.create_task(thread.deliver(first))
            await started.wait()
            await thread.owe("two")
            await thread.deliver(second)
            assert second.said == []
            go_on.set()
        assert first.said[0] == "card"
        assert [word for word in first.said if word != "card"] == ["one", "two"]
        assert await thread.unpaid() == []
        assert await thread.lease() is None

    async def test_the_lease_is_renewed_between_payments(self, thread: Thread):
        await thread.owe("one", "two")
        seen: list[timedelta | None] = []

        async def almost_over() -> None:
            await thread.lease_for(seconds=20)

        async def look() -> None:
            seen.append(await thread.lease())

        await thread.deliver(Recorder(meanwhile={"one": almost_over, "two": look}))
        [left] = seen
        assert left is not None
        assert left > timedelta(seconds=60)

    async def test_who_lost_the_lease_says_no_more_and_does_not_give_it_back(self, thread: Thread):
        await thread.owe("one", "two")
        taken, go_on = asyncio.Event(), asyncio.Event()
        slow, other, third = Recorder(), Recorder(meanwhile={"one": waiting(taken, go_on)}), Recorder()
        async with asyncio.TaskGroup() as both:

            async def another_takes_over() -> None:
                await thread.lease_for(seconds=-1)
                both.create_task(thread.deliver(other))
                await taken.wait()

            slow.meanwhile["one"] = another_takes_over
            await thread.deliver(slow)
            assert await thread.lease() is not None
            await thread.deliver(third)
            go_on.set()
        assert slow.said == ["card", "one"]
        assert other.said == ["one", "two"]  # the first was under way in both: the one doubling there is
        assert third.said == []
        assert await thread.unpaid() == []

    async def test_a_lease_that_a_dead_process_left_is_over_some_time(self, thread: Thread):
        await thread.owe("one")
        slack = Recorder()
        await thread.lease_for(seconds=60)
        await thread.deliver(slack)
        assert slack.said == []
        await thread.lease_for(seconds=-1)
        await thread.deliver(slack)
        assert slack.said == ["card", "one"]


async def test_the_sweep_finds_what_a_lost_job_left(thread: Thread):
    heard = thread.services.transport
    assert isinstance(heard, Heard)
    await thread.owe("one")
    await thread.time_comes()
    heard.announced.clear()
    await jobs.announce(thread.services)
    assert heard.announced.count(thread.post.id) == 1
    await thread.deliver(Recorder())
    heard.announced.clear()
    await jobs.announce(thread.services)
    assert thread.post.id not in heard.announced


async def test_the_sweep_does_not_add_to_what_waits_while_slack_is_slow(thread: Thread):
    await thread.owe("one")
    await thread.time_comes()
    busy = Heard(jobs=jobs.MOST_AT_ONCE)
    await jobs.announce(replace(thread.services, transport=busy))
    assert busy.announced == []

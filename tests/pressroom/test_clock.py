"""The clock: sweeps go on whatever one of them does, whatever happens to the machine's clock, and end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo

import apscheduler.schedulers.base
import pytest

from core.services import Services
from pressroom.clock import ticking

PATIENCE, LONG = 20, 3600  # seconds


class Wall:
    """The machine's clock, that somebody puts."""

    ahead = 0.0  # seconds


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Put a clock of our own in the place of the machine's, for APScheduler too."""
    wall, real = Wall(), time.time
    monkeypatch.setattr(time, "time", lambda: real() + wall.ahead)

    class Moment(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(time.time(), tz)

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Moment)
    return wall


class Counted:
    """A sweep that counts how often it is started."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        self.started, self._meanwhile = 0, meanwhile
        self.__name__ = "counted"

    async def __call__(self, _: Services) -> None:
        self.started += 1
        if self._meanwhile:
            await self._meanwhile()

    async def starts(self, times: int) -> None:
        """Wait until it was started so often again."""
        until = self.started + times
        async with asyncio.timeout(PATIENCE):
            while self.started < until:
                await asyncio.sleep(0.01)


async def test_a_sweep_that_fails_is_started_again_and_so_are_the_others(services: Services):
    async def fail() -> None:
        raise RuntimeError("The database is away.")

    failing, working = Counted(fail), Counted()
    async with ticking({failing: 0.2, working: 0.2}, services, grace=1):
        await asyncio.gather(failing.starts(2), working.starts(2))


async def test_one_that_takes_its_time_is_not_started_beside_itself(services: Services):
    never = asyncio.Event()
    slow, other = Counted(never.wait), Counted()  # type: ignore[arg-type]
    async with ticking({slow: 0.2, other: 0.2}, services, grace=0):
        await other.starts(3)
    assert slow.started == 1


class TestTheMachinesClock:
    async def test_put_back_by_an_hour_holds_nothing_up(self, services: Services, wall: Wall):
        often, seldom = Counted(), Counted()
        async with ticking({often: 0.2, seldom: LONG}, services, grace=1):
            await asyncio.gather(often.starts(1), seldom.starts(1))
            wall.ahead -= LONG
            await asyncio.gather(often.starts(2), seldom.starts(1))

    async def test_put_ahead_by_half_a_century_nothing_is_made_up_for(self, services: Services, wall: Wall):
        often = Counted()
        async with ticking({often: 0.2}, services, grace=1):
            await often.starts(1)
            wall.ahead += 50 * 365 * 24 * LONG
            await often.starts(2)
            assert often.started < 10


class TestTheEnd:
    async def test_a_sweep_under_way_comes_to_its_end(self, services: Services):
        ended = asyncio.Event()

        async def take_a_moment() -> None:
            await asyncio.sleep(0.2)
            ended.set()

        sweep = Counted(take_a_moment)
        async with ticking({sweep: LONG}, services, grace=PATIENCE):
            await sweep.starts(1)
        assert ended.is_set()

    async def test_one_that_does_not_end_is_broken_off(self, services: Services):
        sweep = Counted(asyncio.Event().wait)  # type: ignore[arg-type]
        async with asyncio.timeout(PATIENCE), ticking({sweep: LONG}, services, grace=0.1):
            await sweep.starts(1)

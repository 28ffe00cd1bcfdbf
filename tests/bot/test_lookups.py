"""What was known a moment ago will do, while what is asked does not answer."""

import asyncio
from collections.abc import Callable

import pytest

from bot.lookups import PATIENCE, Lookup

HOLDS = 60.0  # seconds


class Asked:
    """Answers how often it was asked, once it may."""

    def __init__(self) -> None:
        self.times, self.may = 0, asyncio.Event()
        self.may.set()

    async def __call__(self) -> int:
        self.times += 1
        mine = self.times
        await self.may.wait()
        return mine


async def within(seconds: float, lookup: Lookup[int]) -> int:
    async with asyncio.timeout(seconds):
        return await lookup.answer()


async def test_an_answer_holds_for_its_time_however_many_ask() -> None:
    asked = Asked()
    lookup = Lookup(asked, holds=HOLDS)
    assert lookup.known is None
    assert await asyncio.gather(*(lookup.answer() for _ in range(5))) == [1] * 5
    assert lookup.known == 1
    lookup.doubt()
    assert await lookup.answer() == 2


async def test_the_last_answer_will_do_while_a_newer_one_takes_long() -> None:
    asked = Asked()
    lookup = Lookup(asked, holds=HOLDS)
    await lookup.answer()
    lookup.doubt()
    asked.may.clear()
    assert await within(2 * PATIENCE, lookup) == 1
    assert [await within(PATIENCE / 2, lookup) for _ in range(20)] == [1] * 20
    assert asked.times == 2
    asked.may.set()
    await asyncio.sleep(0.05)
    assert (lookup.known, await lookup.answer(), asked.times) == (2, 2, 2)


async def test_whoever_asks_first_waits_and_somebody_who_goes_takes_nothing_away() -> None:
    asked = Asked()
    lookup = Lookup(asked, holds=HOLDS)
    asked.may.clear()
    with pytest.raises(TimeoutError):
        await within(0.05, lookup)
    asked.may.set()
    assert (await lookup.answer(), asked.times) == (1, 1)


@pytest.mark.parametrize("newer", [lambda lookup: lookup.know(7), lambda lookup: lookup.doubt()])
async def test_what_was_asked_before_something_newer_is_known_counts_no_more(
    newer: Callable[[Lookup[int]], None],
) -> None:
    asked = Asked()
    lookup = Lookup(asked, holds=HOLDS)
    await lookup.answer()
    lookup.doubt()
    asked.may.clear()
    await within(2 * PATIENCE, lookup)
    newer(lookup)
    asked.may.set()
    await asyncio.sleep(0.05)
    assert lookup.known != 2


async def test_a_failure_is_raised_and_asked_again_after() -> None:
    answers = iter([ConnectionError("not now"), 1])

    async def ask() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    lookup = Lookup(ask, holds=HOLDS)
    with pytest.raises(ConnectionError):
        await lookup.answer()
    assert await lookup.answer() == 1

"""One run: posts are sent on their way, what is planned goes wrong, and in the end comes the verdict."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, func, select

from core.db import Actor
from core.models import Account, Platform, Publication
from core.patience import Patience
from pressroom.database import alone, pg_ctl, socket_folder, start
from tests.torture import marks
from tests.torture.crew import Crew, crew
from tests.torture.house import House
from tests.torture.orders import Orders
from tests.torture.plan import Case
from tests.torture.verdict import OPEN, Seen, Verdict, ended, judge, seen

MOST_OPEN = 160  # publications that are on their way at once
LOOK = 0.25  # seconds, from one look at them to the next
STUCK = 120.0  # seconds in which nothing comes to an end
AN_HOUR = 5.0  # seconds
UNPLANNED = 4.0, 12.0  # seconds from one kill at no particular moment to the next


@dataclass(frozen=True)
class Times:
    """How long everything takes. But in the control, nothing is late for as long as the quiet period."""

    patience: Patience
    lateness: float  # seconds from a lost connection to the effect
    slowness: float  # seconds until a slow account shows a post


@dataclass(frozen=True)
class Run:
    """What is run."""

    name: str
    seed: int
    cases: list[Case]
    times: Times
    second_publish: str = "duplicate"
    """What Meta does with a second use of a container or a photo: `duplicate` or `refused`."""
    blind: bool = False
    is_control: bool = False
    """Whether it must find duplicates, because something is missing that keeps posts from being doubled."""
    unplanned_kills: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it, and what it took."""

    verdict: Verdict
    mishaps: int  # of those that were planned
    kills: int
    restarts: int
    took: float  # seconds


async def run(it: Run, its: House) -> Outcome:
    """Run it."""
    started = time.monotonic()
    folder = its.folder / it.name
    (folder / "marks").mkdir(parents=True)
    await its.meta.post("/_sim/settings", json={"second_publish": it.second_publish})
    cases = {f"Torture {it.name} {it.seed} {case.number}": case for case in it.cases}
    async with crew(orders_of(it, its, folder / "marks"), folder) as workers:
        async with (
            beside(restart_when_asked(its, folder / "marks")),
            beside(kill_now_and_then(it, workers)),
            beside(let_hours_pass(its)),
        ):
            for words, case in cases.items():
                await until_fewer(its, MOST_OPEN)
                await its.send(case, words)
            await until_fewer(its, 1)
        await asyncio.sleep(it.times.lateness)
        verdict = judge(cases, ended(its.owner), await in_public(its))
    made, restarts = marks.count(folder / "marks")
    return Outcome(verdict, made, workers.kills, restarts, time.monotonic() - started)


def orders_of(it: Run, its: House, folder: Path) -> Orders:
    """Give the workers' orders."""
    cases = {case.post_id: case for case in it.cases}
    times = it.times
    return Orders(its.settings, its.addresses, times.patience, cases, folder, times.lateness, it.blind)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let something go on for as long as this is open; it must not fail."""
    async with asyncio.TaskGroup() as tasks:
        going_on = tasks.create_task(work)
        yield
        going_on.cancel()


async def restart_when_asked(its: House, folder: Path) -> None:
    """Restart PostgreSQL whenever a worker has come to such a point."""
    while True:
        for mark in marks.asked_for(folder):
            await asyncio.to_thread(restart, its.server, mark)
        await asyncio.sleep(marks.PAUSE)


def restart(server: Path, mark: Path) -> None:
    """Stop a PostgreSQL as if its machine had lost power, say so beside the mark, and start it again."""
    with alone(server):
        pg_ctl(server, "stop", "-m", "immediate")
        mark.with_suffix(marks.DOWN).touch()
        start(server, socket_folder(server), "")


async def kill_now_and_then(it: Run, workers: Crew) -> None:
    """Kill a worker at moments that nobody planned, if that is wanted."""
    chance = random.Random(it.seed)
    while it.unplanned_kills:
        await asyncio.sleep(chance.uniform(*UNPLANNED))
        workers.kill_one(chance)


async def let_hours_pass(its: House) -> None:
    """Let a few seconds stand for the hour for which Meta wants to be left alone after a rate limit."""
    opened = update(Account).where(col(Account.blocked_until).is_not(None)).values(blocked_until=None)
    while True:
        await asyncio.sleep(AN_HOUR)
        with suppress(DBAPIError):
            async with its.services.db.session(Actor.program(its.actor.agency_id)) as session:
                await session.exec(opened)


async def until_fewer(its: House, most: int) -> None:
    """Wait until fewer publications are on their way; give up when nothing comes to an end any more."""
    fewest, since = None, time.monotonic()
    while (open_ones := await on_their_way(its)) is None or open_ones >= most:
        if open_ones is not None and (fewest is None or open_ones < fewest):
            fewest, since = open_ones, time.monotonic()
        if time.monotonic() - since > STUCK:
            return
        await asyncio.sleep(LOOK)


async def on_their_way(its: House) -> int | None:
    """Count the publications on their way; None while the database is away."""
    counted = select(func.count()).select_from(Publication).where(col(Publication.state).in_(OPEN))
    try:
        async with its.services.db.session(its.actor) as session:
            return (await session.exec(counted)).one()
    except DBAPIError:
        return None


async def in_public(its: House) -> dict[str, list[Seen]]:
    """Give what the public saw, by its words."""
    names = {
        account.platform_account_name.replace(" ", "."): account.platform_account_id
        for (platform, _, _), account in its.accounts.items()
        if platform is Platform.INSTAGRAM
    }
    return seen((await its.meta.get("/_sim/public")).json(), names)

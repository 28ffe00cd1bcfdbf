"""Tokens: processes are killed at every moment of every deed; in the end, tokens and entries are counted.

Each deed is rehearsed once, unharmed, and tells its moments; then it is done again for each of them, by a
process that dies there, on a login of its own. A worker then has the time to settle what they left, as after
a restart; and the verdict is made of the database, the simulator's record, and all that was said.
"""

import asyncio
import os
import pickle
import random
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core import seals, verification
from core.vault import Vault
from core.verification import Walk
from pressroom.schema import driver_url
from pressroom.server import bound, listening
from pressroom.settings import Settings
from pressroom.wiring import key_ring
from tests.bench.stage import ROOT, free_port, simulator
from tests.drivers.left import dump, written
from tests.torture import custody
from tests.torture.custody import DEEDS, Case, Deed, Verdict
from tests.torture.deeds import Task
from tests.torture.hands import Order
from tests.torture.house import House
from tests.torture.moments import AFTER_COMMIT
from tests.torture.stock import stock
from web.meta import DEAUTHORIZE, MetaCallbacks
from web.pages import Pages

KILLED = "killed"
CARELESS = ("renew", "disconnect")
HEARD = "/heard"
LOOK, STUCK = 0.1, 90.0  # seconds
SOON = "UPDATE departures SET next_run_at = now() WHERE step <> 'expire'"
LATER = (  # the leases of the dead are over, and a day has passed
    SOON,
    "UPDATE connections SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL",
    "UPDATE connections SET check_at = now() WHERE is_active AND meta_user_id = ANY(%(ended)s)",
)
WAITING = """
SELECT (SELECT count(*) FROM departures WHERE step <> 'expire') + (SELECT count(*) FROM removals)
    + (SELECT count(*) FROM connections WHERE is_active AND ending IS NULL
       AND (refresh_at <= now() OR check_at <= now() OR lease_until IS NOT NULL))
"""
DUE = "UPDATE connections SET refresh_at = now() WHERE id = ANY(%s)"
RESEALED = (
    "SELECT coalesce(sum((details->>'tokens')::int), 0) FROM audit_logs WHERE action = 'tokens_resealed'"
)
SEALED = """
SELECT count(*) FILTER (WHERE sealed LIKE %(mine)s), count(*) FROM (
    SELECT access_token AS sealed FROM connections
    UNION ALL SELECT access_token FROM clients_social_platforms) s
WHERE sealed IS NOT NULL
"""


@dataclass
class Hands:
    """The processes that do one deed each, and how many of them were killed."""

    process: Process
    folder: Path
    count: int = 0
    killed: int = 0

    async def do(self, order: Order) -> str:
        """Have a deed done; give `killed`, or the status with which its process ended."""
        await self.begin(order)
        ended = await self.said()
        self.killed += ended == KILLED
        if ended not in (KILLED, "0"):
            raise RuntimeError(f"{order.task.deed} ended with {ended}: see {self.folder / 'hands.log'}")
        return ended

    async def begin(self, order: Order) -> int:
        """Have a deed begun; give its process id."""
        self.count += 1
        path = self.folder / f"order-{self.count}"
        path.write_bytes(pickle.dumps(order))
        assert self.process.stdin is not None
        self.process.stdin.write(f"{path}\n".encode())
        return int((await self.said()).split()[1])

    async def said(self) -> str:
        """Wait for what it says next."""
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().strip()


@dataclass
class Scene:
    """All that a run takes place in."""

    house: House
    settings: Settings
    hands: Hands
    seed: int
    slack: str
    heard: list[dict[str, str]]  # what Meta posted, and nobody has answered
    own: str  # the address of the web that is never killed
    careless: bool = False
    cases: list[Case] = field(default_factory=list)
    rotations: list[str] = field(default_factory=list)  # what is wrong with one
    rotated: int = 0

    @property
    def folder(self) -> Path:
        """Where everything is left that was written."""
        return self.hands.folder

    def order(self, task: Task, fatal: str | None = None) -> Order:
        """Give what a process is told."""
        journal = self.folder / f"journal-{self.hands.count}"
        return Order(self.settings, self.house.addresses, task, journal, fatal, self.careless)

    def ask(self, query: str, *values: Any) -> list[Any]:
        """Ask the database as its owner, or tell it."""
        with psycopg.connect(driver_url(self.house.owner), autocommit=True) as owner:
            done = owner.execute(query.encode(), *values)
            return done.fetchall() if done.description else []


async def run(its: House, seed: int, *, most: int | None = None) -> Verdict:
    """Do every deed, killed at each of its moments, or at `most` of all; settle; and judge."""
    async with scene(its, seed, careless=False) as made:
        planned = [(deed, moment) for deed in DEEDS for moment in await rehearse(made, deed)]
        for deed, moment in chosen(seed, planned, most):
            await act(made, deed, moment)
        await settle(made)
        await turn_keys(made, most)
        return await judge(made)


async def run_careless(its: House, seed: int, acts: Collection[str] = CARELESS) -> Verdict:
    """Do some deeds, killed after each of their commits, with the audit entry in another one; and judge."""
    async with scene(its, seed, careless=True) as made:
        for deed in (one for one in DEEDS if one.act in acts):
            moments = [one for one in await rehearse(made, deed) if one.endswith(AFTER_COMMIT)]
            for moment in moments:
                await act(made, deed, moment)
        await settle(made)
        return await judge(made)


def chosen(seed: int, planned: list[Any], most: int | None) -> list[Any]:
    """Give all of these, or so many by chance; in an order of chance."""
    return random.Random(f"tokens {seed}").sample(planned, min(most or len(planned), len(planned)))


# --- the scene --------------------------------------------------------------------------------------------


@asynccontextmanager
async def scene(its: House, seed: int, *, careless: bool) -> AsyncIterator[Scene]:
    """Set the scene: a Slack, hands, and a web for what Meta says while nobody is killed."""
    folder = its.folder / ("careless" if careless else "tokens")
    folder.mkdir()
    heard: list[dict[str, str]] = []

    async def hear(request: Request) -> Response:
        heard.append(dict(await request.form()))  # type: ignore[arg-type]
        return JSONResponse({})

    callbacks = MetaCallbacks(its.services, pages=Pages(facebook_url=its.settings.facebook_url))
    web = Starlette(routes=[*callbacks.routes(), Route(HEARD, hear, methods=["POST"])])
    manifest = str(ROOT / "manifest.yml")
    with bound(port := free_port(), "127.0.0.1") as door:
        async with hands(folder) as ours, listening(web, door):
            with simulator("slack", "--manifest", manifest) as slack:  # while the hands import what they need
                settings = settings_of(its.settings, slack)
                yield Scene(its, settings, ours, seed, slack, heard, f"http://127.0.0.1:{port}", careless)


def settings_of(house: Settings, slack: str) -> Settings:
    """Give the processes' settings: those of the house, with a Slack."""
    token = SecretStr("xoxb-simulator-bot")
    return house.model_copy(update={"slack_api_url": f"{slack}/api/", "slack_bot_token": token})


@asynccontextmanager
async def hands(folder: Path) -> AsyncIterator[Hands]:
    """Have hands; what their processes log goes to the folder."""
    command = [sys.executable, "-m", "tests.torture.hands"]
    with (folder / "hands.log").open("w") as words:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=words
        )
    assert process.stdin is not None
    try:
        yield Hands(process, folder)
    finally:
        process.stdin.close()
        await process.wait()


# --- deeds ------------------------------------------------------------------------------------------------


async def rehearse(its: Scene, deed: Deed) -> list[str]:
    """Do a deed unharmed; give its moments."""
    order = await act(its, deed, None)
    return list(dict.fromkeys(order.journal.read_text().splitlines()))


async def act(its: Scene, deed: Deed, fatal: str | None) -> Order:
    """Have a deed done to a new login, by a process that is killed at a moment; give what it was told."""
    number = len(its.cases)
    vault = Vault(key_ring(its.settings))
    name = f"T{its.seed} {'c' if its.careless else ''}{number}"
    case = Case(number, deed, await stock(its.house, vault, name, deed.clients), fatal)
    its.cases.append(case)
    if deed.act == "renew":
        its.ask(DUE, [[one.connection_id for one in case.holdings]])
    order = its.order(await task_of(its, case), fatal)
    ended = await its.hands.do(order)
    if fatal and ended != KILLED:
        raise RuntimeError(f"{case}: that moment never came")
    if ended == KILLED and deed.is_asked_again and deed.act != "renew":
        await its.hands.do(its.order(order.task))
    return order


async def task_of(its: Scene, case: Case) -> Task:
    """Say what is to be done; where the person removes the app, Meta has ended their tokens by then."""
    is_removal = case.deed.act == "deauthorize"
    place = DEAUTHORIZE if case.number % 2 and not is_removal else HEARD  # which hears of what we give back
    await its.house.meta.post("/_sim/app", json={"deauthorize_url": its.own + place})
    task = Task(case.deed.act, its.house.actor, case.holdings)
    if not is_removal:
        return task
    its.heard.clear()
    await its.house.meta.post("/_sim/deauthorize", json={"person": case.holdings[0].person})
    return replace(task, signed=its.heard[0])


async def settle(its: Scene) -> None:
    """Let time pass and a worker do what is left to do, until there is nothing more."""
    gone = [one.person for case in its.cases if case.deed.act == "deauthorize" for one in case.holdings]
    for query in LATER:
        its.ask(query, *([{"ended": gone}] if "ended" in query else []))
    worker = await its.hands.begin(replace(its.order(Task("sweep", its.house.actor)), careless=False))
    until = time.monotonic() + STUCK
    try:
        while its.ask(WAITING)[0][0] and time.monotonic() < until:
            await asyncio.sleep(LOOK)
            its.ask(SOON)
    finally:
        os.kill(worker, signal.SIGKILL)
        await its.hands.said()


# --- keys -------------------------------------------------------------------------------------------------


async def turn_keys(its: Scene, most: int | None) -> None:
    """Rotate the keys back and forth, killed at each moment; in the end, all is sealed with the first one."""
    first, second = key_ring(its.settings).ids
    order = await rotate(its, second, None)
    moments = list(dict.fromkeys(order.journal.read_text().splitlines()))
    for moment in chosen(its.seed, moments, most and 1):
        await rotate(its, first if its.settings.encryption_key_id == second else second, moment)
    await rotate(its, first, None)


async def rotate(its: Scene, key_id: str, fatal: str | None) -> Order:
    """Make a key current, and seal everything with it, once more if the process was killed."""
    its.settings = its.settings.model_copy(update={"encryption_key_id": key_id})
    before, (mine, total) = its.ask(RESEALED)[0][0], its.ask(SEALED, {"mine": f"%:{key_id}"})[0]
    its.rotated += 1
    order = its.order(Task("rotate", its.house.actor), fatal)
    if await its.hands.do(order) == KILLED:
        await its.hands.do(its.order(order.task))
    told, after = its.ask(RESEALED)[0][0] - before, its.ask(SEALED, {"mine": f"%:{key_id}"})[0]
    if told != total - mine or after != (total, total):
        its.rotations.append(
            f"rotation killed {fatal}: {told} of {total - mine} told, {after} sealed with it"
        )
    return order


# --- the verdict ------------------------------------------------------------------------------------------


async def judge(its: Scene) -> Verdict:
    """Seal the trail, and answer the three questions."""
    await seals.seal(its.house.services)
    issued = (await its.house.meta.get("/_sim/tokens")).json()
    books = custody.books(its.house.owner, issued)
    verdict = Verdict(len(its.cases) + its.rotated, its.hands.killed)
    verdict.plain = custody.in_plain([one["value"] for one in issued], await left(its))
    verdict.unusable = custody.unusable(its.cases, books, Vault(key_ring(its.settings)))
    verdict.gaps = custody.gaps(its.cases, books) + its.rotations
    agency = its.house.actor.agency_id
    verdict.gaps += [one.sentence async for one in verification.verify(its.house.services.db, agency, Walk())]
    verdict.revoked, verdict.kept = custody.at_meta(its.cases, books)
    return verdict


async def left(its: Scene) -> dict[str, str]:
    """Give all that was left behind: in the database, in logs and files, at Slack, in addresses at Meta."""
    async with httpx.AsyncClient(base_url=its.slack) as slack:
        at_slack = (await slack.get("/_sim/requests", params={"raw": "yes"})).text
    at_meta = (await its.house.meta.get("/_sim/requests", params={"raw": "yes"})).json()
    media = Path(its.house.settings.media_url.removeprefix("file://"))
    return {
        **dict(written(media)),
        **{f"the log {path.name}": path.read_text() for path in its.folder.glob("*.log")},
        **{f"the journal {path.name}": path.read_text() for path in its.folder.glob("journal-*")},
        "the database": dump(its.house.owner),
        "what Slack was sent": at_slack,
        "an address at Meta": "\n".join(one["path"] for one in at_meta),
    }

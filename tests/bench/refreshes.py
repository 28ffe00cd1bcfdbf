"""refresh_sweep: 500 of 10,000 logins renewed; floor: the same Graph calls by a bare httpx loop."""

import asyncio
import os
import signal
import statistics
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text, update
from sqlmodel import col, func, select

from core import agencies, clients, refresh
from core.agencies import Person
from core.clients import Details
from core.db import Actor, Origin
from core.holds import AT_ONCE
from core.models import Account, AuditEntry, Connection, Platform
from core.vault import Token
from tests.bench.measure import report
from tests.bench.stage import META_APP, META_SECRET, Stage

LOGINS, DUE, ROUNDS = 10_000, 500, 3
COFFEE, COFFEE_INSTAGRAM = "104928374650101", "17841400000000101"
PAGE_FIELDS = (
    "id,name,access_token,tasks,picture,instagram_business_account{id,username,name,profile_picture_url}"
)
OTHERS = text(
    "INSERT INTO connections (id, agency_id, client_id, member_id, meta_user_id, meta_user_name,"
    " access_token, refresh_at, check_at) SELECT gen_random_uuid(), :agency_id, :client_id, :member_id,"
    " 'other-' || n, 'Maya', '00', now() + n * interval '1 minute' + interval '1 day',"
    " now() + interval '9 days' FROM generate_series(1, :count) n"
)


async def run(stage: Stage) -> None:
    """Renew what is due in one sweep, and make the same calls without Pressroom, in turn."""
    os.kill(stage.serve_pid, signal.SIGSTOP)  # it would renew them too
    try:
        await measured(stage)
    finally:
        os.kill(stage.serve_pid, signal.SIGCONT)


async def measured(stage: Stage) -> None:
    """Set the scene, measure, and see that every one was renewed each time."""
    await others(stage)
    due = await asyncio.gather(*(agency_with_login(stage, number) for number in range(DUE)))
    tokens = [token for _, token in due]

    times, floors = [], []
    for _ in range(ROUNDS):
        await make_due(stage, [agency_id for agency_id, _ in due])
        times.append(await seconds(refresh.renew(stage.services)))
        floors.append(await seconds(bare_loop(stage, tokens)))
    assert await renewed(stage, [agency_id for agency_id, _ in due]) == DUE * ROUNDS
    report("refresh_sweep", statistics.median(times), "s", statistics.median(floors))


async def seconds(work: Awaitable[None]) -> float:
    """Give how long that takes."""
    started = perf_counter()
    await work
    return perf_counter() - started


async def others(stage: Stage) -> None:
    """Make the logins whose time has not come."""
    async with stage.services.db.session(stage.actor) as session:
        [client] = await clients.visible(session)
        whose = {"client_id": client.id, "agency_id": client.agency_id, "member_id": stage.actor.member_id}
    async with stage.services.db.session(Actor.program(whose["agency_id"])) as session:  # type: ignore[arg-type]
        await (await session.connection()).execute(OTHERS, {**whose, "count": LOGINS - DUE})


async def agency_with_login(stage: Stage, number: int) -> tuple[UUID, str]:
    """Make an agency with one login and its two accounts; an account is one client's in each agency."""
    services = stage.services
    login = (await stage.http.post(f"{stage.meta}/_sim/login", json={})).json()
    agency_id = await agencies.ensure(services.db, slack_team_id=f"TBENCH{number}", name="Bench")
    person = Person(f"UBENCH{number}", "Bench", "UTC", is_admin=True, is_guest=False)
    member = await agencies.welcome(services.db, agency_id, person)
    details = Details("Northwind Coffee", None, frozenset({member.id}), frozenset())
    actor = agencies.actor_of(member, Origin())
    client = await clients.add(services.db, actor, details)
    async with services.db.session(actor) as session:
        connection = Connection(
            agency_id=agency_id,
            client_id=client.id,
            member_id=member.id,
            meta_user_id="1",
            meta_user_name="M",
        )
        sealed = services.vault.seal(Token(login["access_token"]), row=connection.token_row)
        connection.access_token = sealed
        session.add(connection)
        await session.flush()
        ids = {Platform.FACEBOOK: COFFEE, Platform.INSTAGRAM: COFFEE_INSTAGRAM}
        session.add_all(account(stage, connection, *one, login["page_tokens"][COFFEE]) for one in ids.items())
    return agency_id, login["access_token"]


def account(stage: Stage, connection: Connection, platform: Platform, meta_id: str, token: str) -> Account:
    made = Account(
        id=uuid4(),
        agency_id=connection.agency_id,
        parent_id=connection.client_id,
        connection_id=connection.id,
        platform=platform,
        platform_account_id=meta_id,
        platform_account_name="Northwind Coffee",
    )
    made.access_token = stage.services.vault.seal(Token(token), row=made.token_row)
    return made


async def make_due(stage: Stage, agency_ids: list[UUID]) -> None:
    """Have their time come."""
    past = datetime.now(UTC) - timedelta(minutes=1)
    for agency_id in agency_ids:
        async with stage.services.db.session(Actor.program(agency_id)) as session:
            theirs = update(Connection).where(col(Connection.agency_id) == agency_id)
            await session.exec(theirs.values(refresh_at=past))


async def renewed(stage: Stage, agency_ids: list[UUID]) -> int:
    """Count how often one was renewed."""
    found = 0
    for agency_id in agency_ids:
        async with stage.services.db.session(Actor.program(agency_id)) as session:
            counted = select(func.count()).where(AuditEntry.action == "token_refreshed")
            found += (await session.exec(counted)).one()
    return found


async def bare_loop(stage: Stage, tokens: list[str]) -> None:
    """Make the same calls, and nothing else."""
    free = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=f"{stage.meta}/v25.0/", timeout=60) as http:

        async def one(token: str) -> None:
            async with free:
                await bare_refresh(http, token)

        await asyncio.gather(*(one(token) for token in tokens))


async def bare_refresh(http: httpx.AsyncClient, token: str) -> None:
    """Exchange a token, ask about the new one, and list the Pages."""

    async def call(method: str, path: str, bearer: str | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        answer = await http.request(method, path, headers=headers, **more)
        answer.raise_for_status()
        return answer.json()

    app = {"client_id": META_APP, "client_secret": META_SECRET}
    grant = {"grant_type": "fb_exchange_token", "fb_exchange_token": token}
    new = (await call("POST", "oauth/access_token", data=app | grant))["access_token"]
    asked = {"method": "GET", "input_token": new}
    listing = {"fields": PAGE_FIELDS, "limit": 100}

    async def pages() -> None:
        await call("GET", "me/accounts", new, params=listing)
        await call("GET", "me/permissions", new)
        found = await call("GET", "me/businesses", new, params={"fields": "id", "limit": 100})
        for business in found["data"]:
            for edge in ("owned_pages", "client_pages"):
                await call("GET", f"{business['id']}/{edge}", new, params=listing)

    await asyncio.gather(call("POST", "debug_token", f"{META_APP}|{META_SECRET}", data=asked), pages())

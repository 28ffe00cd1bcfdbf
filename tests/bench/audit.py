"""audit_insert: eight writers, each entry a transaction; floor: the same values into the same columns, bare.

audit_verify_1m: checking a million entries, as the command does: seconds, and the process's peak memory; its
floor is that of a tenth of them. audit_seal_1m: sealing them, one sealer.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import text

from core import agencies, audit, seals
from core.agencies import Person
from core.db import Actor, Database, Origin
from pressroom.schema import Addresses, driver_url
from tests.bench.measure import report
from tests.bench.stage import ROOT

WRITERS, EACH, ROUNDS = 8, 60, 7
MANY, FEW, BATCH = 1_000_000, 100_000, 50_000
DETAILS = {"version": 1, "content_hash": "0" * 64, "stage": "Client", "round": 1}
PLAIN = """
CREATE TABLE bench_plain (LIKE audit_logs);
ALTER TABLE bench_plain ADD PRIMARY KEY (id);
GRANT INSERT ON bench_plain TO pressroom_app;
"""
INSERT = text("""
INSERT INTO bench_plain (id, agency_id, client_id, user_id, account_id, post_id, action, details, ip_address,
    user_agent, personal, erased_by, created_at)
VALUES (:id, :agency, NULL, :user, NULL, NULL, 'post_approved', CAST(:details AS jsonb), :ip_address,
    :user_agent, NULL, NULL, clock_timestamp())
""")
SEED = """
INSERT INTO audit_logs (id, agency_id, user_id, action, details, ip_address, user_agent)
SELECT gen_random_uuid(), %s, 'U0ADA00001', 'post_approved', %s::jsonb, '203.0.113.7', 'A browser'
FROM generate_series(1, %s)
"""
VERIFY = """
import os, resource, sys
sys.argv = ["pressroom", "audit", "verify", "--agency", os.environ["TEAM"]]
from pressroom.cli import main
try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


async def run(addresses: Addresses) -> None:
    """Measure both, each in an agency of its own."""
    db = Database(addresses.program)
    try:
        await inserts(addresses, db)
        small = await checked(addresses, db, FEW)
        many = await checked(addresses, db, MANY)
    finally:
        await db.close()
    report("audit_seal_1m", many[0], "s")
    report("audit_verify_1m", many[1], "s")
    report("audit_verify_1m_memory", many[2], "MB", small[2])


async def inserts(addresses: Addresses, db: Database) -> None:
    """Time rounds of both in turn, so that a slow moment meets both; the middle round of each counts."""
    assert addresses.owner
    with psycopg.connect(driver_url(addresses.owner)) as owner:
        owner.execute(PLAIN)
    agency = await agencies.ensure(db, slack_team_id=f"T{uuid4().hex}", name="Bench")
    ada = await agencies.welcome(
        db, agency, Person("U0ADA00001", "Ada", "UTC", is_admin=True, is_guest=False)
    )
    actor = agencies.actor_of(ada, Origin("203.0.113.7", "A browser"))
    ours, floors = [], []
    for _ in range(ROUNDS):
        ours.append(await together(lambda: entry(db, actor)))
        floors.append(await together(lambda: plain(db, actor)))
    report("audit_insert", sorted(ours)[ROUNDS // 2] * 1e3, "ms", sorted(floors)[ROUNDS // 2] * 1e3)


async def together(write: Callable[[], Awaitable[None]]) -> float:
    """Let all writers write; give the seconds for one entry of one writer."""

    async def several() -> None:
        for _ in range(EACH):
            await write()

    started = perf_counter()
    await asyncio.gather(*(several() for _ in range(WRITERS)))
    return (perf_counter() - started) / EACH


async def entry(db: Database, actor: Actor) -> None:
    """Write an entry as every use-case does."""
    async with db.session(actor) as session:
        audit.record(session, actor, "post_approved", **DETAILS)


async def plain(db: Database, actor: Actor) -> None:
    """Write the same into a table without anything, in the same kind of transaction."""
    origin = actor.origin
    values = {"id": uuid4(), "agency": actor.agency_id, "user": actor.user_id, "details": json.dumps(DETAILS)}
    values |= {"ip_address": origin.ip_address, "user_agent": origin.user_agent}
    async with db.session(actor) as session:
        await (await session.connection()).execute(INSERT, values)


async def checked(addresses: Addresses, db: Database, number: int) -> tuple[float, float, float]:
    """Write and seal so many entries, and check them; give the seconds of both, and the peak in megabytes."""
    team = f"T{uuid4().hex}"
    agency = await agencies.ensure(db, slack_team_id=team, name="Bench")
    seed(addresses, agency, number)
    started = perf_counter()
    while await seals.seal_some(db, agency):
        pass
    sealing, started = perf_counter() - started, perf_counter()
    environ = {"DATABASE_URL": addresses.program, "TEAM": team, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", VERIFY]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True
    )
    return sealing, perf_counter() - started, int(done.stderr.split()[-1]) / 1024


def seed(addresses: Addresses, agency: UUID, number: int) -> None:
    """Write entries as the owner, many at once."""
    assert addresses.owner
    with psycopg.connect(driver_url(addresses.owner), autocommit=True) as owner:
        for _ in range(0, number, BATCH):
            owner.execute(SEED, [agency, json.dumps(DETAILS), min(number, BATCH)])
        owner.execute("ANALYZE")

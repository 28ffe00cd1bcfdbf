"""The vault's keys: found wrong before anything happens, rotated while others work, retired when unneeded."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlmodel import select, text
from typer.testing import CliRunner

from core import agencies, keys
from core.agencies import Grant
from core.db import Actor, Database
from core.models import AuditEntry, Installation
from core.vault import BadKey, KeyRing, Token, Vault, generate_key
from pressroom.keys import app
from pressroom.schema import Addresses
from tests.conftest import ROOT
from tests.pressroom.conftest import own_database

FIRST, SECOND = generate_key(), generate_key()
OLD = KeyRing.parse(f"old:{FIRST}")
BOTH = KeyRing.parse(f"old:{FIRST},new:{SECOND}", "new")
NEW = KeyRing.parse(f"new:{SECOND}")


@pytest.fixture
async def db(postgres: Addresses) -> AsyncIterator[Database]:
    """A database of this test's own, in which nothing is sealed yet."""
    with own_database(postgres) as addresses:
        made = Database(addresses.program)
        yield made
        await made.close()


async def install(db: Database, ring: KeyRing, *, agency: int) -> Actor:
    """Keep a bot's token, sealed with the ring's current key."""
    agency_id = await agencies.ensure(db, slack_team_id=f"T{agency}", name="Brightside")
    given = Grant("A1", "B1", "U1", Token(f"xoxb-{agency}-{uuid4()}"), ("chat:write",), None)
    await agencies.install(db, Vault(ring), agency_id, given)
    return Actor.program(agency_id)


async def sealed(db: Database, actor: Actor) -> str:
    async with db.session(actor) as session:
        return (await session.get_one(Installation, actor.agency_id)).bot_token


async def facts(db: Database, ring: KeyRing) -> dict[str, tuple[int, bool]]:
    return {one.id: (one.sealed, one.retired_at is not None) for one in await keys.listed(db, ring)}


async def rotated(db: Database, ring: KeyRing) -> keys.Progress:
    """Rotate to the end, and give how far that is."""
    return [progress async for progress in keys.rotate(db, ring)][-1]


async def test_the_right_keys_start_and_are_remembered(db: Database) -> None:
    for _ in range(2):
        await asyncio.gather(*(keys.check(db, BOTH) for _ in range(3)))
    assert await facts(db, BOTH) == {"old": (0, False), "new": (0, False)}


async def test_another_key_under_a_known_id_is_found_at_once(db: Database) -> None:
    await keys.check(db, OLD)
    with pytest.raises(BadKey, match="another key under the id 'old'") as found:
        await keys.check(db, KeyRing.parse(f"old:{SECOND}"))
    assert SECOND not in str(found.value)


async def test_a_key_that_is_still_needed_is_missed_at_once(db: Database) -> None:
    await keys.check(db, OLD)
    await install(db, OLD, agency=1)
    with pytest.raises(BadKey, match=r"lacks a key .*: 'old' \(1 tokens\)"):
        await keys.check(db, NEW)


async def test_everything_is_sealed_anew_and_the_old_key_retired(db: Database) -> None:
    await keys.check(db, OLD)
    actors = [await install(db, OLD, agency=number) for number in range(3)]
    await keys.check(db, BOTH)
    assert await rotated(db, BOTH) == keys.Progress(3, 3, 0)
    assert await facts(db, BOTH) == {"old": (0, False), "new": (3, False)}
    for actor in actors:
        row = agencies.token_row(actor.agency_id)
        assert Vault(NEW).open(await sealed(db, actor), row=row).reveal().startswith("xoxb-")
        async with db.session(actor) as session:
            told = await session.exec(select(AuditEntry).where(AuditEntry.action == "tokens_resealed"))
            assert [one.details for one in told] == [{"key": "new", "kept_in": "installations", "tokens": 1}]
    await keys.retire(db, BOTH, "old")
    await keys.check(db, NEW)
    assert await facts(db, NEW) == {"old": (0, True), "new": (3, False)}
    assert await rotated(db, NEW) == keys.Progress(0, 0, 0)


async def test_one_that_is_stopped_goes_on_where_it_was(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MOST_AT_ONCE", 1)
    await keys.check(db, BOTH)
    for number in range(4):
        await install(db, OLD, agency=number)
    seen = []
    async for progress in keys.rotate(db, BOTH, at_once=1):
        seen.append(progress.done)
        if progress.done == 2:
            break
    assert seen == [0, 1, 2]
    assert await rotated(db, BOTH) == keys.Progress(2, 2, 0)


async def test_a_key_that_is_needed_or_unknown_is_not_retired(db: Database) -> None:
    await keys.check(db, BOTH)
    await install(db, OLD, agency=1)
    for key_id, why in (("old", "1 tokens are sealed"), ("new", "is the current one"), ("k9", "No key")):
        with pytest.raises(BadKey, match=why):
            await keys.retire(db, BOTH, key_id)


async def test_a_process_that_missed_it_cannot_seal_with_a_retired_key(db: Database) -> None:
    await keys.check(db, BOTH)
    await keys.retire(db, BOTH, "old")
    with pytest.raises(Exception, match="the key old is retired"):
        await install(db, OLD, agency=1)
    with pytest.raises(BadKey, match="is retired"):
        await keys.check(db, OLD)


async def test_whatever_is_sealed_is_refused_when_its_key_is_retired(db: Database) -> None:
    guarding = text(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'refuse_retired_key'::regproc"
    )
    async with db.as_nobody() as session:
        guarded = set((await (await session.connection()).execute(guarding)).scalars())
    assert guarded == set(keys.COLUMNS)


async def test_every_agency_s_trail_tells_once_that_a_key_was_retired(db: Database) -> None:
    await keys.check(db, BOTH)
    actors = [await install(db, NEW, agency=number) for number in range(3)]
    for _ in range(2):
        await keys.retire(db, BOTH, "old")
    for actor in actors:
        assert await retired(db, actor) == [("pressroom", {"key": "old", "by": "operator"})]


async def test_what_is_not_retired_is_told_to_nobody(db: Database) -> None:
    await keys.check(db, BOTH)
    actor = await install(db, OLD, agency=1)
    with pytest.raises(BadKey):
        await keys.retire(db, BOTH, "old")
    assert await retired(db, actor) == []


async def retired(db: Database, actor: Actor) -> list[tuple[str, dict[str, str]]]:
    """Give who retired which key, as an agency's trail has it."""
    async with db.session(actor) as session:
        told = await session.exec(select(AuditEntry).where(AuditEntry.action == "key_retired"))
        return [(one.user_id, one.details) for one in told]


async def test_who_changes_a_token_meanwhile_wins(db: Database) -> None:
    await keys.check(db, BOTH)
    actor = await install(db, OLD, agency=1)
    before = await sealed(db, actor)
    await install(db, OLD, agency=1)
    renewed = await sealed(db, actor)
    assert renewed != before
    said = {"ids": [actor.agency_id], "were": [before], "news": ["ab:cd:new"]}
    async with db.session(actor) as session:
        written = keys.RESEAL.format(table="installations", name="agency_id", sealed="bot_token")
        await (await session.connection()).execute(text(written), said)
    assert await sealed(db, actor) == renewed


async def test_what_does_not_open_is_counted_and_left(db: Database) -> None:
    await keys.check(db, BOTH)
    actor = await install(db, OLD, agency=1)
    async with db.session(actor) as session:
        installed = await session.get_one(Installation, actor.agency_id)
        installed.bot_token = Vault(OLD).seal(Token("xoxb"), row="of another row")
    assert await rotated(db, BOTH) == keys.Progress(0, 1, 1)


# --- the command ------------------------------------------------------------------------------------------


def settings(addresses: Addresses, written: str, current: str) -> dict[str, str]:
    """Give what an operator has set."""
    return {
        "DATABASE_URL": addresses.program.replace("+psycopg", ""),
        "ENCRYPTION_KEYS": written,
        "ENCRYPTION_KEY_ID": current,
        "FACEBOOK_CLIENT_ID": "1",
        "FACEBOOK_CLIENT_SECRET": "s",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s",
    }


def test_the_whole_way_by_the_command(postgres: Addresses) -> None:
    runner = CliRunner()
    with own_database(postgres) as addresses:
        asyncio.run(sealed_once(addresses))
        env = settings(addresses, f"old:{FIRST},new:{SECOND}", "new")

        def said(*arguments: str) -> str:
            result = runner.invoke(app, arguments, env=env)
            assert result.exit_code == 0, result.output
            return " ".join(result.output.split())

        assert said("list") == "old 1 tokens rotate, then retire new 0 tokens current"
        assert "1 of 1 tokens sealed anew with the key new" in said("rotate")
        assert said("list") == (
            "old 0 tokens seals nothing. If it is new, make it current; if old: pressroom keys retire old"
            " new 1 tokens current"
        )
        done = said("retire", "old")
        assert "Take it out of ENCRYPTION_KEYS" in done
        assert "A process that still runs with ENCRYPTION_KEY_ID=old" in done
        assert "take it out of ENCRYPTION_KEYS new 1 tokens current" in said("list")


async def sealed_once(addresses: Addresses) -> None:
    db = Database(addresses.program)
    await keys.check(db, OLD)
    await install(db, OLD, agency=1)
    await db.close()


def test_with_a_wrong_key_nothing_starts_and_the_operator_reads_why(postgres: Addresses) -> None:
    with own_database(postgres) as addresses:
        asyncio.run(sealed_once(addresses))
        env = os.environ | settings(addresses, f"old:{SECOND}", "old")
        command = [sys.executable, "-m", "pressroom", "serve"]
        ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.strip().startswith("ENCRYPTION_KEYS has another key under the id 'old'")
    assert SECOND not in ended.stderr + ended.stdout

"""The chain of the audit trail: whatever a superuser does to it, `verify` names the entry."""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from subprocess import run
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import Connection
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from core import audit_exports, seals
from core.audit_exports import Format
from core.db import Database
from core.services import Services
from core.verification import Head, Kind
from tests.conftest import Cast
from tests.core.tampering import Trail

VICTIM = 9  # of the entries, by its place: one of the author's on the web
ANOTHER, PARTS = "gen_random_uuid()", "personal, ip_address, user_agent"


@pytest.fixture
async def trail(services: Services, agency: Cast, owner: Connection[Any]) -> Trail:
    """Give a trail of a few sealed entries."""
    made = Trail(services, agency, owner)
    for number in range(6):
        await made.write(number=number, words="Grüße, “Maya” \U0001f600", share=1.5, nothing=None)
    assert await made.seal() > VICTIM + 3
    return made


async def test_what_was_written_is_whole_and_sealed_once(trail: Trail) -> None:
    assert await trail.faults() == []
    assert await trail.seal() == 0
    await trail.write()
    assert await trail.seal() == 1
    assert await trail.faults() == []
    assert await trail.faults(trail.head) == []


# --- a change --------------------------------------------------------------------------------------------

CHANGES = (
    "UPDATE audit_logs SET action = 'nothing_done' WHERE id = %s",
    "UPDATE audit_logs SET user_id = 'U0SOMEBODY' WHERE id = %s",
    "UPDATE audit_logs SET client_id = NULL WHERE id = %s",
    f"UPDATE audit_logs SET account_id = {ANOTHER} WHERE id = %s",
    f"UPDATE audit_logs SET post_id = {ANOTHER} WHERE id = %s",
    "UPDATE audit_logs SET details = details || '{\"number\": 7}' WHERE id = %s",
    "UPDATE audit_logs SET details = details - 'nothing' WHERE id = %s",
    "UPDATE audit_logs SET details = '{\"n\": 1e5000}' WHERE id = %s",
    "UPDATE audit_logs SET created_at = created_at + interval '1 microsecond' WHERE id = %s",
    "UPDATE audit_logs SET created_at = 'infinity' WHERE id = %s",
    "UPDATE audit_logs SET created_at = (created_at::text || ' BC')::timestamptz WHERE id = %s",
    "UPDATE audit_logs SET ip_address = '203.0.113.8' WHERE id = %s",
    "UPDATE audit_logs SET user_agent = NULL WHERE id = %s",
    'UPDATE audit_logs SET personal = \'{"by_name": "Somebody else"}\' WHERE id = %s',
    "UPDATE audit_logs SET personal = NULL, ip_address = NULL, user_agent = NULL WHERE id = %s",
    f"UPDATE audit_logs SET ({PARTS}, erased_by) = (NULL, NULL, NULL, {ANOTHER}) WHERE id = %s",
    f"UPDATE audit_logs SET erased_by = {ANOTHER} WHERE id = %s",
    "UPDATE audit_seals SET hash = sha256('') WHERE entry_id = %s",
    "UPDATE audit_seals SET sealed_at = sealed_at - interval '1 second' WHERE entry_id = %s",
    "UPDATE audit_seals SET personal_salt = sha256('') WHERE entry_id = %s",
    "UPDATE audit_seals SET personal_salt = NULL WHERE entry_id = %s",
    "UPDATE audit_seals SET personal_hash = NULL WHERE entry_id = %s",
)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_found_and_only_that_entry_is_named(trail: Trail, change: str) -> None:
    victim = trail.entries[VICTIM]
    with trail.by_force() as owner:
        assert owner.execute(change, [victim]).rowcount == 1
    found = await trail.faults()
    assert {fault.entry_id for fault in found} == {victim}
    assert Kind.CHANGED in {fault.kind for fault in found} or "BC" in change
    assert all(str(victim) in fault.sentence for fault in found)


async def test_what_was_never_personal_cannot_become_it(trail: Trail) -> None:
    first = trail.entries[0]
    with trail.by_force() as owner:
        owner.execute("UPDATE audit_logs SET ip_address = '203.0.113.8' WHERE id = %s", [first])
    [fault] = await trail.faults()
    assert (fault.kind, fault.entry_id) == (Kind.CHANGED, first)


# --- a removal -------------------------------------------------------------------------------------------


async def test_an_entry_that_is_removed_leaves_its_seal(trail: Trail) -> None:
    victim = trail.entries[VICTIM]
    with trail.by_force() as owner:
        owner.execute("DELETE FROM audit_logs WHERE id = %s", [victim])
    [fault] = await trail.faults()
    assert (fault.kind, fault.entry_id, fault.number) == (Kind.REMOVED, victim, VICTIM + 1)


async def test_one_that_is_removed_with_its_seal_leaves_a_gap(trail: Trail) -> None:
    remove(trail, trail.entries[VICTIM])
    [fault] = await trail.faults()
    assert (fault.kind, fault.number) == (Kind.REMOVED, VICTIM + 1)


async def test_the_last_ones_are_missed_at_the_end(trail: Trail) -> None:
    head = trail.head
    remove(trail, *trail.entries[-2:])
    [fault] = await trail.faults()
    assert (fault.kind, fault.number) == (Kind.BROKEN, head.number)
    with trail.by_force() as owner:
        owner.execute(
            "UPDATE audit_chains c SET number = s.number, hash = s.hash FROM audit_seals s"
            " WHERE c.agency_id = %(agency)s AND s.agency_id = %(agency)s AND s.number = %(number)s",
            {"agency": trail.cast.id, "number": head.number - 2},
        )
    assert await trail.faults() == []
    [fault] = await trail.faults(head)
    assert (fault.kind, fault.number) == (Kind.BROKEN, head.number)


async def test_all_of_it_is_missed_too(trail: Trail) -> None:
    remove(trail, *trail.entries)
    assert [fault.kind for fault in await trail.faults()] == [Kind.BROKEN, Kind.REMOVED]


async def test_where_nothing_is_left_of_a_living_agency_s_trail_that_is_said(trail: Trail) -> None:
    with trail.by_force() as owner:
        for table in ("audit_logs", "audit_seals", "audit_heads", "audit_unsealed", "audit_chains"):
            owner.execute(f"DELETE FROM {table} WHERE agency_id = %s", [trail.cast.id])
    [fault] = await trail.faults()
    assert fault.sentence == "There is not one entry: the whole trail was removed."
    assert (trail.cast.id,) in await trail.services.db.ids("every_trail")


async def test_who_takes_the_end_of_a_chain_away_does_not_have_it_passed_over(trail: Trail) -> None:
    with trail.by_force() as owner:
        owner.execute("DELETE FROM audit_chains WHERE agency_id = %s", [trail.cast.id])
    assert "What says how far the chain goes was removed." in [one.sentence for one in await trail.faults()]
    with trail.by_force() as owner:
        owner.execute("DELETE FROM audit_heads WHERE agency_id = %s", [trail.cast.id])
        owner.execute("DELETE FROM clients WHERE agency_id = %s", [trail.cast.id])
        owner.execute("DELETE FROM agencies WHERE id = %s", [trail.cast.id])
    assert (trail.cast.id,) in await trail.services.db.ids("every_trail")


async def test_a_seal_that_is_removed_leaves_its_entry(trail: Trail) -> None:
    victim = trail.entries[VICTIM]
    with trail.by_force() as owner:
        owner.execute("DELETE FROM audit_seals WHERE entry_id = %s", [victim])
    gap, entry = await trail.faults()
    assert (gap.kind, gap.number) == (Kind.REMOVED, VICTIM + 1)
    assert (entry.kind, entry.entry_id) == (Kind.INSERTED, victim)


async def test_what_is_removed_before_it_is_sealed_is_missed(trail: Trail) -> None:
    await trail.write("hardly_done")
    victim = entry_of(trail, "hardly_done")
    with trail.by_force() as owner:
        owner.execute("DELETE FROM audit_logs WHERE id = %s", [victim])
    assert await trail.seal() == 0
    [fault] = await trail.faults()
    assert (fault.kind, fault.entry_id) == (Kind.REMOVED, victim)


def remove(trail: Trail, *victims: UUID) -> None:
    with trail.by_force() as owner:
        for table, column in (("audit_logs", "id"), ("audit_seals", "entry_id")):
            owner.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [list(victims)])


def entry_of(trail: Trail, action: str) -> UUID:
    found = trail.owner.execute(
        "SELECT id FROM audit_logs WHERE agency_id = %s AND action = %s", [trail.cast.id, action]
    ).fetchone()
    assert found is not None
    return UUID(str(found[0]))


# --- an insertion, and another order -----------------------------------------------------------------------

INSERT = """
INSERT INTO audit_logs (id, agency_id, user_id, action, created_at)
VALUES (%(id)s, %(agency)s, 'U0SOMEBODY', 'never_done', now() - interval '%(days)s days')
"""
QUEUE = "INSERT INTO audit_unsealed VALUES (%(id)s, %(agency)s, now() - interval '%(days)s days')"


def insert(trail: Trail, *statements: str, days: int = 0) -> UUID:
    values = {"id": uuid4(), "agency": trail.cast.id, "days": days}
    with trail.by_force() as owner:
        for statement in statements:
            owner.execute(statement, values)
    return UUID(str(values["id"]))


async def test_what_is_put_in_beside_the_chain_is_found(trail: Trail) -> None:
    inserted = insert(trail, INSERT)
    await trail.seal()
    [fault] = await trail.faults()
    assert (fault.kind, fault.entry_id) == (Kind.INSERTED, inserted)


async def test_what_is_put_in_with_an_old_time_is_found_once_it_is_sealed(trail: Trail) -> None:
    inserted = insert(trail, INSERT, QUEUE, days=3)
    [fault] = await trail.faults()
    assert (fault.kind, fault.entry_id) == (Kind.UNSEALED, inserted)
    await trail.seal()
    await trail.write()
    await trail.seal()
    [fault] = await trail.faults()
    assert (fault.kind, fault.entry_id) == (Kind.INSERTED, inserted)
    assert "a time that cannot be" in fault.sentence


async def test_a_seal_with_a_number_that_cannot_be_is_found(trail: Trail) -> None:
    inserted = insert(
        trail,
        INSERT,
        "INSERT INTO audit_seals (agency_id, number, entry_id, hash, sealed_at)"
        " VALUES (%(agency)s, -5, %(id)s, sha256(''), now())",
    )
    found = await trail.faults()
    assert Kind.BROKEN in {fault.kind for fault in found}
    assert inserted in trail.entries


async def test_the_time_is_the_database_s_own_whatever_is_said(trail: Trail) -> None:
    trail.owner.execute(INSERT, {"id": uuid4(), "agency": trail.cast.id, "days": 3})
    await trail.seal()
    assert await trail.faults() == []
    young = "SELECT now() - created_at < '1 minute' FROM audit_logs WHERE id = %s"
    assert trail.owner.execute(young, [trail.entries[-1]]).fetchone() == (True,)


async def test_another_order_is_found(trail: Trail) -> None:
    one, two = trail.entries[VICTIM : VICTIM + 2]
    swap = "UPDATE audit_seals SET entry_id = %s WHERE entry_id = %s"
    with trail.by_force() as owner:
        for to, since in ((nobody := uuid4(), one), (one, two), (two, nobody)):
            owner.execute(swap, [to, since])
    found = await trail.faults()
    assert {(fault.kind, fault.entry_id) for fault in found} == {(Kind.CHANGED, one), (Kind.CHANGED, two)}


async def test_who_rewrites_the_whole_chain_is_found_by_a_head_that_was_kept_elsewhere(trail: Trail) -> None:
    kept, victim = trail.head, trail.entries[VICTIM]
    with trail.by_force() as owner:
        owner.execute("UPDATE audit_logs SET action = 'nothing_done' WHERE id = %s", [victim])
        owner.execute("DELETE FROM audit_seals WHERE agency_id = %s", [trail.cast.id])
        owner.execute("DELETE FROM audit_chains WHERE agency_id = %s", [trail.cast.id])
        owner.execute(
            "INSERT INTO audit_unsealed SELECT id, agency_id, created_at FROM audit_logs"
            " WHERE agency_id = %s",
            [trail.cast.id],
        )
    await trail.seal()
    assert await trail.faults() == []
    [fault] = await trail.faults(kept)
    assert (fault.kind, fault.number) == (Kind.BROKEN, kept.number)
    assert "may have been rewritten" in fault.sentence


def test_a_head_is_read_as_it_is_written() -> None:
    head = Head(1234, bytes(range(32)))
    assert Head.parse(f" {head}\n") == head
    for nonsense in ("", "12", "12:", "12:ab", f"x:{'00' * 32}"):
        with pytest.raises(ValueError, match=r".*"):
            Head.parse(nonsense)


# --- many at once, and a process that dies -----------------------------------------------------------------


async def test_many_write_and_many_seal_and_the_chain_has_each_entry_once(trail: Trail) -> None:
    before = len(trail.entries)
    writing = asyncio.gather(*(write_some(trail) for _ in range(8)))
    while not writing.done():
        await asyncio.gather(*(trail.seal() for _ in range(4)))
    while await trail.seal():
        pass
    assert len(trail.entries) == before + 8 * 10
    assert await trail.faults() == []


async def write_some(trail: Trail) -> None:
    for number in range(10):
        await trail.write(number=number)


async def test_nobody_who_writes_waits_for_whoever_seals(trail: Trail) -> None:
    with trail.owner.transaction():
        trail.owner.execute("SELECT FROM audit_chains WHERE agency_id = %s FOR UPDATE", [trail.cast.id])
        trail.owner.execute("SELECT FROM audit_seals WHERE agency_id = %s FOR UPDATE", [trail.cast.id])
        async with asyncio.timeout(5):
            await trail.write()
            assert await trail.seal() == 0  # another process is at it
    assert await trail.seal() == 1


WAITING = """
SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE FROM audit_unsealed%'
"""


async def test_a_sealer_that_dies_leaves_nothing_half_done(trail: Trail) -> None:
    """Its last statement is held up, so that the seals are written when its connection is cut."""
    await trail.write()
    before, head = trail.entries, trail.head
    with trail.owner.transaction():
        trail.owner.execute("SELECT FROM audit_unsealed WHERE agency_id = %s FOR UPDATE", [trail.cast.id])
        sealing = asyncio.create_task(trail.seal())
        async with asyncio.timeout(10):
            while not (found := trail.owner.execute(WAITING).fetchall()):
                trail.owner.execute("SELECT pg_stat_clear_snapshot()")
                await asyncio.sleep(0.02)
        for (pid,) in found:
            trail.owner.execute("SELECT pg_terminate_backend(%s)", [pid])
        with pytest.raises(OperationalError):
            await sealing
    assert (trail.entries, trail.head) == (before, head)
    assert await trail.seal() == 1
    assert await trail.faults() == []


async def test_a_chain_that_cannot_go_on_holds_up_no_other_agency_s(
    trail: Trail, make_agency: Callable[[], Awaitable[Cast]]
) -> None:
    with trail.by_force() as owner:
        owner.execute("UPDATE audit_chains SET number = 0 WHERE agency_id = %s", [trail.cast.id])
    await trail.write()
    others = [await make_agency() for _ in range(3)]
    await seals.seal(trail.services)
    waiting = {agency_id for (agency_id,) in await trail.services.db.ids("unsealed_agencies")}
    assert trail.cast.id in waiting
    assert not waiting & {one.id for one in others}
    with trail.by_force() as owner:
        owner.execute("DELETE FROM audit_unsealed WHERE agency_id = %s", [trail.cast.id])


async def test_what_is_sealed_while_it_is_exported_is_exported_once(trail: Trail) -> None:
    await trail.write("done_last")
    sealing: list[Thread] = []

    def seal_meanwhile(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "audit_unsealed" in statement and not sealing:
            sealing.append(Thread(target=run_apart, args=(trail,)))
            sealing[0].start()
            sealing[0].join()

    engine = trail.services.db.engine.sync_engine
    for moment in ("before_cursor_execute", "after_cursor_execute"):
        sealing.clear()
        event.listen(engine, moment, seal_meanwhile)
        actions = [json.loads(line)["entry"]["action"] for line in await exported(trail)]
        event.remove(engine, moment, seal_meanwhile)
        assert sealing
        assert actions.count("done_last") == 1
        await trail.write("more")


def run_apart(trail: Trail) -> None:
    """Seal by a connection of one's own, in a thread of one's own."""

    async def seal() -> None:
        db = Database(trail.services.db.engine.url.render_as_string(hide_password=False))
        await seals.seal_some(db, trail.cast.id)
        await db.close()

    asyncio.run(seal())


async def test_a_sweep_seals_every_agency_s(services: Services, trail: Trail) -> None:
    await trail.write()
    await seals.seal(services)
    assert await trail.seal() == 0
    assert await trail.faults() == []


# --- the form --------------------------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(values=st.lists(VALUES, max_size=10))
def test_the_form_is_the_same_after_any_way_through_postgresql(
    owner: Connection[Any], values: list[Any]
) -> None:
    kept = through(owner, [json.dumps(one) for one in values])
    again = through(owner, [seals.form(json.loads(one)).decode() for one in kept])
    assert kept == again
    for one in kept:
        value = json.loads(one)
        assert seals.form(json.loads(json.dumps(value, indent=2, ensure_ascii=False))) == seals.form(value)
        assert seals.form(value).isascii()


def through(owner: Connection[Any], values: list[str]) -> list[str]:
    asking = "SELECT v::jsonb::text FROM unnest(%s::text[]) WITH ORDINALITY AS u(v, place) ORDER BY place"
    return [text for (text,) in owner.execute(asking, [values]).fetchall()]


def test_the_order_of_keys_does_not_matter_and_everything_else_does() -> None:
    assert seals.form({"b": 1, "a": [1, 2]}) == seals.form({"a": [1, 2], "b": 1}) == b'{"a":[1,2],"b":1}'
    forms = {seals.form(one) for one in ({"a": 1}, {"a": "1"}, {"a": 1.0}, {"a": None}, {}, {"a": [1]})}
    assert len(forms) == 6


# --- by somebody else, with what the documentation gives them -----------------------------------------------


def recipe() -> str:
    """Give the program that docs/operations.md prints for whoever checks an export."""
    words = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", words, re.DOTALL)
    return str(code)


async def exported(trail: Trail, **more: Any) -> list[str]:
    lines = audit_exports.lines(trail.services.db, trail.cast.program, format_=Format.JSONL, **more)
    return [line async for line in lines]


def check(lines: list[str]) -> tuple[int, str]:
    done = run(
        [sys.executable, "-c", recipe()],
        input="".join(lines),
        text=True,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


async def test_an_outsider_works_the_chain_out_from_the_export(trail: Trail) -> None:
    await trail.write("not_sealed_yet")
    lines = await exported(trail)
    assert len(lines) == trail.head.number + 1
    code, said = await asyncio.to_thread(check, lines)
    assert (code, said.split()[-1]) == (0, str(trail.head)), said
    for change in (("something_done", "nothing_done"), ("Maya Chen", "Maja Chen")):
        broken = [*lines[:VICTIM], lines[VICTIM].replace(*change), *lines[VICTIM + 1 :]]
        assert broken != lines
        assert (await asyncio.to_thread(check, broken))[0] != 0
    assert (await asyncio.to_thread(check, [*lines[:VICTIM], *lines[VICTIM + 1 :]]))[0] != 0

"""Whether the audit trail is as it was written: every seal is worked out anew, and every fault has a name.

What it finds: an entry that was changed, removed, put in or put elsewhere, by whoever got around PostgreSQL's
refusal (its superuser can). Who rewrites a whole chain is found by a head that was kept elsewhere: in Slack.
It reads the chain page by page, each in a short transaction, so neither memory nor locks grow with it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core import seals
from core.db import Actor, Database

PAGE = 2_000
LOWEST = -(2**63)
LONGEST = "1 hour"  # longer than any transaction of ours is open

PAGE_OF_CHAIN = text(f"""
SELECT s.number, s.entry_id, s.hash, s.personal_salt, s.personal_hash, e.id IS NOT NULL AS is_there,
    to_char(s.sealed_at AT TIME ZONE 'UTC', {seals.MOMENT}) AS sealed_at,
    to_char((s.sealed_at - interval '{LONGEST}') AT TIME ZONE 'UTC', {seals.MOMENT}) AS earliest,
    least(s.sealed_at, e.created_at) < '2000-01-01' AS is_ancient, e.erased_by IS NOT NULL AS is_erased,
    EXISTS (SELECT FROM audit_logs t WHERE t.id = e.erased_by AND t.action = 'personal_data_erased'
            AND (t.details->>'person' = e.user_id OR t.details->'others' ? e.id::text)
            AND t.created_at >= e.created_at) AS is_told,
    {seals.ENTRY}
FROM audit_seals s LEFT JOIN audit_logs e ON e.id = s.entry_id
WHERE s.agency_id = :agency AND s.number > :after ORDER BY s.number LIMIT :most
""")  # noqa: S608 our own words
HEADS = text("""
SELECT number, hash, 'the end of the chain' AS of FROM audit_chains WHERE agency_id = :agency
UNION ALL SELECT number, hash, 'the head of ' || day FROM audit_heads WHERE agency_id = :agency
""")
BESIDE = text(f"""
SELECT e.id, u.entry_id IS NOT NULL AS waits FROM audit_logs e
LEFT JOIN audit_seals s ON s.entry_id = e.id AND s.agency_id = e.agency_id
LEFT JOIN audit_unsealed u ON u.entry_id = e.id
WHERE e.agency_id = :agency AND s.entry_id IS NULL
    AND (u.entry_id IS NULL OR e.created_at < now() - interval '{LONGEST}') ORDER BY e.id LIMIT :most
""")  # noqa: S608 our own words
STANDING = text("""
SELECT EXISTS (SELECT FROM agencies a WHERE a.id = :agency) AS lives,
    EXISTS (SELECT FROM audit_chains c WHERE c.agency_id = :agency) AS has_end,
    EXISTS (SELECT FROM audit_unsealed u WHERE u.agency_id = :agency) AS waits
""")
GONE = text("""
SELECT u.entry_id FROM audit_unsealed u
WHERE u.agency_id = :agency AND NOT EXISTS (SELECT FROM audit_logs e WHERE e.id = u.entry_id)
ORDER BY u.entry_id LIMIT :most
""")
MOST = 1_000  # of the faults beside the chain; a thousand of them say enough


class Kind(StrEnum):
    """What was done to the trail."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    UNSEALED = "unsealed"
    BROKEN = "broken"  # the chain itself is another one


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written, in a sentence; with the entry and its number, if known."""

    kind: Kind
    sentence: str
    number: int | None = None
    entry_id: UUID | None = None
    may_be_mistyped: bool = False  # it is about the head that somebody gave


GIVEN = "the head that you gave"
COMPARE = "Compare it with the channel's message first: a slip of one digit looks the same."


@dataclass(frozen=True)
class Head:
    """How far a chain went at some time: a number and the hash there."""

    number: int
    hash: bytes
    of: str = GIVEN

    @classmethod
    def parse(cls, written: str) -> "Head":
        """Read `NUMBER:HASH`, as Slack shows it; raise ValueError for anything else."""
        number, _, digest = written.strip().partition(":")
        if int(number) < 1 or len(bytes.fromhex(digest)) != len(seals.GENESIS):
            raise ValueError(written)
        return cls(int(number), bytes.fromhex(digest))

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"


@dataclass
class Walk:
    """A way along the chain: how far it is, and what the next seal is checked against.

    `hashes` are the last seal's as it stands there, and as it should be: where they differ, the next one
    fits to one of them, and only the faulty entry is named.
    """

    number: int = 0
    hashes: tuple[bytes, ...] = (seals.GENESIS,)
    last: bytes = seals.GENESIS
    earliest: str = ""
    heads: list[Head] = field(default_factory=list)

    def steps(self, page: Sequence[Row[Any]]) -> list[Fault]:
        """Go on over a whole page."""
        return [fault for row in page for fault in self.step(row)]

    def step(self, row: Row[Any]) -> Iterator[Fault]:
        """Go on to the next seal; give what is wrong with it."""
        if row.number != self.number + 1:
            yield from gap(self.number, row.number)
            self.hashes = ()
        if row.is_there:
            yield from self.compare(row)
        else:
            sentence = f"Entry {row.entry_id} (number {row.number}) was removed: only its seal is left."
            yield Fault(Kind.REMOVED, sentence, row.number, row.entry_id)
            self.hashes = (row.hash,)
        self.number, self.last = row.number, row.hash
        yield from self.pass_heads()

    def compare(self, row: Row[Any]) -> Iterator[Fault]:
        """Work the seal out anew, and look at the entry's time and its personal part."""
        entry = parsed(row.entry)
        whole = seals.placed(entry, row.number, row.sealed_at, row.personal_hash)
        if self.hashes and row.hash not in (right := [seals.chained(one, whole) for one in self.hashes]):
            yield changed(row, "was changed after it was sealed, or its seal was")
            self.hashes = (row.hash, *right)
        else:
            self.hashes = (row.hash,)
            if why := personal_fault(row):
                yield changed(row, why)
        if row.is_ancient or (self.earliest and str(entry.get("created_at")) < self.earliest):
            sentence = (
                f"Entry {row.entry_id} (number {row.number}) was put in with a time that cannot be: it is"
            )
            yield Fault(Kind.INSERTED, f"{sentence} too old for its place.", row.number, row.entry_id)
        self.earliest = min(row.earliest, str(entry.get("created_at")))

    def pass_heads(self) -> Iterator[Fault]:
        """Compare what was kept of the chain at this number with what is there."""
        while self.heads and self.heads[0].number <= self.number:
            head = self.heads.pop(0)
            if head.number != self.number or head.hash != self.last:
                yield broken(head, "is not in the chain", "everything up to there may have been rewritten")

    def end(self) -> Iterator[Fault]:
        """Give what lies beyond the end, though it was there once."""
        for head in self.heads:
            yield broken(
                head, f"is missing: the chain ends at number {self.number}", "what followed is removed"
            )


async def verify(db: Database, agency_id: UUID, walk: Walk, head: Head | None = None) -> AsyncIterator[Fault]:
    """Give every fault of an agency's trail, along the chain. The walk then says how far it went."""
    walk.heads = await known_heads(db, agency_id, head)
    after = LOWEST
    while page := await rows(db, agency_id, PAGE_OF_CHAIN, after=after, most=PAGE):
        for fault in await asyncio.to_thread(walk.steps, page):  # it hashes: the others go on meanwhile
            yield fault
        after = page[-1].number
    for fault in (*walk.end(), *wiped(walk, (await rows(db, agency_id, STANDING))[0])):
        yield fault
    for row in await rows(db, agency_id, BESIDE, most=MOST):
        yield unsealed(row)
    for row in await rows(db, agency_id, GONE, most=MOST):
        sentence = f"Entry {row.entry_id} was removed before it was sealed."
        yield Fault(Kind.REMOVED, sentence, None, row.entry_id)


def wiped(walk: Walk, standing: Row[Any]) -> Iterator[Fault]:
    """Say that there is no trail where one must be: every agency has entries from its first moment on."""
    if walk.number and not standing.has_end:
        yield Fault(Kind.REMOVED, "What says how far the chain goes was removed.", walk.number)
    elif standing.lives and not walk.number and not standing.waits:
        yield Fault(Kind.REMOVED, "There is not one entry: the whole trail was removed.")


async def known_heads(db: Database, agency_id: UUID, head: Head | None) -> list[Head]:
    """Give what is known of the chain, in its order: its end, every day's head, and the one that is given."""
    found = [Head(row.number, row.hash, row.of) for row in await rows(db, agency_id, HEADS)]
    ours = [one for one in found if one.number > 0]
    return sorted([*ours, head] if head else ours, key=lambda one: one.number)


async def rows(db: Database, agency_id: UUID, query: Any, **more: int) -> list[Row[Any]]:
    """Ask for one page, in a transaction of its own."""
    async with db.session(Actor.program(agency_id)) as session:
        connection = await session.connection()
        return list((await connection.execute(query, {"agency": agency_id, **more})).all())


def parsed(entry: str) -> dict[str, Any]:
    """Read an entry; what Python cannot read (a number of thousands of digits) was not written by us."""
    try:
        return dict(json.loads(entry))
    except ValueError:
        return {}


def gap(number: int, following: int) -> Iterator[Fault]:
    """Say that seals are missing, or that there is one that cannot be."""
    if following <= number:
        yield Fault(Kind.BROKEN, f"There is a seal of number {following}, which no entry has.", following)
    else:
        which = (
            f"Number {number + 1} is"
            if following == number + 2
            else f"Numbers {number + 1} to {following - 1} are"
        )
        yield Fault(
            Kind.REMOVED, f"{which} missing: the entries there were removed, with their seals.", number + 1
        )


def changed(row: Row[Any], how: str) -> Fault:
    """Name an entry that is not what was sealed."""
    return Fault(Kind.CHANGED, f"Entry {row.entry_id} (number {row.number}) {how}.", row.number, row.entry_id)


def personal_fault(row: Row[Any]) -> str | None:
    """Say what is wrong with an entry's personal part, if anything is."""
    if row.is_erased and not row.is_told:
        return "lost what was personal in it, without an entry that tells who erased it"
    if row.personal is None:
        is_whole = row.personal_hash is None or (row.is_erased and row.personal_salt is None)
        return None if is_whole else "lost what was personal in it, or the salt of that"
    if row.personal_hash is None or row.personal_salt is None:
        return "was given something personal after it was sealed"
    same = seals.commitment(row.personal_salt, parsed(row.personal)) == row.personal_hash
    return None if same else "was changed in what is personal in it (who, or from where)"


def broken(head: Head, how: str, so: str) -> Fault:
    """Say that the chain does not go through a head, and what that means; unless it was mistyped."""
    place = f"Number {head.number} as {head.of} has it ({head.hash.hex()[:12]}…) {how}"
    if head.of != GIVEN:
        return Fault(Kind.BROKEN, f"{place}: {so}.", head.number)
    sentence = f"{place}. {COMPARE} If it stands there like this, {so}."
    return Fault(Kind.BROKEN, sentence, head.number, may_be_mistyped=True)


def in_none(head: Head, trails: int) -> Fault:
    """Say that a head is in none of a workspace's trails, which are several; unless it was mistyped."""
    place = f"Number {head.number} as {head.of} has it ({head.hash.hex()[:12]}…)"
    so = "one of them was rewritten, or its end is removed"
    sentence = f"{place} is in none of the {trails} trails of this workspace. {COMPARE}"
    return Fault(
        Kind.BROKEN, f"{sentence} If it stands there like this, {so}.", head.number, may_be_mistyped=True
    )


def unsealed(row: Row[Any]) -> Fault:
    """Name an entry that has no seal, though it should."""
    if row.waits:
        sentence = f"Entry {row.id} has waited for its seal for more than {LONGEST}. Does a worker run?"
        return Fault(Kind.UNSEALED, sentence, None, row.id)
    sentence = f"Entry {row.id} was put in past the program, or its seal was taken away."
    return Fault(Kind.INSERTED, sentence, None, row.id)

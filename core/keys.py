"""The vault's keys: checked at start, listed, rotated while everything runs, and retired.

A key is rotated in three steps, each of which may be repeated: put a new one into the settings beside the
old and make it current; seal everything anew with `rotate`; `retire` the old one and take it out.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit
from core.db import Actor, Database, become
from core.errors import CannotOpen
from core.models import VaultKey
from core.models.columns import now
from core.vault import BadKey, KeyRing, Token, Vault

KNOWN = Token("Pressroom")  # what a check value says
MOST_AT_ONCE = 500
FIRST = UUID(int=0)
COLUMNS = {
    "installations": ("agency_id", "bot_token"),
    "connections": ("id", "access_token"),
    "clients_social_platforms": ("id", "access_token"),
}
"""Where tokens are kept: the column that names the row, and the one that is sealed."""
RESEAL = """
UPDATE {table} t SET {sealed} = u.new
FROM unnest(CAST(:ids AS uuid[]), CAST(:were AS text[]), CAST(:news AS text[])) AS u (id, was, new)
WHERE t.{name} = u.id AND t.{sealed} = u.was
"""


@dataclass(frozen=True)
class KeyFacts:
    """A key, and how many tokens are sealed with it."""

    id: str
    sealed: int
    is_current: bool
    is_at_hand: bool  # in the settings
    retired_at: datetime | None


@dataclass(frozen=True)
class Progress:
    """How far a rotation is: tokens that are sealed anew, and those that nobody could open."""

    done: int
    total: int
    unopened: int


async def check(db: Database, ring: KeyRing) -> None:
    """Make sure that the keys in the settings are those that sealed what is stored; note the new ones.

    Raise BadKey with what to do: for a key that is missing and still needed, and for another key under the
    same id, which would open nothing.
    """
    vault, used = Vault(ring), await in_use(db)
    async with db.as_nobody() as session:
        known = {key.id: key for key in await session.exec(select(VaultKey))}
        for key_id in ring.ids:
            if key_id in known:
                require_same(vault, known[key_id])
            else:
                await note(session, vault, key_id)
    if missing := sorted(set(used) - set(ring.ids)):
        raise BadKey(lost(missing, used))
    if known.get(ring.current) and known[ring.current].retired_at:
        raise BadKey(f"The key {ring.current!r} is retired. Set ENCRYPTION_KEY_ID to another one.")


def require_same(vault: Vault, key: VaultKey) -> None:
    """Raise BadKey when this is not the key that had this id before."""
    try:
        vault.open(key.check_value, row=row_of(key.id))
    except CannotOpen:
        raise BadKey(
            f"ENCRYPTION_KEYS has another key under the id {key.id!r} than the one that sealed tokens here."
            " Put the right one back; a new key needs an id of its own."
        ) from None


async def note(session: AsyncSession, vault: Vault, key_id: str) -> None:
    """Keep a check value of a key that is new here; another process may be faster."""
    sealed = vault.seal(KNOWN, row=row_of(key_id), key_id=key_id)
    await session.exec(insert(VaultKey).values(id=key_id, check_value=sealed).on_conflict_do_nothing())


def row_of(key_id: str) -> str:
    """Say what a check value is bound to."""
    return f"vault_keys:{key_id}:check_value"


def lost(missing: Collection[str], used: dict[str, int]) -> str:
    """Say which keys are needed."""
    needed = ", ".join(f"{key_id!r} ({used[key_id]} tokens)" for key_id in missing)
    return (
        f"ENCRYPTION_KEYS lacks a key that tokens are sealed with: {needed}. Put it back, as id:BASE64,"
        " behind the others. Without it, those accounts can only be connected anew."
    )


async def in_use(db: Database) -> dict[str, int]:
    """Count the tokens that each key has sealed."""
    return {row.key_id: row.sealed for row in await db.ids("keys_in_use")}


async def listed(db: Database, ring: KeyRing) -> list[KeyFacts]:
    """Give every key that is in the settings or was, the oldest first."""
    used = await in_use(db)
    async with db.as_nobody() as session:
        known = (await session.exec(select(VaultKey).order_by(col(VaultKey.created_at)))).all()
    return [
        KeyFacts(one.id, used.get(one.id, 0), one.id == ring.current, one.id in ring.ids, one.retired_at)
        for one in known
    ]


# --- rotating ---------------------------------------------------------------------------------------------


async def rotate(db: Database, ring: KeyRing, *, at_once: int = MOST_AT_ONCE) -> AsyncIterator[Progress]:
    """Seal everything anew with the current key, so many at once; give how far it is, again and again.

    It can be ended at any time and begun again: what is done is done, and the rest is still to do.
    """
    vault, used = Vault(ring), await in_use(db)
    total, after = sum(used.values()) - used.get(ring.current, 0), FIRST
    done = unopened = 0
    yield Progress(done, total, unopened)
    while found := await db.ids("sealed_otherwise", current_key=ring.current, after=after, most=at_once):
        after = found[-1].id
        for (agency_id, kept_in), rows in groupby(sorted(found, key=place), key=place):
            ids = [row.id for row in rows]
            moved = await reseal(db, vault, agency_id, kept_in, ids)
            done, unopened = done + moved, unopened + len(ids) - moved
        yield Progress(done, total, unopened)


def place(row: Any) -> tuple[UUID, str]:
    """Say whose it is, and in which table."""
    return row.agency_id, row.kept_in


async def reseal(db: Database, vault: Vault, agency_id: UUID, kept_in: str, ids: list[UUID]) -> int:
    """Seal these rows' tokens anew in one transaction; give how many. Who changes one meanwhile is faster."""
    actor = Actor.program(agency_id)
    name, sealed = COLUMNS[kept_in]
    async with db.session(actor) as session:
        connection = await session.connection()
        reading = text(f"SELECT {name}, {sealed} FROM {kept_in} WHERE {name} = ANY(:ids)")  # noqa: S608
        found = {row_id: was for row_id, was in await connection.execute(reading, {"ids": ids}) if was}
        new = anew(vault, {row_id: (was, f"{kept_in}:{row_id}:{sealed}") for row_id, was in found.items()})
        if new:
            said = {"ids": list(new), "were": [found[one] for one in new], "news": list(new.values())}
            await connection.execute(text(RESEAL.format(table=kept_in, name=name, sealed=sealed)), said)
            done: dict[str, Any] = {"key": vault.current, "kept_in": kept_in, "tokens": len(new)}
            audit.record(session, actor, "tokens_resealed", **done)
    return len(new)


def anew(vault: Vault, sealed: dict[UUID, tuple[str, str]]) -> dict[UUID, str]:
    """Seal what is sealed for a row once more; leave out what does not open."""
    new = {}
    for row_id, (was, row) in sealed.items():
        with suppress(CannotOpen):
            new[row_id] = vault.seal(vault.open(was, row=row), row=row)
    return new


async def retire(db: Database, ring: KeyRing, key_id: str) -> None:
    """Have a key seal nothing any more, so that it can be thrown away; every agency's trail tells of it.

    Raise BadKey when it is the current one or unknown, or while a token is sealed with it.
    """
    if key_id == ring.current:
        raise BadKey(f"The key {key_id!r} is the current one. Make another one current first, then rotate.")
    everybody = await db.ids("every_agency")
    async with db.as_nobody() as session:
        key = await session.get(VaultKey, key_id, with_for_update=True)  # nobody seals with it meanwhile
        if key is None:
            raise BadKey(f"No key with the id {key_id!r} is known here. `pressroom keys list` shows them.")
        if sealed := (await in_use(db)).get(key_id):
            raise BadKey(
                f"{sealed} tokens are sealed with the key {key_id!r}. Run `pressroom keys rotate` first."
            )
        if key.retired_at is None:
            key.retired_at = now()
            await tell(session, [agency_id for (agency_id,) in everybody], key_id)


async def tell(session: AsyncSession, agency_ids: Collection[UUID], key_id: str) -> None:
    """Add to each agency's trail that an operator retired a key; all in this one transaction."""
    for agency_id in agency_ids:
        actor = Actor.program(agency_id)
        await session.run_sync(become, actor)
        audit.record(session, actor, "key_retired", key=key_id, by="operator")
        await session.flush()

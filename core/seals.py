"""The seals of the audit trail: every entry's place in its agency's chain of hashes.

Whoever writes an entry waits for nobody. A sweep seals what is committed since, in the order of its sealing:
hash = SHA-256(the hash before || the entry's form). What is personal is in the form only as a hash with a
salt, so that it can be erased, and the chain stays whole. docs/operations.md says how anybody checks it.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.apart import apart
from core.db import Actor, Database
from core.services import Services

GENESIS = bytes(32)  # the hash before the first entry
MOST = 500  # entries sealed in one transaction
SALT_BYTES = 16
MOMENT = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

# An entry `e`, as the chain has it but for its place, and what is personal in it; both as text of JSON
ENTRY = f"""
json_build_object('id', e.id, 'agency_id', e.agency_id, 'client_id', e.client_id, 'user_id', e.user_id,
    'account_id', e.account_id, 'post_id', e.post_id, 'action', e.action, 'details', e.details,
    'created_at', to_char(e.created_at AT TIME ZONE 'UTC', {MOMENT}))::text AS entry,
CASE WHEN num_nonnulls(e.personal, e.ip_address, e.user_agent) > 0 THEN json_build_object(
    'personal', e.personal, 'ip_address', e.ip_address, 'user_agent', e.user_agent)::text END AS personal
"""
BEGIN = text("INSERT INTO audit_chains (agency_id) VALUES (:agency) ON CONFLICT DO NOTHING")
LOCK = text("SELECT number, hash FROM audit_chains WHERE agency_id = :agency FOR UPDATE SKIP LOCKED")
NOW = text(f"SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', {MOMENT})")
UNSEALED = text(f"""
SELECT e.id, {ENTRY} FROM audit_unsealed u JOIN audit_logs e ON e.id = u.entry_id
WHERE u.agency_id = :agency ORDER BY u.created_at, u.entry_id LIMIT :most
""")  # noqa: S608 our own words
SEAL = text("""
INSERT INTO audit_seals (agency_id, number, entry_id, personal_salt, personal_hash, hash, sealed_at)
SELECT :agency, * FROM unnest(CAST(:number AS bigint[]), CAST(:entry_id AS uuid[]), CAST(:salt AS bytea[]),
    CAST(:personal_hash AS bytea[]), CAST(:hash AS bytea[])), CAST(:sealed_at AS timestamptz)
""")
GO_ON = text("UPDATE audit_chains SET number = :number, hash = :hash WHERE agency_id = :agency")
DONE = text("DELETE FROM audit_unsealed WHERE entry_id = ANY(:ids)")


@dataclass(frozen=True)
class Seal:
    """One entry's place in the chain."""

    number: int
    entry_id: UUID
    salt: bytes | None
    personal_hash: bytes | None
    hash: bytes


def form(value: Any) -> bytes:
    """Give a value in the one form in which it is hashed: JSON in ASCII, keys sorted, nothing between."""
    return ENCODER.encode(value).encode()


def placed(entry: dict[str, Any], number: int, sealed_at: str, personal_hash: bytes | None) -> dict[str, Any]:
    """Give the whole of what is hashed of an entry: what it says, and its place."""
    covered = personal_hash.hex() if personal_hash else None
    return entry | {"number": number, "sealed_at": sealed_at, "personal_hash": covered}


def chained(previous: bytes, entry: dict[str, Any]) -> bytes:
    """Give the hash of an entry (as `placed` gives it) that follows another."""
    return hashlib.sha256(previous + form(entry)).digest()


def commitment(salt: bytes, personal: dict[str, Any]) -> bytes:
    """Give the hash that stands for what is personal; without the salt it says nothing."""
    return hashlib.sha256(salt + form(personal)).digest()


async def seal(services: Services) -> None:
    """Seal what is not sealed yet; agencies take turns. May run in any number of processes at once."""
    waiting = [agency_id for (agency_id,) in await services.db.ids("unsealed_agencies")]
    while waiting:
        again = []
        for agency_id in waiting:
            with apart(agency_id, "not_sealed"):
                if await seal_some(services.db, agency_id) == MOST:
                    again.append(agency_id)
        waiting = again


async def seal_some(db: Database, agency_id: UUID) -> int:
    """Seal an agency's oldest entries, unless another process is at it; give how many."""
    async with db.session(Actor.program(agency_id)) as session:
        connection = await session.connection()
        await connection.execute(BEGIN, {"agency": agency_id})
        chain = (await connection.execute(LOCK, {"agency": agency_id})).one_or_none()
        if chain is None:
            return 0
        found = (await connection.execute(UNSEALED, {"agency": agency_id, "most": MOST})).all()
        if found:
            sealed_at = (await connection.execute(NOW)).scalar_one()
            await write(session, agency_id, links(found, chain.number, chain.hash, sealed_at), sealed_at)
        return len(found)


def links(found: Sequence[Row[Any]], number: int, last: bytes, sealed_at: str) -> list[Seal]:
    """Give these entries' places, after the last one."""
    made = []
    for row in found:
        number += 1
        salt = secrets.token_bytes(SALT_BYTES) if row.personal else None
        covered = commitment(salt, json.loads(row.personal)) if salt else None
        last = chained(last, placed(json.loads(row.entry), number, sealed_at, covered))
        made.append(Seal(number, row.id, salt, covered, last))
    return made


async def write(session: AsyncSession, agency_id: UUID, seals: list[Seal], sealed_at: str) -> None:
    """Write the seals down, and that the chain goes so far now."""
    connection = await session.connection()
    columns = {
        "number": [one.number for one in seals],
        "entry_id": [one.entry_id for one in seals],
        "salt": [one.salt for one in seals],
        "personal_hash": [one.personal_hash for one in seals],
        "hash": [one.hash for one in seals],
    }
    last = {"agency": agency_id, "number": seals[-1].number, "hash": seals[-1].hash}
    await connection.execute(SEAL, {"agency": agency_id, "sealed_at": sealed_at, **columns})
    await connection.execute(GO_ON, last)
    await connection.execute(DONE, {"ids": columns["entry_id"]})

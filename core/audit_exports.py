"""The audit trail, handed out: line by line, however long it is, in a form that others can read and check."""

import csv
import io
import json
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, clients, permissions, seals
from core.audit import Filters
from core.audit_names import Names
from core.db import Actor, Database

PAGE = 1_000
EVERYTHING = Filters()
COLUMNS = (
    "number", "created_at", "person", "user_id", "action", "client", "client_id", "account", "account_id",
    "post_id", "details",
)  # fmt: skip
PERSONAL = ("ip_address", "user_agent", "personal")
PROOF = ("id", "agency_id", "sealed_at", "previous", "hash")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run, a browser's name say

WHOSE = """e.agency_id = :agency AND (CAST(:client AS uuid) IS NULL OR e.client_id = :client)
    AND (CAST(:account AS uuid) IS NULL OR e.account_id = :account)
    AND (CAST(:person AS text) IS NULL OR e.user_id = :person
        OR (:person = :by_link AND starts_with(e.user_id, :by_link)))
    AND (CAST(:action AS text) IS NULL OR e.action = :action)
    AND (CAST(:since AS timestamptz) IS NULL OR e.created_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR e.created_at < :until)"""
SEALED = text(f"""
SELECT e.id, s.number, to_char(s.sealed_at AT TIME ZONE 'UTC', {seals.MOMENT}) AS sealed_at, s.personal_salt,
    s.personal_hash, s.hash, p.hash AS previous, e.client_id, e.account_id, e.user_id, {seals.ENTRY}
FROM audit_seals s JOIN audit_logs e ON e.id = s.entry_id
LEFT JOIN audit_seals p ON p.agency_id = s.agency_id AND p.number = s.number - 1
WHERE {WHOSE} AND s.agency_id = :agency AND s.number > :after ORDER BY s.number LIMIT :most
""")  # noqa: S608 our own words
UNSEALED = text(f"""
SELECT e.id, NULL AS number, NULL AS sealed_at, NULL AS personal_salt, NULL AS personal_hash, NULL AS hash,
    NULL AS previous, e.client_id, e.account_id, e.user_id, {seals.ENTRY}
FROM audit_unsealed u JOIN audit_logs e ON e.id = u.entry_id
WHERE {WHOSE} AND u.agency_id = :agency ORDER BY u.created_at, u.entry_id
""")  # noqa: S608 our own words


class Format(StrEnum):
    """How an export is written."""

    CSV = "csv"  # for a spreadsheet
    JSONL = "jsonl"  # one JSON object a line, with all that one needs to work the chain out anew


async def allow(db: Database, actor: Actor, *, format_: Format, filters: Filters = EVERYTHING) -> Actor:
    """Let somebody take entries away, and write that down; give as whom the lines are then read.

    Admins may all of them, a client's managers that client's. Raise NotAllowed, NotFound.
    """
    async with db.session(actor) as session:
        if filters.client_id:
            await permissions.require_manager(session, actor, await clients.get(session, filters.client_id))
        else:
            await permissions.require_admin(session, actor)
        record(session, actor, format_, filters)
    return Actor.program(actor.agency_id)


def record(session: AsyncSession, actor: Actor, format_: Format, filters: Filters, **more: Any) -> None:
    """Write down what is taken away, and how."""
    audit.record(
        session,
        actor,
        "audit_exported",
        client_id=filters.client_id,
        account_id=filters.account_id,
        format=format_.value,
        **narrowed(filters),
        **more,
    )


def narrowed(filters: Filters) -> dict[str, Any]:
    """Give what entries are chosen by, besides the client and the account."""
    days = {"since": filters.since, "until": filters.until}
    said = {"of": filters.user_id, "deed": filters.action}
    said |= {name: day.isoformat() for name, day in days.items() if day}
    return {name: value for name, value in said.items() if value}


async def lines(
    db: Database, actor: Actor, *, format_: Format, filters: Filters = EVERYTHING, goes_on: bool = False
) -> AsyncIterator[str]:
    """Give an agency's entries, those that fit, line by line, oldest seal first; then what has none yet.

    Each page is a transaction of its own: nothing is held open, and only one page is in memory. A table that
    `goes_on` has its heading already.
    """
    if format_ is Format.CSV and not goes_on:
        yield line_of([*COLUMNS, *PERSONAL, *PROOF])
    write = as_csv if format_ is Format.CSV else as_json
    asked, after, names = asked_for(actor, filters), 0, Names()
    while True:
        async with db.session(actor) as session:
            connection = await session.connection()
            waiting = (await connection.execute(UNSEALED, asked)).all()  # first: what is sealed next is below
            page = (await connection.execute(SEALED, asked | {"after": after, "most": PAGE})).all()
            await names.learn(session, [*waiting, *page])
        for row in page:
            yield write(row, names)
        if len(page) < PAGE:
            break
        after = page[-1].number
    sealed = {row.id for row in page}
    for row in waiting:
        if row.id not in sealed:
            yield write(row, names)


def asked_for(actor: Actor, filters: Filters) -> dict[str, Any]:
    """Give what the queries are told of what is wanted."""
    return {
        "agency": actor.agency_id,
        "client": filters.client_id,
        "account": filters.account_id,
        "person": filters.user_id,
        "by_link": audit.BY_LINK,
        "action": filters.action,
        "since": filters.since,
        "until": filters.until,
    }


def told(row: Row[Any]) -> dict[str, Any]:
    """Give an entry as the chain has it; as it is, if it is not sealed yet."""
    entry = json.loads(row.entry)
    return seals.placed(entry, row.number, row.sealed_at, row.personal_hash) if row.number else entry


def as_json(row: Row[Any], names: Names) -> str:
    """Write an entry with its place in the chain: `hash` is that of `previous` and of `entry` in its form.

    `names` are for whoever reads it, and no part of the chain.
    """
    personal = json.loads(row.personal) if row.personal else None
    previous = row.previous or (seals.GENESIS if row.number == 1 else None)
    whole = {
        "number": row.number,
        "previous": hexed(previous),
        "hash": hexed(row.hash),
        "entry": told(row),
        "personal": personal,
        "personal_salt": hexed(row.personal_salt),
        "names": names.of(row, personal or {}),
    }
    return json.dumps(whole, ensure_ascii=False) + "\n"


def as_csv(row: Row[Any], names: Names) -> str:
    """Write an entry as a line of a table, with names beside the ids."""
    personal = json.loads(row.personal) if row.personal else {}
    proof = {"number": row.number, "previous": hexed(row.previous), "hash": hexed(row.hash)}
    values = told(row) | names.of(row, personal) | personal | proof
    return line_of([values.get(column) for column in (*COLUMNS, *PERSONAL, *PROOF)])


def line_of(values: list[Any]) -> str:
    """Write one line of CSV; objects as JSON, and nothing that a spreadsheet would take for a formula."""
    out = io.StringIO()
    csv.writer(out).writerow([cell(value) for value in values])
    return out.getvalue()


def cell(value: Any) -> Any:
    """Give what stands in one cell."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def hexed(value: bytes | None) -> str | None:
    """Write bytes in hexadecimal digits."""
    return value.hex() if value else None

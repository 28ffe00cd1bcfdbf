"""The command `pressroom audit`: whether the audit trail is as it was written, and all of it to take away."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import col, select

from core import agencies, audit_exports
from core.audit import Filters
from core.audit_exports import Format
from core.db import Actor, Database
from core.models import Agency, AuditEntry
from core.verification import Head, Walk, verify
from pressroom import database, names
from pressroom.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The audit trail: check it, and take it away.")
WHAT_NOW = (
    "Somebody with the rights of the database's owner or a superuser did this: Pressroom's own role cannot."
    " Leave the database as it is, and compare these entries with a backup and with what stands in Slack"
    " (docs/operations.md, The audit trail)."
)
Team = Annotated[str, typer.Option("--agency", help="The id of its Slack workspace: T...")]


class CannotAudit(RuntimeError):
    """What was asked for cannot be found, or read."""


@app.command("verify")
def verify_command(
    agency: Annotated[
        str | None, typer.Option(help="The id of its Slack workspace, T...; all without.")
    ] = None,
    head: Annotated[str | None, typer.Option(help="A head that was posted in Slack: NUMBER:HASH.")] = None,
) -> None:
    """Work every seal out anew. Ends with 1 when anything was changed, removed or put in."""
    given = read_head(agency, head)
    found: Counter[bool] = run(lambda db: verified(db, agency, given))
    if faults := found.total():
        first = "" if found[False] else "If the head is as it was posted: "
        typer.echo(f"{faults} {'fault' if faults == 1 else 'faults'}. {first}{WHAT_NOW}")
        sys.exit(1)


@app.command("export")
def export_command(
    agency: Team,
    client: Annotated[
        str | None,
        typer.Option(help="Only this client's, removed or not: its name, a part of it, or its id."),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="csv, or jsonl to check it elsewhere.")
    ] = Format.JSONL,
) -> None:
    """Write the entries to the standard output, oldest first."""
    run(lambda db: exported(db, agency, client, format_))


def read_head(agency: str | None, head: str | None) -> Head | None:
    """Read what was given after --head; raise CannotAudit for what is none."""
    if head is None:
        return None
    if agency is None:
        raise CannotAudit("A head belongs to one agency: name it with --agency.")
    try:
        return Head.parse(head)
    except ValueError:
        raise CannotAudit(
            "--head takes a number and 64 hexadecimal digits, as posted: 1234:ab12..."
        ) from None


def run(work: Any) -> Any:
    """Do something with the database, and close it."""

    async def with_database(address: str) -> Any:
        async with opened(address) as db:
            return await work(db)

    with database.running(Settings()) as addresses:
        return asyncio.run(with_database(addresses.program))


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Database]:
    """Open the database as the program."""
    db = Database(address)
    try:
        await db.check_role()
        yield db
    finally:
        await db.close()


async def verified(db: Database, team: str | None, head: Head | None) -> Counter[bool]:
    """Check one agency's trail, or everybody's; say what was found. Give how many faults there are.

    They are counted by whether they may be a slip in the head that was given.
    """
    found, checked = Counter[bool](), [await agency_of(db, team)] if team else await everybody(db)
    if not checked:
        raise CannotAudit("No agency is in this database. Is it the right one (DATABASE_URL, DATA_DIR)?")
    for agency in checked:
        walk, faults = Walk(), Counter[bool]()
        async for fault in verify(db, agency.id, walk, head):
            typer.echo(f"{agency.slack_team_id}: {fault.sentence}")
            faults[fault.may_be_mistyped] += 1
        state = f"{faults[False]} not as written" if faults[False] else "whole"
        end = Head(walk.number, walk.last)
        typer.echo(f"{agency.slack_team_id} ({agency.name}): {walk.number:,} entries, {state}. Head: {end}")
        found += faults
    return found


async def exported(db: Database, team: str, client: str | None, format_: Format) -> None:
    """Write an agency's entries, or one client's, to the standard output."""
    agency = await agency_of(db, team)
    actor, client_id = Actor.program(agency.id), None
    if client is not None:
        known = await names.client(db, actor, client)
        typer.echo(f"The entries of {known}", err=True)
        client_id = known.id
    theirs = Filters(client_id=client_id)
    async with db.session(actor) as session:
        audit_exports.record(session, actor, format_, theirs, by="operator")
    async for line in audit_exports.lines(db, actor, format_=format_, filters=theirs):
        sys.stdout.write(line)


async def agency_of(db: Database, team: str) -> Agency:
    """Give the agency of a workspace; raise CannotAudit when there is none."""
    if agency_id := await agencies.find(db, team):
        return await as_it_is_or_was(db, agency_id)
    if gone := [agency for agency in await everybody(db) if agency.slack_team_id == team]:
        return gone[-1]
    raise CannotAudit(f"There is no agency of the workspace {team} here.")


async def everybody(db: Database) -> list[Agency]:
    """Give every agency that has a trail, each read as itself; those that are gone, too."""
    found = [await as_it_is_or_was(db, agency_id) for (agency_id,) in await db.ids("every_trail")]
    return sorted(found, key=lambda agency: (agency.slack_team_id, str(agency.id)))


async def as_it_is_or_was(db: Database, agency_id: UUID) -> Agency:
    """Give an agency; one that has left, as the last entry of its trail names it."""
    last = select(AuditEntry).where(AuditEntry.action == "agency_removed")
    async with db.session(Actor.program(agency_id)) as session:
        if agency := await session.get(Agency, agency_id):
            return agency
        entry = (await session.exec(last.order_by(col(AuditEntry.created_at).desc()))).first()
    names = entry.details if entry else {}
    return Agency(id=agency_id, slack_team_id=names.get("slack_team_id", "?"), name=names.get("name", "?"))

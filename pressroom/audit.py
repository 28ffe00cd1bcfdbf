"""The command `pressroom audit`: whether the audit trail is as it was written, and all of it to take away."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer

from core import audit_exports, trails
from core.audit import Filters
from core.audit_exports import Format
from core.db import Actor, Database
from core.trails import Trail
from core.verification import Fault, Head, Walk, in_none, verify
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
    """Write the entries to the standard output, oldest first; of who left and began anew, each time's."""
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
    """Check every trail of a workspace, or everybody's; say what was found. Give how many faults there are.

    They are counted by whether they may be a slip in the head that was given: that is in one of the trails.
    """
    checked = await of_workspace(db, team) if team else await trails.every(db)
    if not checked:
        raise CannotAudit("No agency is in this database. Is it the right one (DATABASE_URL, DATA_DIR)?")
    found, misfits = Counter[bool](), list[Fault]()
    for trail in checked:
        faults, misfit = await look_through(db, trail, head)
        found[False] += faults
        misfits += [misfit] if misfit else []
    if head and len(misfits) == len(checked):
        [fault] = misfits if len(misfits) == 1 else [in_none(head, len(misfits))]
        typer.echo(f"{team}: {fault.sentence}")
        found[True] += 1
    return found


async def look_through(db: Database, trail: Trail, head: Head | None) -> tuple[int, Fault | None]:
    """Check one trail and say what was found; give how many faults there are, and how the head misfits."""
    walk, faults, misfit = Walk(), 0, None
    async for fault in verify(db, trail.agency.id, walk, head):
        if fault.may_be_mistyped:
            misfit = fault
        else:
            typer.echo(f"{trail.agency.slack_team_id}: {fault.sentence}")
            faults += 1
    state = f"{faults} not as written" if faults else "whole"
    typer.echo(f"{trail}: {walk.number:,} entries, {state}. Head: {Head(walk.number, walk.last)}")
    if head and misfit is None:
        typer.echo(f"{trail}: the head that you gave is in this trail.")
    return faults, misfit


async def exported(db: Database, team: str, client: str | None, format_: Format) -> None:
    """Write all of a workspace's entries, one trail after the other, or one client's, to the standard output.

    That they were taken away is written into each trail.
    """
    found, client_id = await of_workspace(db, team), None
    if client is not None:
        known = await names.client(db, [trail.agency.id for trail in found], client)
        typer.echo(f"The entries of {known}", err=True)
        found, client_id = [one for one in found if one.agency.id == known.agency_id], known.id
    theirs = Filters(client_id=client_id)
    for trail in found:
        typer.echo(f"The trail of {trail}", err=True)
        actor, goes_on = Actor.program(trail.agency.id), trail is not found[0]
        async with db.session(actor) as session:
            audit_exports.record(session, actor, format_, theirs, by="operator")
        more = audit_exports.lines(db, actor, format_=format_, filters=theirs, goes_on=goes_on)
        async for line in more:
            sys.stdout.write(line)


async def of_workspace(db: Database, team: str) -> list[Trail]:
    """Give all trails of a workspace, the oldest first; raise CannotAudit when there is none."""
    if found := await trails.of_workspace(db, team):
        return found
    raise CannotAudit(f"There is no agency of the workspace {team} here.")

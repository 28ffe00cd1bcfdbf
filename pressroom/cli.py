"""The command `pressroom`."""

import asyncio
import sys
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from core.db import UnsafeRole
from core.errors import Changed, Invalid
from core.vault import BadKey
from pressroom import agencies, audit, database, demo, doctor, keys, logs, server
from pressroom.audit import CannotAudit
from pressroom.database import CannotStart
from pressroom.names import CannotName
from pressroom.schema import CannotMigrate, migrate
from pressroom.server import CannotListen
from pressroom.settings import MissingSettings, Settings, require, unreadable

SENTENCES = (
    MissingSettings,
    UnsafeRole,
    CannotMigrate,
    CannotStart,
    CannotListen,
    BadKey,
    Changed,
    Invalid,
    CannotAudit,
    CannotName,
)
"""What says by itself what an operator has to change."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(agencies.app, name="agencies")


@app.callback()
def pressroom() -> None:
    """Publish your clients' posts to Instagram and Facebook, from Slack."""


@app.command()
def serve() -> None:
    """Run everything: the bot, the web pages and a worker."""
    settings = Settings()
    require(settings)
    with server.bound(settings.port) as door, database.running(settings) as addresses:
        asyncio.run(server.serve(settings, addresses, door))


@app.command()
def worker() -> None:
    """Run one more worker, on this machine or another, against the same database."""
    settings = Settings()
    require(settings)
    with database.running(settings) as addresses:
        asyncio.run(server.work(settings, addresses))


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to date, as its owner (DATABASE_OWNER_URL)."""
    with database.running(Settings()) as addresses:
        migrate(addresses)
    typer.echo("The database is up to date.")


@app.command("doctor")
def doctor_command() -> None:
    """Look at everything that could be wrong, and say for each what to do."""
    findings = doctor.examine(Settings())
    for line in doctor.report(findings):
        typer.echo(line)
    raise typer.Exit(any(one.verdict is doctor.Verdict.WRONG for one in findings))


@app.command("demo")
def demo_command(
    port: Annotated[int, typer.Option(envvar="PORT", help="Where the demo's page is.")] = 8000,
) -> None:
    """Try all of it on this machine, against simulators of Slack and Meta. Needs no account anywhere."""
    demo.run(port)


def main() -> None:
    """Run the command; say in one sentence what an operator has to change."""
    try:
        logs.configure(Settings().log_level)
        app()
    except ValidationError as wrong:
        typer.echo(unreadable(wrong), err=True)
        sys.exit(1)
    except OperationalError:
        typer.echo("The database does not answer. Does it run, and is DATABASE_URL right?", err=True)
        sys.exit(1)
    except SENTENCES as wrong:
        typer.echo(str(wrong), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

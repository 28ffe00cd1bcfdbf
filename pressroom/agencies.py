"""The command `pressroom agencies`: who is here, who leaves, and the files of those who have left."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import col, select

from core import clients, departures, grace, trails
from core.db import Actor, clock
from core.grace import Stakes
from core.jobs import Engine
from core.models import Agency, Client, Departure
from core.services import Services
from core.trails import Trail
from pressroom import database
from pressroom.audit import of_workspace
from pressroom.schema import Addresses, driver_url
from pressroom.settings import Settings, require
from pressroom.wiring import open_services

Task = Callable[[Services], Awaitable[None]]

NOBODY = "No agency is here, and no file of one. Is it the right database (DATABASE_URL, DATA_DIR)?"

app = typer.Typer(no_args_is_help=True, help="The agencies: who is here, who leaves, and their files.")


@dataclass(frozen=True)
class Listed:
    """An agency, how many clients it has, and of which clients an export is kept or being made."""

    agency: Agency
    is_gone: bool
    clients: int
    departures: tuple[Departure, ...]


@app.command("list")
def list_command(
    *,
    links: Annotated[
        bool,
        typer.Option("--links", help="With the files' private addresses: whoever has one has the file."),
    ] = False,
) -> None:
    """List the agencies, and of which removed clients there is a file."""

    async def task(services: Services) -> None:
        await show(services, links=links)

    run(task)


@app.command("leave")
def leave_command(
    team: Annotated[str, typer.Argument(help="The id of its Slack workspace: T...")],
    name: Annotated[str, typer.Option(help="Its name, exactly as `pressroom agencies list` has it.")],
) -> None:
    """Have an agency that uninstalled the app leave at once, and not after its thirty days."""

    async def task(services: Services) -> None:
        last = (await of_workspace(services.db, team))[-1]
        typer.echo(farewell(await grace.end_now(services.db, last.agency.id, name=name)))

    run(task)


def run(task: Task) -> None:
    """Do something with the services that a process has."""
    settings = Settings()
    require(settings)
    with database.running(settings) as addresses:
        asyncio.run(with_services(settings, addresses, task))


async def with_services(settings: Settings, addresses: Addresses, task: Task) -> None:
    """Open the services, as `pressroom serve` does: the addresses of files are signed with its keys."""
    async with open_services(settings, addresses, Engine(driver_url(addresses.program))) as services:
        await task(services)


def farewell(stakes: Stakes) -> str:
    """Say what goes, and what is left."""
    agency = stakes.agency
    return (
        f"{agency.name} ({agency.slack_team_id}) leaves now, and installing the app again does not keep it."
        f" With it go: clients: {stakes.clients}, posts that wait: {stakes.posts}, accounts:"
        f" {stakes.accounts}, pictures: {stakes.pictures}. What is published stays where it is.\n"
        "A Pressroom that runs (serve or worker) does this within minutes, or days where Meta does not take a"
        f" login back. Each client's posts and trail are kept as a file for {departures.KEEP_EXPORT.days}"
        " days: `pressroom agencies list --links` has its address once it is written. The audit trail stays."
    )


async def show(services: Services, *, links: bool) -> None:
    """Print each agency, with its files below; their addresses too, if somebody wants to hand them out."""
    everyone = [await look(services, trail) for trail in await trails.every(services.db)]
    found = [one for one in everyone if not one.is_gone or one.departures]
    for one in found:
        typer.echo(line(one))
        for departure in one.departures:
            typer.echo(f"    {file_of(departure)}{address_of(services, departure) if links else ''}")
    if not found:
        typer.echo(NOBODY)


async def look(services: Services, trail: Trail) -> Listed:
    """Give what is there of an agency, one that is gone, too: its files outlive it."""
    by_name = select(Departure).order_by(col(Departure.client_name), col(Departure.created_at))
    async with services.db.session(Actor.program(trail.agency.id)) as session:
        now = await clock(session)
        left = [one for one in await session.exec(by_name) if one.expires_at is None or one.expires_at > now]
        staying = await departures.count(session, Client, clients.STAYS)
        return Listed(trail.agency, trail.is_over, staying, tuple(left))


def line(one: Listed) -> str:
    """Say who an agency is, and how it stands."""
    clients_ = "1 client" if one.clients == 1 else f"{one.clients} clients"
    return f"{one.agency.slack_team_id}  {one.agency.name}: {standing(one)}, {clients_}"


def standing(one: Listed) -> str:
    """Say whether an agency is here, and until when."""
    agency = one.agency
    if one.is_gone:
        return "gone"
    if agency.leaves_at is None:
        return "installed"
    if agency.leaving_by:
        return f"leaving since {shown(agency.leaves_at)}"
    return f"uninstalled, leaves on {shown(agency.leaves_at)}"


def file_of(departure: Departure) -> str:
    """Say whether there is a file of a removed client, and until when."""
    if departure.expires_at is None:
        return f"{departure.client_name}: being removed, its file is not written yet"
    return f"{departure.client_name}: its file, until {shown(departure.expires_at)}"


def address_of(services: Services, departure: Departure) -> str:
    """Give the private address of a removed client's file, once it is written."""
    return f": {departures.address(services, departure)}" if departure.expires_at else ""


def shown(moment: datetime) -> str:
    """Write a moment down."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"

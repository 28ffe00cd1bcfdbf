"""`pressroom keys`: the keys that seal tokens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from core import keys
from core.db import Database
from core.keys import KeyFacts
from core.vault import KeyRing, generate_key
from pressroom import database
from pressroom.schema import Addresses
from pressroom.settings import Settings, require
from pressroom.wiring import key_ring

Task = Callable[[Database, KeyRing], Coroutine[Any, Any, None]]

app = typer.Typer(no_args_is_help=True, help="The keys that seal tokens.")


@app.command()
def generate() -> None:
    """Print a new key, as ENCRYPTION_KEYS takes it."""
    typer.echo(f"{datetime.now(UTC):k%Y_%m_%d_%H%M%S}:{generate_key()}")


@app.command("list")
def list_command() -> None:
    """List the keys, and how many tokens each has sealed."""
    run(show)


@app.command()
def rotate() -> None:
    """Seal every token anew with the current key, while Pressroom runs. May be stopped and begun again."""
    run(turn)


@app.command()
def retire(key_id: Annotated[str, typer.Argument(help="The key's id.")]) -> None:
    """Have a key seal nothing any more; refused while a token is sealed with it."""

    async def task(db: Database, ring: KeyRing) -> None:
        await keys.retire(db, ring, key_id)
        typer.echo(f"The key {key_id} is retired. Take it out of ENCRYPTION_KEYS, and destroy it.")
        typer.echo(
            f"A process that still runs with ENCRYPTION_KEY_ID={key_id} can store no token from now on:"
            f" restart it with ENCRYPTION_KEY_ID={ring.current}."
        )

    run(task)


def run(task: Task) -> None:
    """Do something with the keys, once they are proven to be the right ones."""
    settings = Settings()
    require(settings)
    with database.running(settings) as addresses:
        asyncio.run(with_keys(settings, addresses, task))


async def with_keys(settings: Settings, addresses: Addresses, task: Task) -> None:
    """Do something with the keys and the database."""
    ring = key_ring(settings)
    async with opened(addresses) as db:
        await keys.check(db, ring)
        await task(db, ring)


@asynccontextmanager
async def opened(addresses: Addresses) -> AsyncIterator[Database]:
    """Open the database, with the program's own rights."""
    db = Database(addresses.program)
    try:
        await db.check_role()
        yield db
    finally:
        await db.close()


async def show(db: Database, ring: KeyRing) -> None:
    """Print a line for each key."""
    for key in await keys.listed(db, ring):
        typer.echo(f"{key.id:<20} {key.sealed:>8} tokens  {words_of(key)}")


def words_of(key: KeyFacts) -> str:
    """Say what is to be done with a key."""
    if key.retired_at:
        left = ": take it out of ENCRYPTION_KEYS" if key.is_at_hand else ""
        return f"retired on {key.retired_at:%Y-%m-%d}{left}"
    if key.is_current:
        return "current"
    if not key.is_at_hand:
        return "not in ENCRYPTION_KEYS"
    if key.sealed:
        return "rotate, then retire"
    return f"seals nothing. If it is new, make it current; if old: pressroom keys retire {key.id}"


async def turn(db: Database, ring: KeyRing) -> None:
    """Seal everything anew, and say how far it is."""
    async for progress in keys.rotate(db, ring):
        typer.echo(f"{progress.done:,} of {progress.total:,} tokens sealed anew with the key {ring.current}")
    if progress.unopened:
        typer.echo(f"{progress.unopened:,} tokens do not open: connect their accounts anew.", err=True)
        raise typer.Exit(1)

"""Departures: a client is removed, step by step (core/leaving.py), and leaves its trail and an export.

Somebody asks for it; from the moment when that is committed nothing of the client goes out, and nothing is
added to it. A sweep does the rest. Each step ends with one transaction that has its audit entry in it and
names the next one: whatever dies in between, the step is done again, and does what is left of it.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import accounts, audit, clients, permissions, signatures
from core.db import Actor, Origin, clock
from core.errors import Invalid, NotFound
from core.models import (
    Account,
    Client,
    Departure,
    DepartureStep,
    Media,
    Post,
    PostState,
    Publication,
)
from core.services import Services

MOST_AT_ONCE = 20
LEASE = timedelta(minutes=5)  # a step that died is done again after as long
KEEP_EXPORT = timedelta(days=30)
EXPORT = "export.zip"
OPEN_ONES = select(Publication.post_id).join(Post, accounts.OF_ITS_POST).where(*accounts.PLANNED)
PLANNED = col(Post.id).in_(OPEN_ONES)  # is still to go out, or waits for approval


class Overtaken(Exception):
    """Another process has done this step."""


@dataclass(frozen=True)
class Stakes:
    """What goes when a client is removed: its posts that wait or failed, its accounts, its pictures."""

    client: Client
    planned: int
    in_approval: int
    accounts: int
    pictures: int
    failed: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Give the numbers, for the record."""
        return {
            "planned": self.planned,
            "in_approval": self.in_approval,
            "accounts": self.accounts,
            "pictures": self.pictures,
            "failed": self.failed,
        }


# --- asking for it ----------------------------------------------------------------------------------------


async def stakes(session: AsyncSession, actor: Actor, client_id: UUID) -> Stakes:
    """Say what would go with a client; for its managers and the agency's admins.

    Raise NotAllowed, NotFound.
    """
    client = await clients.get(session, client_id)
    await permissions.require_manager(session, actor, client)
    return await of_client(session, client)


async def of_client(session: AsyncSession, client: Client) -> Stakes:
    """Count what goes with a client."""
    theirs, is_asked = Post.client_id == client.id, col(Post.state) == PostState.IN_APPROVAL
    return Stakes(
        client,
        planned=await count(session, Post, theirs, ~is_asked, PLANNED),
        in_approval=await count(session, Post, theirs, is_asked, PLANNED),
        accounts=await count(session, Account, Account.parent_id == client.id, col(Account.is_active)),
        pictures=await count(session, Media, Media.client_id == client.id),
        failed=await count(session, Post, theirs, Post.state == PostState.FAILED),
    )


async def count(session: AsyncSession, table: Any, *which: Any) -> int:
    """Count rows."""
    return (await session.exec(select(func.count()).select_from(table).where(*which))).one()


async def remove(services: Services, actor: Actor, *, client_id: UUID, name: str) -> Departure:
    """Have a client removed; `name` is typed by whoever wants it, so that nobody takes one for another.

    For its managers and the agency's admins. Raise Invalid (field `name`) for another name, NotAllowed, also
    when it is being removed already, NotFound.
    """
    async with services.db.session(actor) as session:
        client = await clients.get(session, client_id)
        await permissions.require_manager(session, actor, client)
        await session.refresh(client, with_for_update=True)  # after whatever is being added to it just now
        permissions.require_staying(client)
        if name.strip() != client.name:
            raise Invalid({"name": f"That is not its name. Type {client.name}, exactly as it stands here."})
        return await begin(session, actor, client, asked_by=actor.user_id)


async def begin(session: AsyncSession, actor: Actor, client: Client, *, asked_by: str | None) -> Departure:
    """Write down that a client, which is locked, goes."""
    found = await of_client(session, client)
    client.leaving_at = await clock(session)
    departure = Departure(
        agency_id=client.agency_id,
        client_id=client.id,
        client_name=client.name,
        asked_by=asked_by,
        counts=found.counts,
        channel_id=client.slack_channel_id,
        tell_at=client.leaving_at if client.slack_channel_id else None,
        next_run_at=client.leaving_at,
        step_since=client.leaving_at,
    )
    session.add(departure)
    what: dict[str, Any] = about(departure) | {"name": client.name} | found.counts
    audit.record(session, actor, "client_removal_asked", client_id=client.id, **what)
    await session.flush()
    return departure


# --- from step to step ------------------------------------------------------------------------------------


async def turn(
    session: AsyncSession,
    departure: Departure,
    step: DepartureStep,
    *,
    action: str,
    at: datetime | None = None,
    **details: Any,
) -> None:
    """Write down that a departure's step is done, and what is next, at once or later.

    Raise Overtaken if somebody was faster.
    """
    now = func.clock_timestamp()
    await move(session, departure, step=step, step_since=now, attempts=0, next_run_at=at or now)
    record(session, departure, action, **details)


async def move(session: AsyncSession, departure: Departure, **values: Any) -> None:
    """Change a departure as long as its step is the one at which we found it; raise Overtaken otherwise."""
    same = col(Departure.id) == departure.id, col(Departure.step) == departure.step
    moved = await session.exec(update(Departure).where(*same).values(**values).returning(col(Departure.id)))
    if moved.scalar_one_or_none() is None:
        raise Overtaken


async def wait(services: Services, departure: Departure, pause: timedelta) -> None:
    """Come back to a departure's step after so long."""
    later = {"next_run_at": func.clock_timestamp() + pause, "attempts": departure.attempts + 1}
    async with services.db.session(Actor.program(departure.agency_id)) as session:
        await move(session, departure, **later)


def record(session: AsyncSession, departure: Departure, action: str, **details: Any) -> None:
    """Add an audit entry of a departure."""
    actor = Actor.program(departure.agency_id)
    audit.record(session, actor, action, client_id=departure.client_id, **about(departure), **details)


def about(departure: Departure) -> dict[str, Any]:
    """Say in an entry which departure it is of."""
    return {"departure_id": str(departure.id)}


async def take(services: Services, agency_id: UUID, departure_id: UUID) -> Departure | None:
    """Take a departure that is due; others find it due again only if we die over it."""
    now = func.clock_timestamp()
    due = col(Departure.id) == departure_id, col(Departure.next_run_at) <= now
    taking = update(Departure).where(*due).values(next_run_at=now + LEASE).returning(Departure)
    taking = taking.execution_options(synchronize_session=False)
    async with services.db.session(Actor.program(agency_id)) as session:
        return (await session.exec(taking)).scalar_one_or_none()


# --- the export -------------------------------------------------------------------------------------------


def folder(departure: Departure) -> str:
    """Say where in the store a departure's export is kept."""
    return f"{departure.agency_id}/{departure.id}"


def address(services: Services, departure: Departure) -> str:
    """Give the private address of the export, which works for as long as it is kept."""
    assert departure.expires_at is not None
    expires_at = int(departure.expires_at.timestamp())
    token = signatures.sign(str(departure.id), "export", expires_at=expires_at, key=services.signing_key)
    return f"{services.public_url}/exports/{token}/{departure.id}.zip"


async def download(
    services: Services, departure_id: UUID, *, token: str, origin: Origin
) -> tuple[str, bytes]:
    """Give the name of the client and the export behind such an address; leave an audit entry.

    Raise NotFound for an address that is forged or over.
    """
    keys = (services.signing_key, *services.former_signing_keys)
    signatures.verify(token, str(departure_id), "export", now=int(time.time()), keys=keys)
    departure = await find(services, departure_id)
    data = await services.store.get(f"{folder(departure)}/{EXPORT}")
    actor = Actor(departure.agency_id, origin=origin)
    async with services.db.session(actor) as session:
        audit.record(
            session, actor, "client_export_fetched", client_id=departure.client_id, **about(departure)
        )
    return departure.client_name, data


async def find(services: Services, departure_id: UUID) -> Departure:
    """Give a departure, whichever agency's it is; raise NotFound."""
    rows = await services.db.ids("find_departure", departure=departure_id)
    if not rows or rows[0][0] is None:
        raise NotFound("That export is no longer there.")
    return await load(services, rows[0][0], departure_id)


async def load(services: Services, agency_id: UUID, departure_id: UUID) -> Departure:
    """Give a departure as it is now; raise NotFound."""
    async with services.db.session(Actor.program(agency_id)) as session:
        if departure := await session.get(Departure, departure_id):
            return departure
    raise NotFound("That export is no longer there.")

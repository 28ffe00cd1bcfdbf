"""Refresh: a login is exchanged for a new one while it is still valid, and its accounts' tokens with it.

The old token stays valid at Meta when a new one is made. So a process may die at any point of this: what was
not committed is simply done again.
"""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, DateTime, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from core import audit, checkups, holds
from core.checkups import page_of
from core.db import Actor, clock
from core.errors import PressroomError, ReconnectNeeded, TryAgainLater
from core.graph import oauth
from core.graph.oauth import Page, TokenFacts
from core.holds import Hold
from core.models import Connection
from core.services import Services
from core.vault import Token

log = structlog.get_logger()

SOON = timedelta(minutes=10)  # with less left than this, it is done before a publish
UNKNOWN = timedelta(days=60)  # how long a login lasts when Meta does not say
AGAIN, AGAIN_SOON = timedelta(hours=1), timedelta(minutes=1)  # after a mishap
WAIT, LOOK = 30.0, 0.1  # seconds: for another process that is at it, and from one look at it to the next
MOST_AT_ONCE = 500


# One statement, for there are many: the client's lock first, as everybody takes it, then the login, if it is
# still the one that we hold, then its accounts.
RESEAL = text(
    """
    WITH locked AS (SELECT id FROM clients WHERE id = :client_id FOR NO KEY UPDATE), renewed AS (
        UPDATE connections c SET access_token = :token, token_expires_at = :expires_at,
            data_access_expires_at = :data_access_expires_at, permissions = :permissions,
            ending = NULL, ended_at = NULL, refreshed_at = :now, refresh_at = :refresh_at, warn_at = :now,
            check_at = coalesce(:check_at, c.check_at), lease_until = NULL
        FROM locked
        WHERE c.id = :id AND c.client_id = locked.id
            AND c.lease_until = :lease_until AND c.access_token = :old_token
        RETURNING c.id
    ), resealed AS (
        UPDATE clients_social_platforms s SET access_token = new.token
        FROM renewed, unnest(:account_ids, :account_tokens) AS new (id, token)
        WHERE s.id = new.id AND s.connection_id = renewed.id AND s.is_active
        RETURNING s.id
    )
    SELECT array(SELECT id FROM resealed) AS accounts FROM renewed
    """
).bindparams(
    bindparam("permissions", type_=JSONB),
    bindparam("account_ids", type_=ARRAY(Uuid)),
    bindparam("account_tokens", type_=ARRAY(Text)),
    bindparam("check_at", type_=DateTime(timezone=True)),
    bindparam("expires_at", type_=DateTime(timezone=True)),
    bindparam("data_access_expires_at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True)
class Renewed:
    """What Meta gave for a login."""

    token: Token
    lasts: timedelta | None
    facts: TokenFacts
    pages: Collection[Page]


async def renew(services: Services) -> None:
    """Renew every login whose time has come. May run in any number of processes at once."""
    found = await services.db.ids("due_refreshes", most=MOST_AT_ONCE)
    await holds.for_each(found, refresh, services)


async def refresh(services: Services, *, agency_id: UUID, connection_id: UUID) -> None:
    """Renew one login; nothing while somebody else is at it."""
    if hold := await holds.take(services, agency_id, connection_id):
        await refresh_held(hold)


async def before_publish(services: Services, connection: Connection) -> None:
    """Renew a login that ends within minutes, or wait for whoever does; then go on with what there is.

    One that could not be renewed a moment ago is left alone: however many publications wait for it.
    """
    until = time.monotonic() + WAIT
    while await is_urgent(services, connection) and time.monotonic() < until:
        hold = await holds.take(services, connection.agency_id, connection.id)
        if hold and await is_urgent(services, connection):
            await refresh_held(hold)
        elif hold:
            await holds.release(hold)
        else:
            await asyncio.sleep(LOOK)


async def is_urgent(services: Services, connection: Connection) -> bool:
    """Say whether a login ends within minutes, and nobody has just failed to renew it."""
    async with services.db.session(Actor.program(connection.agency_id)) as session:
        found = await session.get(Connection, connection.id)
        return found is not None and ends_soon(found, await clock(session))


def ends_soon(connection: Connection, now: datetime) -> bool:
    """Say so of a login, unless it is dead, or was tried a moment ago."""
    end, tried = connection.token_expires_at, connection.refresh_at
    usable = connection.access_token is not None and connection.ending is None
    return usable and end is not None and end <= now + SOON and (tried is None or tried <= now)


async def refresh_held(hold: Hold) -> None:
    """Renew a login that we hold; where Meta refuses for good, look why."""
    connection = hold.connection
    try:
        renewed = await ask(hold)
    except PressroomError as error:
        log.warning("login_not_renewed", connection_id=str(connection.id), trouble=error.sentence)
        await holds.release(hold, refresh_at=await again_at(hold, error))
        if isinstance(error, ReconnectNeeded):
            ids = {"agency_id": connection.agency_id, "connection_id": connection.id}
            await checkups.look(hold.services, **ids)
        return
    await write_down(hold, renewed)


async def ask(hold: Hold) -> Renewed:
    """Get a new token from Meta, all that there is to know of it, and the Pages' tokens that come of it."""
    graph = hold.services.graph
    login = await oauth.exchange_long_lived(graph, token=hold.token())
    facts, pages = await asyncio.gather(
        oauth.debug_token(graph, token=login.token), oauth.pages(graph, token=login.token)
    )
    return Renewed(login.token, login.lasts, facts, pages)


async def again_at(hold: Hold, error: PressroomError) -> datetime:
    """Give when to try again: not before Meta wants to be asked, unless the login ends before that."""
    now, end = await checkups.time(hold), hold.connection.token_expires_at
    pause = AGAIN_SOON if end and end <= now + AGAIN else AGAIN
    at = holds.later(now, max(pause, error.after) if isinstance(error, TryAgainLater) else pause)
    return min(at, last_try(end, now)) if end and end > now else at


def last_try(end: datetime, now: datetime) -> datetime:
    """Give the moment by which to try again: minutes before the end; once they have begun, a minute on."""
    return max(end - SOON, min(end, now + AGAIN_SOON))


async def write_down(hold: Hold, renewed: Renewed) -> None:
    """Seal everything anew in one transaction, with its audit entry; nothing if somebody logged in meanwhile.

    An account whose Page was not listed keeps the token that it has, which is still good; a look follows.
    """
    connection, reached = hold.connection, reached_by(hold, renewed)
    async with hold.services.db.session(hold.actor) as session:
        now = await clock(session)
        values = columns(hold, renewed, now) | sealed(hold, renewed, reached)
        values["check_at"] = now if len(reached) < len(hold.accounts) else None
        row = (await (await session.connection()).execute(RESEAL, values)).first()
        if row is None:
            log.info("login_overtaken", connection_id=str(connection.id))
            return
        accounts = [str(one) for one in row.accounts]
        audit.record(session, hold.actor, "token_refreshed", **holds.about(connection), accounts=accounts)


def reached_by(hold: Hold, renewed: Renewed) -> dict[UUID, Page]:
    """Give the Page of each account that a renewed login reaches."""
    found = {account.id: page_of(account, renewed.pages) for account in hold.accounts}
    return {account_id: page for account_id, page in found.items() if page}


def sealed(hold: Hold, renewed: Renewed, reached: dict[UUID, Page]) -> dict[str, Any]:
    """Seal the new tokens, each for its own row."""
    vault, accounts = hold.services.vault, [one for one in hold.accounts if one.id in reached]
    return {
        "token": vault.seal(renewed.token, row=hold.connection.token_row),
        "account_ids": [one.id for one in accounts],
        "account_tokens": [vault.seal(reached[one.id].token, row=one.token_row) for one in accounts],
    }


def columns(hold: Hold, renewed: Renewed, now: datetime) -> dict[str, Any]:
    """Give what a renewed login says of itself, when it is to be renewed next, and by what we hold it."""
    connection, facts = hold.connection, renewed.facts
    end = facts.expires_at or (now + renewed.lasts if renewed.lasts else None)
    return {
        "id": connection.id,
        "client_id": connection.client_id,
        "lease_until": connection.lease_until,
        "old_token": connection.access_token,
        "expires_at": end,
        "data_access_expires_at": facts.data_access_expires_at or connection.data_access_expires_at,
        "permissions": sorted(facts.scopes),
        "now": now,
        "refresh_at": due_at(end, now),
    }


def due_at(end: datetime | None, now: datetime) -> datetime:
    """Give when to renew a login: in the middle of its time, and not all on the same day."""
    return holds.later(now, ((end or now + UNKNOWN) - now) / 2)

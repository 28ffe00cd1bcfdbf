"""A hold on a login: one process at a time renews it or looks at it; others go on with what there is.

The lease stands on the connection's row. What is written in the end is refused when the lease is somebody
else's by then, or the person has logged in anew: what Meta said was about another token.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clients
from core.db import Actor
from core.models import Account, Client, Connection
from core.services import Services
from core.vault import Token

log = structlog.get_logger()

LEASE = timedelta(minutes=3)  # longer than the few calls take, each at its slowest but one
AT_ONCE = 10  # logins, in one sweep
Work = Callable[..., Awaitable[object]]


def taking() -> Any:
    """Give the statement that takes a `login` by its id, if it is free, and reads it with its accounts."""
    now = func.clock_timestamp()
    free = or_(col(Connection.lease_until).is_(None), col(Connection.lease_until) < now)
    usable = col(Connection.id) == bindparam("login"), col(Connection.access_token).is_not(None), free
    taken = update(Connection).where(*usable).values(lease_until=now + LEASE).returning(Connection).cte()
    held = aliased(Connection, taken)
    theirs = (col(Account.connection_id) == held.id) & col(Account.is_active)
    return select(held, Account).join(Account, theirs, isouter=True).order_by(col(Account.id))


TAKING = taking()  # made once: that takes longer than to run it


class Overtaken(Exception):
    """Somebody logged in anew meanwhile, or the lease was over: what we know is of no use any more."""


@dataclass(frozen=True)
class Hold:
    """The right to renew a login, or to look at it, until its lease is over."""

    services: Services
    actor: Actor
    connection: Connection  # as it was when it was taken
    accounts: tuple[Account, ...]

    def token(self) -> Token:
        """Open the login's own token."""
        return self.services.vault.open(str(self.connection.access_token), row=self.connection.token_row)

    def token_of(self, account: Account) -> Token | None:
        """Open an account's token, if it has one."""
        sealed = account.access_token
        return self.services.vault.open(sealed, row=account.token_row) if sealed else None


async def take(services: Services, agency_id: UUID, connection_id: UUID) -> Hold | None:
    """Take a login that has a token; None when somebody else is at it, or there is none."""
    actor = Actor.program(agency_id)
    async with services.db.session(actor) as session:
        rows = (await session.exec(TAKING, params={"login": connection_id})).all()
    accounts = tuple(account for _, account in rows if account)
    return Hold(services, actor, rows[0][0], accounts) if rows else None


async def reopen(session: AsyncSession, hold: Hold) -> tuple[Connection, list[Account]]:
    """Give the login and its connected accounts, locked in everybody's order; raise Overtaken."""
    connection, accounts = await locked(session, hold.connection)
    if (connection.lease_until, connection.access_token) != (
        hold.connection.lease_until,
        hold.connection.access_token,
    ):
        raise Overtaken
    connection.lease_until = None
    return connection, accounts


async def locked(session: AsyncSession, connection: Connection) -> tuple[Connection, list[Account]]:
    """Lock a login's client, the login, and its connected accounts, as they are now."""
    await session.get_one(Client, connection.client_id, with_for_update=clients.LOCK)
    found = await session.get_one(Connection, connection.id, with_for_update=True, populate_existing=True)
    theirs = accounts_of(connection.id).with_for_update(key_share=True)
    accounts = await session.exec(theirs, execution_options={"populate_existing": True})
    return found, list(accounts)


def accounts_of(connection_id: UUID) -> Any:
    """Choose the connected accounts of a login."""
    theirs = select(Account).where(Account.connection_id == connection_id, col(Account.is_active))
    return theirs.order_by(col(Account.id))


def about(connection: Connection) -> dict[str, Any]:
    """Give what an audit entry says of which login it tells."""
    return {"client_id": connection.client_id, "connection_id": str(connection.id)}


async def release(hold: Hold, **values: Any) -> None:
    """Give a login back as it is, and note when to try again."""
    ours = (
        col(Connection.id) == hold.connection.id,
        col(Connection.lease_until) == hold.connection.lease_until,
    )
    async with hold.services.db.session(hold.actor) as session:
        await session.exec(update(Connection).where(*ours).values(lease_until=None, **values))


async def for_each(found: Iterable[tuple[UUID, UUID]], work: Work, services: Services) -> None:
    """Do this for every (agency, login), a few at once; what breaks at one is written down, and no more."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(agency_id: UUID, connection_id: UUID) -> None:
        async with free:
            try:
                await work(services, agency_id=agency_id, connection_id=connection_id)
            except Exception:
                log.exception("login_broke", connection_id=str(connection_id), doing=work.__name__)

    await asyncio.gather(*(one(*ids) for ids in found))


def later(moment: datetime, after: timedelta) -> datetime:
    """Give a moment about so long after another: not all come back at once."""
    return moment + after * random.uniform(0.9, 1.1)  # noqa: S311 no secret

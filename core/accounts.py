"""Accounts: a client's Instagram accounts and Facebook Pages, and how each is doing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, clients, connections, permissions
from core.db import Actor
from core.errors import NotFound
from core.models import Account, Client, Connection
from core.models.columns import now
from core.services import Services

WARN_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class Health:
    """Whether an account can be published to, and a sentence for people."""

    ok: bool
    sentence: str


async def of_client(session: AsyncSession, client_id: UUID, *, active_only: bool = True) -> list[Account]:
    """Give a client's accounts: Facebook before Instagram, then by name."""
    found = select(Account).where(col(Account.parent_id) == client_id).order_by(*IN_ORDER)
    if active_only:
        found = found.where(col(Account.is_active))
    return list((await session.exec(found)).all())


async def visible(session: AsyncSession) -> list[tuple[Client, list[Account]]]:
    """Give every client that this actor may see, with its connected accounts if it has any yet."""
    listed = await session.exec(select(Account).where(col(Account.is_active)).order_by(*IN_ORDER))
    by_client = grouped(listed.all())
    return [(client, by_client[client.id]) for client in await clients.visible(session)]


async def get(session: AsyncSession, account_id: UUID) -> Account:
    """Give an account that this actor may see; raise NotFound otherwise."""
    if account := await session.get(Account, account_id):
        return account
    raise NotFound("That account is no longer there, or you do not work for its client.")


async def disconnect(services: Services, actor: Actor, account_id: UUID) -> Account:
    """Shred an account's token, and its login's when no other account uses it. The row stays, for the record.

    For the client's managers and the agency's admins; raise NotAllowed for anybody else. The login at Meta
    stays as it is: the person may use it for other clients too.
    """
    async with services.db.session(actor) as session:
        account = await get(session, account_id)
        client = await session.get_one(Client, account.parent_id, with_for_update=True)
        await permissions.require_manager(session, actor, client)
        await session.refresh(account)  # somebody else may have been faster while we waited for the lock
        if account.is_active:
            shred(account)
            await session.flush()
            await connections.shred_unused(session, client.id)
            record(session, actor, "account_disconnected", account)
    return account


def health(account: Account, connection: Connection | None, *, now: datetime) -> Health:
    """Say how an account is doing, and until when."""
    if not account.is_active:
        return Health(ok=False, sentence="Disconnected.")
    if trouble := trouble_of(account, connection, now):
        return Health(ok=False, sentence=f"Reconnect needed: {trouble}")
    assert connection is not None
    return Health(ok=True, sentence=" ".join(facts_of(connection, now)))


def trouble_of(account: Account, connection: Connection | None, now: datetime) -> str | None:
    """Say why only a new login helps, if that is so."""
    if account.trouble:
        return account.trouble
    if connection is None or not connection.is_active:
        return "the login is no longer stored."
    end = ends_at(connection)
    return f"access ended on {day(end, now)}." if end and end <= now else None


def facts_of(connection: Connection, now: datetime) -> Iterator[str]:
    """Say whose login it is, and until when it is good."""
    yield f"Connected with the login of {connection.meta_user_name}."
    if end := ends_at(connection):
        soon = ": reconnect before then" if end <= now + WARN_WITHIN else ""
        yield f"Access ends on {day(end, now)}{soon}."


def ends_at(connection: Connection) -> datetime | None:
    """Give the moment from which only a new login helps: the token's end, or that of data access."""
    ends = [end for end in (connection.token_expires_at, connection.data_access_expires_at) if end]
    return min(ends, default=None)


def day(moment: datetime, now: datetime) -> str:
    """Write a date as people do, with the year only where it is another."""
    year = "" if moment.year == now.year else f" {moment.year}"
    return f"{moment.day} {moment:%B}{year}"


def record(session: AsyncSession, actor: Actor, action: str, account: Account) -> None:
    """Write down what was done to an account, in the transaction in which it is done."""
    audit.record(
        session,
        actor,
        action,
        client_id=account.parent_id,
        account_id=account.id,
        platform=account.platform,
        platform_account_id=account.platform_account_id,
        platform_account_name=account.platform_account_name,
        connection_id=str(account.connection_id),
    )


def shred(account: Account) -> None:
    """Make an account one that cannot be published to; what remains says what it was."""
    account.sqlmodel_update(
        {"is_active": False, "access_token": None, "token_expires_at": None, "trouble": None}
    )
    account.disconnected_at = now()


def grouped(listed: Iterable[Account]) -> defaultdict[UUID, list[Account]]:
    """Sort accounts by client, in the order that they have."""
    by_client: defaultdict[UUID, list[Account]] = defaultdict(list)
    for account in listed:
        by_client[account.parent_id].append(account)
    return by_client


IN_ORDER = (col(Account.platform), col(Account.platform_account_name), col(Account.id))

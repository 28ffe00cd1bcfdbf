"""Accounts: a client's Instagram accounts and Facebook Pages, and how each is doing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import access, alerts, announcements, audit, clients, connections, permissions, plans
from core.db import Actor
from core.errors import NotFound
from core.models import Account, Client, Connection, Member, Post, Publication
from core.models.columns import now
from core.services import Services

WARN_WITHIN = alerts.WIDEST
DISCONNECTED = "account_disconnected"  # what the trail and the threads are told
FEW = 5  # posts whose threads are told of it one by one


@dataclass(frozen=True)
class Health:
    """Whether an account can be published to, and a sentence for people."""

    ok: bool
    sentence: str


@dataclass(frozen=True)
class Disconnected:
    """An account that was disconnected just now, whose it was, and how many planned posts name it."""

    account: Account
    client: Client
    planned: int


async def of_client(session: AsyncSession, client_id: UUID, *, active_only: bool = True) -> list[Account]:
    """Give a client's accounts: Facebook before Instagram, then by name."""
    found = select(Account).where(col(Account.parent_id) == client_id).order_by(*IN_ORDER)
    if active_only:
        found = found.where(col(Account.is_active))
    return list((await session.exec(found)).all())


async def of_clients(session: AsyncSession, client_ids: Collection[UUID]) -> dict[UUID, list[Account]]:
    """Give the connected accounts of these clients, by client; one query, however many."""
    found = select(Account).where(col(Account.parent_id).in_(client_ids), col(Account.is_active))
    by_client: dict[UUID, list[Account]] = {client_id: [] for client_id in client_ids}
    for account in await session.exec(found.order_by(*IN_ORDER)):
        by_client[account.parent_id].append(account)
    return by_client


async def listed(
    session: AsyncSession, *, client_id: UUID | None = None, most: int = 100, skip: int = 0
) -> list[tuple[Client, Account | None]]:
    """Give the lines of the list of accounts: each connected account with its client, in their order.

    A client without any has one line. Of all clients that this actor may see, or of one.
    """
    lines = (
        select(Client, Account)
        .join(Account, THEIRS, isouter=True)
        .where(*of_one(client_id))
        .order_by(clients.BY_NAME, *IN_ORDER)
    )
    rows = (await session.exec(lines.limit(most).offset(skip))).all()
    return [(client, account) for client, account in rows]


async def search(
    session: AsyncSession, words: str = "", *, client_id: UUID | None = None, most: int = 100
) -> list[Account]:
    """Give the accounts whose name has these words, disconnected ones too: of one client, or of all."""
    found = select(Account).where(col(Account.platform_account_name).icontains(words, autoescape=True))
    if client_id:
        found = found.where(col(Account.parent_id) == client_id)
    return list((await session.exec(found.order_by(*IN_ORDER).limit(most))).all())


async def count(session: AsyncSession, *, client_id: UUID | None = None) -> int:
    """Count the lines of that list."""
    lines = select(func.count()).select_from(Client).join(Account, THEIRS, isouter=True)
    return (await session.exec(lines.where(*of_one(client_id)))).one()


def of_one(client_id: UUID | None) -> list[ColumnElement[bool]]:
    """Give the conditions that keep to clients that stay, and to one of them, if it is one."""
    return [clients.STAYS, col(Client.id) == client_id] if client_id else [clients.STAYS]


async def get(session: AsyncSession, account_id: UUID) -> Account:
    """Give an account that this actor may see; raise NotFound otherwise."""
    if account := await session.get(Account, account_id):
        return account
    raise NotFound("That account is no longer there, or you do not work for its client.")


async def planned(session: AsyncSession, account_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the posts that are still to go out on each of these accounts; one of none is left out."""
    posts = func.count(func.distinct(col(Publication.post_id)))
    open_ones = select(Publication.account_id, posts).join(Post, OF_ITS_POST)
    open_ones = open_ones.where(col(Publication.account_id).in_(account_ids), *PLANNED)
    return dict((await session.exec(open_ones.group_by(col(Publication.account_id)))).all())


async def disconnect(services: Services, actor: Actor, account_id: UUID) -> Disconnected | None:
    """Shred an account's token, and its login's when no other account uses it. The row stays, for the record.

    The cards of what was to go out there are drawn as soon as this is committed, and of a few posts the
    threads are told. For the client's managers and the agency's admins; raise NotAllowed for anybody else.
    The login at Meta stays as it is: the person may use it for other clients too. Give nothing when somebody
    was faster.
    """
    async with services.db.session(actor) as session:
        account = await get(session, account_id)
        client = await session.get_one(Client, account.parent_id, with_for_update=clients.LOCK)
        await permissions.require_manager(session, actor, client)
        await session.refresh(account)  # somebody else may have been faster while we waited for the lock
        if not account.is_active:
            return None
        shred(account)
        await session.flush()
        await connections.shred_unused(session, actor, client.id)
        record(session, actor, DISCONNECTED, account)
        told = await tell(session, services, actor, account)
    return Disconnected(account, client, told)


async def tell(session: AsyncSession, services: Services, actor: Actor, account: Account) -> int:
    """Have the cards drawn of what was to go out on an account; give how many posts that is.

    Of a few the threads are told that it is disconnected; of more, the client's channel hears enough.
    """
    theirs = select(Post, col(Publication.id)).join(Publication, OF_ITS_POST)
    theirs = theirs.where(col(Publication.account_id) == account.id, *PLANNED)
    found = (await session.exec(theirs.order_by(col(Publication.due_at)).limit(FEW + 1))).all()
    if len(found) > FEW:
        await access.redraw(session, services, [account.id])
        return (await planned(session, [account.id]))[account.id]
    for post, publication_id in found:
        reply = {"kind": DISCONNECTED, "publication_id": str(publication_id), "by": actor.user_id}
        await announcements.owe_card(session, services, post, reply=reply)
    return len(found)


def health(
    account: Account, connection: Connection | None, *, now: datetime, by: Member | None = None
) -> Health:
    """Say how an account is doing, until when, whose login it is at Meta, and `by` whom it was connected."""
    if not account.is_active:
        return Health(ok=False, sentence="Disconnected.")
    if trouble := trouble_of(account, connection, now):
        whose = f" {login_of(connection, by)}" if connection else ""
        return Health(ok=False, sentence=trouble + whose)
    assert connection is not None
    return Health(ok=True, sentence=" ".join([login_of(connection, by), *facts_of(account, connection, now)]))


def trouble_of(account: Account, connection: Connection | None, now: datetime) -> str | None:
    """Say why only a new login helps, if that is so."""
    if account.trouble:
        return account.trouble
    if connection is None or not connection.is_active:
        return "The login is no longer stored: connect the account again."
    end = alerts.ends_at(connection, [account.platform], now=now)
    if end is None or end > now:
        return None
    return f"The access ended on {day(end, now)}: connect the account again."


def login_of(connection: Connection, by: Member | None) -> str:
    """Say with whose login at Meta an account was connected, and by whom of the agency."""
    who = f" by {by.name}" if by else ""
    return f"Connected{who} with the login of {connection.meta_user_name}."


def facts_of(account: Account, connection: Connection, now: datetime) -> Iterator[str]:
    """Say until when an account can be used, and when Meta was asked."""
    if end := alerts.ends_at(connection, [account.platform], now=now):
        soon = ": reconnect before then" if end <= now + WARN_WITHIN else ""
        yield f"Access ends on {day(end, now)}{soon}."
    if connection.checked_at:
        yield f"Checked on {day(connection.checked_at, now)}."


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
    account.ending = account.ended_at = None
    account.disconnected_at = now()


IN_ORDER = (col(Account.platform), col(Account.platform_account_name), col(Account.id))
OF_ITS_POST = (col(Post.id) == col(Publication.post_id)) & (col(Post.version) == col(Publication.version))
PLANNED = col(Publication.state).in_(plans.OPEN), col(Post.state).not_in(plans.AT_REST)
THEIRS = (col(Account.parent_id) == col(Client.id)) & col(Account.is_active)

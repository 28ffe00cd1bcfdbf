"""The choice after a login: which of the accounts that it shares belong to the client.

Page tokens are never kept between the two requests: they are derived again from the sealed user token.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import access, accounts, checkups, clients, connections, permissions, tickets
from core.db import Actor
from core.errors import Changed, Invalid
from core.graph import oauth
from core.graph.oauth import Page
from core.models import Account, Client, Connection, Platform
from core.models.columns import now
from core.services import Services
from core.tickets import Visit
from core.vault import Token

OWNER = "clients_social_platforms_owner"
Key = tuple[Platform, str]
"""What an account is at Meta: the platform, and its id there."""


class NotLoggedIn(Changed):
    """The login at Facebook comes first. Start it from the link that Slack gave you."""


class Taken(Changed):
    """One of these accounts was connected for another client a moment ago. Choose again."""


@dataclass(frozen=True)
class Choice:
    """An account that a login reaches. `hindrance` says why it cannot be chosen, if it cannot."""

    platform: Platform
    id: str
    name: str
    page: Page
    picture_url: str | None = None
    is_connected: bool = False
    hindrance: str | None = None

    @property
    def key(self) -> Key:
        """What the account is at Meta."""
        return self.platform, self.id

    @property
    def value(self) -> str:
        """The key, as a form carries it."""
        return f"{self.platform.value}:{self.id}"

    @property
    def label(self) -> str:
        """How people tell it apart."""
        return f"@{self.name}" if self.platform is Platform.INSTAGRAM and self.id else self.name


@dataclass(frozen=True)
class Choices:
    """Everything that one login reaches: the platform that was asked for first, what can be chosen first."""

    connection: Connection
    all: tuple[Choice, ...]

    @property
    def offered(self) -> tuple[Choice, ...]:
        """What can be chosen."""
        return tuple(choice for choice in self.all if not choice.hindrance)


async def of(services: Services, visit: Visit) -> Choices:
    """Give what this visit's login reaches. Raise NotLoggedIn, or one of Meta's outcomes."""
    connection, token = await login_of(services, visit)
    pages = await oauth.pages(services.graph, token=token)
    owners = await owners_in_agency(services, visit.actor)
    async with services.db.session(visit.actor) as session:
        names = {client.id: client.name for client in await clients.visible(session, most=10_000)}
    hindrances = Hindrances(visit, connection, owners, names)
    listed = [hindrances.put_to(choice) for page in pages for choice in reached_through(page, visit)]
    listed.sort(
        key=lambda one: (one.platform is not visit.ticket.platform, bool(one.hindrance), one.name.lower())
    )
    return Choices(connection, tuple(listed))


async def choose(services: Services, visit: Visit, values: Collection[str]) -> list[Account]:
    """Store the chosen accounts for the client, each with its own sealed token; this uses the ticket up.

    An account that was the client's before keeps its identity. Raise Invalid when nothing that is offered was
    chosen, Taken when another client was faster, NotLoggedIn, or one of Meta's outcomes.
    """
    choices = await of(services, visit)
    chosen = [choice for choice in choices.offered if choice.value in values]
    if not chosen:
        raise Invalid({"accounts": "Choose at least one account."})
    try:
        return await store(services, visit, choices.connection, chosen)
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation) and error.orig.diag.constraint_name == OWNER:
            raise Taken from error
        raise


async def store(
    services: Services, visit: Visit, connection: Connection, chosen: list[Choice]
) -> list[Account]:
    """Write it all down in one transaction: accounts, audit entries, and the end of the ticket.

    Raise NotLoggedIn when the login ended, or another took its place, while Meta was asked.
    """
    moment, stored = now(), []
    async with services.db.session(visit.actor) as session:
        ticket = await tickets.lock(session, visit.ticket.id)
        client = await session.get_one(Client, visit.client.id, with_for_update=clients.LOCK)
        permissions.require_staying(client)
        await require_the_same(session, connection)
        for choice in chosen:
            account = await row_for(session, choice, connection)
            was_connected = is_with(account, connection)
            account.sqlmodel_update(columns_of(choice, connection) | {"connected_at": moment})
            account.access_token = services.vault.seal(choice.page.token, row=account.token_row)
            session.add(account)
            if not was_connected:
                accounts.record(session, visit.actor, "account_connected", account)
            stored.append(account)
        ticket.finished_at = moment
        await session.flush()
        await connections.shred_unused(session, visit.actor, visit.client.id)
        await checkups.bring_forward(session, connection.id)
        await access.redraw(session, services, [account.id for account in stored])
    return stored


def is_with(account: Account, connection: Connection) -> bool:
    """Say whether an account is connected with this login already, and works: the trail has that, then."""
    works = account.is_active and account.access_token is not None and account.ending is None
    return works and account.connection_id == connection.id


async def require_the_same(session: AsyncSession, connection: Connection) -> None:
    """Lock a login; raise NotLoggedIn unless it is good, and its token the one that the Pages came from."""
    found = await session.get_one(Connection, connection.id, with_for_update=True)
    if not found.is_active or found.ending or found.access_token != connection.access_token:
        raise NotLoggedIn


async def row_for(session: AsyncSession, choice: Choice, connection: Connection) -> Account:
    """Give the row that the client has for this account from before, or a new one."""
    known = select(Account).where(
        col(Account.parent_id) == connection.client_id,
        col(Account.platform) == choice.platform,
        col(Account.platform_account_id) == choice.id,
    )
    return (await session.exec(known)).first() or Account(
        agency_id=connection.agency_id,
        parent_id=connection.client_id,
        connection_id=connection.id,
        platform=choice.platform,
        platform_account_id=choice.id,
        platform_account_name=choice.name,
    )


def columns_of(choice: Choice, connection: Connection) -> dict[str, Any]:
    """Give what a login says of an account. A page token of a long-lived login has no end of its own."""
    page = choice.page
    return {
        "connection_id": connection.id,
        "platform_account_name": choice.name,
        "token_expires_at": None,
        "permissions": [name for name in oauth.SCOPES[choice.platform] if name in connection.permissions],
        "account_metadata": {
            "picture_url": choice.picture_url,
            "page_id": page.id,
            "page_name": page.name,
            "tasks": list(page.tasks),
        },
        "is_active": True,
        "trouble": None,
        "ending": None,
        "ended_at": None,
        "disconnected_at": None,
    }


async def login_of(services: Services, visit: Visit) -> tuple[Connection, Token]:
    """Give the connection that this visit's login made, and its opened user token."""
    async with services.db.session(visit.actor) as session:
        connection_id = visit.ticket.connection_id
        connection = await session.get(Connection, connection_id) if connection_id else None
    if connection is None or connection.access_token is None:
        raise NotLoggedIn
    return connection, services.vault.open(connection.access_token, row=connection.token_row)


async def owners_in_agency(services: Services, actor: Actor) -> dict[Key, UUID]:
    """Give whose each connected account is, in the whole agency: there it belongs to one client."""
    async with services.db.session(Actor.program(actor.agency_id)) as session:
        active = await session.exec(select(Account).where(col(Account.is_active)))
        return {(account.platform, account.platform_account_id): account.parent_id for account in active}


def reached_through(page: Page, visit: Visit) -> Iterator[Choice]:
    """Give the Page itself and its Instagram account. Without one, say so where Instagram was asked for."""
    yield Choice(Platform.FACEBOOK, page.id, page.name, page, page.picture_url)
    if linked := page.instagram:
        name = linked.username or linked.name or linked.id
        yield Choice(Platform.INSTAGRAM, linked.id, name, page, linked.picture_url)
    elif visit.ticket.platform is Platform.INSTAGRAM:
        yield Choice(Platform.INSTAGRAM, "", page.name, page, page.picture_url)


@dataclass(frozen=True)
class Hindrances:
    """What can stand between an account and the client."""

    visit: Visit
    connection: Connection
    owners: Mapping[Key, UUID]
    client_names: Mapping[UUID, str]
    """The clients that this member may see; no other is ever named."""

    def put_to(self, choice: Choice) -> Choice:
        """Give the choice with what stands in its way, and whether it is this client's already."""
        return Choice(
            choice.platform,
            choice.id,
            choice.name,
            choice.page,
            choice.picture_url,
            is_connected=self.owners.get(choice.key) == self.visit.client.id,
            hindrance=self.of(choice),
        )

    def of(self, choice: Choice) -> str | None:
        """Give the first thing that stands in the way, in a sentence."""
        owner = self.owners.get(choice.key)
        if not choice.id:
            return "No professional Instagram account is linked to this Page, or it was not ticked."
        if owner and owner != self.visit.client.id:
            return f"Connected for {self.client_names.get(owner, 'another client of your agency')}."
        if not choice.page.may_publish:
            return f"{self.connection.meta_user_name} may not create content on the Page {choice.page.name}."
        if missing := connections.lacking(self.connection.permissions, choice.platform):
            words = ", ".join(connections.IN_PLAIN_WORDS[name] for name in missing)
            return f"Left out in Facebook's window: {words}."
        return None

"""Connections: a Meta login, from the private link to the sealed user token.

One path is registered at Meta, the other stands in Slack messages; web/connect.py answers both.
https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import alerts, audit, checkups, clients, holds, permissions, refresh, tickets
from core.db import Actor, Origin, clock
from core.errors import PressroomError
from core.graph import oauth
from core.models import Account, Client, Connection, ConnectTicket, Ending, Platform
from core.models.columns import now
from core.services import Services
from core.tickets import Visit
from core.vault import Token

LINK = "/api/v1/social/connect"
CALLBACK = f"{LINK}/callback"
RENEW_WITHIN = timedelta(days=14)

ASKED = tuple(
    dict.fromkeys(
        (*oauth.SCOPES["facebook_page"], *oauth.SCOPES["instagram_business"], oauth.PORTFOLIO_SCOPE)
    )
)
"""One login serves both platforms, whichever the link was made for."""

IN_PLAIN_WORDS = {
    "pages_show_list": "Show a list of the Pages you manage",
    "pages_read_engagement": "Read content posted on the Page",
    "pages_manage_posts": "Create and manage content on your Page",
    "instagram_basic": "Access profile and posts from the Instagram account connected to your Page",
    "instagram_content_publish": "Upload media and create posts for that Instagram account",
    "business_management": "Manage your business",
}


class LoginDeclined(PressroomError):
    """The login at Facebook was cancelled, so nothing was connected."""


class LoginFailed(PressroomError):
    """Facebook ended the login without a result, so nothing was connected."""


class PermissionsMissing(PressroomError):
    """Pressroom needs some permissions that were left out in Facebook's window."""

    def __init__(self, names: Collection[str]) -> None:
        """Take Meta's names of the permissions; keep them in plain words too."""
        one = "Pressroom needs a permission that was left out in Facebook's window."
        super().__init__(one if len(names) == 1 else None)
        self.names = tuple(names)
        self.words = tuple(IN_PLAIN_WORDS.get(name, name) for name in names)


class NoPages(PressroomError):
    """This login shares no Facebook Page, and Instagram accounts are reached through their Page."""


@dataclass(frozen=True)
class Login:
    """A login at Meta that is about to start: where to send the browser, and what to remember it by."""

    url: str
    browser: str


@dataclass(frozen=True)
class Status:
    """What the page that waits is told: waiting, choosing, connected or over; and what was connected."""

    state: str
    accounts: tuple[Account, ...] = ()


async def issue_ticket(services: Services, actor: Actor, *, client_id: UUID, platform: Platform) -> str:
    """Give a private link with which this member connects accounts for a client, once, within 15 minutes.

    For the client's managers and the agency's admins; raise NotAllowed for anybody else.
    """
    async with services.db.session(actor) as session:
        client = await clients.get(session, client_id)
        await permissions.require_manager(session, actor, client)
        await session.get_one(Client, client_id, with_for_update=True)  # after what is being stored just now
        await shred_unused(session, actor, client_id)
        ticket = tickets.make(session, actor, client_id=client_id, platform=platform)
        audit.record(session, actor, "connect_link_issued", client_id=client_id, platform=platform)
    return f"{services.public_url}{LINK}?{urlencode({'ticket': ticket.reveal()})}"


async def start(
    services: Services, visit: Visit, *, text: str, browser: str | None, ask_again: bool = False
) -> Login:
    """Start a login at Meta. `ask_again` is for permissions that the person left out before."""
    given = await tickets.begin(services, visit, text=text, browser=browser)
    auth_type = "rerequest" if ask_again else await what_to_renew(services, visit)
    url = oauth.dialog_url(
        services.facebook_url,
        version=services.graph.version,
        client_id=services.graph.app_id,
        redirect_uri=redirect_uri(services),
        state=given.state,
        scopes=ASKED,
        auth_type=auth_type,
        config_id=services.facebook_config_id,
    )
    return Login(url, given.browser)


async def finish(services: Services, visit: Visit, *, code: str | None, error: str | None) -> Connection:
    """Make a connection of what Meta's dialog gave: its code, or else its error.

    Raise LoginDeclined, LoginFailed, PermissionsMissing, NoPages, or one of Meta's outcomes; nothing is kept.
    """
    if not code:
        raise LoginDeclined if error == "access_denied" else LoginFailed
    short = await oauth.exchange_code(services.graph, code=Token(code), redirect_uri=redirect_uri(services))
    login = await oauth.exchange_long_lived(services.graph, token=short.token)
    person, granted, facts = await asyncio.gather(
        oauth.me(services.graph, token=login.token),
        oauth.permissions(services.graph, token=login.token),
        oauth.debug_token(services.graph, token=login.token),
    )
    if missing := lacking(granted.granted, visit.ticket.platform):
        raise PermissionsMissing(missing)
    if not await oauth.pages(services.graph, token=login.token):
        raise NoPages
    async with services.db.session(visit.actor) as session:
        moment = await clock(session)  # what goes by it later is PostgreSQL's too
    connection = Connection(
        agency_id=visit.ticket.agency_id,
        client_id=visit.client.id,
        member_id=visit.member.id,
        meta_user_id=person.id,
        meta_user_name=person.name,
        token_expires_at=facts.expires_at or (moment + login.lasts if login.lasts else None),
        data_access_expires_at=facts.data_access_expires_at,
        permissions=sorted(granted.granted),
        check_at=holds.later(moment, checkups.DAY),
        checked_at=moment,
        warn_at=moment,
    )
    connection.refresh_at = refresh.due_at(connection.token_expires_at, moment)
    return await keep(services, visit, connection, login.token)


async def status(services: Services, text: str, origin: Origin) -> Status:
    """Say how far a ticket has come, for the page that waits for it. Raise TicketUnknown."""
    visit = await tickets.load(services, tickets.hashed("ticket", text), origin)
    ticket = visit.ticket
    if ticket.expires_at <= now():
        return Status("over")
    if ticket.finished_at:
        return Status("connected", tuple(await connected_with(services, visit)))
    return Status("choosing" if ticket.connection_id and ticket.returned_at else "waiting")


async def connected_with(services: Services, visit: Visit) -> Sequence[Account]:
    """Give the accounts that were connected with a ticket: `choices.choose` gives both the same moment."""
    found = select(Account).where(
        col(Account.connection_id) == visit.ticket.connection_id,
        col(Account.connected_at) == visit.ticket.finished_at,
    )
    by_name = found.order_by(col(Account.platform), col(Account.platform_account_name))
    async with services.db.session(visit.actor) as session:
        return (await session.exec(by_name)).all()


async def shred_unused(session: AsyncSession, actor: Actor, client_id: UUID) -> None:
    """Shred the user tokens of a client's connections that no account uses and no open ticket waits for."""
    used = select(Account.connection_id).where(col(Account.parent_id) == client_id, col(Account.is_active))
    waiting = select(ConnectTicket.connection_id).where(
        col(ConnectTicket.client_id) == client_id,
        col(ConnectTicket.connection_id).is_not(None),
        col(ConnectTicket.finished_at).is_(None),
        col(ConnectTicket.expires_at) > now(),
    )
    unused = select(Connection).where(
        col(Connection.client_id) == client_id,
        col(Connection.is_active),
        col(Connection.id).not_in(used),
        col(Connection.id).not_in(waiting),
    )
    for connection in await session.exec(unused):
        connection.sqlmodel_update({"is_active": False, "access_token": None, "token_expires_at": None})
        audit.record(
            session,
            actor,
            "login_shredded",
            client_id=client_id,
            connection_id=str(connection.id),
            personal=named(connection),
        )


def named(connection: Connection) -> dict[str, str]:
    """Give what says who the person of a login is, for where it can be erased."""
    return {"meta_user_id": connection.meta_user_id, "meta_user_name": connection.meta_user_name}


def lacking(granted: Collection[str], platform: Platform) -> tuple[str, ...]:
    """Give the permissions that publishing on a platform needs and that were not granted."""
    return tuple(name for name in oauth.SCOPES[platform] if name not in granted)


def redirect_uri(services: Services) -> str:
    """Give the address that Meta sends people back to: in the dialog and in the exchange, byte by byte."""
    return f"{services.public_url}{CALLBACK}"


async def what_to_renew(services: Services, visit: Visit) -> str | None:
    """Give what the dialog must be told, if anything, for it does neither by itself.

    To ask again for what was withdrawn, or to renew the access to data.
    """
    withdrawn = select(Account).where(
        col(Account.parent_id) == visit.client.id,
        col(Account.is_active),
        col(Account.ending) == Ending.PERMISSION,
    )
    lapsing = select(Connection).where(
        col(Connection.client_id) == visit.client.id,
        col(Connection.is_active),
        col(Connection.data_access_expires_at) < func.clock_timestamp() + RENEW_WITHIN,
    )
    async with services.db.session(visit.actor) as session:
        if (await session.exec(withdrawn)).first():
            return "rerequest"
        return "reauthorize" if (await session.exec(lapsing)).first() else None


async def keep(services: Services, visit: Visit, new: Connection, token: Token) -> Connection:
    """Store a login; a later one of the same person for the same client takes the place of the earlier."""
    same = select(Connection).where(
        col(Connection.client_id) == new.client_id, col(Connection.meta_user_id) == new.meta_user_id
    )
    async with services.db.session(visit.actor) as session:
        ticket = await tickets.lock(session, visit.ticket.id)
        client = await session.get_one(Client, new.client_id, with_for_update=True)
        permissions.require_staying(client)
        connection = (await session.exec(same)).first() or new
        connection.sqlmodel_update(new.model_dump(exclude={"id"}))
        connection.access_token = services.vault.seal(token, row=connection.token_row)
        session.add(connection)
        await session.flush()
        await alerts.forget_warnings(session, connection)
        await checkups.bring_forward(session, connection.id)  # its accounts may be in order with it
        ticket.connection_id = connection.id
        audit.record(
            session,
            visit.actor,
            "login_granted",
            client_id=new.client_id,
            connection_id=str(connection.id),
            personal=named(new),
            permissions=new.permissions,
        )
    return connection

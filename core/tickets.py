"""Connect tickets: a private link, the browser that used it first, and the state on its way through Meta.

Three secrets, of which only hashes are kept. The ticket stands in the link: opening it changes nothing, so
that a preview of the link uses nothing up. The browser that starts the login gets one of its own, in a
cookie; from then on only that browser can go on. The state goes to Meta and back, and is good for one return.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import agencies, clients, permissions, signatures
from core.db import Actor, Origin
from core.errors import Changed, NotAllowed, NotFound
from core.models import Agency, Client, ConnectTicket, Member, Platform
from core.models.columns import now
from core.services import Services
from core.vault import Token

LIFETIME = timedelta(minutes=15)
SECRET_BYTES = 32
ID_LENGTH = 32  # a uuid in hex


class TicketUnknown(NotFound):
    """This link no longer leads anywhere: it is not complete, or what it led to was removed."""


class TicketExpired(NotFound):
    """A link to connect accounts works for 15 minutes. This one's time is over."""


class TicketUsed(Changed):
    """Accounts were connected with this link already, and each link is good for one time."""


class AnotherBrowser(NotAllowed):
    """This login belongs to another browser, the one that used the link first. Or cookies are off here."""


class StateForged(NotAllowed):
    """This address does not come from a login that Pressroom started."""


class StateUsed(Changed):
    """This login has been used already, or a newer one has taken its place."""


@dataclass(frozen=True)
class Visit:
    """A ticket that is still good, whom and what it is for, and the member as the one who acts."""

    ticket: ConnectTicket
    member: Member
    client: Client
    agency: Agency
    actor: Actor


@dataclass(frozen=True)
class Secrets:
    """What the browser and Meta are given when a login starts."""

    browser: str = field(repr=False)
    state: str = field(repr=False)


def make(session: AsyncSession, actor: Actor, *, client_id: UUID, platform: Platform) -> Token:
    """Add a ticket to the session; give its text, which nobody can read back later."""
    assert actor.member_id is not None
    text = new_secret()
    session.add(
        ConnectTicket(
            agency_id=actor.agency_id,
            client_id=client_id,
            member_id=actor.member_id,
            platform=platform,
            ticket_hash=hashed("ticket", text),
            expires_at=now() + LIFETIME,
        )
    )
    return Token(text)


async def visit(services: Services, text: str, origin: Origin) -> Visit:
    """Give the visit that a ticket's text allows. Changes nothing.

    Raise TicketUnknown, TicketExpired or TicketUsed; NotAllowed or NotFound when the member is no longer a
    manager of the client.
    """
    found = await load(services, hashed("ticket", text), origin)
    refuse_over(found.ticket)
    return found


async def resume(services: Services, browser: str | None, origin: Origin) -> Visit:
    """Give the visit of the browser that started it. Raise AnotherBrowser for any other."""
    if not browser:
        raise AnotherBrowser
    found = await visit(services, browser.partition(".")[0], origin)
    refuse_another_browser(found.ticket, browser)
    return found


async def look_back(services: Services, browser: str | None, origin: Origin) -> Visit:
    """Give the visit of the browser that finished it, for as long as its ticket would have been good."""
    if not browser:
        raise AnotherBrowser
    found = await load(services, hashed("ticket", browser.partition(".")[0]), origin)
    refuse_another_browser(found.ticket, browser)
    if found.ticket.expires_at <= now():
        raise TicketExpired
    return found


async def begin(services: Services, visit: Visit, *, text: str, browser: str | None) -> Secrets:
    """Bind the ticket to this browser, and give a new state; an earlier state is void from now on.

    Raise AnotherBrowser when another one came first.
    """
    async with services.db.session(visit.actor) as session:
        ticket = await lock(session, visit.ticket.id)
        if ticket.browser_hash is None:
            browser, ticket.expires_at = f"{text}.{new_secret()}", now() + LIFETIME
            ticket.browser_hash = hashed("browser", browser)
        refuse_another_browser(ticket, browser)
        state = new_state(services, ticket.id)
        ticket.state_hash, ticket.started_at, ticket.returned_at = hashed("state", state), now(), None
    assert browser is not None
    return Secrets(browser, state)


def ticket_of(services: Services, state: str) -> UUID:
    """Say which ticket a state is for. Raise StateForged unless we signed it."""
    said, _, signature = state.partition(".")
    if not hmac.compare_digest(signature.encode(), signature_of(services, said).encode()):
        raise StateForged
    return UUID(said[:ID_LENGTH])


async def come_back(services: Services, state: str, *, browser: str | None, origin: Origin) -> Visit:
    """Take a state that came back from Meta, once, from the browser that it was given to.

    Raise StateForged, StateUsed, AnotherBrowser, TicketExpired or TicketUsed. What is wrong uses nothing up.
    """
    ticket_of(services, state)
    try:
        found = await load(services, hashed("state", state), origin)
    except TicketUnknown:
        raise StateUsed from None
    refuse_another_browser(found.ticket, browser)
    async with services.db.session(found.actor) as session:
        ticket = await lock(session, found.ticket.id)
        if ticket.returned_at or not is_hash_of(ticket.state_hash, "state", state):
            raise StateUsed
        ticket.returned_at = now()
    return found


async def lock(session: AsyncSession, ticket_id: UUID) -> ConnectTicket:
    """Give the ticket for changing, to one transaction at a time, while it is good."""
    ticket = await session.get(ConnectTicket, ticket_id, with_for_update=True)
    if ticket is None:
        raise TicketUnknown
    refuse_over(ticket)
    return ticket


async def load(services: Services, secret_hash: bytes, origin: Origin) -> Visit:
    """Find whose ticket this is, as the program; look at everything else as the member."""
    rows = await services.db.ids("find_ticket", hash=secret_hash)
    if not rows:
        raise TicketUnknown
    agency_id, ticket_id = rows[0]
    async with services.db.session(Actor.program(agency_id)) as session:
        ticket = await session.get_one(ConnectTicket, ticket_id)
        member = await session.get_one(Member, ticket.member_id)
    actor = agencies.actor_of(member, origin)
    async with services.db.session(actor) as session:
        client = await clients.get(session, ticket.client_id)
        await permissions.require_manager(session, actor, client)
        agency = await session.get_one(Agency, agency_id)
    return Visit(ticket, member, client, agency, actor)


def refuse_over(ticket: ConnectTicket) -> None:
    """Raise TicketUsed or TicketExpired when nothing can be done with it any more."""
    if ticket.finished_at:
        raise TicketUsed
    if ticket.expires_at <= now():
        raise TicketExpired


def refuse_another_browser(ticket: ConnectTicket, browser: str | None) -> None:
    """Raise AnotherBrowser unless this browser started it."""
    if not is_hash_of(ticket.browser_hash, "browser", browser or ""):
        raise AnotherBrowser


def new_secret() -> str:
    """Make 256 random bits, as text without a dot."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_state(services: Services, ticket_id: UUID) -> str:
    """Make a signed state: `{ticket id}{random}.{signature}`."""
    said = f"{ticket_id.hex}{new_secret()}"
    return f"{said}.{signature_of(services, said)}"


def signature_of(services: Services, said: str) -> str:
    """Sign what a state says."""
    key = signatures.derive(services.signing_key, "connect-state")
    return urlsafe_b64encode(hmac.digest(key, said.encode(), "sha256")).rstrip(b"=").decode()


def hashed(kind: str, text: str) -> bytes:
    """Give what is kept of a secret; its kind is hashed with it, so that none passes for another."""
    return hashlib.sha256(f"{kind}:{text}".encode()).digest()


def is_hash_of(kept: bytes | None, kind: str, text: str) -> bool:
    """Compare in constant time."""
    return kept is not None and hmac.compare_digest(kept, hashed(kind, text))

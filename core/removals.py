"""Removals: a person takes Pressroom out of their Facebook settings, or wants deleted what it knows of them.

Meta says so about a person, not about an agency: every login of theirs is meant, in every agency. It is
written down before Meta has its answer; a sweep then forgets one login after the other, whatever dies.
"""

import hmac
import secrets
from base64 import b32decode, b32encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel import delete as delete_rows

from core import access, audit, checkups, holds
from core.db import Actor, Origin
from core.errors import NotFound, PressroomError
from core.graph.signed_request import SignedRequest
from core.models import Connection, Ending, Removal
from core.models.columns import now
from core.services import Services

log = structlog.get_logger()

SKEW = timedelta(minutes=5)  # by which Meta's clock and ours may differ
NOBODY = "(deleted)"
ERASE = text("SELECT id FROM erase_meta_user(:meta_user, :until)")
MOMENT, CHANCE, SIGNATURE = 5, 10, 10  # bytes of a code


class CodeUnknown(NotFound):
    """This is not a confirmation code of ours. Copy it again, to the last letter."""


@dataclass(frozen=True)
class Deletion:
    """What a confirmation code stands for, and whether it is done."""

    code: str
    at: datetime
    is_done: bool = False


async def deauthorize(services: Services, request: SignedRequest, origin: Origin) -> None:
    """Take note of a person who removed Pressroom, so that every login of theirs is forgotten."""
    await note(services, request, origin, Ending.REMOVED)


async def delete(services: Services, request: SignedRequest, origin: Origin) -> Deletion:
    """Take note of a person who wants to be forgotten themself, too; give the code that confirms it."""
    deletion = new_deletion(services)
    await note(services, request, origin, Ending.DELETED, code=deletion.code)
    return deletion


async def note(
    services: Services, request: SignedRequest, origin: Origin, ending: Ending, *, code: str | None = None
) -> None:
    """Write down what Meta said."""
    async with services.db.as_nobody() as session:
        session.add(
            Removal(
                meta_user_id=request.user_id,
                ending=ending,
                code=code,
                said_at=request.issued_at,
                ip_address=origin.ip_address,
                user_agent=origin.user_agent,
            )
        )


async def carry_on(services: Services) -> None:
    """Do what Meta said and is not done yet. May run in any number of processes at once: it is done once."""
    async with services.db.as_nobody() as session:
        found = list(await session.exec(select(Removal).order_by(col(Removal.heard_at), col(Removal.id))))
    for removal in found:
        try:
            await carry_out(services, removal)
        except Exception:
            log.exception("removal_broke", removal_id=str(removal.id))


async def carry_out(services: Services, removal: Removal) -> None:
    """Forget every login of a person, in every agency; only then is what was said of them forgotten too."""
    origin = Origin(removal.ip_address, removal.user_agent)
    for agency_id, connection_id in await services.db.ids("connections_of", meta_user=removal.meta_user_id):
        await forget(services, Actor(agency_id, origin=origin), connection_id, removal)
    if removal.code:
        await erase(services, removal)
    async with services.db.as_nobody() as session:
        await session.exec(delete_rows(Removal).where(col(Removal.id) == removal.id))


async def erase(services: Services, removal: Removal) -> None:
    """Erase who a person is from every trail, as it was when Meta said so; of logins that are gone, too."""
    said = {"meta_user": removal.meta_user_id, "until": removal.heard_at}
    for (agency_id,) in await services.db.ids("agencies_naming", meta_user=removal.meta_user_id):
        async with services.db.session(Actor.program(agency_id)) as session:
            await (await session.connection()).execute(ERASE, said)


async def forget(services: Services, actor: Actor, connection_id: UUID, removal: Removal) -> None:
    """Shred a login's tokens, unless the person has logged in again since they said so.

    Of one that we shredded ourselves only the person is left; when we gave it back, Meta tells of that, too.
    """
    async with services.db.session(actor) as session:
        connection = await session.get(Connection, connection_id)
    if connection is None or await is_newer(services, connection, removal):  # None: its client is gone by now
        return
    async with services.db.session(actor) as session:
        connection, accounts = await holds.locked(session, connection)
        is_shredded = not connection.is_active and removal.code is None
        if is_shredded or connection.connected_at > newest(removal) or connection.ending is removal.ending:
            return
        action = "data_deleted" if removal.code else "login_removed"
        audit.record(session, actor, action, **holds.about(connection), confirmation_code=removal.code)
        await access.end(session, services, actor, connection, accounts, ending=removal.ending)
        if removal.code:
            make_nobody(connection)


async def is_newer(services: Services, connection: Connection, removal: Removal) -> bool:
    """Say whether a login that is about as old as what Meta said came after it: Meta honours only such a one.

    Where Meta does not tell, what it said before counts; so does, in any case, a wish to be forgotten.
    """
    said_at = removal.said_at or removal.heard_at
    is_unclear = said_at < connection.connected_at <= newest(removal)
    if removal.code or connection.access_token is None or not is_unclear:
        return False
    try:
        return await checkups.is_honoured(services, connection)
    except PressroomError as error:
        log.warning("login_not_checked", connection_id=str(connection.id), trouble=error.sentence)
        return False


def newest(removal: Removal) -> datetime:
    """Give the moment after which a login is a new one, and not meant by what Meta said."""
    said_at = removal.said_at or removal.heard_at
    return min(said_at + SKEW, removal.heard_at)


def make_nobody(connection: Connection) -> None:
    """Take out of a login who its person is."""
    connection.meta_user_id, connection.meta_user_name = f"deleted:{connection.id}", NOBODY
    connection.permissions = []


# --- the confirmation code --------------------------------------------------------------------------------


def new_deletion(services: Services) -> Deletion:
    """Make a code for a deletion that is asked for now: its moment and chance, signed, in letters and digits.

    Nothing is kept for it once it is done, so that it can be looked up by whoever has it, as long as the
    app's secret lives, and tells nobody anything else.
    """
    at = now().replace(microsecond=0)
    said = int(at.timestamp()).to_bytes(MOMENT, "big") + secrets.token_bytes(CHANCE)
    return Deletion(b32encode(said + signature_of(services, said)).decode().rstrip("="), at)


async def deletion_of(services: Services, code: str) -> Deletion:
    """Give what a code stands for, and whether it is done; raise CodeUnknown."""
    deletion = read(services, code)
    async with services.db.as_nobody() as session:
        waiting = await session.exec(select(Removal.id).where(Removal.code == deletion.code))
        return replace(deletion, is_done=waiting.first() is None)


def read(services: Services, code: str) -> Deletion:
    """Read a code; raise CodeUnknown."""
    try:
        raw = b32decode(code.strip().upper() + "=" * (-len(code.strip()) % 8))
    except ValueError:
        raise CodeUnknown from None
    said, signature = raw[:-SIGNATURE], raw[-SIGNATURE:]
    if len(said) != MOMENT + CHANCE or not hmac.compare_digest(signature, signature_of(services, said)):
        raise CodeUnknown
    return Deletion(code.strip().upper(), datetime.fromtimestamp(int.from_bytes(said[:MOMENT], "big"), UTC))


def signature_of(services: Services, said: bytes) -> bytes:
    """Sign what a code says with a key that is derived from the app's secret."""
    secret = services.graph.app_secret.get_secret_value().encode()
    key = hmac.digest(secret, b"pressroom:data-deletion", "sha256")
    return hmac.digest(key, said, "sha256")[:SIGNATURE]

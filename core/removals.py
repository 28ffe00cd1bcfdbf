"""Removals: a person takes Pressroom out of their Facebook settings, or wants deleted what it knows of them.

Meta says so about a person, not about an agency: every login of theirs is meant, in every agency. Nothing is
left to do once Meta has its answer; if the process dies before, Meta or the person asks again.
"""

import hmac
import secrets
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core import access, audit, holds
from core.db import Actor, Origin, clock
from core.errors import NotFound
from core.graph.signed_request import SignedRequest
from core.models import Connection, Ending
from core.models.columns import now
from core.services import Services

SKEW = timedelta(minutes=5)  # by which Meta's clock and ours may differ
NOBODY = "(deleted)"
MOMENT, CHANCE, SIGNATURE = 5, 10, 10  # bytes of a code


class CodeUnknown(NotFound):
    """This is not a confirmation code of ours. Copy it again, to the last letter."""


@dataclass(frozen=True)
class Deletion:
    """What a confirmation code stands for."""

    code: str
    at: datetime


async def deauthorize(services: Services, request: SignedRequest, origin: Origin) -> None:
    """Forget every login of a person who removed Pressroom; tell those whose accounts it concerns."""
    for agency_id, connection_id in await services.db.ids("connections_of", meta_user=request.user_id):
        await forget(services, Actor(agency_id, origin=origin), connection_id, request, ending=Ending.REMOVED)


async def delete(services: Services, request: SignedRequest, origin: Origin) -> Deletion:
    """Forget every login of a person, and who they are; give the code that confirms it."""
    deletion = new_deletion(services)
    for agency_id, connection_id in await services.db.ids("connections_of", meta_user=request.user_id):
        actor = Actor(agency_id, origin=origin)
        await forget(services, actor, connection_id, request, ending=Ending.DELETED, code=deletion.code)
    return deletion


async def forget(
    services: Services,
    actor: Actor,
    connection_id: UUID,
    request: SignedRequest,
    *,
    ending: Ending,
    code: str | None = None,
) -> None:
    """Shred a login's tokens, unless the person has logged in again since they said so."""
    async with services.db.session(actor) as session:
        connection = await session.get_one(Connection, connection_id)
        connection, accounts = await holds.locked(session, connection)
        said_at = request.issued_at or await clock(session)
        if connection.connected_at > said_at + SKEW or connection.ending is ending:
            return
        connection.sqlmodel_update({"access_token": None, "is_active": False, "token_expires_at": None})
        connection.data_access_expires_at = connection.lease_until = None
        for account in accounts:
            account.access_token = None
        action = "data_deleted" if code else "login_removed"
        audit.record(session, actor, action, **holds.about(connection), confirmation_code=code)
        await access.end(session, services, actor, connection, accounts, ending=ending)
        if code:
            make_nobody(connection)


def make_nobody(connection: Connection) -> None:
    """Take out of a login who its person is."""
    connection.meta_user_id, connection.meta_user_name = f"deleted:{connection.id}", NOBODY
    connection.permissions = []


# --- the confirmation code --------------------------------------------------------------------------------


def new_deletion(services: Services) -> Deletion:
    """Make a code for a deletion that is done now: its moment and chance, signed, in letters and digits.

    Nothing is stored for it, so that it can be looked up by whoever has it, as long as the app's secret
    lives, and tells nobody anything else.
    """
    at = now().replace(microsecond=0)
    said = int(at.timestamp()).to_bytes(MOMENT, "big") + secrets.token_bytes(CHANCE)
    return Deletion(b32encode(said + signature_of(services, said)).decode().rstrip("="), at)


def deletion_of(services: Services, code: str) -> Deletion:
    """Give what a code stands for; raise CodeUnknown."""
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

"""The emergency stop: while a client or the whole agency is paused, nothing of it goes out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, clients, permissions
from core.db import Actor, Database
from core.errors import Changed, NotAllowed
from core.models import Agency, Client, Member


class Paused(NotAllowed):
    """Publishing is paused. Resume it first, with /social resume."""


@dataclass(frozen=True)
class Pause:
    """Since when publishing is paused, by whom (Slack's id), and whether for the whole agency."""

    since: datetime
    by: str
    whole_agency: bool


async def pause(db: Database, actor: Actor, *, client_id: UUID | None) -> Client | None:
    """Stop everything of a client, or of the agency without one; give the client.

    From the moment this returns, no call that the public would see is begun. For the client's managers and
    the agency's admins; the whole agency is the admins' business. Raise Changed if it is paused already.
    """
    async with db.session(actor) as session:
        paused, member = await subject(session, actor, client_id)
        if paused.paused_at:
            raise Changed("That is paused already.")
        paused.paused_at, paused.paused_by = datetime.now(UTC), member.slack_user_id
        audit.record(session, actor, "publishing_paused", client_id=client_id)
        return paused if isinstance(paused, Client) else None


async def resume(db: Database, actor: Actor, *, client_id: UUID | None) -> Client | None:
    """Let it go on; what became too late meanwhile asks first. Raise Changed if it is not paused."""
    async with db.session(actor) as session:
        paused, _ = await subject(session, actor, client_id)
        if paused.paused_at is None:
            raise Changed("That is not paused.")
        paused.paused_at, paused.paused_by = None, None
        audit.record(session, actor, "publishing_resumed", client_id=client_id)
        return paused if isinstance(paused, Client) else None


async def subject(
    session: AsyncSession, actor: Actor, client_id: UUID | None
) -> tuple[Client | Agency, Member]:
    """Give what is to be paused or resumed, locked, and who asks; raise NotAllowed."""
    if client_id is None:
        admin = await permissions.require_admin(session, actor)
        return await session.get_one(Agency, actor.agency_id, with_for_update=True), admin
    client = await clients.get(session, client_id)
    manager = await permissions.require_manager(session, actor, client)
    await session.refresh(client, with_for_update=True)
    return client, manager


async def of_client(session: AsyncSession, client: Client) -> Pause | None:
    """Give what keeps a client's posts from going out; the agency's pause before its own."""
    agency = await session.get_one(Agency, client.agency_id)
    for held, whole in ((agency, True), (client, False)):
        if held.paused_at:
            return Pause(held.paused_at, held.paused_by or "", whole)
    return None


async def paused_clients(session: AsyncSession) -> list[Client]:
    """Give the clients that are paused by themselves, by name, as far as this actor sees them."""
    paused = select(Client).where(col(Client.paused_at).is_not(None)).order_by(clients.BY_NAME)
    return list(await session.exec(paused))


async def require_running(session: AsyncSession, client: Client) -> None:
    """Raise Paused, with what to do, while nothing of the client goes out."""
    if found := await of_client(session, client):
        what = "all clients" if found.whole_agency else client.name
        raise Paused(
            f"Publishing is paused for {what}. Nothing goes out until somebody resumes it with /social "
            "resume; a post with a later time can be scheduled meanwhile."
        )

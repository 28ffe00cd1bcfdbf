"""Who may do what. Row-level security decides what a member sees; this decides what they may do with it."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Actor
from core.errors import NotAllowed
from core.models import Client, ClientMember, ClientRole, Member, Role


class Leaving(NotAllowed):
    """This client is being removed. Nothing of it can be changed any more."""


async def acting_member(session: AsyncSession, actor: Actor) -> Member:
    """Give the member that this actor is; raise NotAllowed for a guest, or for nobody."""
    member = await session.get(Member, actor.member_id) if actor.member_id else None
    if member is None or member.role is Role.GUEST:
        raise NotAllowed("Pressroom is for the members of this workspace. Ask somebody of your agency.")
    return member


async def require_admin(session: AsyncSession, actor: Actor) -> Member:
    """Let pass the agency's admins."""
    member = await acting_member(session, actor)
    if member.role is not Role.ADMIN:
        raise NotAllowed("Only your agency's admins can do this: the owners and admins of your workspace.")
    return member


async def require_manager(session: AsyncSession, actor: Actor, client: Client) -> Member:
    """Let pass the client's managers and the agency's admins."""
    require_staying(client)
    member = await acting_member(session, actor)
    if (
        member.role is not Role.ADMIN
        and await role_for(session, client.id, member.id) is not ClientRole.MANAGER
    ):
        raise NotAllowed(f"Only the managers of {client.name} and your agency's admins can do this.")
    return member


async def require_author(session: AsyncSession, actor: Actor, client: Client) -> Member:
    """Let pass everybody who works for the client, and the agency's admins."""
    require_staying(client)
    member = await acting_member(session, actor)
    role = await role_for(session, client.id, member.id)
    if member.role is not Role.ADMIN and role not in (ClientRole.MANAGER, ClientRole.AUTHOR):
        raise NotAllowed(f"You do not work for {client.name} yet. Ask one of its managers to add you.")
    return member


def require_staying(client: Client) -> None:
    """Let pass what is for a client that stays."""
    if client.leaving_at:
        raise Leaving(f"{client.name} is being removed. Nothing of it can be changed any more.")


async def role_for(session: AsyncSession, client_id: UUID, member_id: UUID) -> ClientRole | None:
    """Give what this member is for this client."""
    found = await session.get(ClientMember, (client_id, member_id))
    return found.role if found else None

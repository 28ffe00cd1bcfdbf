"""Who may do what. Row-level security decides what a member sees; this decides what they may do with it."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.db import Actor
from core.errors import NotAllowed
from core.models import Client, ClientMember, ClientRole, Member, Role

MOST_NAMED = 8  # people
WRITERS = (ClientRole.MANAGER, ClientRole.AUTHOR)


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
        raise NotAllowed(f"Only your agency's admins can do this: {either(await admins(session))}.")
    return member


async def require_manager(session: AsyncSession, actor: Actor, client: Client) -> Member:
    """Let pass the client's managers and the agency's admins."""
    require_staying(client)
    member = await acting_member(session, actor)
    if (
        member.role is not Role.ADMIN
        and await role_for(session, client.id, member.id) is not ClientRole.MANAGER
    ):
        only = f"Only the managers of {client.name} and your agency's admins can do this."
        raise NotAllowed(f"{only} Ask {either(await people(session, client, ClientRole.MANAGER))}.")
    return member


async def require_author(session: AsyncSession, actor: Actor, client: Client) -> Member:
    """Let pass everybody who works for the client, and the agency's admins."""
    require_staying(client)
    member = await acting_member(session, actor)
    role = await role_for(session, client.id, member.id)
    if member.role is Role.ADMIN or role in WRITERS:
        return member
    if role is ClientRole.REVIEWER:
        able = either(await people(session, client, *WRITERS))
        raise NotAllowed(f"You review the posts of {client.name}; others write and plan them. Ask {able}.")
    raise NotAllowed(await only_theirs(session, client))


def require_staying(client: Client) -> None:
    """Let pass what is for a client that stays."""
    if client.leaving_at:
        raise Leaving(f"{client.name} is being removed. Nothing of it can be changed any more.")


async def role_for(session: AsyncSession, client_id: UUID, member_id: UUID) -> ClientRole | None:
    """Give what this member is for this client."""
    found = await session.get(ClientMember, (client_id, member_id))
    return found.role if found else None


# --- who can ----------------------------------------------------------------------------------------------


async def people(session: AsyncSession, client: Client, *roles: ClientRole) -> Sequence[str]:
    """Name those who are one of these for a client; where nobody is, the agency's admins."""
    theirs = named(*roles).where(ClientMember.client_id == client.id)
    return (await session.exec(theirs)).all() or await admins(session)


async def only_theirs(session: AsyncSession, client: Client) -> str:
    """Say to somebody who does not work for a client whose its posts are, and who could add them."""
    team = either(await people(session, client, *WRITERS))
    only = f"Only those who work for {client.name} can do this: {team}."
    return f"{only} {await to_join(session, client)}"


async def not_yet(session: AsyncSession, client: Client) -> str:
    """Say to somebody who does not work for a client who could add them."""
    return f"You do not work for {client.name} yet. {await to_join(session, client)}"


async def to_join(session: AsyncSession, client: Client) -> str:
    """Say who could add somebody to those who work for a client, or review for it."""
    return f"{either(await people(session, client, ClientRole.MANAGER))} can add you, with /social clients."


async def contacts(session: AsyncSession) -> Sequence[str]:
    """Name the managers of all clients that this actor sees: whom somebody from outside can ask."""
    return (await session.exec(named(ClientRole.MANAGER))).all()


def named(*roles: ClientRole) -> SelectOfScalar[str]:
    """Choose the names of those who are one of these for some client, each once; of no guest."""
    known = select(Member.name).join(ClientMember, col(ClientMember.member_id) == col(Member.id)).distinct()
    return known.where(col(ClientMember.role).in_(roles), Member.role != Role.GUEST).order_by(Member.name)


async def admins(session: AsyncSession) -> Sequence[str]:
    """Name the agency's admins."""
    known = select(Member.name).where(Member.role == Role.ADMIN).order_by(Member.name)
    return (await session.exec(known)).all() or ["the owners and admins of your workspace"]


def either(names: Sequence[str]) -> str:
    """Name one or the other, within a sentence; many are counted."""
    more = len(names) - MOST_NAMED
    said = [*names[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return " or ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)

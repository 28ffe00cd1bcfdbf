"""Clients: the brands that the agency works for, who belongs to them, and their channel."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, permissions, rounds
from core.audit_names import slack_ids
from core.db import Actor, Database
from core.errors import Changed, Invalid
from core.models import Agency, Client, ClientMember, ClientRole, Member, Post, Role
from core.unseen import Unseen

LONGEST_NAME = 80  # characters
LOCK = {"key_share": True}  # others may refer to the client meanwhile: a publication that ends does
LATE_MINUTES = 15  # so late a post may still go out by itself, when nobody says otherwise
TAKEN = {
    "clients_name": {"name": "There is a client of that name already. Ask one of your agency's admins."},
    "clients_channel": {"channel": "That channel is another client's. Each client has its own."},
}


@dataclass(frozen=True)
class Team:
    """Who belongs to a client."""

    managers: tuple[Member, ...]
    authors: tuple[Member, ...]
    reviewers: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Details:
    """What a person says of a client: its name, its channel, and who works for it (ids of members)."""

    name: str
    slack_channel_id: str | None
    managers: frozenset[UUID]
    authors: frozenset[UUID]
    late_minutes: int = LATE_MINUTES
    reviewers: frozenset[UUID] = frozenset()


async def add(db: Database, actor: Actor, details: Details) -> Client:
    """Add a client; an admin's business. Raise Invalid for a name or channel that is taken or missing.

    Raise Changed while the agency leaves.
    """
    async with db.session(actor) as session:
        await permissions.require_admin(session, actor)
        if (await session.get_one(Agency, actor.agency_id)).leaving_by:
            raise Changed("This workspace is leaving Pressroom: nothing can be added to it any more.")
        client = Client(agency_id=actor.agency_id, name="-")
        audit.record(session, actor, "client_added", client_id=client.id, **await told(session, details))
        await write(session, actor, client, details)
    return client


async def change(db: Database, actor: Actor, client_id: UUID, details: Details) -> Client:
    """Change a client's name, channel and people; its managers' and the admins' business."""
    async with db.session(actor) as session:
        client = await get(session, client_id)
        await permissions.require_manager(session, actor, client)
        await session.refresh(client, with_for_update=LOCK)
        if replace(details, name=details.name.strip()) == await details_of(session, client):
            return client
        audit.record(session, actor, "client_changed", client_id=client.id, **await told(session, details))
        await write(session, actor, client, details)
    return client


async def write(session: AsyncSession, actor: Actor, client: Client, details: Details) -> None:
    """Check what was typed and put it into the rows."""
    await check(session, client.id, details)
    client.name, client.slack_channel_id = details.name.strip(), details.slack_channel_id
    client.late_minutes = details.late_minutes
    session.add(client)
    await store(session)
    await write_people(session, actor, client, roles_of(details))


async def write_people(
    session: AsyncSession, actor: Actor, client: Client, roles: dict[UUID, ClientRole]
) -> None:
    """Put into the rows who belongs to a client; last of all the actor, who may give away what allows it.

    Whoever leaves may be the last whom a post waited for.
    """
    mine = {one: role for one, role in roles.items() if one == actor.member_id}
    await put(session, client, {one: role for one, role in roles.items() if one not in mine})
    await rounds.people_changed(session, col(Post.client_id) == client.id)
    left = col(ClientMember.member_id).not_in(roles)
    await session.exec(delete(ClientMember).where(col(ClientMember.client_id) == client.id, left))
    await put(session, client, mine)


async def put(session: AsyncSession, client: Client, roles: dict[UUID, ClientRole]) -> None:
    """Have these members belong to a client, each with their role."""
    for member, role in roles.items():
        theirs = ClientMember(client_id=client.id, member_id=member, agency_id=client.agency_id, role=role)
        await session.merge(theirs)
    await session.flush()


def roles_of(details: Details) -> dict[UUID, ClientRole]:
    """Give what each of its people is for a client; who is named more than once is what may more."""
    roles = dict.fromkeys(details.reviewers, ClientRole.REVIEWER)
    roles |= dict.fromkeys(details.authors, ClientRole.AUTHOR)
    return roles | dict.fromkeys(details.managers, ClientRole.MANAGER)


async def store(session: AsyncSession) -> None:
    """Write the client; what this actor may not see can still be taken, and PostgreSQL knows."""
    try:
        await session.flush()
    except IntegrityError as error:
        constraint = error.orig.diag.constraint_name if isinstance(error.orig, UniqueViolation) else None
        if constraint not in TAKEN:
            raise
        raise Invalid(TAKEN[constraint]) from error


async def check(session: AsyncSession, client_id: UUID, details: Details) -> None:
    """Raise Invalid with a sentence for each field that will not do."""
    name, wrong = details.name.strip(), {}
    others = select(Client).where(col(Client.id) != client_id)
    if not name:
        wrong["name"] = "Give the client a name."
    elif len(name) > LONGEST_NAME:
        wrong["name"] = f"That is {len(name) - LONGEST_NAME} characters too long; at most {LONGEST_NAME}."
    elif same := (await session.exec(others.where(func.lower(col(Client.name)) == name.lower()))).first():
        wrong["name"] = f"There is a client called {same.name} already."
    taken = others.where(col(Client.slack_channel_id) == details.slack_channel_id)
    if details.slack_channel_id and (owner := (await session.exec(taken)).first()):
        wrong["channel"] = f"That is the channel of {owner.name}. Each client has its own."
    if not details.managers:
        wrong["managers"] = "Choose at least one person who manages this client."
    if wrong:
        raise Invalid(wrong)


async def told(session: AsyncSession, details: Details) -> dict[str, Any]:
    """Give what the audit entry tells."""
    return {
        "name": details.name.strip(),
        "slack_channel_id": details.slack_channel_id,
        "managers": await slack_ids(session, details.managers),
        "authors": await slack_ids(session, details.authors),
        "reviewers": await slack_ids(session, details.reviewers),
        "late_minutes": details.late_minutes,
    }


async def details_of(session: AsyncSession, client: Client) -> Details:
    """Give what is known of a client, as a person would say it."""
    of_it = await team(session, client.id)
    managers, authors, reviewers = (
        frozenset(member.id for member in members)
        for members in (of_it.managers, of_it.authors, of_it.reviewers)
    )
    return Details(client.name, client.slack_channel_id, managers, authors, client.late_minutes, reviewers)


async def get(session: AsyncSession, client_id: UUID) -> Client:
    """Give a client that this actor may see; raise NotFound otherwise."""
    if client := await session.get(Client, client_id):
        return client
    raise Unseen(Client, client_id)


async def visible(session: AsyncSession, *, search: str = "", most: int = 100, skip: int = 0) -> list[Client]:
    """Give the clients that this actor may see, by name; `search` is any part of it, `skip` so many not."""
    found = select(Client).where(STAYS).order_by(BY_NAME).limit(most).offset(skip)
    if search:
        found = found.where(col(Client.name).icontains(search, autoescape=True))
    return list((await session.exec(found)).all())


async def count(session: AsyncSession) -> int:
    """Count the clients that this actor may see."""
    return (await session.exec(select(func.count()).select_from(Client).where(STAYS))).one()


async def of_channel(session: AsyncSession, slack_channel_id: str) -> Client | None:
    """Give the client whose channel this is, if it is one and this actor may see it."""
    theirs = select(Client).where(col(Client.slack_channel_id) == slack_channel_id, STAYS)
    return (await session.exec(theirs)).first()


async def named(session: AsyncSession, name: str) -> Client | None:
    """Give the client of exactly this name, whatever its case."""
    so_called = select(Client).where(func.lower(col(Client.name)) == name.strip().lower(), STAYS)
    return (await session.exec(so_called)).first()


async def team(session: AsyncSession, client_id: UUID) -> Team:
    """Give who belongs to a client."""
    return (await teams(session, [client_id]))[client_id]


async def teams(session: AsyncSession, client_ids: Collection[UUID]) -> dict[UUID, Team]:
    """Give who belongs to each of these clients, and has not left Slack; one query, however many."""
    rows = await session.exec(
        select(ClientMember.client_id, Member, ClientMember.role)
        .join(ClientMember, col(ClientMember.member_id) == col(Member.id))
        .where(col(ClientMember.client_id).in_(client_ids), col(Member.left_at).is_(None))
        .order_by(col(Member.name))
    )
    people: defaultdict[UUID, list[tuple[Member, ClientRole]]] = defaultdict(list)
    for client_id, member, role in cast("list[tuple[UUID, Member, ClientRole]]", rows.all()):
        people[client_id].append((member, role))
    return {one: Team(*(of_role(people[one], role) for role in ClientRole)) for one in client_ids}


async def responsible(
    session: AsyncSession, client_id: UUID, *, but: Collection[UUID] = ()
) -> Sequence[Member]:
    """Give who can change who approves: its managers; without any, the agency's admins; `but` not."""
    if managers := [one for one in (await team(session, client_id)).managers if one.id not in but]:
        return managers
    admins = select(Member).where(Member.role == Role.ADMIN, col(Member.id).not_in(but))
    return (await session.exec(admins.order_by(col(Member.name)))).all()


async def managed(session: AsyncSession, member: Member, client_ids: Collection[UUID]) -> set[UUID]:
    """Give those of these clients that a member may change: an admin all, anybody else what they manage."""
    if member.role is Role.ADMIN:
        return set(client_ids)
    theirs = select(ClientMember.client_id).where(
        col(ClientMember.client_id).in_(client_ids),
        ClientMember.member_id == member.id,
        ClientMember.role == ClientRole.MANAGER,
    )
    return set(await session.exec(theirs))


async def is_reviewer(session: AsyncSession, member: Member) -> bool:
    """Say whether some client names this member as its reviewer."""
    theirs = select(ClientMember).where(
        ClientMember.member_id == member.id, ClientMember.role == ClientRole.REVIEWER
    )
    return (await session.exec(theirs.limit(1))).first() is not None


def of_role(people: Iterable[tuple[Member, ClientRole]], role: ClientRole) -> tuple[Member, ...]:
    """Give the members with this role."""
    return tuple(member for member, theirs in people if theirs is role)


BY_NAME = func.lower(col(Client.name))
STAYS = col(Client.leaving_at).is_(None)  # what is being removed is not shown any more

"""Agencies and their members, as Slack knows them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, pauses, rounds
from core.db import Actor, Database, Origin, clock
from core.models import Agency, ClientMember, Installation, Member, Post, Role, Summary
from core.vault import Token, Vault

GRACE = timedelta(days=30)  # in which an agency that uninstalled may come back
LOCK = {"key_share": True}  # others may refer to it meanwhile


@dataclass(frozen=True)
class Person:
    """What Slack says about somebody (users.info)."""

    slack_user_id: str
    name: str
    timezone: str
    is_admin: bool
    is_guest: bool
    has_left: bool = False

    @property
    def role(self) -> Role:
        """Guests and those who left stay outside; Slack's owners and admins are the agency's admins."""
        if self.is_guest or self.has_left:
            return Role.GUEST
        return Role.ADMIN if self.is_admin else Role.MEMBER


@dataclass(frozen=True)
class Grant:
    """What Slack gave when the bot was installed (oauth.v2.access)."""

    app_id: str
    bot_id: str
    bot_user_id: str
    bot_token: Token
    scopes: tuple[str, ...]
    installed_by: str | None


async def find(db: Database, slack_team_id: str) -> UUID | None:
    """Give the agency of a workspace, if the workspace has one yet."""
    rows = await db.ids("find_agency", team=slack_team_id)
    return rows[0][0] if rows else None


async def left(db: Database, slack_team_id: str) -> UUID | None:
    """Give the last agency of a workspace that has none any more: it left, and begins anew only if asked."""
    before = await db.ids("agencies_of_workspace", team=slack_team_id)
    return before[-1][0] if before and await find(db, slack_team_id) is None else None


async def ensure(db: Database, *, slack_team_id: str, name: str, by: str | None = None) -> UUID:
    """Give the agency of a workspace; make it on first sight, or for an admin (`by`) who begins anew."""
    if known := await find(db, slack_team_id):
        return known
    actor = Actor(uuid4(), user_id=by) if by else Actor.program(uuid4())
    async with db.session(actor) as session:
        agency = Agency(id=actor.agency_id, slack_team_id=slack_team_id, name=name)
        adding = insert(Agency).values(agency.model_dump()).on_conflict_do_nothing()
        made = await session.exec(adding.returning(col(Agency.id)))
        if made.first():
            audit.record(session, actor, "agency_added", slack_team_id=slack_team_id, name=name)
    found = await find(db, slack_team_id)
    assert found is not None
    return found


async def install(db: Database, vault: Vault, agency_id: UUID, grant: Grant) -> None:
    """Keep what Slack gave, the token sealed; a second installation replaces the first."""
    actor = Actor.program(agency_id)
    sealed = vault.seal(grant.bot_token, row=token_row(agency_id))
    async with db.session(actor) as session:
        await stay(session, actor)  # first: the sweep that has it leave locks the agency, too
        await session.merge(
            Installation(
                agency_id=agency_id,
                app_id=grant.app_id,
                bot_id=grant.bot_id,
                bot_user_id=grant.bot_user_id,
                bot_token=sealed,
                scopes=list(grant.scopes),
                installed_by=grant.installed_by,
            )
        )
        audit.record(session, actor, "bot_installed", scopes=list(grant.scopes), by=grant.installed_by)


async def installation(db: Database, vault: Vault, slack_team_id: str) -> tuple[Installation, Token] | None:
    """Give a workspace's installation and its opened token."""
    agency_id = await find(db, slack_team_id)
    if agency_id is None:
        return None
    async with db.session(Actor.program(agency_id)) as session:
        found = await session.get(Installation, agency_id)
    return (found, vault.open(found.bot_token, row=token_row(agency_id))) if found else None


async def uninstall(db: Database, agency_id: UUID, *, at: datetime) -> None:
    """Shred what Slack took back at that moment; everything else stays for some time, and nothing goes out.

    Slack says so again, and late: nothing changes for a bot that was installed after that moment.
    """
    actor = Actor.program(agency_id)
    async with db.session(actor) as session:
        if found := await session.get(Installation, agency_id, with_for_update=True):
            if found.installed_at.replace(microsecond=0) > at:  # Slack says it in whole seconds
                return
            await session.delete(found)
            audit.record(session, actor, "bot_uninstalled")
        agency = await session.get(Agency, agency_id, with_for_update=LOCK)
        if agency and agency.leaves_at is None:
            agency.leaves_at = await clock(session) + GRACE
            audit.record(session, actor, "agency_leaving", until=agency.leaves_at.isoformat())


async def come_back(db: Database, agency_id: UUID) -> None:
    """Let an agency stay that had uninstalled: the bot is installed again."""
    actor = Actor.program(agency_id)
    async with db.session(actor) as session:
        await stay(session, actor)


async def stay(session: AsyncSession, actor: Actor) -> None:
    """Let an agency stay, and go on where it was; nothing changes for one that did not leave."""
    agency = await session.get_one(Agency, actor.agency_id, with_for_update=LOCK)
    if agency.leaves_at is None or agency.leaving_by:
        return
    agency.leaves_at = None
    audit.record(session, actor, "agency_stays")
    await pauses.redraw(session, agency)


def token_row(agency_id: UUID) -> str:
    """Say what a sealed bot token is bound to."""
    return f"installations:{agency_id}:bot_token"


async def welcome(db: Database, agency_id: UUID, person: Person, *, is_here: bool = False) -> Member:
    """Give the member that this person is; make or refresh the row from what Slack says.

    A name that was erased comes back only once they do something themself: then they are here.
    """
    actor = Actor.program(agency_id)
    async with db.session(actor) as session:
        member = await find_member(session, person.slack_user_id)
        if member is None:
            member = await add_member(session, actor, person)
        if is_here:
            member.erased_at = None
        await take_over(session, actor, member, person)
        member.seen_at = datetime.now(UTC)
    return member


async def is_news(db: Database, agency_id: UUID, person: Person) -> bool:
    """Say whether this is of somebody whom we know, and not how we know them."""
    async with db.session(Actor.program(agency_id)) as session:
        member = await find_member(session, person.slack_user_id)
        return member is not None and differs(member, person)


async def take_over(session: AsyncSession, actor: Actor, member: Member, person: Person) -> None:
    """Write what Slack says of a member now, where it is something else, with its audit entry."""
    if not differs(member, person):
        return
    new, was = taken_over(member, person), member.role
    changed = {name: value for name, value in new.items() if getattr(member, name) != value}
    personal = {"name": changed.pop("name")} if "name" in changed else None
    about = {"slack_user_id": person.slack_user_id} | changed
    audit.record(session, actor, change_of(member, person), personal=personal, **about)
    has_come_or_gone = has_left(member) is not person.has_left
    left_at = datetime.now(UTC) if person.has_left else None
    member.sqlmodel_update(new | ({"left_at": left_at} if has_come_or_gone else {}))
    await session.flush()
    if person.has_left:
        await session.exec(delete(Summary).where(col(Summary.member_id) == member.id))
    if has_come_or_gone or was is not member.role:
        await rounds.people_changed(session, *posts_of(member, was))


def differs(member: Member, person: Person) -> bool:
    """Say whether Slack says something else of a member than we do."""
    new = taken_over(member, person)
    known = {name: getattr(member, name) for name in new}
    return known != new or has_left(member) is not person.has_left


def taken_over(member: Member, person: Person) -> dict[str, Any]:
    """Give a member's columns as they become by what Slack says: an erased name stays so."""
    return of(person) | ({"name": member.name} if member.erased_at else {})


def has_left(member: Member) -> bool:
    """Say whether a member is not there any more."""
    return member.left_at is not None


def change_of(member: Member, person: Person) -> str:
    """Name what happened to a member, for the trail."""
    if has_left(member) is not person.has_left:
        return "member_left" if person.has_left else "member_returned"
    return "member_role_changed" if member.role is not person.role else "member_changed"


def posts_of(member: Member, was: Role) -> list[ColumnElement[bool]]:
    """Choose the posts that may wait for a member: an admin is or was asked for any client's."""
    if Role.ADMIN in (member.role, was):
        return [col(Post.agency_id) == member.agency_id]
    theirs = select(ClientMember.client_id).where(ClientMember.member_id == member.id)
    return [col(Post.client_id).in_(theirs)]


def of(person: Person) -> dict[str, Any]:
    """Give a member's columns from what Slack says."""
    return {
        "slack_user_id": person.slack_user_id,
        "name": person.name,
        "timezone": person.timezone,
        "role": person.role,
    }


async def find_member(session: AsyncSession, slack_user_id: str) -> Member | None:
    """Give the member with this Slack id, if we met them before; nobody else changes the row meanwhile.

    Others may refer to it: a decision of theirs does, while we may wait for that decision's post.
    """
    known = select(Member).where(col(Member.slack_user_id) == slack_user_id)
    return (await session.exec(known.with_for_update(key_share=True))).first()


async def members(session: AsyncSession, *, search: str = "", most: int = 100) -> list[Member]:
    """Give the members that we have met, guests and who has left too, by name; `search` is any part of it."""
    found = select(Member).where(col(Member.name).icontains(search, autoescape=True))
    by_name = found.order_by(func.lower(col(Member.name)), col(Member.id))
    return list((await session.exec(by_name.limit(most))).all())


async def called(session: AsyncSession, slack_user_ids: Collection[str]) -> dict[str, Member]:
    """Give the members with these Slack ids, by them; whom we have not met is left out."""
    found = await session.exec(select(Member).where(col(Member.slack_user_id).in_(slack_user_ids)))
    return {one.slack_user_id: one for one in found}


async def add_member(session: AsyncSession, actor: Actor, person: Person) -> Member:
    """Make the row of somebody we had not met; another request of theirs may have made it a moment ago."""
    new = Member(agency_id=actor.agency_id, **of(person))
    adding = insert(Member).values(new.model_dump()).on_conflict_do_nothing()
    if (await session.exec(adding.returning(col(Member.id)))).first():
        audit.record(session, actor, "member_added", slack_user_id=person.slack_user_id, role=new.role)
    member = await find_member(session, person.slack_user_id)
    assert member is not None
    return member


def actor_of(member: Member, origin: Origin) -> Actor:
    """Give the actor that this member is, from where they are."""
    return Actor(member.agency_id, member.id, member.slack_user_id, origin)

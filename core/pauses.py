"""The emergency stop: while a client or the whole agency is paused, nothing of it goes out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import distinct, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, audit, clients, permissions
from core.db import Actor, Database, clock
from core.errors import Changed, NotAllowed
from core.models import Agency, Client, Member, Post, PostState, Publication, PublicationState

SOON = timedelta(days=1)
MOST_REDRAWN = 100  # cards of what goes out next


class Paused(NotAllowed):
    """Publishing is paused. Resume it first, with /social resume."""


@dataclass(frozen=True)
class Pause:
    """Since when publishing is paused, by whom (Slack's id), and whether for the whole agency."""

    since: datetime
    by: str
    whole_agency: bool
    is_leaving: bool = False  # what it is about is being removed, and nobody resumes it


@dataclass(frozen=True)
class Held:
    """How many posts of a client wait: all, those of the next 24 hours, those too late, those due by now."""

    client: Client
    waiting: int
    soon: int
    late: int
    due: int = 0  # their time has passed, and not for too long


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
        await redraw(session, paused)
        return paused if isinstance(paused, Client) else None


async def resume(db: Database, actor: Actor, *, client_id: UUID | None) -> Client | None:
    """Let it go on; what became too late meanwhile asks first. Raise Changed if it is not paused."""
    async with db.session(actor) as session:
        paused, _ = await subject(session, actor, client_id)
        if paused.paused_at is None:
            raise Changed("That is not paused.")
        paused.paused_at, paused.paused_by = None, None
        audit.record(session, actor, "publishing_resumed", client_id=client_id)
        await redraw(session, paused)
        return paused if isinstance(paused, Client) else None


async def redraw(session: AsyncSession, paused: Client | Agency) -> None:
    """Have the cards drawn of what is to go out next: they say whether it is held back."""
    theirs = Post.client_id == paused.id if isinstance(paused, Client) else Post.agency_id == paused.id
    going = col(Post.state).in_([PostState.SCHEDULED, PostState.PUBLISHING])
    next_ones = select(Post).where(theirs, going).order_by(col(Post.due_at).nulls_first())
    now = await clock(session)
    for post in await session.exec(next_ones.limit(MOST_REDRAWN)):
        session.add(announcements.announcement(post, "card", {}, now))


async def subject(
    session: AsyncSession, actor: Actor, client_id: UUID | None
) -> tuple[Client | Agency, Member]:
    """Give what is to be paused or resumed, locked, and who asks; raise NotAllowed."""
    if client_id is None:
        admin = await permissions.require_admin(session, actor)
        return await session.get_one(Agency, actor.agency_id, with_for_update=clients.LOCK), admin
    client = await clients.get(session, client_id)
    manager = await permissions.require_manager(session, actor, client)
    await session.refresh(client, with_for_update=clients.LOCK)
    return client, manager


async def of_client(session: AsyncSession, client: Client) -> Pause | None:
    """Give what keeps a client's posts from going out; the agency's pause before its own.

    That it, or the agency, is leaving comes before both.
    """
    if (since := client.leaving_at) is not None:
        return Pause(since, "", whole_agency=False, is_leaving=True)
    agency = await session.get_one(Agency, client.agency_id)
    if agency.leaves_at:
        return Pause(agency.leaves_at, "", whole_agency=True, is_leaving=True)
    return await of_agency(session, client.agency_id) or as_pause(client)


async def of_agency(session: AsyncSession, agency_id: UUID) -> Pause | None:
    """Give the pause of the whole agency, if there is one."""
    return as_pause(await session.get_one(Agency, agency_id))


def as_pause(held: Agency | Client) -> Pause | None:
    """Give a client's own pause, or the agency's, if there is one."""
    if held.paused_at is None:
        return None
    return Pause(held.paused_at, held.paused_by or "", isinstance(held, Agency))


async def paused_clients(session: AsyncSession) -> list[Client]:
    """Give the clients that are paused by themselves, by name, as far as this actor sees them."""
    paused = select(Client).where(col(Client.paused_at).is_not(None)).order_by(clients.BY_NAME)
    return list(await session.exec(paused))


async def held(session: AsyncSession, *, client_id: UUID | None = None) -> list[Held]:
    """Give what a pause holds back, or would, of a client or of each that this actor sees; most first."""
    posts, due_at, now = func.count(distinct(col(Publication.post_id))), col(Publication.due_at), func.now()
    soon = posts.filter(due_at <= now + SOON)
    too_late = due_at < now - func.make_interval(0, 0, 0, 0, 0, col(Client.late_minutes))
    late, due = posts.filter(too_late), posts.filter(due_at <= now, ~too_late)
    counted: Any = (  # the types of a select end at four columns
        select(Client, posts, soon, late)
        .add_columns(due)
        .join(Publication, col(Publication.client_id) == col(Client.id))
        .where(col(Publication.state).in_([PublicationState.SCHEDULED, PublicationState.QUEUED]))
        .group_by(col(Client.id))
        .order_by(soon.desc(), clients.BY_NAME)
    )
    if client_id:
        counted = counted.where(col(Client.id) == client_id)
    return [Held(*row) for row in await session.exec(counted)]


async def require_running(session: AsyncSession, client: Client) -> None:
    """Raise Paused, with what to do, while nothing of the client goes out."""
    found = await of_client(session, client)
    if found and found.is_leaving:
        who = "Your workspace" if found.whole_agency else client.name
        raise Paused(f"{who} is leaving Pressroom. Nothing goes out any more.")
    if found:
        what = "all clients" if found.whole_agency else client.name
        raise Paused(
            f"Publishing is paused for {what}. Nothing goes out until somebody resumes it with /social "
            "resume; a post with a later time can be scheduled meanwhile."
        )

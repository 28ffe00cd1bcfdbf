"""Grace: an agency that uninstalled may come back for thirty days; after them it goes, as its clients do.

While the bot is still installed, an admin can have the agency leave at once; after that, whoever runs
Pressroom can. What remains is its trail, and for some time the exports.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, clients, departures, permissions
from core.apart import apart
from core.db import Actor, Database, clock
from core.errors import Changed, Invalid, PressroomError
from core.models import Account, Agency, AuditHead, Client, Departure, DepartureStep, Media, Post, PostState
from core.services import Announcer, Services

log = structlog.get_logger()

OPERATOR = "operator"  # ended the time from outside Slack, where nobody is left to be told
# Others may refer to the agency meanwhile: a member who has a client locked does so with whatever they write.
UNMOVED = {"key_share": True}
PATIENCE = timedelta(days=3)  # with Slack, until nobody is told that everything is gone


class Gone(Changed):
    """This workspace has left Pressroom already."""


@dataclass(frozen=True)
class Stakes:
    """What goes with an agency."""

    agency: Agency
    clients: int
    posts: int
    accounts: int
    pictures: int
    failed: int = 0  # posts that nobody tries again


@dataclass(frozen=True)
class Leaving:
    """Since when an agency leaves, and which admin asked, by Slack's id (None: whoever runs Pressroom)."""

    since: datetime
    by: str | None


async def under_way(db: Database, agency_id: UUID) -> Leaving | None:
    """Say since when an agency leaves, if somebody asked for that; raise Gone."""
    async with db.session(Actor.program(agency_id)) as session:
        agency = await session.get(Agency, agency_id)
    if agency is None:
        raise Gone
    if agency.leaves_at is None or agency.leaving_by is None:
        return None
    return Leaving(agency.leaves_at, admin_of(agency))


async def stakes(session: AsyncSession, actor: Actor) -> Stakes:
    """Count what would go with the agency; for its admins. Raise NotAllowed."""
    await permissions.require_admin(session, actor)
    return await of_agency(session, await session.get_one(Agency, actor.agency_id))


async def of_agency(session: AsyncSession, agency: Agency) -> Stakes:
    """Count what goes with an agency."""
    return Stakes(
        agency,
        clients=await departures.count(session, Client, clients.STAYS),
        posts=await departures.count(session, Post, departures.PLANNED),
        accounts=await departures.count(session, Account, col(Account.is_active)),
        pictures=await departures.count(session, Media),
        failed=await departures.count(session, Post, Post.state == PostState.FAILED),
    )


async def leave_now(services: Services, actor: Actor, *, name: str) -> None:
    """Have the agency leave without delay; `name` is typed by whoever wants it. For its admins.

    Raise Invalid (field `name`) for another name, Changed when it is leaving already, NotAllowed.
    """
    async with services.db.session(actor) as session:
        await permissions.require_admin(session, actor)
        agency = await session.get_one(Agency, actor.agency_id, with_for_update=True)
        require_named(agency, name)
        agency.leaves_at, agency.leaving_by = await clock(session), actor.user_id
        audit.record(session, actor, "agency_leaving", until=agency.leaves_at.isoformat())


def require_named(agency: Agency, name: str) -> None:
    """Let pass whoever typed the name of an agency that nobody has had leave yet; raise Invalid, Changed."""
    if agency.leaving_by:
        raise Changed("This workspace is leaving Pressroom already.")
    if name.strip() != agency.name:
        raise Invalid({"name": f"That is not its name. Type {agency.name}, exactly as it stands here."})


async def end_now(db: Database, agency_id: UUID, *, name: str) -> Stakes:
    """End the grace of an agency that has uninstalled, for an operator who types its name; give what goes.

    Raise Invalid (field `name`) for another name, Gone, Changed when it is leaving already, or installed.
    """
    actor = Actor.program(agency_id)
    async with db.session(actor) as session:
        agency = await session.get(Agency, agency_id, with_for_update=True)
        if agency is None:
            raise Gone
        require_named(agency, name)
        if agency.leaves_at is None:
            raise Changed(
                f"{agency.name} has not uninstalled Pressroom: its admins have it leave with /social leave,"
                " and get their files in Slack."
            )
        agency.leaves_at, agency.leaving_by = await clock(session), OPERATOR
        audit.record(session, actor, "agency_leaving", until=agency.leaves_at.isoformat(), by=OPERATOR)
        return await of_agency(session, agency)


async def end(services: Services) -> None:
    """Have every agency go whose time is over. May run in any number of processes at once."""
    for (agency_id,) in await services.db.ids("agencies_to_leave"):
        with apart(agency_id, "agency_not_removed"):
            await leave(services, agency_id)


async def leave(services: Services, agency_id: UUID) -> None:
    """Have an agency's clients go, and then itself; unless it has come back."""
    actor = Actor.program(agency_id)
    async with services.db.session(actor) as session:
        agency = await session.get(Agency, agency_id, with_for_update=UNMOVED)
        if agency is None or agency.leaves_at is None or agency.leaves_at > await clock(session):
            return
        admin = admin_of(agency)
        for client in await session.exec(select(Client).where(clients.STAYS).with_for_update()):
            await departures.begin(session, actor, client, asked_by=admin)
        if await is_anything_left(session):
            return
        if admin and await clock(session) - agency.leaves_at < PATIENCE:
            await services.transport.say_farewell(session, agency_id=agency_id)
        else:
            await remove_if_empty(session, actor, agency)


async def remove_if_empty(session: AsyncSession, actor: Actor, agency: Agency) -> None:
    """Delete an agency, unless somebody has just added something to it; nobody does so from here on."""
    await session.refresh(agency, with_for_update=True)
    if not await is_anything_left(session):
        await remove(session, actor, agency)


def admin_of(agency: Agency) -> str | None:
    """Give the admin who had an agency leave, by Slack's id; nobody else is told of it in Slack."""
    return None if agency.leaving_by == OPERATOR else agency.leaving_by


async def deliver(services: Services, announcer: Announcer, *, agency_id: UUID) -> None:
    """Tell whoever asked that everything is gone, and delete what is left; it may come twice, never not."""
    actor = Actor.program(agency_id)
    async with services.db.session(actor) as session:
        if not await emptied(session, agency_id):  # a late job
            return
    try:
        await announcer.farewell(agency_id)
    except PressroomError as error:
        log.warning("farewell_not_said", agency_id=str(agency_id), trouble=error.sentence)
        return
    async with services.db.session(actor) as session:
        if agency := await emptied(session, agency_id, locked=True):  # somebody may have added something
            await remove(session, actor, agency)


async def emptied(session: AsyncSession, agency_id: UUID, *, locked: bool = False) -> Agency | None:
    """Give an agency whose admin had it leave, once nothing is left of it but itself."""
    agency = await session.get(Agency, agency_id, with_for_update=locked or None)
    is_over = agency and admin_of(agency) and not await is_anything_left(session)
    return agency if is_over else None


async def exports(services: Services, agency_id: UUID) -> list[tuple[Departure, str]]:
    """Give the clients that left an agency, each with the private address of its export, if that is kept."""
    async with services.db.session(Actor.program(agency_id)) as session:
        kept = select(Departure).where(col(Departure.expires_at) > await clock(session))
        found = await session.exec(kept.order_by(col(Departure.client_name)))
    return [(one, departures.address(services, one)) for one in found]


async def is_anything_left(session: AsyncSession) -> bool:
    """Say whether a client is still there, or somebody still to be told of one that was."""
    untold = col(Departure.step) != DepartureStep.EXPIRE
    return bool(await departures.count(session, Client) or await departures.count(session, Departure, untold))


async def remove(session: AsyncSession, actor: Actor, agency: Agency) -> None:
    """Delete an agency's rows; its trail stays, and nobody is told of its heads any more."""
    heads = update(AuditHead).where(col(AuditHead.next_run_at).is_not(None))
    await session.exec(heads.values(next_run_at=None))
    team_id, name = agency.slack_team_id, agency.name
    audit.record(session, actor, "agency_removed", slack_team_id=team_id, name=name)
    await session.flush()
    await session.exec(delete(Agency).where(col(Agency.id) == agency.id))

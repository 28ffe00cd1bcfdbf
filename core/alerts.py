"""Alerts: who hears that a login ends in 14, 7 or 1 days, or that it has ended; by direct message.

A warning comes in the working hours of whoever is told, an end at once. What was put right meanwhile is not
told any more. One may come twice when a process dies, or Slack's answer is lost, in the moment between
sending it and noting that; it never fails to come because of that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, clients, holds
from core.db import Actor, clock
from core.errors import PressroomError
from core.models import Account, Alert, Client, Connection, Member, Platform, Role
from core.reminders import working
from core.rows import by_agency
from core.services import Announcer, Services

log = structlog.get_logger()

WARNINGS = (14, 7, 1)  # days ahead
WIDEST = timedelta(days=WARNINGS[0])
AGAIN = timedelta(minutes=5)  # after a mishap
FRIDAY = 4
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Told:
    """What somebody is told: whose login, for which client, and how its accounts are."""

    alert: Alert
    member: Member
    client: Client
    connection: Connection
    accounts: tuple[Account, ...]
    ends_at: datetime | None
    ending: tuple[Account, ...] = ()  # the accounts that end then, or soon after

    @property
    def ended(self) -> tuple[Account, ...]:
        """Give the accounts that cannot be used any more."""
        return tuple(one for one in self.accounts if one.ending)


def ends_at(connection: Connection, platforms: Iterable[Platform], *, now: datetime) -> datetime | None:
    """Give the moment from which only a new login helps these accounts; None while nothing is known of one.

    A login's own time counts only where it was not renewed, as it is well before. Access to data ends 90
    days after the person was last there: of what we need, that takes Instagram's permissions alone.
    https://developers.facebook.com/docs/facebook-login/guides/access-tokens#data-access-expiration
    """
    own = connection.token_expires_at
    ends = [own] if own and own <= now + WIDEST else []
    if Platform.INSTAGRAM in platforms and connection.data_access_expires_at:
        ends.append(connection.data_access_expires_at)
    return min(ends, default=None)


# --- ahead of the end -------------------------------------------------------------------------------------


async def warn(services: Services) -> None:
    """Plan who is warned of ends that are near. May run in any number of processes, and does it once."""
    found = await services.db.ids("due_warnings", most=MOST_AT_ONCE)
    await holds.for_each(found, warn_of, services)


async def warn_of(services: Services, *, agency_id: UUID, connection_id: UUID) -> None:
    """Plan who is warned of one login's end, if that is near, and note when to look again."""
    actor = Actor.program(agency_id)
    async with services.db.session(actor) as session:
        connection = await session.get_one(Connection, connection_id)
        connection, accounts = await holds.locked(session, connection)
        now = await clock(session)
        if connection.warn_at is None or connection.warn_at > now:
            return
        end = ends_at(connection, {one.platform for one in accounts}, now=now)
        days = nearest(end, now)
        if days is None:
            connection.warned_days = None
        elif connection.warned_days is None or days < connection.warned_days:
            connection.warned_days = days
            assert end is not None
            await plan(session, connection, days, end)
        connection.warn_at = next_look(connection, end, now) if accounts and not connection.ending else None


def nearest(end: datetime | None, now: datetime) -> int | None:
    """Say which warning is the one to give now, in days ahead."""
    if end is None or end <= now:
        return None
    return next((days for days in reversed(WARNINGS) if ahead(end, days) <= now), None)


def ahead(end: datetime, days: int) -> datetime:
    """Give when a warning is planned: so many days ahead; the last one not over a weekend, but before it.

    On Thursday at 20:00 UTC, Friday's working hours are still to come in every time zone.
    """
    moment = end - timedelta(days=days)
    if days > 1 or moment.weekday() < FRIDAY:
        return moment
    thursday = moment - timedelta(days=moment.weekday() - FRIDAY + 1)
    return min(moment, thursday.replace(hour=20, minute=0, second=0, microsecond=0))


def next_look(connection: Connection, end: datetime | None, now: datetime) -> datetime:
    """Give the moment at which the next warning is due: of that end, or of the login's own, unrenewed."""
    own = connection.token_expires_at
    coming = [ahead(end, days) for days in WARNINGS] if end else []
    coming += [own - WIDEST] if own else []
    return min([one for one in coming if one > now], default=now + timedelta(days=1))


async def plan(session: AsyncSession, connection: Connection, days: int, end: datetime) -> None:
    """Have the person who connected told; with the second warning, as nothing happened, the managers too."""
    now = await clock(session)
    for member in await recipients(session, connection, days):
        session.add(alert(connection, member, days=days, at=in_time(now, end, member)))


def in_time(now: datetime, end: datetime, member: Member) -> datetime:
    """Give the first moment of somebody's working hours; at once, when those come only after the end."""
    at = working(now, member.zone)
    return at if at < end else now


async def recipients(session: AsyncSession, connection: Connection, days: int | None) -> list[Member]:
    """Give who is told: whoever connected, as long as they may do it again; and the managers, or the admins.

    The latter from the second warning on, or when nobody else is left.
    """
    managers = list((await clients.team(session, connection.client_id)).managers)
    admins = (await session.exec(select(Member).where(Member.role == Role.ADMIN).order_by(BY_AGE))).all()
    person = [one for one in (*managers, *admins) if one.id == connection.member_id][:1]
    if person and days == WARNINGS[0]:
        return person
    told = [*person, *(managers or admins)]
    return list({one.id: one for one in told}.values())


def alert(connection: Connection, member: Member, *, days: int | None, at: datetime) -> Alert:
    """Make the row of an alert."""
    return Alert(
        agency_id=connection.agency_id,
        client_id=connection.client_id,
        connection_id=connection.id,
        member_id=member.id,
        days=days,
        next_run_at=at,
    )


# --- at the end -------------------------------------------------------------------------------------------


async def tell_of_end(session: AsyncSession, connection: Connection) -> None:
    """Have the person who connected and the managers told that accounts cannot be used any more.

    What is not said yet of this login is said with it.
    """
    await session.exec(delete(Alert).where(*unsaid(connection)))
    if (await session.get_one(Client, connection.client_id)).leaving_at:
        return  # we gave it back ourselves
    now = await clock(session)
    told = await recipients(session, connection, None)
    session.add_all(alert(connection, member, days=None, at=now) for member in told)


async def forget_warnings(session: AsyncSession, connection: Connection) -> None:
    """Take back the warnings of a login that are not said yet: the person has logged in anew.

    That accounts cannot be used is still said, until they can: nobody may have chosen them again.
    """
    await session.exec(delete(Alert).where(*unsaid(connection), col(Alert.days).is_not(None)))


def unsaid(connection: Connection) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Give the conditions that keep to what is not said yet of a login."""
    return col(Alert.connection_id) == connection.id, col(Alert.said_at).is_(None)


# --- saying it --------------------------------------------------------------------------------------------


async def hand_over(services: Services) -> None:
    """Have the engine say what is due. May run in any number of processes at once."""
    found = await services.db.ids("due_alerts", most=MOST_AT_ONCE)
    for agency_id, ids in by_agency(found).items():
        async with services.db.session(Actor.program(agency_id)) as session:
            for alert_id in ids:
                await services.transport.alert(session, alert_id, agency_id=agency_id)


async def deliver(services: Services, announcer: Announcer, *, agency_id: UUID, alert_id: UUID) -> None:
    """Tell somebody, if it is due, still so, and nobody else is at it; then write down that it was said."""
    told = await take(services, agency_id, alert_id)
    if told is None:
        return
    try:
        await announcer.alert(agency_id, alert_id)
    except PressroomError as error:
        log.warning("alert_not_sent", alert_id=str(alert_id), trouble=error.sentence)
        return
    actor = Actor.program(agency_id)
    async with services.db.session(actor) as session:
        said = update(Alert).where(col(Alert.id) == alert_id)
        await session.exec(said.values(said_at=func.clock_timestamp()))
        record(session, actor, told)


def record(session: AsyncSession, actor: Actor, told: Told) -> None:
    """Add the audit entry of somebody who was told."""
    action, when = "login_end_told", dict[str, Any]()
    if told.alert.days is not None:
        assert told.ends_at is not None
        action, when = "login_end_near", {"days": told.alert.days, "ends_at": told.ends_at.isoformat()}
    audit.record(
        session, actor, action, **holds.about(told.connection), whom=[told.member.slack_user_id], **when
    )


async def take(services: Services, agency_id: UUID, alert_id: UUID) -> Told | None:
    """Take an alert that is due; whoever comes next finds it due a little later. Drop what is not so.

    What is for somebody whom it does not concern any more is passed on.
    """
    async with services.db.session(Actor.program(agency_id)) as session:
        if not await claim(session, alert_id):
            return None
        told = await load(session, alert_id)
        if told.ended if told.alert.days is None else still_near(told, await clock(session)):
            whom = await recipients(session, told.connection, told.alert.days)
            if told.member.id in {one.id for one in whom}:
                return told
            await pass_on(session, told, whom)
        await session.delete(told.alert)
        return None


async def claim(session: AsyncSession, alert_id: UUID) -> bool:
    """Claim an alert that is due, for a while; one at a time of a client, so that none is passed on twice."""
    client_id = (await session.exec(select(Alert.client_id).where(Alert.id == alert_id))).first()
    if client_id is None:
        return False
    await session.get(Client, client_id, with_for_update=clients.LOCK)
    now = func.clock_timestamp()
    due = col(Alert.id) == alert_id, col(Alert.said_at).is_(None), col(Alert.next_run_at) <= now
    claiming = update(Alert).where(*due).values(next_run_at=now + AGAIN).returning(col(Alert.id))
    return (await session.exec(claiming)).scalar_one_or_none() is not None


async def pass_on(session: AsyncSession, told: Told, whom: Iterable[Member]) -> None:
    """Plan an alert anew for those whom it concerns now, unless they have heard it, or are to hear it."""
    row, now = told.alert, await clock(session)
    same = col(Alert.connection_id) == row.connection_id, col(Alert.days).is_not_distinct_from(row.days)
    of_now = or_(col(Alert.said_at).is_(None), col(Alert.said_at) >= row.created_at)
    known = set(await session.exec(select(Alert.member_id).where(*same, of_now)))
    for member in whom:
        if member.id not in known:
            at = in_time(now, told.ends_at, member) if row.days and told.ends_at else now
            session.add(alert(told.connection, member, days=row.days, at=at))


def still_near(told: Told, now: datetime) -> bool:
    """Say whether the end that is warned of is still to come, and still near."""
    near = told.ends_at is not None and now < told.ends_at <= now + WIDEST
    return near and not told.connection.ending


async def load(session: AsyncSession, alert_id: UUID) -> Told:
    """Give an alert with all that it tells of."""
    row = await session.get_one(Alert, alert_id)
    connection = await session.get_one(Connection, row.connection_id)
    accounts: Sequence[Account] = (await session.exec(holds.accounts_of(connection.id))).all()
    now = await clock(session)
    return Told(
        row,
        await session.get_one(Member, row.member_id),
        await session.get_one(Client, row.client_id),
        connection,
        tuple(accounts),
        ends_at(connection, {one.platform for one in accounts}, now=now),
        tuple(one for one in accounts if ends_at(connection, [one.platform], now=now)),
    )


BY_AGE = col(Member.seen_at)

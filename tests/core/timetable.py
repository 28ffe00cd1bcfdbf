"""Time for the tests of the schedule: posts with a time, time that passes, and the engine's next round."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import SQLModel, col, select

from core import jobs, publishing, submissions
from core.drafts import Content
from core.models import Account, Announcement, AuditEntry, Post, Publication, PublicationState, Reminder, Step
from core.posts import PostView
from tests.conftest import Heard
from tests.core.desk import Desk

CHANNEL = "C0NORTHW01"
TIMES: dict[type[SQLModel], tuple[str, ...]] = {
    Post: ("due_at", "updated_at", "asked_at", "remind_at", "overdue_at"),
    Reminder: ("created_at",),
    Publication: ("due_at", "next_run_at", "queued_at", "lease_until"),
    Step: ("intent_at", "ended_at"),
}


def soon(**how: float) -> datetime:
    """Give a moment to come: `soon(minutes=5)`."""
    return datetime.now(UTC) + timedelta(**how)


async def scheduled(desk: Desk, content: Content, due_at: datetime) -> PostView:
    """Send a post on its way, for a time."""
    view = await desk.draft(content)
    return await submissions.submit(
        desk.services,
        desk.actor,
        post_id=view.post.id,
        version=view.version.version,
        channel_id=CHANNEL,
        due_at=due_at,
    )


async def pass_time(desk: Desk, **how: float) -> None:
    """Let time pass for everything of this agency: what it waits for, and what it did, is so much older."""
    async with desk.services.db.session(desk.cast.program) as session:
        for table, columns in TIMES.items():
            older = {name: getattr(table, name) - timedelta(**how) for name in columns}
            await session.exec(update(table).where(of(table, desk)).values(**older))


def of(table: Any, desk: Desk) -> ColumnElement[bool]:
    """Choose the rows of this desk's agency."""
    return col(table.agency_id) == desk.cast.id


async def round_of_the_engine(desk: Desk) -> None:
    """Hand over what is due, and do this agency's part of what was handed over."""
    await jobs.dispatch(desk.services)
    await work(desk)


async def work(desk: Desk) -> None:
    """Do this agency's part of what was handed to the engine."""
    heard = desk.services.transport
    assert isinstance(heard, Heard)
    todo, heard.advanced = heard.advanced, []
    for publication_id in todo:
        await publishing.advance(desk.services, agency_id=desk.cast.id, publication_id=publication_id)


async def hand_over(desk: Desk, view: PostView, *, only: Account | None = None) -> None:
    """Hand a post, or what goes to one account, to the engine, whatever the clock would say."""
    wanted = [one.id for one in view.publications if only is None or one.account_id == only.id]
    handed = {"state": PublicationState.QUEUED, "next_run_at": None, "queued_at": datetime.now(UTC)}
    async with desk.services.db.session(desk.cast.program) as session:
        await session.exec(update(Publication).where(col(Publication.id).in_(wanted)).values(handed))
    assert isinstance(desk.services.transport, Heard)
    desk.services.transport.advanced = wanted


async def replies(desk: Desk, post_id: UUID) -> list[dict[str, Any]]:
    """Give what a post's thread is told, in order."""
    async with desk.services.db.session(desk.cast.program) as session:
        owed = select(Announcement).where(Announcement.post_id == post_id, Announcement.kind == "reply")
        return [one.payload for one in await session.exec(owed.order_by(col(Announcement.created_at)))]


async def trail(desk: Desk, post_id: UUID) -> list[AuditEntry]:
    """Give a post's audit entries, in order."""
    async with desk.services.db.session(desk.cast.program) as session:
        theirs = select(AuditEntry).where(AuditEntry.post_id == post_id)
        return list(await session.exec(theirs.order_by(col(AuditEntry.created_at))))


async def actions(desk: Desk, post_id: UUID) -> list[str]:
    """Give what was done to a post, in order."""
    return [entry.action for entry in await trail(desk, post_id)]


async def steps(desk: Desk, post_id: UUID) -> list[Step]:
    """Give the steps of all of a post's publications, in order."""
    async with desk.services.db.session(desk.cast.program) as session:
        theirs = select(Step).join(Publication, col(Publication.id) == Step.publication_id)
        found = theirs.where(Publication.post_id == post_id).order_by(col(Step.intent_at))
        return list(await session.exec(found))

"""Trails: whose each is, and all that a workspace has; who left and began anew has one of each time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from core.db import Actor, Database
from core.models import Agency, AuditEntry

ADDED, REMOVED = "agency_added", "agency_removed"  # the entries that name the workspace


@dataclass(frozen=True)
class Trail:
    """An agency as it is, or was, whether it is gone, and since when, as far as its trail still says that."""

    agency: Agency
    is_over: bool = False
    ended_at: datetime | None = None

    def __str__(self) -> str:
        """Name it, for whoever runs Pressroom."""
        left = f", left on {self.ended_at:%Y-%m-%d}" if self.ended_at else ", gone" if self.is_over else ""
        return f"{self.agency.slack_team_id} ({self.agency.name}{left})"


async def of_workspace(db: Database, slack_team_id: str) -> list[Trail]:
    """Give all trails of a workspace, the oldest first."""
    found = await db.ids("agencies_of_workspace", team=slack_team_id)
    return [await read(db, agency_id) for (agency_id,) in found]


async def every(db: Database) -> list[Trail]:
    """Give every trail that there is, by workspace; of agencies that are gone, too."""
    found = [await read(db, agency_id) for (agency_id,) in await db.ids("every_trail")]
    return sorted(found, key=lambda one: (one.agency.slack_team_id, not one.is_over, str(one.agency.id)))


async def read(db: Database, agency_id: UUID) -> Trail:
    """Give a trail, its agency read as itself; one that has left as its last entries name it."""
    naming = select(AuditEntry).where(col(AuditEntry.action).in_((ADDED, REMOVED)))
    async with db.session(Actor.program(agency_id)) as session:
        if agency := await session.get(Agency, agency_id):
            return Trail(agency)
        last = (await session.exec(naming.order_by(col(AuditEntry.created_at).desc()))).first()
    names = last.details if last else {}
    was = Agency(id=agency_id, slack_team_id=names.get("slack_team_id", "?"), name=names.get("name", "?"))
    return Trail(was, is_over=True, ended_at=last.created_at if last and last.action == REMOVED else None)

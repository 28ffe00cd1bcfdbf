"""Names: which client an operator means, those too that were removed and that only the trail still names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from uuid import UUID

from sqlmodel import col, select

from core.db import Actor, Database
from core.models import AuditEntry, Client

NAMING = ("client_added", "client_changed", "client_removal_asked", "client_removed")  # entries with a name
MOST = 20  # names that are listed


class CannotName(RuntimeError):
    """No client is called like this, or several are."""


@dataclass(frozen=True)
class Known:
    """A client of an agency: its names, the last one first, and since when it is removed, if it is."""

    id: UUID
    agency_id: UUID
    names: tuple[str, ...]
    removed_at: datetime | None = None

    def __str__(self) -> str:
        gone = f"removed on {self.removed_at:%Y-%m-%d}, " if self.removed_at else ""
        return f"{self.names[0]} ({gone}{self.id})"

    @property
    def folded(self) -> tuple[str, ...]:
        """Its names without their case."""
        return tuple(name.casefold() for name in self.names)


async def client(db: Database, agency_ids: Sequence[UUID], wanted: str) -> Known:
    """Give the client of these agencies that is called like this, or once was; raise CannotName.

    By its id, its name, a former name, or a part of its name that no other has; the case does not matter.
    """
    known = [one for agency_id in agency_ids for one in await everybody(db, agency_id)]
    for found in fitting(known, wanted.strip().casefold()):
        if len(found) == 1:
            return found[0]
        if found:
            raise CannotName(
                f"Several clients fit {wanted!r}: {listed(found)}. Give the id of the one that you mean."
            )
    raise CannotName(f"No client is called {wanted}, and none was. {known_names(known, wanted)}")


def fitting(known: Sequence[Known], wanted: str) -> tuple[list[Known], ...]:
    """Give the clients that fit, the best way first; one that is there comes before one that is not."""
    so_called = [one for one in known if one.folded[0] == wanted]
    return (
        [one for one in known if str(one.id) == wanted],
        [one for one in so_called if one.removed_at is None] or so_called,
        [one for one in known if wanted in one.folded],
        [one for one in known if wanted and wanted in one.folded[0]],
    )


def known_names(known: Sequence[Known], wanted: str) -> str:
    """Say which names are the nearest; without any near, which there are."""
    last = {one.folded[0]: one for one in known}
    if near := get_close_matches(wanted.strip().casefold(), last, cutoff=0.5):
        return f"The nearest: {listed([last[name] for name in near])}."
    return f"Known are: {listed(known)}." if known else "There is no client yet."


def listed(found: Sequence[Known]) -> str:
    """Name clients, not too many."""
    more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    return "; ".join(map(str, found[:MOST])) + more


async def everybody(db: Database, agency_id: UUID) -> list[Known]:
    """Give every client that an agency has or had, by name, as its trail names them."""
    naming = select(AuditEntry).where(
        col(AuditEntry.action).in_(NAMING), col(AuditEntry.client_id).is_not(None)
    )
    async with db.session(Actor.program(agency_id)) as session:
        entries = (await session.exec(naming.order_by(col(AuditEntry.created_at), col(AuditEntry.id)))).all()
        there = {one.id: one.name for one in await session.exec(select(Client))}
    names: dict[UUID, list[str]] = {one: [name] for one, name in there.items()}
    gone: dict[UUID, datetime] = {}
    for entry in reversed(entries):
        assert entry.client_id is not None
        names.setdefault(entry.client_id, []).append(str(entry.details.get("name", "?")))
        if entry.client_id not in there:
            gone.setdefault(entry.client_id, entry.created_at)
    found = [
        Known(one, agency_id, tuple(dict.fromkeys(called)), gone.get(one)) for one, called in names.items()
    ]
    return sorted(found, key=lambda one: (one.folded[0], str(one.id)))

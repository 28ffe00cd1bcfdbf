"""An audit trail to lay hands on: written by the program, sealed, and then changed by a superuser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from core import audit, seals
from core.db import Origin
from core.services import Services
from core.verification import Fault, Head, Walk, verify
from tests.conftest import Cast

WEB = Origin(ip_address="203.0.113.7", user_agent="A phone's browser")
SEALED = "SELECT entry_id, number FROM audit_seals WHERE agency_id = %s ORDER BY number"


@dataclass(frozen=True)
class Trail:
    """One agency's trail; `owner` is a superuser."""

    services: Services
    cast: Cast
    owner: Connection[Any]

    async def write(self, action: str = "something_done", **details: Any) -> None:
        """Have the author do something on the web, with a name in it."""
        async with self.services.db.session(self.cast.actor(self.cast.author, WEB)) as session:
            personal = {"by_name": "Maya Chen"}
            client_id = self.cast.client.id
            audit.record(session, self.cast.actor(self.cast.author, WEB), action, client_id=client_id,
                         personal=personal, **details)  # fmt: skip

    async def seal(self) -> int:
        """Seal everything that waits; give how much."""
        return await seals.seal_some(self.services.db, self.cast.id)

    async def faults(self, head: Head | None = None) -> list[Fault]:
        """Look through all of it."""
        found = verify(self.services.db, self.cast.id, Walk(), head)
        return [fault async for fault in found]

    @property
    def entries(self) -> list[UUID]:
        """The sealed entries, in the order of the chain."""
        return [entry_id for entry_id, _ in self.owner.execute(SEALED, [self.cast.id]).fetchall()]

    @property
    def head(self) -> Head:
        """How far the chain goes."""
        row = self.owner.execute("SELECT number, hash FROM audit_chains WHERE agency_id = %s", [self.cast.id])
        found = row.fetchone()
        assert found is not None
        return Head(*found)

    @contextmanager
    def by_force(self) -> Iterator[Connection[Any]]:
        """Get around every trigger, as only a superuser can."""
        with self.owner.transaction():
            self.owner.execute("SET LOCAL session_replication_role = replica")
            yield self.owner

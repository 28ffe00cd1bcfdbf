"""A login for the tests of tokens: connected through the simulated dialog, and what becomes of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from core.models import Account, Alert, AuditEntry, Connection, Platform
from core.services import Services
from tests.conftest import Cast
from tests.drivers.connecting import connect
from tests.drivers.meta import COFFEE, COFFEE_INSTAGRAM, Meta

BOTH = (f"instagram_business:{COFFEE_INSTAGRAM}", f"facebook_page:{COFFEE}")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # before all that other tests left, so that it comes first


@dataclass
class Login:
    """Maya's login for Northwind Coffee, with both accounts; Dana Reyes, a manager, connected it."""

    services: Services
    meta: Meta
    cast: Cast
    id: Any

    @property
    def ids(self) -> dict[str, Any]:
        """Give what the use-cases are called with."""
        return {"agency_id": self.cast.id, "connection_id": self.id}

    async def row(self) -> Connection:
        """Give its row, as it is now."""
        async with self.services.db.session(self.cast.program) as session:
            return await session.get_one(Connection, self.id)

    async def accounts(self) -> dict[Platform, Account]:
        """Give its accounts, as they are now."""
        async with self.services.db.session(self.cast.program) as session:
            theirs = await session.exec(select(Account).where(Account.connection_id == self.id))
            return {one.platform: one for one in theirs}

    async def endings(self) -> list[str | None]:
        """Give why its accounts cannot be used: Instagram's, then Facebook's."""
        found = await self.accounts()
        return [found[one].ending for one in (Platform.INSTAGRAM, Platform.FACEBOOK)]

    async def put(self, **values: Any) -> None:
        """Change its row behind the program's back."""
        async with self.services.db.session(self.cast.program) as session:
            changing = update(Connection).where(col(Connection.id) == self.id)
            await session.exec(changing.values(**values))

    async def opened(self) -> list[str]:
        """Give all of its tokens in plain text: its own, Instagram's, Facebook's."""
        row, found = await self.row(), await self.accounts()
        rows = [row, found[Platform.INSTAGRAM], found[Platform.FACEBOOK]]
        return [self.services.vault.open(str(one.access_token), row=one.token_row).reveal() for one in rows]

    async def trail(self, *actions: str) -> list[AuditEntry]:
        """Give the audit entries of these kinds, in order."""
        async with self.services.db.session(self.cast.program) as session:
            wanted = select(AuditEntry).where(col(AuditEntry.action).in_(actions))
            return list(await session.exec(wanted.order_by(col(AuditEntry.created_at))))

    async def alerts(self) -> list[Alert]:
        """Give who is told of it, in the order in which that was planned."""
        async with self.services.db.session(self.cast.program) as session:
            return list(await session.exec(select(Alert).order_by(col(Alert.created_at))))

    async def ends_in(self, now: datetime, **how: float) -> datetime:
        """Have the access to data end so soon, and the sweep look at that."""
        end = now + timedelta(**how)
        await self.put(data_access_expires_at=end, warn_at=LONG_AGO)
        return end


async def logged_in(services: Services, meta: Meta, cast: Cast, **decision: Any) -> Login:
    """Connect Northwind Coffee's accounts, through the dialog."""
    accounts = await connect(services, meta, cast.actor(cast.manager), cast.client.id, *BOTH, **decision)
    return Login(services, meta, cast, accounts[0].connection_id)

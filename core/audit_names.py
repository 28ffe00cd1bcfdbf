"""The names of what entries tell of, beside their ids: as they are now, or as the trail has them last."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.audit import BY_LINK
from core.models import Account, Client, Member, Platform
from core.rows import by_id

PROGRAM = "Pressroom"
OF_CLIENT = "Somebody of the client"
REMOVED_CLIENTS = text("""
SELECT DISTINCT ON (client_id) client_id, details->>'name' AS name FROM audit_logs
WHERE client_id = ANY(:ids) AND action = 'client_removed' ORDER BY client_id, created_at DESC
""")
REMOVED_ACCOUNTS = text("""
SELECT DISTINCT ON (account_id) account_id, details->>'platform' AS platform,
    details->>'platform_account_name' AS name
FROM audit_logs WHERE client_id = ANY(:clients) AND account_id = ANY(:ids)
    AND details->>'platform_account_name' IS NOT NULL ORDER BY account_id, created_at DESC
""")


@dataclass
class Names:
    """The names that are known by now, by id; None for what nobody knows any more."""

    clients: dict[UUID, str | None] = field(default_factory=dict)
    accounts: dict[UUID, str | None] = field(default_factory=dict)
    people: dict[str, str | None] = field(default_factory=dict)

    async def learn(self, session: AsyncSession, entries: Sequence[Row[Any]]) -> None:
        """Find out the names of what these entries tell of, and that are not known yet."""
        clients = {one.client_id for one in entries if one.client_id}
        await self._learn_clients(session, clients - self.clients.keys())
        accounts = {one.account_id for one in entries if one.account_id}
        await self._learn_accounts(session, clients, accounts - self.accounts.keys())
        people = {one.user_id for one in entries} - self.people.keys()
        known = await session.exec(select(Member).where(col(Member.slack_user_id).in_(people)))
        self.people |= dict.fromkeys(people) | {one.slack_user_id: one.name for one in known}

    def of(self, entry: Row[Any], personal: dict[str, Any]) -> dict[str, str | None]:
        """Give the names of an entry's client, of who did it (erased, if it was), and of its account."""
        return {
            "client": self.clients.get(entry.client_id),
            "person": self._person(entry.user_id, personal),
            "account": self.accounts.get(entry.account_id),
        }

    def _person(self, user_id: str, personal: dict[str, Any]) -> str | None:
        if user_id.startswith(BY_LINK):
            return str((personal.get("personal") or {}).get("by_name") or OF_CLIENT)
        return PROGRAM if user_id == "pressroom" else self.people.get(user_id)

    async def _learn_clients(self, session: AsyncSession, ids: set[UUID]) -> None:
        there = await by_id(session, Client, ids)
        self.clients |= dict.fromkeys(ids) | {one.id: one.name for one in there.values()}
        self.clients |= await removed_clients(session, ids - there.keys())

    async def _learn_accounts(self, session: AsyncSession, clients: set[UUID], ids: set[UUID]) -> None:
        there = await by_id(session, Account, ids)
        self.accounts |= dict.fromkeys(ids) | {
            one.id: f"{one.platform.title} {one.label}" for one in there.values()
        }
        if gone := ids - there.keys():
            theirs = {"ids": list(gone), "clients": list(clients)}
            rows = await (await session.connection()).execute(REMOVED_ACCOUNTS, theirs)
            self.accounts |= {row.account_id: called(row.platform, row.name) for row in rows}


async def removed_clients(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the names that removed clients had, by id, as far as the entry of it may be seen."""
    if not ids:
        return {}
    rows = await (await session.connection()).execute(REMOVED_CLIENTS, {"ids": list(ids)})
    return {row.client_id: row.name for row in rows}


def called(platform: str, name: str) -> str:
    """Name an account that is no longer there, by what an entry says of it."""
    at = "@" if platform == Platform.INSTAGRAM else ""
    return f"{Platform(platform).title} {at}{name}" if platform in list(Platform) else name


async def slack_ids(session: AsyncSession, members: Collection[UUID]) -> list[str]:
    """Give members as entries name people: by their Slack ids, in order."""
    found = await session.exec(select(Member.slack_user_id).where(col(Member.id).in_(members)))
    return sorted(found)

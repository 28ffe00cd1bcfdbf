"""What a client's month looked like, by the audit trail: for the bill, and for whoever asks what was done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit
from core.audit import Filters
from core.audit_exports import line_of
from core.models import Account, AuditEntry
from core.rows import by_id

LIVE = ("post_published", "publication_confirmed_live")
FAILED, APPROVED = "post_failed", "post_approved"


@dataclass(frozen=True)
class OnAccount:
    """What became of posts on one account; one that failed and went out after all is published."""

    account: Account
    published: int
    failed: int


@dataclass(frozen=True)
class Month:
    """A client's month: how many posts went out, on which accounts, and how many each person approved.

    People are Slack's ids, or `sign_off:...`.
    """

    posts: int
    accounts: Sequence[OnAccount]
    approvals: dict[str, int]

    @property
    def published(self) -> int:
        """How often posts went out, each counted once for every account."""
        return sum(one.published for one in self.accounts)


async def of_client(
    session: AsyncSession, client_id: UUID, year: int, month: int, *, zone: tzinfo = UTC
) -> Month:
    """Give a client's month by the calendar of a time zone; nothing of what this actor may not see."""
    since = datetime(year, month, 1, tzinfo=zone)
    until = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    within = audit.conditions(Filters(client_id=client_id, since=since, until=until))
    return Month(
        await posts(session, within), await on_accounts(session, within), await approvals(session, within)
    )


async def posts(session: AsyncSession, within: list[Any]) -> int:
    """Count the posts that went out, on however many accounts."""
    live = select(func.count(func.distinct(col(AuditEntry.post_id))))
    return (await session.exec(live.where(*within, col(AuditEntry.action).in_(LIVE)))).one()


async def on_accounts(session: AsyncSession, within: list[Any]) -> list[OnAccount]:
    """Count the posts that went out and those that failed, account by account."""
    is_live = func.bool_or(col(AuditEntry.action).in_(LIVE)).label("is_live")
    ended = or_(col(AuditEntry.action).in_(LIVE), col(AuditEntry.action) == FAILED)
    ended_posts = (
        select(AuditEntry.account_id, AuditEntry.post_id, is_live)
        .where(*within, ended)
        .group_by(col(AuditEntry.account_id), col(AuditEntry.post_id))
        .subquery()
    )
    live = func.count().filter(ended_posts.c.is_live)
    counted = select(ended_posts.c.account_id, live, func.count() - live).group_by(ended_posts.c.account_id)
    found = {account_id: numbers for account_id, *numbers in await session.exec(counted)}
    known = await by_id(session, Account, found)
    rows = [OnAccount(account, *found[account.id]) for account in known.values()]
    return sorted(rows, key=lambda one: (one.account.platform, one.account.platform_account_name))


async def approvals(session: AsyncSession, within: list[Any]) -> dict[str, int]:
    """Count the posts that each person approved."""
    number = func.count(func.distinct(col(AuditEntry.post_id)))
    given = select(AuditEntry.user_id, number).where(*within, AuditEntry.action == APPROVED)
    return dict((await session.exec(given.group_by(col(AuditEntry.user_id)))).all())


def lines(month: Month, name: str, when: str, people: Mapping[str, str]) -> Iterator[str]:
    """Give a client's month as CSV, for the bill; `people` are names by Slack's ids."""
    yield line_of(["client", "month", "account_or_person", "published", "failed", "approved"])
    for one in month.accounts:
        label = f"{one.account.platform.title} {one.account.label}"
        yield line_of([name, when, label, one.published, one.failed, None])
    for person, number in month.approvals.items():
        yield line_of([name, when, people.get(person, person), None, None, number])

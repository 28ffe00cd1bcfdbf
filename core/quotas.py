"""How many posts Instagram still takes for an account: through the API only so many within 24 hours.

Meta's pages disagree on how many, so it is read, kept on the account's row, and read anew when it is old.
What cannot be read stops nobody: in the end, Meta's answer to a post says whether it still fits.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/content_publishing_limit
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import Actor
from core.errors import PressroomError
from core.graph import instagram
from core.models import Account, Connection, Platform, Publication, PublicationState
from core.rows import by_id
from core.services import Services

FRESH, FRESH_ENOUGH = (
    timedelta(minutes=5),
    timedelta(minutes=30),
)  # the latter while Meta's limits slow us down
SECONDS = 1.0  # for which somebody may have to wait for a quota
MOST_AT_ONCE = 25  # accounts that are asked about
DAY = timedelta(hours=24)
TO_COME = (PublicationState.SCHEDULED, PublicationState.QUEUED, PublicationState.RUNNING)


@dataclass(frozen=True)
class Quota:
    """How much of an account's quota was used within 24 hours, as Meta said then."""

    used: int
    total: int
    seen_at: datetime

    @property
    def left(self) -> int:
        """How many posts still fit."""
        return max(0, self.total - self.used)


@dataclass(frozen=True)
class Outlook:
    """What is left of an account's quota now, and for a post at its time."""

    account: Account
    quota: Quota
    left_then: int  # once everything has gone out that comes before it

    @property
    def fits(self) -> bool:
        """Whether one more would be taken then, as far as anybody can tell."""
        return self.left_then > 0


async def left(services: Services, account: Account) -> Quota | None:
    """Give an account's quota; None for a Page, and when it cannot be learned."""
    return (await of(services, [account])).get(account.id)


async def of(services: Services, accounts: Sequence[Account]) -> dict[UUID, Quota]:
    """Give the quotas of those of an agency's accounts that have one, as far as they can be learned soon."""
    theirs = [one for one in accounts if one.platform is Platform.INSTAGRAM and one.access_token]
    known = {one.id: quota for one in theirs if (quota := known_of(services, one))}
    asked = [one for one in theirs if one.id not in known and not services.pace.is_full(one)]
    return known | (await read_all(services, asked[:MOST_AT_ONCE]) if asked else {})


def known_of(services: Services, account: Account) -> Quota | None:
    """Give what stands on the account's row, unless that is old."""
    if account.quota_used is None or account.quota_total is None or account.quota_seen_at is None:
        return None
    good_for = FRESH_ENOUGH if services.pace.is_slow(account) else FRESH
    is_old = datetime.now(UTC) - account.quota_seen_at > good_for
    return None if is_old else Quota(account.quota_used, account.quota_total, account.quota_seen_at)


async def read_all(services: Services, accounts: Sequence[Account]) -> dict[UUID, Quota]:
    """Ask Meta about all of these at once, and keep what it says."""
    actor = Actor.program(accounts[0].agency_id)
    async with services.db.session(actor) as session:
        logins = await by_id(session, Connection, {one.connection_id for one in accounts})
    asked = (read(services, one, logins.get(one.connection_id)) for one in accounts)
    answers = zip(accounts, await asyncio.gather(*asked), strict=True)
    found = {account.id: quota for account, quota in answers if quota}
    async with services.db.session(actor) as session:
        for account_id in sorted(found):  # in one order, so that two who do this do not wait for each other
            quota = found[account_id]
            kept = {"quota_used": quota.used, "quota_total": quota.total, "quota_seen_at": quota.seen_at}
            await session.exec(update(Account).where(col(Account.id) == account_id).values(**kept))
    return found


async def read(services: Services, account: Account, login: Connection | None) -> Quota | None:
    """Ask Meta about one account, with the login's own token, as Meta wants it. None if no answer comes."""
    with suppress(PressroomError, TimeoutError):
        async with asyncio.timeout(SECONDS):
            if login and login.access_token:
                token = services.vault.open(login.access_token, row=login.token_row)
            else:
                token = services.vault.open(account.access_token or "", row=account.token_row)
            meta_id = account.platform_account_id
            said = await instagram.publishing_limit(services.graph, token=token, ig_id=meta_id)
            return Quota(said.used, said.total, datetime.now(UTC))
    return None


async def outlook(
    services: Services, accounts: Sequence[Account], *, due_at: datetime | None, post_id: UUID
) -> list[Outlook]:
    """Say of those of a post's accounts that have a quota what is left, now and at the post's time."""
    quotas = await of(services, accounts)
    now = datetime.now(UTC)
    then = max(due_at or now, now)
    before = await coming(services, accounts[0].agency_id, quotas, then, post_id) if quotas else {}
    return [
        Outlook(one, quota, quota.total - (quota.used if then - now < DAY else 0) - before.get(one.id, 0))
        for one in accounts
        if (quota := quotas.get(one.id))
    ]


async def coming(
    services: Services, agency_id: UUID, account_ids: Collection[UUID], then: datetime, post_id: UUID
) -> Mapping[UUID, int]:
    """Count what else goes out on these accounts within the 24 hours before a time."""
    count = (
        select(Publication.account_id, func.count())
        .where(col(Publication.account_id).in_(account_ids), col(Publication.state).in_(TO_COME))
        .where(col(Publication.due_at) <= then, col(Publication.due_at) > then - DAY)
        .where(Publication.post_id != post_id)
        .group_by(col(Publication.account_id))
    )
    async with services.db.session(Actor.program(agency_id)) as session:
        return dict((await session.exec(count)).all())


async def count(session: AsyncSession, *, publication_id: UUID) -> None:
    """Count a post that went out, until Meta is asked again."""
    its = select(Publication.account_id).where(Publication.id == publication_id)
    counted = update(Account).where(col(Account.id).in_(its), col(Account.quota_used).is_not(None))
    await session.exec(counted.values(quota_used=col(Account.quota_used) + 1))

"""Checkups: every login is looked at once a day, and when Meta refuses it: does it work, and until when.

What is found heals where it can: an account whose own token is dead, though the login still reaches its
Page, gets a new one. What cannot be healed is condemned, by what Meta says of the token itself, never by one
read alone that does not show an account.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import access, audit, holds
from core.db import clock
from core.endings import of_error
from core.errors import MetaError, PressroomError, ReconnectNeeded, Refused
from core.graph import oauth
from core.graph.errors import is_hidden
from core.graph.oauth import Page, TokenFacts
from core.holds import Hold, Overtaken
from core.models import Account, Connection, Ending, Platform
from core.services import Services
from core.vault import Token

log = structlog.get_logger()

DAY = timedelta(days=1)
AGAIN = timedelta(hours=1)  # after Meta could not be asked
MOST_AT_ONCE = 500
LAPSING = "instagram_"  # only these permissions end with the access to data


@dataclass
class Findings:
    """What Meta says of a login: why it ended, if it has; of each account, what hinders it, and its Page."""

    facts: TokenFacts
    ending: Ending | None = None
    accounts: dict[UUID, Ending | None] = field(default_factory=dict)
    pages: dict[UUID, Page] = field(default_factory=dict)


async def bring_forward(session: AsyncSession, connection_id: UUID) -> None:
    """Look at a login soon, if an account of it cannot be used: it may be again, with a new login."""
    ended = select(Account.id).where(Account.connection_id == connection_id, col(Account.ending).is_not(None))
    looking = update(Connection).where(col(Connection.id) == connection_id, ended.exists())
    soon = looking.values(check_at=func.clock_timestamp())
    await session.exec(soon, execution_options={"synchronize_session": False})


async def check(services: Services) -> None:
    """Look at every login whose day has come. May run in any number of processes at once."""
    found = await services.db.ids("due_checkups", most=MOST_AT_ONCE)
    await holds.for_each(found, look, services)


async def look(services: Services, *, agency_id: UUID, connection_id: UUID) -> bool:
    """Look at one login, and write down what is found; say whether that was possible just now."""
    hold = await holds.take(services, agency_id, connection_id)
    if hold is None:
        return False
    try:
        findings = await examine(hold)
    except PressroomError as error:
        log.warning("login_not_checked", connection_id=str(connection_id), trouble=error.sentence)
        await holds.release(hold, check_at=holds.later(await time(hold), AGAIN))
        return False
    return await write_down(hold, findings)


async def is_honoured(services: Services, connection: Connection) -> bool:
    """Say whether Meta honours a login's token now. Raise what keeps Meta from answering, or CannotOpen."""
    token = services.vault.open(str(connection.access_token), row=connection.token_row)
    return (await oauth.debug_token(services.graph, token=token)).valid


async def time(hold: Hold) -> datetime:
    """Give the present moment, by the database's clock."""
    async with hold.services.db.session(hold.actor) as session:
        return await clock(session)


# --- asking Meta ------------------------------------------------------------------------------------------


async def examine(hold: Hold) -> Findings:
    """Ask Meta about a login and its accounts. Raise what keeps Meta from answering."""
    graph, token = hold.services.graph, hold.token()
    findings = Findings(await oauth.debug_token(graph, token=token))
    if not findings.facts.valid:
        findings.ending = of_error(findings.facts.problem) or Ending.LOGGED_OUT
        return findings
    lists = oauth.LISTING_SCOPE in findings.facts.scopes
    shared = await oauth.pages(graph, token=token) if lists else []
    lapsed = await lapsed_permissions(hold, token, findings.facts)
    for account in hold.accounts:
        page = page_of(account, shared)
        if page:
            findings.pages[account.id] = page
            findings.accounts[account.id] = hindrance(account, page, findings.facts, lapsed)
        else:
            findings.accounts[account.id] = await unlisted(hold, account, findings.facts, lapsed)
    return findings


async def lapsed_permissions(hold: Hold, token: Token, facts: TokenFacts) -> frozenset[str]:
    """Give the permissions that ran out with the access to data; asked only where one is missing."""
    needed = {name for account in hold.accounts for name in oauth.SCOPES[account.platform]}
    if needed <= facts.scopes:
        return frozenset()
    return (await oauth.permissions(hold.services.graph, token=token)).expired


def page_of(account: Account, pages: Collection[Page]) -> Page | None:
    """Find the Page that an account is, or is linked to."""
    own = account.platform_account_id
    if account.platform is Platform.FACEBOOK:
        return next((page for page in pages if page.id == own), None)
    return next((page for page in pages if page.instagram and page.instagram.id == own), None)


def hindrance(account: Account, page: Page, facts: TokenFacts, lapsed: Collection[str]) -> Ending | None:
    """Say what keeps a login from publishing on an account that it reaches."""
    if not page.may_publish:
        return Ending.TASK_LOST
    return withdrawn(account, facts, lapsed, targets={page.id, account.platform_account_id})


def withdrawn(
    account: Account, facts: TokenFacts, lapsed: Collection[str], *, targets: Collection[str]
) -> Ending | None:
    """Say whether a permission that an account needs is missing: from the login, or for just this account."""
    for name in oauth.SCOPES[account.platform]:
        if name in lapsed and name.startswith(LAPSING):
            return Ending.DATA_ACCESS
        if name not in facts.scopes or (name in facts.targets and not {*facts.targets[name]} & {*targets}):
            return Ending.PERMISSION
    return None


async def unlisted(hold: Hold, account: Account, facts: TokenFacts, lapsed: Collection[str]) -> Ending | None:
    """Say why the list of Pages leaves an account out; what it was, where Meta refuses to speak of it.

    Such a refusal lasts, and proves nothing of the login: the others are looked at all the same.
    """
    try:
        return await out_of_sight(hold, account, facts, lapsed)
    except Refused as error:
        log.warning("account_not_checked", account_id=str(account.id), trouble=error.sentence)
        return account.ending


async def out_of_sight(
    hold: Hold, account: Account, facts: TokenFacts, lapsed: Collection[str]
) -> Ending | None:
    """Say why the list of Pages leaves an account out: it may be in order all the same.

    What Meta says of the account's own token explains it; so does a permission that the login has lost.
    Else it takes a second read, which says why, or does not show the account either; and in that case a
    login that no longer names it.
    """
    token = hold.token_of(account)
    own = await oauth.debug_token(hold.services.graph, token=token) if token else None
    if own and not own.valid:
        return of_error(own.problem) or Ending.LOGGED_OUT
    targets = {account.platform_account_id, str(account.account_metadata.get("page_id", ""))}
    missing = withdrawn(account, facts, lapsed, targets=targets)
    if token is None or not facts.scopes.issuperset(oauth.SCOPES[account.platform]):
        return missing or account.ending
    try:
        return (missing or account.ending) if await is_unseen(hold, account, token) else None
    except ReconnectNeeded as error:  # of this account alone: the others are looked at all the same
        return of_error(error)


async def is_unseen(hold: Hold, account: Account, token: Token) -> bool:
    """Say whether Meta does not show an account to its own token. Raise what else Meta says of it."""
    try:
        await hold.services.graph.get(account.platform_account_id, token=token, params={"fields": "id"})
    except MetaError as error:
        if is_hidden(error):
            return True
        raise
    return False


# --- writing it down --------------------------------------------------------------------------------------


async def write_down(hold: Hold, findings: Findings) -> bool:
    """Write what was found, in one transaction; nothing when the person has logged in anew meanwhile.

    Say whether it was written.
    """
    services, actor = hold.services, hold.actor
    try:
        async with services.db.session(actor) as session:
            connection, accounts = await holds.reopen(session, hold)
            now = await clock(session)
            connection.checked_at, connection.check_at = now, holds.later(now, DAY)
            connection.warn_at = now
            if findings.ending:
                await access.end(session, services, actor, connection, accounts, ending=findings.ending)
                return True
            connection.sqlmodel_update(facts_of(connection, findings.facts, now))
            if resealed := reseal(hold, accounts, findings.pages):
                audit.record(session, actor, "token_refreshed", **holds.about(connection), accounts=resealed)
            known = {one.id for one in accounts} & findings.accounts.keys()
            found = {one: findings.accounts[one] for one in known}
            await access.settle(session, services, actor, connection, found)
    except Overtaken:
        log.info("login_overtaken", connection_id=str(hold.connection.id))
        return False
    return True


def facts_of(connection: Connection, facts: TokenFacts, now: datetime) -> dict[str, Any]:
    """Give what debug_token says of a valid login, as columns; one that ends unrenewed is renewed at once."""
    end, refresh_at = facts.expires_at or connection.token_expires_at, connection.refresh_at
    return {
        "token_expires_at": end,
        "refresh_at": now if end and refresh_at and refresh_at > end else refresh_at,
        "data_access_expires_at": facts.data_access_expires_at or connection.data_access_expires_at,
        "permissions": sorted(facts.scopes),
        "ending": None,
        "ended_at": None,
    }


def reseal(hold: Hold, accounts: Collection[Account], pages: Mapping[UUID, Page]) -> list[str]:
    """Seal the tokens of these accounts that are not the ones we have; give which."""
    vault, resealed = hold.services.vault, []
    for account in accounts:
        page = pages.get(account.id)
        if page and page.token != hold.token_of(account):
            account.access_token = vault.seal(page.token, row=account.token_row)
            resealed.append(str(account.id))
    return resealed

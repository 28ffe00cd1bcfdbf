"""App Home, collected and drawn for one member; and what their clients' accounts are doing."""

import logging
from datetime import UTC, datetime
from uuid import UUID

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.blocks import View
from bot.slack_errors import code_of
from bot.views import home
from bot.views.accounts import Entry, Group
from bot.views.home import Home
from core import accounts, agencies, permissions, posts
from core.db import Database, Origin
from core.models import Account, Client, ClientRole, Connection, Member, Role
from core.rows import by_id

logger = logging.getLogger(__name__)
MOST_POSTS = 16


async def draw(slack: AsyncWebClient, db: Database, member: Member, *, page: int = 0) -> None:
    """Draw a member's Home; what goes wrong is written down, and left at that."""
    try:
        await slack.views_publish(user_id=member.slack_user_id, view=await view_of(db, member, page=page))
    except SlackApiError as error:
        logger.info("Slack did not take the Home of %s: %s", member.slack_user_id, code_of(error))


async def view_of(db: Database, member: Member, *, page: int = 0) -> View:
    """Collect what a member's Home shows, and draw it."""
    now = datetime.now(UTC)
    async with db.session(agencies.actor_of(member, Origin())) as session:
        recent = await posts.recent(session, most=MOST_POSTS)
        found = await groups(session, member, now)
    return home.view(Home(member, recent, found, now, page))


# --- the clients and their accounts ---------------------------------------------------------------------


async def groups(
    session: AsyncSession, member: Member, now: datetime, *, only: UUID | None = None
) -> list[Group]:
    """Give the clients that a member sees, or one of them, each with its accounts and how they are doing."""
    listed = [pair for pair in await accounts.visible(session) if only in (None, pair[0].id)]
    return [await group(session, member, now, *pair) for pair in listed]


async def group(
    session: AsyncSession, member: Member, now: datetime, client: Client, theirs: list[Account]
) -> Group:
    """Give one client with its accounts."""
    logins = await by_id(session, Connection, {account.connection_id for account in theirs})
    entries = (
        Entry(account, accounts.health(account, logins.get(account.connection_id), now=now))
        for account in theirs
    )
    return Group(client, tuple(entries), await manages(session, member, client.id))


async def manages(session: AsyncSession, member: Member, client_id: UUID) -> bool:
    """Say whether this member may connect accounts of this client, and change it."""
    if member.role is Role.ADMIN:
        return True
    return await permissions.role_for(session, client_id, member.id) is ClientRole.MANAGER

"""App Home, collected and drawn for one member; and what their clients' accounts are doing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.afterwards import afterwards
from bot.blocks import View
from bot.views import home, queue
from bot.views.accounts import A_PAGE, Entry, Line, Shown
from bot.views.home import Group, Home
from bot.views.paging import Page
from bot.views.pausing import Paused, Subject
from bot.views.summary import Summary
from core import accounts, agencies, clients, pauses, posts, summaries
from core.db import Database, Origin
from core.models import Account, Client, Connection, Member, PostState, Role
from core.rows import by_id

MOST_SCHEDULED = 5
MOST_TODAY = 100  # posts that are looked through for those that go out today
NEED_SOMEBODY = (
    PostState.FAILED,
    PostState.NEEDS_REVIEW,
    PostState.LATE,
    PostState.CHANGES_REQUESTED,
    PostState.EXPIRED,
    PostState.APPROVED,
)
SEEN = (
    PostState.PUBLISHING,
    PostState.PUBLISHED,
    PostState.CANCELLED,
    PostState.REJECTED,
    PostState.WITHDRAWN,
)


async def draw(slack: AsyncWebClient, db: Database, member: Member, *, page: int = 0) -> None:
    """Draw a member's Home; what goes wrong is written down, and left at that."""
    with afterwards(f"the Home of {member.slack_user_id}"):
        await slack.views_publish(user_id=member.slack_user_id, view=await view_of(db, member, page=page))


async def reviews(db: Database, member: Member) -> bool:
    """Say whether a client names somebody as its reviewer: there is a Home for such a guest."""
    async with db.session(agencies.actor_of(member, Origin())) as session:
        return await clients.is_reviewer(session, member)


async def view_of(db: Database, member: Member, *, page: int = 0) -> View:
    """Collect what a member's Home shows, and draw it; to a guest, what waits for them alone."""
    if member.role is Role.GUEST:
        return await guest_view_of(db, member)
    now = datetime.now(UTC)
    async with db.session(agencies.actor_of(member, Origin())) as session:
        shown = Home(
            member,
            await groups(session, member, now, page),
            now,
            paused=await paused(session, member),
            waiting=await posts.waiting_for(session, member),
            summary=await summaries.hour_of(session, member),
            needing=await posts.recent(session, states=NEED_SOMEBODY, most=home.MOST_POSTS),
            scheduled=await posts.queue(session, states=(PostState.SCHEDULED,), most=MOST_SCHEDULED),
            drafts=await posts.drafts_of(session, member.id),
            recent=await posts.recent(session, states=SEEN, most=home.MOST_POSTS),
        )
    return home.view(shown)


async def guest_view_of(db: Database, member: Member) -> View:
    """Collect what the Home of a client's reviewer shows who is a guest here, and draw it."""
    async with db.session(agencies.actor_of(member, Origin())) as session:
        waiting = await posts.waiting_for(session, member)
        hour = await summaries.hour_of(session, member)
    return home.guest_view(member, waiting, hour, datetime.now(UTC))


async def summary_of(session: AsyncSession, member: Member) -> Summary:
    """Collect what a member's daily summary tells them; a guest's, what waits for them alone."""
    if member.role is Role.GUEST:
        return Summary(member, waiting=await posts.waiting_for(session, member))
    now = datetime.now(UTC)
    coming = await posts.queue(session, states=(PostState.SCHEDULED,), most=MOST_TODAY)
    today = now.astimezone(member.zone).date()
    return Summary(
        member,
        waiting=await posts.waiting_for(session, member),
        needing=await posts.recent(session, states=NEED_SOMEBODY, most=home.MOST_POSTS),
        today=[one for one in coming if queue.day_of(one, member.zone) == today],
    )


async def paused(session: AsyncSession, member: Member) -> list[Paused]:
    """Give what is paused, as far as this member sees it: the whole agency first."""
    whole = await pauses.of_agency(session, member.agency_id)
    found = [Paused(Subject(None), whole, member.role is Role.ADMIN)] if whole else []
    theirs = await pauses.paused_clients(session)
    managed = await clients.managed(session, member, [client.id for client in theirs])
    pairs = [(client, pauses.as_pause(client)) for client in theirs]
    return found + [Paused(Subject(one), pause, one.id in managed) for one, pause in pairs if pause]


# --- the clients and their accounts ---------------------------------------------------------------------


async def client_page(session: AsyncSession, number: int, *, size: int) -> Page[Client]:
    """Give a page of the clients that this member sees."""
    page = Page[Client].blank(number, size=size, total=await clients.count(session))
    return page.filled(await clients.visible(session, most=size, skip=page.skipped))


async def groups(session: AsyncSession, member: Member, now: datetime, number: int) -> Page[Group]:
    """Give a page of the clients, each with its accounts and how they are doing."""
    page = await client_page(session, number, size=home.A_PAGE)
    client_ids = [client.id for client in page.items]
    theirs = await accounts.of_clients(session, client_ids)
    entries = await doing(session, [account for some in theirs.values() for account in some], now)
    managed = await clients.managed(session, member, client_ids)
    return page.filled(
        [
            Group(one, tuple(entries[account.id] for account in theirs[one.id]), one.id in managed)
            for one in page.items
        ]
    )


async def lines(session: AsyncSession, member: Member, now: datetime, shown: Shown) -> Page[Line]:
    """Give a page of the list of accounts: of one client, or of all that this member sees."""
    total = await accounts.count(session, client_id=shown.client_id)
    page = Page[Line].blank(shown.page, size=A_PAGE, total=total)
    listed = await accounts.listed(session, client_id=shown.client_id, most=A_PAGE, skip=page.skipped)
    entries = await doing(session, [account for _, account in listed if account], now)
    managed = await clients.managed(session, member, {client.id for client, _ in listed})
    return page.filled(
        [
            Line(client, entries[account.id] if account else None, client.id in managed)
            for client, account in listed
        ]
    )


async def doing(session: AsyncSession, listed: Sequence[Account], now: datetime) -> dict[UUID, Entry]:
    """Say how accounts are doing, by their ids; a few queries for all of them."""
    logins = await by_id(session, Connection, {account.connection_id for account in listed})
    people = await by_id(session, Member, {login.member_id for login in logins.values()})
    planned = await accounts.planned(session, [account.id for account in listed])

    def entry(account: Account) -> Entry:
        login = logins.get(account.connection_id)
        by = people.get(login.member_id) if login else None
        health = accounts.health(account, login, now=now, by=by)
        return Entry(account, health, planned.get(account.id, 0))

    return {account.id: entry(account) for account in listed}

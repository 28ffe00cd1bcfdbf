"""What is stored of one person: all of it in one piece, for them; and their name, erased."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import agencies, audit, permissions
from core.db import Actor, clock
from core.errors import NotFound
from core.models import Announcement, AuditEntry, Connection, Member
from core.services import Services

ERASED = "Erased"
# Where a member appears; never a token, nor a hash by which something opens
STORED = {
    "member": "SELECT to_jsonb(t) FROM members t WHERE t.id = :member",
    "memberships": "SELECT to_jsonb(t) FROM client_members t WHERE t.member_id = :member",
    "summary": "SELECT to_jsonb(t) FROM summaries t WHERE t.member_id = :member",
    "connections": "SELECT to_jsonb(t) - 'access_token' FROM connections t WHERE t.member_id = :member",
    "connect_links": "SELECT to_jsonb(t) - '{ticket_hash,browser_hash,state_hash}'::text[]"
    " FROM connect_tickets t WHERE t.member_id = :member",
    "alerts": "SELECT to_jsonb(t) FROM alerts t WHERE t.member_id = :member ORDER BY t.created_at",
    "posts": "SELECT to_jsonb(t) FROM posts t WHERE t.author_id = :member ORDER BY t.created_at",
    "versions": "SELECT to_jsonb(t) FROM post_versions t WHERE t.created_by = :member ORDER BY t.created_at",
    "pictures": "SELECT to_jsonb(t) FROM media t WHERE t.created_by = :member ORDER BY t.created_at",
    "decisions": "SELECT to_jsonb(t) FROM approvals t WHERE t.member_id = :member ORDER BY t.created_at",
    "reminders": "SELECT to_jsonb(t) FROM reminders t WHERE t.member_id = :member ORDER BY t.created_at",
    "policies": "SELECT to_jsonb(t) FROM policies t WHERE t.created_by = :member ORDER BY t.created_at",
    "sign_off_links": "SELECT to_jsonb(t) - 'token_hash' FROM sign_offs t WHERE t.made_by = :member",
    "entries": "SELECT to_jsonb(t) FROM audit_logs t WHERE t.user_id = :person"
    " OR t.details->>'slack_user_id' = :person ORDER BY t.created_at, t.id",
}
# Whatever was done by a private link, with a person in it; audit_logs_by_link finds it
PERSONAL_BY_LINK = (
    select(AuditEntry)
    .where(
        text("user_id LIKE 'sign_off:%'"),
        func.num_nonnulls(AuditEntry.personal, AuditEntry.ip_address, AuditEntry.user_agent) > 0,
    )
    .order_by(col(AuditEntry.created_at).desc())
)
ERASE = text("SELECT id FROM erase_personal(:person, CAST(:more AS jsonb))")
ERASE_REVIEWER = text("SELECT id FROM erase_reviewer(:sign_off_id, :erased)")


@dataclass(frozen=True)
class Reviewer:
    """Somebody who came by a client's private link: the name that they typed, if any, and when they came."""

    sign_off_id: UUID
    name: str | None
    at: datetime


async def export(services: Services, actor: Actor, slack_user_id: str) -> dict[str, list[Any]]:
    """Give everything that is stored of a member, table by table, as JSON; for admins. Raise NotFound."""
    async with services.db.session(actor) as session:
        await permissions.require_admin(session, actor)
        member = await known(session, slack_user_id)
        connection = await session.connection()
        whom = {"member": member.id, "person": slack_user_id}
        found = {
            name: list((await connection.execute(text(rows), whom)).scalars())
            for name, rows in STORED.items()
        }
        audit.record(session, actor, "personal_data_exported", person=slack_user_id)
    return found


async def erase(services: Services, actor: Actor, slack_user_id: str) -> int:
    """Erase a member's name, and what is personal in what they did; give of how many entries. For admins.

    What they did stays, under their Slack id. Should they use Pressroom again, they have a name again; what
    Slack says of them meanwhile gives them none. Raise NotFound.
    """
    async with services.db.session(actor) as session:
        await permissions.require_admin(session, actor)
        member = await known(session, slack_user_id)
        member.name, member.erased_at = ERASED, await clock(session)
        theirs = update(Connection).where(col(Connection.member_id) == member.id)
        await session.exec(theirs.values(meta_user_name=ERASED))
        return await erase_entries(session, actor, slack_user_id)


async def erase_reviewer(services: Services, actor: Actor, sign_off_id: UUID) -> int:
    """Erase whoever came by a client's private link: their name, address and browser, wherever they stand.

    For admins; give of how many entries. Raise NotFound where nothing personal is stored of them.
    """
    async with services.db.session(actor) as session:
        await permissions.require_admin(session, actor)
        await reviewer(session, sign_off_id)
        for one in await left_by(session, sign_off_id):
            await forget_replies(session, one)
        connection = await session.connection()
        await connection.execute(ERASE_REVIEWER, {"sign_off_id": sign_off_id, "erased": ERASED})
        return await erase_entries(session, actor, f"{audit.BY_LINK}{sign_off_id}")


async def forget_replies(session: AsyncSession, entry: AuditEntry) -> None:
    """Take the name that an entry has out of what its post's thread was told, or is still to be."""
    if (name := (entry.personal or {}).get("by_name")) is None:
        return
    named = func.jsonb_extract_path_text(Announcement.payload, "by_name") == name
    told = update(Announcement).where(col(Announcement.post_id) == entry.post_id, named)
    await session.exec(told.values(payload=col(Announcement.payload).op("-")("by_name")))


async def reviewer(session: AsyncSession, sign_off_id: UUID) -> Reviewer:
    """Give whoever came by a client's private link; raise NotFound where nothing is known of them."""
    if found := await left_by(session, sign_off_id):
        return reviewer_of(found[0])
    raise NotFound("Nothing personal is stored of anybody who used that link.")


async def left_by(session: AsyncSession, sign_off_id: UUID) -> list[AuditEntry]:
    """Give the entries of what was done by a private link, where a person is in them, newest first."""
    theirs = PERSONAL_BY_LINK.where(col(AuditEntry.user_id) == f"{audit.BY_LINK}{sign_off_id}")
    return list((await session.exec(theirs)).all())


async def reviewers(session: AsyncSession, *, search: str = "", most: int = 100) -> list[Reviewer]:
    """Give those who came by a client's private link and are not erased, newest first; by part of the name.

    They decided, or only left a remark: whoever did stands in the trail.
    """
    name = func.coalesce(func.jsonb_extract_path_text(AuditEntry.personal, "by_name"), "")
    found = PERSONAL_BY_LINK.where(name.icontains(search, autoescape=True)).limit(most)
    newest: dict[UUID, Reviewer] = {}
    for entry in await session.exec(found):
        one = reviewer_of(entry)
        newest.setdefault(one.sign_off_id, one)
    return list(newest.values())


def reviewer_of(entry: AuditEntry) -> Reviewer:
    """Read from an entry who came by a private link."""
    name = (entry.personal or {}).get("by_name")
    return Reviewer(UUID(entry.user_id.removeprefix(audit.BY_LINK)), name, entry.created_at)


async def erase_entries(session: AsyncSession, actor: Actor, person: str) -> int:
    """Erase what is personal in what somebody did; PostgreSQL writes down who had it done."""
    said = {"person": person, "more": json.dumps(audit.place(actor))}
    return len((await (await session.connection()).execute(ERASE, said)).all())


async def known(session: AsyncSession, slack_user_id: str) -> Member:
    """Give a member; raise NotFound."""
    if member := await agencies.find_member(session, slack_user_id):
        return member
    raise NotFound("There is nobody of that name here.")

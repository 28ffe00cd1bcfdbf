"""What is stored of one person: all of it in one piece, for them; and their name, erased."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import agencies, audit, permissions
from core.db import Actor
from core.errors import NotFound
from core.models import Announcement, Approval, Connection, Member
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
    "entries": "SELECT to_jsonb(t) FROM audit_logs t WHERE t.user_id = :person ORDER BY t.created_at, t.id",
}
ERASE = text("SELECT id FROM erase_personal(:person, CAST(:more AS jsonb))")
ERASE_REVIEWER = text("SELECT id FROM erase_reviewer(:sign_off_id, :erased)")


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

    What they did stays, under their Slack id. Should they use Pressroom again, they have a name again.
    Raise NotFound.
    """
    async with services.db.session(actor) as session:
        await permissions.require_admin(session, actor)
        member = await known(session, slack_user_id)
        member.name = ERASED
        theirs = update(Connection).where(col(Connection.member_id) == member.id)
        await session.exec(theirs.values(meta_user_name=ERASED))
        return await erase_entries(session, actor, slack_user_id)


async def erase_reviewer(services: Services, actor: Actor, sign_off_id: UUID) -> int:
    """Erase whoever decided by a client's private link: their name, address and browser, wherever they stand.

    For admins; give of how many entries. Raise NotFound where nobody decided by that link.
    """
    async with services.db.session(actor) as session:
        await permissions.require_admin(session, actor)
        said = await reviewer(session, sign_off_id)
        named = func.jsonb_extract_path_text(Announcement.payload, "by_name") == said.reviewer_name
        told = update(Announcement).where(col(Announcement.post_id) == said.post_id, named)
        await session.exec(told.values(payload=col(Announcement.payload).op("-")("by_name")))
        connection = await session.connection()
        await connection.execute(ERASE_REVIEWER, {"sign_off_id": sign_off_id, "erased": ERASED})
        return await erase_entries(session, actor, f"sign_off:{sign_off_id}")


async def reviewer(session: AsyncSession, sign_off_id: UUID) -> Approval:
    """Give the decision by a client's private link; raise NotFound where there is none."""
    by_link = select(Approval).where(col(Approval.sign_off_id) == sign_off_id)
    if said := (await session.exec(by_link)).first():
        return said
    raise NotFound("Nobody decided anything by that link.")


async def reviewers(session: AsyncSession, *, search: str = "", most: int = 100) -> list[Approval]:
    """Give the decisions by a client's private link whose name is not erased, newest first; by part of it."""
    named = col(Approval.reviewer_name).icontains(search, autoescape=True)
    found = select(Approval).where(col(Approval.sign_off_id).is_not(None), named)
    there = found.where(col(Approval.reviewer_name) != ERASED).order_by(col(Approval.created_at).desc())
    return list((await session.exec(there.limit(most))).all())


async def erase_entries(session: AsyncSession, actor: Actor, person: str) -> int:
    """Erase what is personal in what somebody did; PostgreSQL writes down who had it done."""
    said = {"person": person, "more": json.dumps(audit.place(actor))}
    return len((await (await session.connection()).execute(ERASE, said)).all())


async def known(session: AsyncSession, slack_user_id: str) -> Member:
    """Give a member; raise NotFound."""
    if member := await agencies.find_member(session, slack_user_id):
        return member
    raise NotFound("There is nobody of that name here.")

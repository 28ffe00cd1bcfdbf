"""Whose turn it is with a post that waits for approval, as its thread is told."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import col, not_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.models import ClientMember, ClientRole, Member, Post, Role
from core.permissions import WRITERS
from core.standings import StageStanding, links_of


async def of(session: AsyncSession, post: Post, stage: StageStanding) -> dict[str, Any]:
    """Give whom to mention at a stage whose turn it is: who is asked, or who can make the client's link."""
    turn: dict[str, Any] = {"whom": ids(stage.asked), "by_link": stage.by_link}
    if stage.by_link and not stage.asked and not await links_of(session, [post]):
        turn["makers"] = ids(await makers(session, post))
    return turn


async def makers(session: AsyncSession, post: Post) -> Sequence[Member]:
    """Give who should make the link: a manager, or an author; whoever wrote it where nobody else is there."""
    found = await others(session, post, ClientRole.MANAGER) or await others(session, post, *WRITERS)
    return found or (await session.exec(of_client(post, *WRITERS))).all()


async def others(session: AsyncSession, post: Post, *roles: ClientRole) -> Sequence[Member]:
    """Give those who are one of these for a post's client, and whose words are not in it."""
    found = of_client(post, *roles).where(not_(func.is_own(post.id, Member.id)))
    return (await session.exec(found)).all()


def of_client(post: Post, *roles: ClientRole) -> SelectOfScalar[Member]:
    """Choose those who are one of these for a post's client, and are still there."""
    theirs = select(Member).join(ClientMember, col(ClientMember.member_id) == col(Member.id))
    here = col(Member.left_at).is_(None), col(Member.role) != Role.GUEST
    of_it = ClientMember.client_id == post.client_id, col(ClientMember.role).in_(roles)
    return theirs.where(*here, *of_it).order_by(col(Member.name))


def ids(members: Sequence[Member]) -> list[str]:
    """Give their Slack ids."""
    return [one.slack_user_id for one in members]

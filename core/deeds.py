"""What somebody did to a post: written down in the trail, and said in its card's thread."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, audit
from core.db import Actor
from core.models import Member, Post
from core.post_views import PostView, views
from core.services import Services

PERSONAL = ("by_name",)  # stands apart in the trail, where it can be erased
UNTOLD = ("kind", "by", *PERSONAL)


async def tell(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    reply: dict[str, Any],
    **evidence: Any,
) -> PostView:
    """Write down who did what, with what shows it, and have the card and its thread show it."""
    details = {name: value for name, value in reply.items() if name not in UNTOLD}
    details |= {"version": post.version} | evidence
    details["personal"] = {name: reply[name] for name in PERSONAL if name in reply}
    record(session, actor, f"post_{reply['kind']}", post, **details)
    await session.flush()
    await announcements.owe_card(session, services, post, reply=reply)
    return (await views(session, [post]))[0]


def record(session: AsyncSession, actor: Actor, action: str, post: Post, **details: Any) -> None:
    """Write down what was done to a post, in the transaction in which it is done."""
    audit.record(session, actor, action, client_id=post.client_id, post_id=post.id, **details)


def said_by(member: Member, kind: str, **more: Any) -> dict[str, Any]:
    """Give what the thread is told: what was done, by whom (Slack's id), and times in ISO 8601."""
    return said(kind, by=member.slack_user_id, **more)


def said(kind: str, **more: Any) -> dict[str, Any]:
    """Give what the thread is told: what was done, and times in ISO 8601."""
    words = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in more.items() if one}
    return {"kind": kind, **words}

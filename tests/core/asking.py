"""Asking for approval: a client's rules, posts that wait by them, and what people say to those."""

from typing import Any

from psycopg import Connection
from sqlmodel import col, select

from core import approvals, drafts, policies, submissions, withdrawals
from core.decisions import Seen
from core.models import Approval, Decision, Member, Mode
from core.policies import Rules, Stage
from core.posts import PostView
from tests.core.desk import Desk
from tests.core.timetable import CHANNEL

MANAGERS = Stage("Agency", 1, roles=frozenset({"manager", "admin"}))
# What somebody says themself, of what stands there now.
DECIDE = """
INSERT INTO public.approvals
    (id, agency_id, client_id, post_id, version, content_hash, round, stage, member_id, decision)
SELECT gen_random_uuid(), p.agency_id, p.client_id, p.id, p.version, v.content_hash, p.round,
    1, %s, 'approved'
FROM public.posts p JOIN public.post_versions v ON v.post_id = p.id AND v.version = p.version WHERE p.id = %s
"""


async def rule(desk: Desk, *stages: Stage, mode: Mode = Mode.REQUIRED, **more: Any) -> None:
    """Have posts approved by these stages."""
    boss, rules = desk.cast.actor(desk.cast.manager), Rules(mode, stages, **more)
    await policies.change(desk.services, boss, client_id=desk.cast.client.id, rules=rules)


async def asked(desk: Desk, caption: str = "Fresh roast today.", *, ask: bool = False) -> PostView:
    """Send a post on its way, at once."""
    view = await desk.draft(desk.content(desk.facebook, caption=caption))
    return await submissions.submit(
        desk.services,
        desk.actor,
        post_id=view.post.id,
        version=view.version.version,
        channel_id=CHANNEL,
        ask=ask,
    )


async def says(
    desk: Desk, member: Member, view: PostView, decision: Decision = Decision.APPROVED, comment: str = ""
) -> PostView:
    """Decide as this member, about what `view` shows."""
    seen = Seen.of(view.post)
    return await approvals.decide(desk.services, desk.cast.actor(member), seen, decision, comment=comment)


async def takes_back(desk: Desk, member: Member, view: PostView) -> PostView:
    """Take back what this member said to what `view` shows."""
    return await withdrawals.take_back(desk.services, desk.cast.actor(member), Seen.of(view.post))


async def edits(desk: Desk, view: PostView, caption: str) -> PostView:
    """Write a post anew, as whoever is at the desk, and send it on its way."""
    base = view.post.version
    changed = await drafts.revise(
        desk.services,
        desk.actor,
        post_id=view.post.id,
        base_version=base,
        content=desk.content(desk.facebook, caption=caption),
    )
    return await submissions.submit(
        desk.services,
        desk.actor,
        post_id=view.post.id,
        version=changed.version.version,
        channel_id=CHANNEL,
        base_version=base,
    )


async def decided(desk: Desk, view: PostView) -> list[tuple[str, str, int, int]]:
    """Give everything that was decided about a post: by whom, what, in which round and stage."""
    async with desk.services.db.session(desk.cast.program) as session:
        rows = select(Approval, Member.name).join(Member, col(Member.id) == Approval.member_id)
        theirs = rows.where(Approval.post_id == view.post.id).order_by(col(Approval.number))
        found = await session.exec(theirs)
        return [(name.split()[0], one.decision.value, one.round, one.stage) for one, name in found]


def act(program: Connection[Any], desk: Desk, member: Member | None) -> None:
    """Become this member, or the program itself, for what is asked of PostgreSQL from now on."""
    settings = {
        "app.agency_id": desk.cast.id,
        "app.member_id": member.id if member else "",
        "app.program": "" if member else "on",
    }
    for name, value in settings.items():
        program.execute("SELECT set_config(%s, %s, false)", [name, str(value)])

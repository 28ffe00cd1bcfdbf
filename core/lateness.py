"""What could not go out at its minute, for nobody was at work or it was paused: a person says what now.

One question a post; when many of a client became late together, one question for all of them.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, case, column, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, audit, clients, permissions, posts, schedule
from core.asking import AskedAgain
from core.db import Actor
from core.errors import Changed, Invalid
from core.models import Account, Post, PostState, Publication, PublicationState
from core.post_views import PostView, is_late
from core.rows import by_agency
from core.services import Services

MOST_AT_ONCE = 1000
FEW = 5  # posts of one client that are asked about one by one

Answer = Callable[..., Awaitable[PostView]]


async def guard(services: Services) -> None:
    """Hold back what is too late, and ask. May run in any number of processes at once, and asks once."""
    late = await services.db.ids("late_publications", most=MOST_AT_ONCE)
    for agency_id, ids in by_agency(late).items():
        actor = Actor.program(agency_id)
        async with services.db.session(actor) as session:
            by_client = await hold_back(session, actor, ids)
            for theirs in by_client.values():
                await ask(session, services, theirs)


async def hold_back(session: AsyncSession, actor: Actor, ids: list[UUID]) -> dict[UUID, list[Post]]:
    """Let these publications wait for a person; give their posts, locked, by client.

    Whether they are late is asked again under the lock: somebody may have moved them, or paused their client.
    """
    theirs = select(Publication.post_id).where(col(Publication.id).in_(ids))
    found = select(Post).where(col(Post.id).in_(theirs)).order_by(col(Post.id))
    by_id = {post.id: post for post in await session.exec(found.with_for_update(key_share=True))}
    late = func.late_publications(MOST_AT_ONCE).table_valued(column("agency_id"), column("id", Uuid))
    waiting = (
        col(Publication.id).in_(ids),
        col(Publication.id).in_(select(late.c.id)),
        col(Publication.state) == PublicationState.SCHEDULED,
    )
    holding = update(Publication).where(*waiting).values(state=PublicationState.LATE, next_run_at=None)
    holding = holding.values(reason=why())
    which = col(Publication.post_id), col(Publication.account_id)
    held = (await session.exec(holding.returning(*which))).all()
    by_client: dict[UUID, list[Post]] = defaultdict(list)
    for post in {post_id: by_id[post_id] for post_id, _ in held}.values():
        await posts.settle(session, post)
        by_client[post.client_id].append(post)
    for post_id, account_id in held:
        what = {"client_id": by_id[post_id].client_id, "post_id": post_id, "account_id": account_id}
        audit.record(session, actor, "publication_late", **what)
    await session.flush()
    return by_client


def why() -> Any:
    """Give why a publication is late: its account cannot be used, or what was said of its last try."""
    said = case((col(Account.is_active), col(Account.trouble)), else_="Its account was disconnected.")
    trouble = select(said).where(col(Account.id) == col(Publication.account_id))
    return func.coalesce(trouble.scalar_subquery(), col(Publication.reason))


async def ask(session: AsyncSession, services: Services, late: Sequence[Post]) -> None:
    """Have each card drawn, and the question asked: in each thread, or once for all."""
    for number, post in enumerate(late):
        reply: dict[str, Any] | None = {"kind": "late"}
        if len(late) > FEW:
            reply = {"kind": "many_late", "count": len(late)} if number == 0 else None
        await announcements.owe_card(session, services, post, reply=reply)


@dataclass
class Answered:
    """What became of a client's late posts when they were answered for together, as numbers of posts."""

    done: int = 0
    asked: int = 0  # these wait for approval now, and their threads say whose
    left: int = 0  # these are late still: something about them must be changed first

    def count(self, state: PostState) -> None:
        """Count one that was answered for."""
        if state is PostState.IN_APPROVAL:
            self.asked += 1
        else:
            self.done += 1


async def publish_all(services: Services, actor: Actor, *, client_id: UUID) -> Answered:
    """Have all late posts of a client go out now, as far as they may. Raise NotAllowed, and while paused."""
    return await answer_all(services, actor, client_id, schedule.publish_now)


async def cancel_all(services: Services, actor: Actor, *, client_id: UUID) -> Answered:
    """Call off all late posts of a client. Raise NotAllowed."""
    return await answer_all(services, actor, client_id, schedule.cancel)


async def answer_all(services: Services, actor: Actor, client_id: UUID, answer: Answer) -> Answered:
    """Answer for each late post of a client by itself; one that somebody else answered meanwhile stays so."""
    async with services.db.session(actor) as session:
        await permissions.require_author(session, actor, await clients.get(session, client_id))
        ids = await late_ones(session, client_id)
    found = Answered()
    for post_id in ids:
        with suppress(Changed, Invalid):
            found.count(await answered(answer(services, actor, post_id=post_id, only_late=True)))
    async with services.db.session(actor) as session:
        found.left = len(set(ids) & set(await late_ones(session, client_id)))
    return found


async def answered(answer: Awaitable[PostView]) -> PostState:
    """Give the state of a post once it is answered for: to be asked once more is an answer, too."""
    try:
        return (await answer).post.state
    except AskedAgain as asked:
        return asked.post.post.state


async def late_ones(session: AsyncSession, client_id: UUID) -> list[UUID]:
    """Give the client's late posts, the one due first first."""
    late = select(Post.id).where(Post.client_id == client_id, is_late())
    return list(await session.exec(late.order_by(col(Post.due_at))))

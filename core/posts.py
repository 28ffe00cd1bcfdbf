"""Posts: looking at them, and the state that follows from their publications'."""

from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clients, permissions, rounds
from core.db import Actor
from core.models import Post, PostState, Publication, PublicationState
from core.post_views import (
    PostView,
    count_unasked,
    drafts_of,
    load,
    queue,
    queue_length,
    recent,
    waiting_for,
)
from core.unseen import Unseen

__all__ = [
    "PostView",
    "count_unasked",
    "drafts_of",
    "load",
    "locked",
    "locked_publication",
    "queue",
    "queue_length",
    "recent",
    "settle",
    "waiting_for",
]

LOCK = {"key_share": True}
ON_ITS_WAY = {PublicationState.SCHEDULED, PublicationState.QUEUED, PublicationState.RUNNING}
WORST_FIRST = {
    PublicationState.NEEDS_REVIEW: PostState.NEEDS_REVIEW,
    PublicationState.LATE: PostState.LATE,
    PublicationState.FAILED: PostState.FAILED,
    PublicationState.PUBLISHED: PostState.PUBLISHED,
    PublicationState.CANCELLED: PostState.CANCELLED,
}


async def locked(session: AsyncSession, post_id: UUID) -> Post:
    """Give a post that nobody else can change until this transaction ends; raise NotFound.

    Others may refer to it meanwhile: what is owed of several posts would else wait for each other.
    """
    if post := await session.get(Post, post_id, with_for_update=LOCK, populate_existing=True):
        return post
    raise Unseen(Post, post_id)


async def locked_publication(
    session: AsyncSession, actor: Actor, publication_id: UUID
) -> tuple[Publication, Post]:
    """Give a publication about which this actor may decide, and its post, both locked; raise NotFound."""
    publication = await session.get(Publication, publication_id)
    if publication is None:
        raise Unseen(Publication, publication_id)
    post = await locked(session, publication.post_id)
    await permissions.require_author(session, actor, await clients.get(session, post.client_id))
    await session.refresh(publication, with_for_update=LOCK)
    return publication, post


async def settle(session: AsyncSession, post: Post) -> None:
    """Work the post's state out from its publications' states. The caller holds the post's lock."""
    theirs = select(col(Publication.state)).where(
        Publication.post_id == post.id, Publication.version == post.version
    )
    states = set(await session.exec(theirs))
    rounds.enter(post, state_of(states, was=post.state))
    post.updated_at = datetime.now(UTC)


def state_of(states: set[PublicationState], *, was: PostState) -> PostState:
    """Give a post's state: on its way as long as anything is; then the worst that happened.

    What is held waits for approval as before. A scheduled post stays that until the first call that the
    public sees, whatever is made ready for it.
    """
    if PublicationState.HELD in states:
        return was
    if states & ON_ITS_WAY:
        return PostState.SCHEDULED if was is PostState.SCHEDULED else PostState.PUBLISHING
    return next(state for worst, state in WORST_FIRST.items() if worst in states)

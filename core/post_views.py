"""A post with everything that shows it: its newest version, its accounts, its publications."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, text, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.models import (
    Account,
    Client,
    Media,
    Member,
    Post,
    PostState,
    PostVersion,
    Publication,
    PublicationState,
)
from core.rows import by_id
from core.standings import Standing, standings
from core.unseen import Unseen

Thing = TypeVar("Thing")

SENT = [state for state in PostState if state is not PostState.DRAFT]
QUEUE = (
    PostState.IN_APPROVAL,
    PostState.CHANGES_REQUESTED,
    PostState.APPROVED,
    PostState.SCHEDULED,
    PostState.PUBLISHING,
    PostState.LATE,
)

WAITING = text(
    """
    SELECT p.id FROM (SELECT DISTINCT client_id, policy_version FROM posts WHERE state = 'in_approval') k
    CROSS JOIN LATERAL approvers(k.client_id, k.policy_version) a
    JOIN posts p ON p.client_id = k.client_id AND p.policy_version = k.policy_version AND p.stage = a.stage
    WHERE a.member_id = :member AND p.state = 'in_approval' AND NOT is_own(p.id, :member)
        AND p.client_id = coalesce(CAST(:client AS uuid), p.client_id)
    ORDER BY p.due_at NULLS LAST, p.asked_at, p.id LIMIT :most
    """
)


@dataclass(frozen=True)
class PostView:
    """A post with everything that shows it: its newest version, and that version's publications."""

    post: Post
    version: PostVersion
    client: Client
    author: Member
    editor: Member  # who wrote this version
    accounts: tuple[Account, ...]
    media: Media | None
    publications: tuple[Publication, ...]
    standing: Standing | None = None  # where somebody was asked to agree to it
    asked_by: Member | None = None  # who asked for that last

    def waits_for(self, member: Member) -> bool:
        """Say whether it waits for this member's approval."""
        stage = self.standing.current if self.standing else None
        is_asked = stage is not None and any(one.id == member.id for one in stage.asked)
        return is_asked and self.post.state is PostState.IN_APPROVAL


async def load(session: AsyncSession, post_id: UUID, *, version: int | None = None) -> PostView:
    """Give a post with everything that shows it, in the version that counts or in this; raise NotFound."""
    post = await session.get(Post, post_id)
    if post is None:
        raise Unseen(Post, post_id)
    versions = {post_id: version} if version else None
    return (await views(session, [post], versions=versions))[0]


async def recent(
    session: AsyncSession, *, states: Collection[PostState] = SENT, most: int = 10
) -> list[PostView]:
    """Give the posts that were sent on their way, or those of them in these states, newest first."""
    theirs = select(Post).where(col(Post.state).in_(states))
    newest = theirs.order_by(col(Post.updated_at).desc()).limit(most)
    return await views(session, (await session.exec(newest)).all())


async def drafts_of(session: AsyncSession, member_id: UUID, *, most: int = 5) -> list[PostView]:
    """Give what a member began and did not send on its way, newest first."""
    theirs = select(Post).where(Post.state == PostState.DRAFT, Post.author_id == member_id)
    found = await session.exec(theirs.order_by(col(Post.updated_at).desc()).limit(most))
    return await views(session, found.all())


async def queue(
    session: AsyncSession,
    *,
    client_id: UUID | None = None,
    states: Collection[PostState] = QUEUE,
    most: int = 100,
    skip: int = 0,
) -> list[PostView]:
    """Give what is still to go out or became too late, in the order of its time; of one client or of all."""
    waiting = select(Post).where(*in_queue(client_id, states))
    in_time = waiting.order_by(col(Post.due_at).nulls_first(), col(Post.state), col(Post.created_at))
    return await views(session, (await session.exec(in_time.limit(most).offset(skip))).all())


async def waiting_for(
    session: AsyncSession, member: Member, *, client_id: UUID | None = None, most: int = 200
) -> list[PostView]:
    """Give the posts that wait for a member's approval now, in the order of their time; of one client or all.

    PostgreSQL finds those at whose stage they are asked; who has agreed there already is not asked again.
    """
    said = {"member": member.id, "client": client_id, "most": most}
    ids = list((await (await session.connection()).execute(WAITING, said)).scalars())
    rows = {post.id: post for post in await session.exec(select(Post).where(col(Post.id).in_(ids)))}
    found = await views(session, [rows[one] for one in ids if one in rows])
    return [post for post in found if post.waits_for(member)]


async def queue_length(
    session: AsyncSession, *, client_id: UUID | None = None, states: Collection[PostState] = QUEUE
) -> int:
    """Count what `queue` would give."""
    counted = select(func.count()).select_from(Post).where(*in_queue(client_id, states))
    return (await session.exec(counted)).one()


async def count_unasked(session: AsyncSession, client_id: UUID) -> int:
    """Count a client's posts that go out at their minute though nobody was asked about them."""
    theirs = col(Post.client_id) == client_id, col(Post.policy_version).is_(None)
    unasked = select(func.count()).select_from(Post).where(*theirs, Post.state == PostState.SCHEDULED)
    return (await session.exec(unasked)).one()


def in_queue(client_id: UUID | None, states: Collection[PostState]) -> list[ColumnElement[bool]]:
    """Give the conditions of the queue."""
    waiting = is_late() if set(states) == {PostState.LATE} else col(Post.state).in_(states)
    return [waiting, col(Post.client_id) == client_id] if client_id else [waiting]


def is_late() -> ColumnElement[bool]:
    """Give the condition that a post became too late somewhere; elsewhere it may be live."""
    its_own = (col(Publication.post_id) == col(Post.id)) & (col(Publication.version) == col(Post.version))
    return exists().where(its_own, col(Publication.state) == PublicationState.LATE)


async def views(
    session: AsyncSession, found: Sequence[Post], *, versions: Mapping[UUID, int] | None = None
) -> list[PostView]:
    """Put posts together with what shows them; one query a table, however many posts.

    Of each post the version that counts, or that of `versions`.
    """
    wanted = {post.id: post.version for post in found} | dict(versions or {})
    ids = list(wanted)
    shown = await versions_of(session, wanted)
    known_clients = await by_id(session, Client, {post.client_id for post in found})
    writers = {post.author_id for post in found} | {version.created_by for version in shown.values()}
    members = await by_id(session, Member, writers | {post.asked_by for post in found if post.asked_by})
    pictures = await by_id(session, Media, {v.media_id for v in shown.values() if v.media_id})
    accounts = await by_id(session, Account, {UUID(one) for v in shown.values() for one in v.account_ids})
    asked = await standings(session, found)
    ledger: dict[tuple[UUID, int], dict[UUID, Publication]] = defaultdict(dict)
    for one in await session.exec(select(Publication).where(col(Publication.post_id).in_(ids))):
        ledger[one.post_id, one.version][one.account_id] = one
    return [
        PostView(
            post=post,
            version=version,
            client=known_clients[post.client_id],
            author=members[post.author_id],
            editor=members[version.created_by],
            asked_by=members.get(post.asked_by) if post.asked_by else None,
            accounts=in_order(accounts, version),
            media=pictures.get(version.media_id) if version.media_id else None,
            publications=in_order(ledger.get((post.id, version.version), {}), version),
            standing=asked.get(post.id),
        )
        for post in found
        for version in [shown[post.id]]
    ]


async def versions_of(session: AsyncSession, wanted: Mapping[UUID, int]) -> dict[UUID, PostVersion]:
    """Give this version of each of these posts."""
    exactly = tuple_(col(PostVersion.post_id), col(PostVersion.version)).in_(list(wanted.items()))
    return {version.post_id: version for version in await session.exec(select(PostVersion).where(exactly))}


def in_order(found: dict[UUID, Thing], version: PostVersion) -> tuple[Thing, ...]:
    """Give what there is for each account, in the order in which the accounts were chosen."""
    chosen = [UUID(one) for one in version.account_ids]
    return tuple(found[one] for one in chosen if one in found)

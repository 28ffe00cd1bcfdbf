"""Decisions: what one of them is about, who gives it, and how it is written down, shown and told.

It is about one version in one round of asking, at one stage: whoever saw another is told so, and nothing
happens.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import deeds
from core.db import Actor
from core.models import Approval, Decision, Member, Post, PostState, PostVersion
from core.post_views import PostView
from core.services import Services

OTHER = "This post was changed in the meantime. Have a look at the newest version."
ALL_AGREED = "Everybody has approved this post already."
OVER = {
    PostState.CHANGES_REQUESTED: "Somebody has asked for changes already.",
    PostState.REJECTED: "Somebody has rejected this post already.",
    PostState.WITHDRAWN: "This post was withdrawn in the meantime.",
    PostState.EXPIRED: "The time of this post passed before everybody had approved it.",
    PostState.CANCELLED: "This post was called off in the meantime.",
}


@dataclass(frozen=True)
class Seen:
    """What somebody had in front of them when they decided: this version, in this round, at this stage."""

    post_id: UUID
    version: int
    round: int
    stage: int | None = None  # a button of a post that waits for nobody, or drawn long ago, names none

    @classmethod
    def of(cls, post: Post) -> Self:
        """Give what a post shows now."""
        return cls(post.id, post.version, post.round, post.stage)

    def is_still(self, post: Post, *, stage: int | None = None) -> bool:
        """Say whether a post is in that version and round still; with a `stage`, also if that was seen."""
        is_there = stage is None or self.stage in (None, stage)
        return is_there and (self.version, self.round) == (post.version, post.round)


@dataclass(frozen=True)
class Voice:
    """Who decides: what the decision's row says of them, what its thread is told, and what the trail adds."""

    row: dict[str, Any]
    said: dict[str, str]
    evidence: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, member: Member) -> Self:
        """Give a member's."""
        return cls({"member_id": member.id}, {"by": member.slack_user_id})


def over(state: PostState) -> str:
    """Say why nobody decides about a post in this state any more."""
    return OVER.get(state, ALL_AGREED)


async def write(
    session: AsyncSession, post: Post, by: Voice, decision: Decision, *, stage: int, comment: str = ""
) -> None:
    """Keep what somebody decided, for good."""
    version = await session.get_one(PostVersion, (post.id, post.version))
    session.add(
        Approval(
            agency_id=post.agency_id,
            client_id=post.client_id,
            post_id=post.id,
            version=post.version,
            content_hash=version.content_hash,
            round=post.round,
            stage=stage,
            decision=decision,
            comment=comment or None,
            **by.row,
        )
    )
    await session.flush()


async def tell(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    reply: dict[str, Any],
    **more: Any,
) -> PostView:
    """Write down who decided what, about exactly which content, and have the card and its thread show it."""
    post.updated_at = datetime.now(UTC)
    version = await session.get_one(PostVersion, (post.id, post.version))
    evidence = {"round": post.round, "content_hash": version.content_hash, **more}
    return await deeds.tell(session, services, actor, post, reply, **evidence)

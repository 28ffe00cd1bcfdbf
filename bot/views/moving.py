"""Another time for a post: the question for it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import menus
from bot.views.card import beginning
from bot.views.composer import time_of
from core.posts import PostView


@dataclass(frozen=True)
class Below:
    """The modal in which the button was pressed, to be drawn anew; both are empty for a message."""

    callback_id: str
    metadata: str

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """Take it as Slack describes it."""
        is_modal = view.get("type") == "modal"
        return cls(view["callback_id"], view["private_metadata"]) if is_modal else cls("", "")


@dataclass(frozen=True)
class Answer:
    """Which post goes out when, and where that was asked."""

    post_id: UUID
    due_at: datetime | None
    below: Below


def form(post: PostView, below: Below, *, due_at: datetime | None) -> View:
    """Ask for the time; `due_at` is what the picker shows at first."""
    said = {"post": str(post.post.id), "below": [below.callback_id, below.metadata]}
    return blocks.modal(
        "Another time",
        list(body(post, due_at)),
        callback_id=ids.MOVE_FORM,
        submit="Move",
        close="Cancel",
        metadata=json.dumps(said),
    )


def body(post: PostView, due_at: datetime | None) -> Iterator[Block]:
    """Say which post it is, and give the field."""
    so_far = f"\nSo far: {mrkdwn.moment(post.post.due_at)}" if post.post.due_at else ""
    yield blocks.section(f"{mrkdwn.bold(post.client.name)}{so_far}")
    if post.version.caption:
        yield blocks.verbatim(beginning(post.version.caption))
    yield menus.time_field(due_at, is_needed=True)


def parse(view: Mapping[str, Any]) -> Answer:
    """Read what was entered."""
    said = json.loads(view["private_metadata"])
    return Answer(UUID(said["post"]), time_of(blocks.values(view)), Below(*said["below"]))

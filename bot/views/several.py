"""Approving several posts at once: each is shown with a box to tick, and each is its own decision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import approvals
from bot.views.card import beginning
from bot.views.post_buttons import quoted
from core.decisions import Seen
from core.posts import PostView

MOST = 10  # posts in one form: more are not looked through
YES = "Approve this"


@dataclass(frozen=True)
class Part:
    """Which of the posts that wait are shown: of this client or of all, after so many."""

    client_id: UUID | None = None
    skipped: int = 0

    def dump(self) -> str:
        """Write it down, as a button carries it."""
        return f"{self.client_id or ''}:{self.skipped}"


def parse_part(value: str) -> Part:
    """Read it back."""
    client_id, _, skipped = value.partition(":")
    return Part(UUID(client_id) if client_id else None, int(skipped or 0))


def form(posts: Sequence[tuple[PostView, str | None]], shown: Part, *, more: int = 0) -> View:
    """Show posts that wait for this member, each with the address of its picture if it has one."""
    body = [block for number, (post, picture) in enumerate(posts) for block in part(number, post, picture)]
    after = Part(shown.client_id, shown.skipped + len(posts)).dump()
    return blocks.modal(
        "Approve several",
        [
            blocks.section("*Look through them, and tick what you approve.* Nothing is ticked beforehand."),
            *body,
            *(rest(more, after) if more else []),
        ],
        callback_id=ids.SEVERAL_FORM,
        submit="Approve",
        close="Cancel",
    )


def rest(more: int, after: str) -> list[Block]:
    """Say that there are more, and offer to go on to them."""
    words = f"{more} more wait for you. What is ticked here and not approved yet is left as it is."
    return [
        blocks.divider(),
        blocks.context(words),
        blocks.actions(blocks.button("Go on without approving these", ids.NEXT_ONES, after)),
    ]


def part(number: int, post: PostView, picture: str | None) -> Iterator[Block]:
    """Show one post as its card does, and the box."""
    yield blocks.divider()
    yield blocks.section(summary(post))
    if shown := beginning(post.version.caption):
        yield blocks.verbatim(shown)
    if shown != post.version.caption:
        yield blocks.actions(blocks.button("Show all", ids.SHOW_ALL, str(post.post.id)))
    if picture:
        yield blocks.image(picture, post.version.alt_text or "The picture of this post")
    label = f"{number + 1}. {mrkdwn.shortened(post.client.name, 80)} {quoted(post)}".strip()
    yield blocks.field(label, box(post), f"{ids.SEVERAL}_{number}", optional=True)


def summary(post: PostView) -> str:
    """Say whose post it is, when and where it goes out, and who wrote it."""
    time = f"goes out {mrkdwn.moment(post.post.due_at)}" if post.post.due_at else "goes out once approved"
    where = mrkdwn.fitted(", ".join(f"{one.platform.title} {one.label}" for one in post.accounts), 500)
    by = mrkdwn.person(post.editor.slack_user_id)
    return f"{mrkdwn.bold(post.client.name)} · {time}\n{where} · by {by}"


def box(post: PostView) -> Block:
    """Give the box to tick: for exactly the version that is shown."""
    option = blocks.option(YES, approvals.value(post))
    return {"type": "checkboxes", "action_id": ids.SEVERAL, "options": [option]}


def parse(view: Mapping[str, Any]) -> list[Seen]:
    """Read what was ticked: exactly the versions that were shown."""
    ticked = [
        option["value"]
        for block_id, element in blocks.values(view).items()
        if block_id.startswith(ids.SEVERAL)
        for option in element.get("selected_options") or []
    ]
    return [approvals.parse(one) for one in ticked]


def done(approved: int, refused: Sequence[str]) -> str:
    """Say how many somebody approved, and what became of the others."""
    posts = "1 post" if approved == 1 else f"{approved} posts"
    given = f":white_check_mark: You have approved {posts}. Who else is asked stands on each card."
    lines = [given if approved else "You have approved none."]
    return "\n".join([*lines, *(f":warning: {mrkdwn.escape(one)}" for one in refused)])

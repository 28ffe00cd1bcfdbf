"""The daily summary: what waits for somebody, and what goes out today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from bot.views import home
from bot.views.card import Message
from core.models import Member
from core.posts import PostView

MOST_POSTS = 10  # of each part


@dataclass(frozen=True)
class Summary:
    """What a member is told."""

    member: Member
    waiting: Sequence[PostView] = ()  # for their approval
    needing: Sequence[PostView] = ()  # somebody
    today: Sequence[PostView] = ()  # goes out


def message(summary: Summary) -> Message | None:
    """Tell a member what waits for them; nothing when nothing does, and nothing goes out."""
    if not (summary.waiting or summary.needing or summary.today):
        return None
    return {"text": counted(summary), "blocks": list(body(summary)), "unfurl_links": False}


def counted(summary: Summary) -> str:
    """Say in one sentence how much there is."""
    said = [
        f"{number} {one if number == 1 else many} {rest}"
        for number, one, many, rest in (
            (len(summary.waiting), "post waits", "posts wait", "for your approval"),
            (len(summary.needing), "post needs", "posts need", "attention"),
            (len(summary.today), "post goes", "posts go", "out today"),
        )
        if number
    ]
    return f"Hello {mrkdwn.escape(summary.member.name)}, {mrkdwn.listed(said)}."


def body(summary: Summary) -> Iterator[Block]:
    """List what there is, most pressing first."""
    yield blocks.section(counted(summary))
    yield from part("Waits for you", [home.waits(post) for post in summary.waiting], summary.waiting)
    yield from part("Needs attention", [home.how_it_is(post) for post in summary.needing], summary.needing)
    yield from part("Goes out today", [home.goes_out(post) for post in summary.today], summary.today)
    yield blocks.context("You chose to hear this on working days. Change it at the end of my Home tab.")


def part(title: str, lines: Sequence[str], posts: Sequence[PostView]) -> Iterator[Block]:
    """List posts under a title, each with the way to all of it."""
    if not posts:
        return
    yield blocks.divider()
    yield blocks.section(f"*{title}*")
    for line, post in list(zip(lines, posts, strict=True))[:MOST_POSTS]:
        yield blocks.section(line, blocks.button("Show all", ids.SHOW_ALL, str(post.post.id)))
    if (more := len(posts) - MOST_POSTS) > 0:
        yield blocks.context(f"and {more} more: `/social queue`")

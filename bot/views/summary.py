"""The daily summary: what waits for somebody, and what goes out today."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot import blocks, mrkdwn
from bot.blocks import Block
from bot.views import home
from bot.views.card import Message
from bot.views.queue import look_button
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
    member = summary.member
    yield from part(member, "Waits for you", home.waits, summary.waiting)
    yield from part(member, "Needs attention", home.how_it_is, summary.needing)
    yield from part(member, "Goes out today", home.goes_out, summary.today)
    yield blocks.context("You chose to hear this on working days. Change it at the end of my Home tab.")


def part(
    member: Member, title: str, words: Callable[[PostView], str], posts: Sequence[PostView]
) -> Iterator[Block]:
    """List posts under a title, each with the way to all of it."""
    if not posts:
        return
    yield blocks.divider()
    yield blocks.section(f"*{title}*")
    for post in posts[:MOST_POSTS]:
        yield blocks.section(words(post), look_button(post, member))
    if (more := len(posts) - MOST_POSTS) > 0:
        yield blocks.context(f"and {more} more{home.where_more(member)}")

"""The queue: what is still to go out or became too late, in the order of its time, a day at a time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import approvals, limits
from bot.views.card import Card, choices
from bot.views.outcomes import named, until_when, waits_for_login
from bot.views.paging import Page, page_buttons
from bot.views.pausing import Paused, banner
from bot.views.several import Part
from core import plans
from core.models import Account, Client, Member, PostState, Publication, PublicationState
from core.posts import PostView

A_PAGE = 15  # posts; each is at most three blocks, and may have its day above
MOST_ACCOUNTS = 4  # of one post
EVERYTHING = "all"
ALL_CLIENTS = "All clients"
STATES = {
    PostState.SCHEDULED: ":date: Scheduled",
    PostState.PUBLISHING: ":hourglass_flowing_sand: Publishing",
    PostState.LATE: ":alarm_clock: Too late",
}
EMOJI = {
    PostState.IN_APPROVAL: ":raised_hand:",
    PostState.CHANGES_REQUESTED: ":pencil2:",
    PostState.EXPIRED: ":alarm_clock:",
    PostState.APPROVED: ":alarm_clock:",
}
GOES_OUT = {PostState.SCHEDULED, PostState.PUBLISHING}  # unless it is paused


@dataclass(frozen=True)
class Shown:
    """Which part of the queue is open: one client's or everybody's, only what is late or all, which page."""

    client_id: UUID | None = None
    only_late: bool = False
    page: int = 0

    def dump(self) -> str:
        """Write it for private_metadata."""
        client = str(self.client_id) if self.client_id else None
        return json.dumps({"client": client, "late": self.only_late, "page": self.page})

    @classmethod
    def load(cls, metadata: str) -> Self:
        """Read it back."""
        said = json.loads(metadata)
        return cls(UUID(said["client"]) if said["client"] else None, said["late"], said["page"])


@dataclass(frozen=True)
class Queue:
    """What the queue shows, to whom."""

    shown: Shown
    page: Page[PostView]
    client: Client | None
    paused: Sequence[Paused]
    member: Member
    now: datetime
    quotas: limits.Known = ()


def listing(queue: Queue) -> View:
    """Draw it."""
    return blocks.modal("Queue", list(body(queue)), callback_id=ids.SHOW_QUEUE, metadata=queue.shown.dump())


def body(queue: Queue) -> Iterator[Block]:
    """Give what is paused, the choice of the client, and the posts by day."""
    yield from banner(queue.paused)
    what = "What became too late" if queue.shown.only_late else "What is to go out"
    yield blocks.section(f"*{what}*", client_select(queue.client), block_id=ids.QUEUE_OF)
    if not queue.page.total:
        yield from empty(queue)
    yield from limits.left(queue.quotas)
    yield from limits.closed([account for post in queue.page.items for account in post.accounts], queue.now)
    if sum(post.waits_for(queue.member) for post in queue.page.items) > 1:
        these = Part(queue.client.id if queue.client else None).dump()
        yield blocks.actions(blocks.button("Approve several", ids.APPROVE_SEVERAL, these))
    zone = queue.member.zone
    today = queue.now.astimezone(zone).date()
    for words, posts in groupby(queue.page.items, key=lambda post: heading(post, zone, today)):
        yield blocks.divider()
        yield blocks.section(f"*{words}*")
        for post in posts:
            yield from post_part(post, queue)
    yield from page_buttons(queue.page, ids.SHOW_QUEUE)


def client_select(client: Client | None) -> Block:
    """Give the choice of the client, or of all; its options are asked for while the person types."""
    return {
        "type": "external_select",
        "action_id": ids.QUEUE_OF,
        "min_query_length": 0,
        "placeholder": blocks.plain(ALL_CLIENTS),
        "initial_option": option(client),
    }


def option(client: Client | None) -> Block:
    """Give one choice."""
    if client is None:
        return blocks.option(ALL_CLIENTS, EVERYTHING)
    return blocks.option(client.name, str(client.id))


def empty(queue: Queue) -> Iterator[Block]:
    """Say what to do when there is nothing."""
    whose = f" of {mrkdwn.bold(queue.client.name)}" if queue.client else ""
    if queue.shown.only_late:
        yield blocks.section(f"Nothing{whose} is too late any more.")
        return
    whose = f" for {mrkdwn.bold(queue.client.name)}" if queue.client else ""
    yield blocks.section(f"Nothing is scheduled{whose}. Write a post, and choose in it when it goes out.")
    yield blocks.actions(blocks.button("New post", ids.COMPOSE, style="primary"))


# --- the days -------------------------------------------------------------------------------------------


def day_of(post: PostView, zone: ZoneInfo) -> date | None:
    """Give the day on which a post goes out; none for what goes out at once."""
    return post.post.due_at.astimezone(zone).date() if post.post.due_at else None


def heading(post: PostView, zone: ZoneInfo, today: date) -> str:
    """Say when a post goes out: on which day, at once, or when somebody has agreed."""
    if day := day_of(post, zone):
        return words_of(day, today)
    return "Once approved" if post.post.state in approvals.HEADLINES else "Now"


def words_of(day: date, today: date) -> str:
    """Name a day."""
    year = f" {day.year}" if day.year != today.year else ""
    full = f"{day:%A}, {day.day} {day:%B}{year}"
    near = {today - timedelta(days=1): "Yesterday", today: "Today", today + timedelta(days=1): "Tomorrow"}
    return f"{near[day]} · {full}" if day in near else full


# --- a post ---------------------------------------------------------------------------------------------


def post_part(post: PostView, queue: Queue) -> Iterator[Block]:
    """Show a post, the way to all of it, and what can be done about it as its card says.

    Nobody decides about a caption's beginning: that is done where all of it is shown.
    """
    words = [summary(post, queue.paused), beginning(post), where(post), *waiting(post)]
    yield blocks.section("\n".join(words), look_button(post, queue.member))
    if post.post.state is PostState.IN_APPROVAL:
        yield blocks.actions(*approvals.author_buttons(post))
    else:
        yield from choices(Card(post))


def look_button(post: PostView, member: Member) -> Block:
    """Lead to all of a post, where whoever is asked decides about it."""
    mine = post.waits_for(member)
    words, style = ("Review", "primary") if mine else ("Show all", None)
    return blocks.button(words, ids.SHOW_ALL, str(post.post.id), style=style)


def summary(post: PostView, paused: Sequence[Paused]) -> str:
    """Say when, for whom, and how it is doing."""
    when = [mrkdwn.clock(post.post.due_at)] if post.post.due_at else []
    is_held = post.post.state in GOES_OUT and any(one.subject.covers(post.client) for one in paused)
    state = ":double_vertical_bar: Held back" if is_held else state_words(post)
    return " · ".join([*when, mrkdwn.bold(post.client.name), state])


def state_words(post: PostView) -> str:
    """Say how a post is doing; of one that waits for approval, at which stage it is."""
    state, stage = post.post.state, post.standing.current if post.standing else None
    if state not in approvals.HEADLINES:
        return ":electric_plug: Waits" if Card(post).waits else STATES[state]
    is_only = post.standing is not None and len(post.standing.stages) == 1  # or else the headline names it
    named = stage if state is PostState.IN_APPROVAL and is_only else None
    at = f" ({mrkdwn.escape(named.name)})" if named else ""
    return f"{EMOJI[state]} {approvals.headline(post)}{at}"


def beginning(post: PostView) -> str:
    """Give the caption's beginning, in a line."""
    return mrkdwn.literal(" ".join(post.version.caption.split()), 120) or "_No caption_"


def where(post: PostView) -> str:
    """Name the accounts."""
    names = ", ".join(named(account) for account in post.accounts[:MOST_ACCOUNTS])
    more = len(post.accounts) - MOST_ACCOUNTS
    return names + (f" and {more} more" if more > 0 else "")


def waiting(post: PostView) -> list[str]:
    """Say of each account that cannot be used that this waits for it; of many, the first."""
    pairs = [] if post.post.state in plans.AT_REST else Card(post).pairs
    gone = [(account, until) for account, one in pairs if (until := waits_until(account, one))]
    ended = [pair[0] for pair in pairs if waits_for_login(*pair) and pair[0].is_active]
    lines = [f":electric_plug: {named(account)} · {until}" for account, until in gone]
    lines += [f":electric_plug: {named(one)} · waits for a new login" for one in ended]
    more = len(lines) - MOST_ACCOUNTS
    return lines[:MOST_ACCOUNTS] + ([f"and {more} more that wait"] if more > 0 else [])


def waits_until(account: Account, publication: Publication) -> str:
    """Say what it waits for on an account that somebody disconnected; nothing if it does not."""
    until = until_when(account, publication)
    is_held = publication.state is PublicationState.HELD
    return f"waits for approval, {until}" if until and is_held else until


def parse(action: Mapping[str, Any]) -> UUID | None:
    """Read which client was chosen; none for all of them."""
    value = (action.get("selected_option") or {}).get("value", EVERYTHING)
    return None if value == EVERYTHING else UUID(value)

"""App Home: what needs somebody first, then what comes, what is begun and what happened, then the clients."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import approvals
from bot.views.accounts import Entry
from bot.views.card import Card, headline
from bot.views.outcomes import line
from bot.views.paging import Page, page_buttons
from bot.views.pausing import Paused, banner
from bot.views.queue import beginning, look_button, where
from core import summaries
from core.models import Client, Member, Role
from core.posts import PostView

MOST_POSTS = 8  # of each part
MOST_WAITING = 10
MOST_LINES = 6  # accounts of one post
A_PAGE = 15  # clients
NEVER = "never"
NOTHING_WAITS = ":white_check_mark: *Nothing waits for your approval.* What does is listed here."


@dataclass(frozen=True)
class Group:
    """A client with its accounts, and whether this member may connect more."""

    client: Client
    entries: tuple[Entry, ...]
    may_change: bool


@dataclass(frozen=True)
class Home:
    """What a member's Home shows."""

    member: Member
    groups: Page[Group]
    now: datetime
    paused: Sequence[Paused] = ()
    waiting: Sequence[PostView] = ()  # for this member's approval
    summary: int | None = None  # the hour of their daily summary
    needing: Sequence[PostView] = ()
    scheduled: Sequence[PostView] = ()
    drafts: Sequence[PostView] = ()
    recent: Sequence[PostView] = ()

    @property
    def is_admin(self) -> bool:
        """Whether this member may add clients."""
        return self.member.role is Role.ADMIN


def view(home: Home) -> View:
    """Draw a member's Home."""
    return blocks.home(list(body(home)), metadata=json.dumps({"page": home.groups.number}))


def guest_view(member: Member, waiting: Sequence[PostView], hour: int | None, now: datetime) -> View:
    """Draw the Home of a guest who reviews a client's posts: what waits for them, and their daily summary."""
    nothing = [] if waiting else [blocks.section(NOTHING_WAITS)]
    parts = [
        blocks.header(f"Hello, {member.name}"),
        *nothing,
        *waiting_part(waiting, member),
        *summary_part(hour, member),
        blocks.context(f"Updated {mrkdwn.moment(now)}"),
    ]
    return blocks.home(parts, metadata=json.dumps({"page": 0}))


def body(home: Home) -> Iterator[Block]:
    """Give the parts, in the order of how much they matter."""
    yield blocks.header(f"Hello, {home.member.name}")
    yield from banner(home.paused)
    yield from first_buttons(home)
    if home.groups.total:
        yield from waiting_part(home.waiting, home.member)
        yield from posts_part("Needs attention", home.needing)
        yield from scheduled_part(home.scheduled)
        yield from drafts_part(home.drafts)
        yield from posts_part("Recent posts", home.recent)
        if not (home.waiting or home.needing or home.scheduled or home.recent):
            yield blocks.divider()
            yield blocks.section("*Recent posts*\nNothing is published yet. Your first post shows up here.")
        yield from clients_part(home)
        yield from summary_part(home.summary, home.member)
    else:
        yield blocks.section(empty(home))
    yield blocks.context(f"Updated {mrkdwn.moment(home.now)}")


def first_buttons(home: Home) -> Iterator[Block]:
    """Offer what people come for; where nothing is set up yet, only the next thing to do."""
    buttons = []
    if home.groups.total:
        buttons.append(blocks.button("New post", ids.COMPOSE, style="primary"))
        buttons.append(blocks.button("Queue", ids.SHOW_QUEUE))
    if home.is_admin:
        buttons.append(
            blocks.button("Add a client", ids.ADD_CLIENT, style=None if home.groups.total else "primary")
        )
    if home.groups.total:
        buttons.append(blocks.button("Clients", ids.SHOW_CLIENTS))
        buttons.append(blocks.button("Accounts", ids.SHOW_ACCOUNTS))
        buttons.append(blocks.button("Audit trail", ids.SHOW_AUDIT))
    if buttons:
        yield blocks.actions(*buttons)


def empty(home: Home) -> str:
    """Say what to do when there is nothing yet."""
    if home.is_admin:
        return (
            "*Let us begin.*\nAdd a client: a brand that you publish for. Then connect its Instagram and "
            "Facebook accounts, and publish your first post from any channel with `/publish`."
        )
    return (
        "*You do not work for a client yet.*\nAsk a manager of your client, or one of your agency's admins, "
        "to add you with `/social clients`. Then this page shows your posts and accounts."
    )


def waiting_part(posts: Sequence[PostView], member: Member) -> Iterator[Block]:
    """List what waits for this member's approval."""
    if not posts:
        return
    yield blocks.divider()
    several = blocks.button("Approve several", ids.APPROVE_SEVERAL) if len(posts) > 1 else None
    yield blocks.section("*Waits for you*", several)
    for post in posts[:MOST_WAITING]:
        yield blocks.section(waits(post), look_button(post, member))
    if (more := len(posts) - MOST_WAITING) > 0:
        yield blocks.context(f"and {more} more{where_more(member)}")


def where_more(member: Member) -> str:
    """Say where the posts are that a list has no room for; a guest comes to them by *Approve several*."""
    return "" if member.role is Role.GUEST else ": `/social queue`"


def waits(post: PostView) -> str:
    """Say when a post is to go out and for whom, at which stage it is, and how it begins."""
    due_at, stage = post.post.due_at, post.standing.current if post.standing else None
    when = mrkdwn.moment(due_at) if due_at else "as soon as it is approved"
    at = f" · {mrkdwn.escape(stage.name)}, {stage.given} of {stage.needs}" if stage else ""
    return f":raised_hand: {when} · {mrkdwn.bold(post.client.name)}{at}\n{beginning(post)}\n{where(post)}"


def posts_part(title: str, posts: Sequence[PostView]) -> Iterator[Block]:
    """List posts under a title."""
    if not posts:
        return
    yield blocks.divider()
    yield blocks.section(f"*{title}*")
    for post in posts[:MOST_POSTS]:
        yield post_part(post)


def post_part(post: PostView) -> Block:
    """Show a post, with the way to all of it."""
    return blocks.section(how_it_is(post), blocks.button("Show all", ids.SHOW_ALL, str(post.post.id)))


def how_it_is(post: PostView) -> str:
    """Say how a post is doing, how it begins, and where it is live."""
    card = Card(post)
    is_asked = post.post.state not in approvals.OVER
    lines = "\n".join(line(*pair, is_asked=is_asked) for pair in card.pairs[:MOST_LINES])
    more = len(card.pairs) - MOST_LINES
    rest = f"\n… and {more} more accounts" if more > 0 else ""
    return (
        f"{mrkdwn.bold(post.client.name)} · {headline(card)} · {mrkdwn.moment(post.post.updated_at)}\n"
        f"{beginning(post)}\n{lines}{rest}"
    )


def scheduled_part(posts: Sequence[PostView]) -> Iterator[Block]:
    """List what goes out next."""
    if not posts:
        return
    yield blocks.divider()
    yield blocks.section("*Scheduled next*", blocks.button("Queue", ids.SHOW_QUEUE))
    for post in posts:
        yield blocks.section(goes_out(post), blocks.button("Show all", ids.SHOW_ALL, str(post.post.id)))


def goes_out(post: PostView) -> str:
    """Say when a post goes out, or would if its accounts were connected, for whom, and how it begins."""
    when = mrkdwn.moment(post.post.due_at) if post.post.due_at else "now"
    mark = ":electric_plug: Waits" if Card(post).waits else ":date:"
    return f"{mark} {when} · {mrkdwn.bold(post.client.name)}\n{beginning(post)}\n{where(post)}"


def drafts_part(posts: Sequence[PostView]) -> Iterator[Block]:
    """List what this member began and did not send on its way."""
    if not posts:
        return
    yield blocks.divider()
    yield blocks.section("*Drafts*")
    for post in posts:
        begun = f"{mrkdwn.bold(post.client.name)} · {mrkdwn.moment(post.post.updated_at)}\n{beginning(post)}"
        yield blocks.section(begun)
        yield blocks.actions(
            blocks.button("Continue", ids.COMPOSE_AGAIN, str(post.post.id)), discard_button(post)
        )


def discard_button(post: PostView) -> Block:
    """Offer to throw a draft away; it asks first."""
    asked = blocks.confirmation(
        "Delete this draft?", "This cannot be undone.", yes="Delete", no="Keep it", danger=True
    )
    return blocks.button("Delete", ids.DISCARD_DRAFT, str(post.post.id), confirm=asked)


def clients_part(home: Home) -> Iterator[Block]:
    """List the clients with the health of their accounts."""
    yield blocks.divider()
    yield blocks.section("*Clients*")
    for group in home.groups.items:
        button = connect_button(group) if group.may_change else None
        yield blocks.section(f"{mrkdwn.bold(group.client.name)}\n{health(group)}", button)
    yield from page_buttons(home.groups, ids.HOME)


def connect_button(group: Group) -> Block:
    """Offer to connect more accounts; or to solve what is wrong with those that there are."""
    if all(entry.health.ok for entry in group.entries):
        return blocks.button("Connect", ids.CONNECT, str(group.client.id))
    return blocks.button("Reconnect", ids.CONNECT, str(group.client.id), style="primary")


def health(group: Group) -> str:
    """Say in a few lines how a client's accounts are doing: those in trouble first, and why."""
    if not group.entries:
        return "No accounts yet."
    ill = [entry for entry in group.entries if not entry.health.ok]
    lines = [
        f":red_circle: *Nothing goes out on {one.account.platform.title} "
        f"{mrkdwn.fitted(one.account.label, 80)}.* {mrkdwn.fitted(one.health.sentence, 280)}"
        for one in ill[:5]
    ]
    if ill and not group.may_change:
        lines.append("Its managers can connect it again.")
    well = [entry.account for entry in group.entries if entry.health.ok]
    if well:
        names = ", ".join(f"{one.platform.title} {mrkdwn.fitted(one.label, 80)}" for one in well[:8])
        more = f" and {len(well) - 8} more" if len(well) > 8 else ""  # noqa: PLR2004 as many as above
        lines.append(f":large_green_circle: {names}{more}")
    return "\n".join(lines)


def summary_part(hour: int | None, member: Member) -> Iterator[Block]:
    """Let the member choose when to hear what waits for them, if at all."""
    options = {one: blocks.option(f"Working days at {one}:00", str(one)) for one in summaries.HOURS}
    never = blocks.option("Never", NEVER)
    choice = {
        "type": "static_select",
        "action_id": ids.SUMMARY,
        "options": [never, *options.values()],
        "initial_option": never if hour is None else options[hour],
    }
    yield blocks.divider()
    yield blocks.section(
        "*Daily summary*\nA direct message that lists what waits for you, what needs attention, and what "
        f"goes out that day. On your own clock ({mrkdwn.escape(member.timezone)}).",
        choice,
        block_id=ids.SUMMARY,
    )


def hour_of(chosen: Mapping[str, Any]) -> int | None:
    """Read the hour of the daily summary that was chosen."""
    value = chosen["selected_option"]["value"]
    return None if value == NEVER else int(value)


def only(sentence: str, *more: Block) -> View:
    """Say why there is nothing here, to somebody from outside or when something went wrong; in mrkdwn."""
    return blocks.home([blocks.header("Pressroom"), blocks.section(sentence), *more])


def page_of(view: Mapping[str, Any] | None) -> int:
    """Say which page of clients is open."""
    return int(json.loads((view or {}).get("private_metadata") or "{}").get("page", 0))

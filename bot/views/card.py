"""The card: the one Slack message that shows a post, always drawn whole from the record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import approvals, post_buttons
from bot.views.outcomes import LONGEST_REASON, line, needs_somebody, open_account, waits_for_login, why
from core.models import Account, PostState, Publication, PublicationState
from core.pauses import Pause
from core.posts import ON_ITS_WAY, PostView
from core.rounds import HELD

LONGEST_CAPTION = 500  # characters on the card; the rest is one click away
MOST_LINES = 8
MOST_OPEN = 12  # accounts that need somebody, each with its own paragraph and buttons
MOST_OPEN_IN_MODAL = 40
MOST_IN_LIST = 40  # accounts in one paragraph
EVENT = "pressroom_post"
NOT_LIVE = {PublicationState.FAILED, PublicationState.CANCELLED}

Message = dict[str, Any]

HEADLINES = {
    PostState.DRAFT: "Draft",
    PostState.SCHEDULED: "Scheduled",
    PostState.PUBLISHED: "Published",
    PostState.NEEDS_REVIEW: "Please check",
    PostState.LATE: "Too late",
    PostState.CANCELLED: "Cancelled",
}


@dataclass(frozen=True)
class Card:
    """What the card shows."""

    post: PostView
    picture: str | None = None  # its address
    pause: Pause | None = None  # what keeps it from going out

    @property
    def pairs(self) -> list[tuple[Account, Publication]]:
        """Give each account with what becomes of the post on it."""
        accounts = {account.id: account for account in self.post.accounts}
        return [
            (accounts[one.account_id], one) for one in self.post.publications if one.account_id in accounts
        ]

    @property
    def states(self) -> set[PublicationState]:
        """Give all that becomes of the post, wherever."""
        return {publication.state for _, publication in self.pairs}

    @property
    def waits(self) -> bool:
        """Say whether nothing more happens until an account is connected again."""
        open_ones = [pair for pair in self.pairs if pair[1].state in ON_ITS_WAY]
        return bool(open_ones) and all(waits_for_login(*pair) for pair in open_ones)


def message(card: Card) -> Message:
    """Draw the card."""
    return {
        "text": fallback(card),
        "blocks": list(usable(card, body(card))),
        "metadata": {"event_type": EVENT, "event_payload": {"post_id": str(card.post.post.id)}},
        "unfurl_links": False,
        "unfurl_media": False,
    }


def fallback(card: Card) -> str:
    """Say it all in a line: for notifications, and for those who do not see blocks."""
    names = ", ".join(account.label for account in card.post.accounts[:3])
    more = len(card.post.accounts) - 3
    where = names + (f" and {more} more" if more > 0 else "")
    return mrkdwn.fitted(f"{headline(card)}: {card.post.client.name}, {where}", 500)


def headline(card: Card) -> str:
    """Say in a few words how the post is doing."""
    states, state = [publication.state for publication in card.post.publications], card.post.post.state
    if state is PostState.PUBLISHING:
        doing = waits_for(card) if card.waits else "Publishing"
        doing = "Held back" if card.pause else doing
        return f"{doing} ({states.count(PublicationState.PUBLISHED)} of {len(states)})"
    if state is PostState.FAILED:
        return f"Not published on {states.count(PublicationState.FAILED)} of {len(states)}"
    if state in approvals.HEADLINES:
        return approvals.headline(card.post)
    return HEADLINES[state]


def waits_for(card: Card) -> str:
    """Say what a post waits for that only waits: a new login, or accounts that somebody disconnected."""
    waiting = [account for account, one in card.pairs if waits_for_login(account, one)]
    if any(account.is_active for account in waiting):
        return "Waiting for a new login"
    return "Waiting for its account" if len(waiting) == 1 else "Waiting for its accounts"


def usable(card: Card, drawn: Iterable[Block]) -> Iterator[Block]:
    """Leave the buttons out where they lead nowhere any more: the client is being removed."""
    is_leaving = card.post.client.leaving_at is not None
    return blocks.without_buttons(drawn) if is_leaving else iter(drawn)


def body(card: Card) -> Iterator[Block]:
    """Give the state, the content, who agreed or is asked, and each account."""
    yield from heading(card)
    yield from content(card)
    yield blocks.divider()
    yield from approvals.paragraphs(card.post)
    yield from accounts(card, most_open=MOST_OPEN)
    yield from choices(card)


def heading(card: Card) -> Iterator[Block]:
    """Say how it is doing, for whom, when it goes out, and whose it is."""
    post = card.post
    yield blocks.header(f"{headline(card)} · {post.client.name}")
    if post.post.due_at and post.post.state is PostState.SCHEDULED:
        yield blocks.section(goes_out(card, post.post.due_at))
    elif card.pause and post.post.state is PostState.PUBLISHING:
        yield blocks.section(held_back(card.pause))
    if post.post.state is PostState.PUBLISHED and (at := live_since(card)):
        yield blocks.section(f"*Live since {mrkdwn.moment(at)}*")
    if PublicationState.LATE in card.states:
        yield blocks.section(too_late(card))
    yield from approvals.when(post)
    is_asked = [approvals.asked_by(post)] if post.post.state is PostState.IN_APPROVAL else []
    yield blocks.context(written(post), *is_asked)


def goes_out(card: Card, due_at: datetime) -> str:
    """Say when it goes out, or what keeps it from that: a pause, or that none of its accounts can be used."""
    its_time = f"\nIts time is {mrkdwn.moment(due_at)}."
    if card.pause:
        return held_back(card.pause) + ("" if card.pause.is_leaving else its_time)
    if card.waits:
        which = "its account is" if len(card.pairs) == 1 else "its accounts are"
        return f":electric_plug: *Waits until {which} connected again*{its_time}"
    return f"*Goes out {mrkdwn.moment(due_at)}*"


def held_back(pause: Pause) -> str:
    """Say what holds it back."""
    if pause.is_leaving:
        whose = "this workspace" if pause.whole_agency else "its client"
        return f":wastebasket: *Held back: {whose} is leaving Pressroom.*"
    by = f" by {mrkdwn.person(pause.by)}" if pause.by else ""
    return f":double_vertical_bar: *Held back: publishing is paused*{by}, since {mrkdwn.moment(pause.since)}."


def live_since(card: Card) -> datetime | None:
    """Give when it was live everywhere."""
    times = [one.published_at for _, one in card.pairs if one.published_at]
    return max(times, default=None)


def written(post: PostView) -> str:
    """Say who wrote it, and who wrote what it says now."""
    by, at = mrkdwn.person(post.author.slack_user_id), mrkdwn.moment(post.version.created_at)
    if post.editor.id == post.author.id:
        return f"By {by}, {at}"
    return f"By {by} · changed by {mrkdwn.person(post.editor.slack_user_id)}, {at}"


def too_late(card: Card) -> str:
    """Say what became too late, and why as far as that is known."""
    late = [one for _, one in card.pairs if one.state is PublicationState.LATE]
    everywhere = len(late) == len(card.pairs)
    what = "This" if everywhere else f"On {len(late)} of {len(card.pairs)} accounts this"
    said = (
        f":alarm_clock: {what} was to go out {mrkdwn.moment(late[0].due_at)}, and could not. "
        f"What is later than {card.post.client.late_minutes} minutes does not go out by itself."
    )
    reasons = dict.fromkeys(one.reason for one in late if one.reason)
    return "\n".join([said, *(mrkdwn.fitted(reason, LONGEST_REASON) for reason in list(reasons)[:3])])


def content(card: Card) -> Iterator[Block]:
    """Show the caption's beginning and the picture."""
    version = card.post.version
    shown = beginning(version.caption)
    if shown:
        yield blocks.verbatim(shown)
    if shown != version.caption:
        yield blocks.actions(blocks.button("Show all", ids.SHOW_ALL, str(version.post_id)))
    yield from around(card)


def around(card: Card) -> Iterator[Block]:
    """Show the link or the picture that goes with the caption."""
    version = card.post.version
    if version.link:
        yield blocks.context(mrkdwn.link(version.link, mrkdwn.shortened(version.link, 100)))
    if card.picture:
        yield blocks.image(card.picture, version.alt_text or "The picture of this post")


def beginning(caption: str) -> str:
    """Give the part of a caption that a card shows."""
    lines = caption.split("\n")
    cut = "\n".join(lines[:MOST_LINES]) + ("…" if len(lines) > MOST_LINES else "")
    return mrkdwn.shortened(cut, LONGEST_CAPTION)


def accounts(card: Card, *, most_open: int) -> Iterator[Block]:
    """Give those that need somebody first, each with what to do; then the others, as a list."""
    is_held = card.post.post.state in HELD  # it waits for approval, whatever failed before
    needing = [] if is_held else [pair for pair in card.pairs if needs_somebody(*pair)]
    for account, publication in needing[:most_open]:
        yield from open_account(card.post.client, account, publication)
    listed = [pair for pair in card.pairs if pair not in needing[:most_open]]
    state = card.post.post.state
    is_early, is_asked = state is PostState.SCHEDULED, state not in approvals.OVER
    lines = [line(*pair, is_early=is_early, is_asked=is_asked) + why(pair[1]) for pair in listed]
    for first in range(0, len(lines), MOST_IN_LIST):
        yield blocks.section("\n".join(packed(lines[first : first + MOST_IN_LIST])))


def choices(card: Card) -> Iterator[Block]:
    """Offer what can be done with the post as a whole, by what has become of it so far."""
    post = card.post
    now, cancel = post_buttons.now_button(post), post_buttons.cancel_button(post)
    edit = post_buttons.edit_button(post)
    take_back = approvals.take_back_buttons(post)
    if post.post.state is PostState.SCHEDULED:
        yield blocks.actions(now, post_buttons.move_button(post), edit, cancel, *take_back)
    elif post.post.state in approvals.HEADLINES:
        yield from approvals.rows(post)
    elif PublicationState.LATE in card.states:
        yield blocks.actions(now, post_buttons.move_button(post, "Choose another time"), cancel, *take_back)
    elif PublicationState.SCHEDULED in card.states:
        yield blocks.actions(cancel, *take_back)
    elif PublicationState.FAILED in card.states and card.states <= NOT_LIVE:
        yield blocks.actions(edit)
    elif PublicationState.FAILED in card.states:
        yield blocks.actions(post_buttons.cancel_rest_button(post))


def packed(lines: list[str]) -> Iterator[str]:
    """Keep a list within one paragraph's length; a line is cut at its end as a whole, never inside a link."""
    left = blocks.LONGEST_SECTION - 30
    for number, text in enumerate(lines):
        left -= len(text) + 1
        if left < 0:
            yield f"… and {len(lines) - number} more"
            return
        yield text


def whole(card: Card, below: str = "") -> View:
    """Show all of a post: its caption to the end, its picture, and every account.

    `below` is kept with it: what the queue beneath it shows, if there is one.
    """
    version = card.post.version
    said = [blocks.verbatim(version.caption)] if version.caption else []
    said += around(card)
    rest = [
        *approvals.paragraphs(card.post),
        *accounts(card, most_open=MOST_OPEN_IN_MODAL),
        *choices(card),
    ]
    parts = list(usable(card, [*heading(card), *said, blocks.divider(), *rest]))
    return blocks.modal("Post", parts, callback_id=ids.POST, metadata=below)

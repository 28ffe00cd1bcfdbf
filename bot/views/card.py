"""The card: the one Slack message that shows a post, always drawn whole from the record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from core.models import Account, Platform, PostState, Publication, PublicationState
from core.posts import PostView

LONGEST_CAPTION = 500  # characters on the card; the rest is one click away
MOST_LINES = 8
MOST_OPEN = 12  # accounts that need somebody, each with its own paragraph and buttons
MOST_OPEN_IN_MODAL = 40
MOST_IN_LIST = 40  # accounts in one paragraph
LONGEST_REASON = 600
EVENT = "pressroom_post"

NOT_SAID = "Meta did not say why."
CANNOT_TELL = "Meta did not answer, and I cannot find out whether it is live."

Message = dict[str, Any]

HEADLINES = {
    PostState.DRAFT: "Draft",
    PostState.SCHEDULED: "Scheduled",
    PostState.PUBLISHED: "Published",
    PostState.NEEDS_REVIEW: "Please check",
    PostState.LATE: "Too late",
    PostState.CANCELLED: "Called off",
}

OUTCOMES = {
    PublicationState.SCHEDULED: (":hourglass_flowing_sand:", "waiting"),
    PublicationState.QUEUED: (":hourglass_flowing_sand:", "queued"),
    PublicationState.RUNNING: (":hourglass_flowing_sand:", "publishing…"),
    PublicationState.PUBLISHED: (":white_check_mark:", "published"),
    PublicationState.FAILED: (":x:", "not published"),
    PublicationState.NEEDS_REVIEW: (":warning:", "please check"),
    PublicationState.LATE: (":alarm_clock:", "too late"),
    PublicationState.CANCELLED: (":no_entry_sign:", "called off"),
}


@dataclass(frozen=True)
class Card:
    """What the card shows."""

    post: PostView
    picture: str | None = None  # its address

    @property
    def pairs(self) -> list[tuple[Account, Publication]]:
        """Give each account with what becomes of the post on it."""
        accounts = {account.id: account for account in self.post.accounts}
        return [
            (accounts[one.account_id], one) for one in self.post.publications if one.account_id in accounts
        ]


def message(card: Card) -> Message:
    """Draw the card."""
    return {
        "text": fallback(card),
        "blocks": list(body(card)),
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
        return f"Publishing ({states.count(PublicationState.PUBLISHED)} of {len(states)})"
    if state is PostState.FAILED:
        return f"Not published on {states.count(PublicationState.FAILED)} of {len(states)}"
    return HEADLINES[state]


def body(card: Card) -> Iterator[Block]:
    """Give the state, the content, and each account."""
    yield from heading(card)
    yield from content(card)
    yield blocks.divider()
    yield from accounts(card, most_open=MOST_OPEN)


def heading(card: Card) -> Iterator[Block]:
    """Say how it is doing, for whom, and whose it is."""
    post = card.post
    yield blocks.header(f"{headline(card)} · {post.client.name}")
    yield blocks.context(
        f"By {mrkdwn.person(post.author.slack_user_id)}, {mrkdwn.moment(post.version.created_at)}"
    )


def content(card: Card) -> Iterator[Block]:
    """Show the caption's beginning and the picture."""
    version = card.post.version
    shown = beginning(version.caption)
    if shown:
        yield blocks.verbatim(shown)
    if shown != version.caption:
        yield blocks.actions(blocks.button("Show all", ids.SHOW_ALL, str(version.post_id)))
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
    needing = [pair for pair in card.pairs if needs_somebody(pair[1])]
    for account, publication in needing[:most_open]:
        yield from open_account(card, account, publication)
    lines = [line(*pair) for pair in card.pairs if pair not in needing[:most_open]]
    for first in range(0, len(lines), MOST_IN_LIST):
        yield blocks.section("\n".join(packed(lines[first : first + MOST_IN_LIST])))


def packed(lines: list[str]) -> Iterator[str]:
    """Keep a list within one paragraph's length; a line is cut at its end as a whole, never inside a link."""
    left = blocks.LONGEST_SECTION - 30
    for number, text in enumerate(lines):
        left -= len(text) + 1
        if left < 0:
            yield f"… and {len(lines) - number} more"
            return
        yield text


def needs_somebody(publication: Publication) -> bool:
    """Say whether a person must do something about it."""
    return publication.state in (PublicationState.FAILED, PublicationState.NEEDS_REVIEW)


def open_account(card: Card, account: Account, publication: Publication) -> Iterator[Block]:
    """Show an account on which something must be done, with the buttons that do it."""
    client, in_question = card.post.client, publication.state is PublicationState.NEEDS_REVIEW
    reason = mrkdwn.fitted(publication.reason or (CANNOT_TELL if in_question else NOT_SAID), LONGEST_REASON)
    if in_question:
        yield blocks.section(
            f":warning: *Please check* · {named(account)}\n{reason}\n"
            "Have a look at the account: is it live there?"
        )
        yield blocks.actions(
            blocks.button("It's live", ids.CONFIRM_LIVE, str(publication.id), style="primary"),
            again_button(client.name, account, publication),
        )
        return
    said = f":x: *Not published* · {named(account)}\n{reason}"
    retry = retry_button(client.name, account, publication)
    if account.trouble or not account.is_active:
        yield blocks.section(said)
        reconnect = blocks.button("Reconnect", ids.CONNECT, str(client.id), style="primary")
        yield blocks.actions(reconnect, retry)
    else:
        yield blocks.section(said, retry)


def retry_button(client: str, account: Account, publication: Publication) -> Block:
    """Offer to publish it after all; it asks first."""
    asked = blocks.confirmation(
        "Publish it now?",
        f"The same post is published on {of_client(account, client)} once more.",
        yes="Publish now",
    )
    return blocks.button("Retry", ids.RETRY, str(publication.id), confirm=asked)


def again_button(client: str, account: Account, publication: Publication) -> Block:
    """Offer to publish what may be live already; it asks first, and says what that means."""
    asked = blocks.confirmation(
        "Publish it again?",
        f"Look first: if this post is on {of_client(account, client)} already, it may stand there twice.",
        yes="Publish again",
        danger=True,
    )
    return blocks.button("Publish again", ids.PUBLISH_AGAIN, str(publication.id), confirm=asked)


def of_client(account: Account, client: str) -> str:
    """Name an account and whose it is, in plain text."""
    return mrkdwn.shortened(f"{account.label} ({client})", 150)


def line(account: Account, publication: Publication) -> str:
    """Say in a line how it is doing on one account."""
    emoji, words = OUTCOMES[publication.state]
    whose = f"*{account.platform.title}* {mrkdwn.fitted(account.label, 200)}"
    return f"{emoji} {whose} · {words}{more(account, publication)}"


def more(account: Account, publication: Publication) -> str:
    """Give the permalink of what is live, and the time of the next try of what waits."""
    if publication.state is PublicationState.PUBLISHED and publication.permalink:
        return f" · {mrkdwn.link(publication.permalink, see_it(account))}"
    if publication.state is PublicationState.SCHEDULED and publication.next_run_at:
        return f", next try {mrkdwn.moment(publication.next_run_at)}"
    return ""


def see_it(account: Account) -> str:
    """Give the words of a permalink."""
    return "See it on Instagram" if account.platform is Platform.INSTAGRAM else "See it on Facebook"


def named(account: Account) -> str:
    """Name an account with its platform."""
    return f"{account.platform.title} {mrkdwn.fitted(account.label, 200)}"


def whole(post: PostView) -> View:
    """Show all of a post: its caption to the end, and every account."""
    card = Card(post)
    said = [blocks.verbatim(post.version.caption)] if post.version.caption else []
    if post.version.link:
        said.append(blocks.context(mrkdwn.link(post.version.link, mrkdwn.shortened(post.version.link, 100))))
    body = [*heading(card), *said, blocks.divider(), *accounts(card, most_open=MOST_OPEN_IN_MODAL)]
    return blocks.modal("Post", body, callback_id=ids.NOTICE)

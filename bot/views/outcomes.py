"""What becomes of a post on one account: a line about it, or a paragraph with what somebody must do."""

from collections.abc import Iterator

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from core import plans
from core.endings import NOT_PERMITTED
from core.models import Account, Client, Platform, Publication, PublicationState

LONGEST_REASON = 600
LONGEST_WHY = 200  # of one of many

NOT_SAID = "Meta did not say why."
CANNOT_TELL = "Meta did not answer, and I cannot find out whether it is live."
DISCONNECTED = "Disconnected: it waits until somebody connects the account again."
UNTIL_THEN = "disconnected: it waits until the account is connected again"
UNTIL_CONNECTED = {
    PublicationState.HELD: "and then for its account, which is disconnected",
    PublicationState.SCHEDULED: UNTIL_THEN,
    PublicationState.QUEUED: UNTIL_THEN,
}

OUTCOMES = {
    PublicationState.HELD: (":raised_hand:", "waits for approval"),
    PublicationState.SCHEDULED: (":date:", "scheduled"),
    PublicationState.QUEUED: (":hourglass_flowing_sand:", "queued"),
    PublicationState.RUNNING: (":hourglass_flowing_sand:", "publishing…"),
    PublicationState.PUBLISHED: (":white_check_mark:", "published"),
    PublicationState.FAILED: (":x:", "not published"),
    PublicationState.NEEDS_REVIEW: (":warning:", "please check"),
    PublicationState.LATE: (":alarm_clock:", "too late"),
    PublicationState.CANCELLED: (":no_entry_sign:", "cancelled"),
}
HELD_BACK = (":no_entry_sign:", "does not go out")  # of a post that nobody is asked about any more
WAITING = (":hourglass_flowing_sand:", "waiting")  # for its next try
MADE_READY = {PublicationState.QUEUED, PublicationState.RUNNING}


def needs_somebody(account: Account, publication: Publication) -> bool:
    """Say whether a person must do something about it."""
    asks = publication.state in (PublicationState.FAILED, PublicationState.NEEDS_REVIEW)
    return asks or waits_for_login(account, publication)


def waits_for_login(account: Account, publication: Publication) -> bool:
    """Say whether it waits until its account is connected again."""
    is_usable = account.ending is None and account.is_active
    return publication.state is PublicationState.SCHEDULED and not is_usable


def is_disconnected(account: Account, publication: Publication) -> bool:
    """Say whether somebody disconnected the account on which it is still to go out."""
    return publication.state in plans.OPEN and not account.is_active


def until_when(account: Account, publication: Publication) -> str:
    """Say that it waits for an account that somebody disconnected, if nothing else keeps it but approval.

    What is late waits for a person, and what is being published may be live.
    """
    return "" if account.is_active else UNTIL_CONNECTED.get(publication.state, "")


def open_account(client: Client, account: Account, publication: Publication) -> Iterator[Block]:
    """Show an account on which something must be done, with the buttons that do it."""
    reconnect = blocks.button("Reconnect", ids.CONNECT, str(client.id), style="primary")
    if waits_for_login(account, publication):
        trouble = mrkdwn.fitted(account.trouble or DISCONNECTED, LONGEST_REASON)
        yield blocks.section(f":electric_plug: *Waits* · {named(account)}\n{trouble}", reconnect)
        return
    in_question = publication.state is PublicationState.NEEDS_REVIEW
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
    if account.trouble or not account.is_active or is_not_permitted(publication):
        yield blocks.section(said)
        yield blocks.actions(reconnect, retry)
    else:
        yield blocks.section(said, retry)


def is_not_permitted(publication: Publication) -> bool:
    """Say whether Meta spoke of a permission, which a new login may bring."""
    code = (publication.reason_code or "").partition("/")[0]
    return code.isdigit() and int(code) in NOT_PERMITTED


def retry_button(client: str, account: Account, publication: Publication) -> Block:
    """Offer to publish it after all; it asks first."""
    asked = blocks.confirmation(
        "Try it again?",
        f"It goes out on {of_client(account, client)} now, or at its time if that is still to come.",
        yes="Try again",
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


def line(account: Account, publication: Publication, *, is_early: bool = False, is_asked: bool = True) -> str:
    """Say in a line how it is doing on one account; what is made ready early is still only scheduled.

    Without `is_asked`, nobody's approval is waited for any more.
    """
    emoji, words = OUTCOMES[publication.state]
    if is_early and publication.state in MADE_READY:
        emoji, words = OUTCOMES[PublicationState.SCHEDULED]
    elif publication.state is PublicationState.HELD and not is_asked:
        emoji, words = HELD_BACK
    elif waits_for_next_try(publication):
        emoji, words = WAITING
    whose = f"*{account.platform.title}* {mrkdwn.fitted(account.label, 200)}"
    rest = "" if words == HELD_BACK[1] else more(account, publication)
    return f"{emoji} {whose} · {words}{rest}"


def waits_for_next_try(publication: Publication) -> bool:
    """Say whether it was tried, and is tried again by itself."""
    return publication.state is PublicationState.SCHEDULED and publication.attempts > 0


def more(account: Account, publication: Publication) -> str:
    """Give the permalink of what is live, and what is waited for: an account, the next try, Meta's limit."""
    if publication.state is PublicationState.PUBLISHED and publication.permalink:
        return f" · {mrkdwn.link(publication.permalink, see_it(account))}"
    if until := until_when(account, publication):
        return f", {until}"
    if waits_for_next_try(publication) and publication.next_run_at:
        return f", next try {mrkdwn.moment(publication.next_run_at)}"
    closed_until = account.blocked_until
    if publication.state is PublicationState.SCHEDULED and closed_until and closed_until > publication.due_at:
        return f", not before {mrkdwn.moment(closed_until)}: Meta allows no more calls until then"
    return ""


def why(publication: Publication) -> str:
    """Say why something waits for its next try."""
    if not waits_for_next_try(publication) or not publication.reason:
        return ""
    return f"\n{mrkdwn.fitted(publication.reason, LONGEST_WHY)}"


def see_it(account: Account) -> str:
    """Give the words of a permalink."""
    return "See it on Instagram" if account.platform is Platform.INSTAGRAM else "See it on Facebook"


def named(account: Account) -> str:
    """Name an account with its platform."""
    return f"{account.platform.title} {mrkdwn.fitted(account.label, 200)}"

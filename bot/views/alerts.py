"""What somebody is told of a login at Meta: that it ends soon, or that it has ended; with one button."""

from collections.abc import Iterator, Sequence

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from bot.views.card import Message
from bot.views.outcomes import LONGEST_REASON, named
from core.alerts import Told
from core.models import Account

MOST_ACCOUNTS = 10


def message(told: Told) -> Message:
    """Tell it; the button leads to links that only whoever presses it sees."""
    text = ended(told) if told.alert.days is None else near(told)
    return {"text": text, "blocks": list(body(told, text)), "unfurl_links": False, "unfurl_media": False}


def body(told: Told, text: str) -> Iterator[Block]:
    """Say it, which accounts it is about and why, and what to do."""
    yield blocks.section(text)
    if told.alert.days is None:
        yield blocks.section("\n".join(reasons(told.ended)))
    yield blocks.actions(blocks.button("Reconnect", ids.CONNECT, str(told.client.id), style="primary"))
    yield blocks.context("The button gives you private links. Accounts and posts stay what they are.")


def near(told: Told) -> str:
    """Say when a login ends."""
    assert told.ends_at is not None
    return (
        f":hourglass: The login of {whose(told)} ends {mrkdwn.moment(told.ends_at)}, and Facebook renews it "
        f"only when somebody logs in again. After that, nothing goes out on {which(told.ending)}."
    )


def ended(told: Told) -> str:
    """Say that a login, or a part of it, has ended, and what that means."""
    return (
        f":electric_plug: {which(told.ended)} can no longer be used with the login of {whose(told)}. "
        "Posts for it wait, and go out by themselves once it is connected again; I ask first about those "
        "that are too late by then."
    )


def whose(told: Told) -> str:
    """Say whose login it is, and for which client."""
    return f"{mrkdwn.fitted(told.connection.meta_user_name, 100)} for {mrkdwn.bold(told.client.name)}"


def which(accounts: Sequence[Account]) -> str:
    """Name accounts; those that are too many are counted."""
    more = len(accounts) - MOST_ACCOUNTS
    names = [named(one) for one in accounts[:MOST_ACCOUNTS]]
    return mrkdwn.listed([*names, f"{more} more"] if more > 0 else names or ["its accounts"])


def reasons(accounts: Sequence[Account]) -> Iterator[str]:
    """Give each reason once."""
    for reason in dict.fromkeys(one.trouble for one in accounts if one.trouble):
        yield mrkdwn.fitted(reason, LONGEST_REASON)

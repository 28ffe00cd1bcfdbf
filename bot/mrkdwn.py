"""Text that people typed, made safe for Slack's mrkdwn; and Slack's own tokens.

https://docs.slack.dev/messaging/formatting-message-text
"""

from collections.abc import Sequence
from datetime import UTC, datetime

ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ", ":": "꞉"})  # noqa: RUF001 that is the point


def escape(text: str) -> str:
    """Make typed text show as it was typed: no mention, no link, no `<!channel>`."""
    return "".join(ESCAPES.get(character, character) for character in text)


def fitted(text: str, most: int) -> str:
    """Escape, and shorten so that the escaped text has at most so many characters; an ellipsis says so."""
    whole = escape(text)
    if len(whole) <= most:
        return whole
    kept, length = [], 1
    for character in text:
        safe = ESCAPES.get(character, character)
        if length + len(safe) > most:
            break
        kept.append(safe)
        length += len(safe)
    return "".join(kept).rstrip() + "…"


def literal(text: str, most: int) -> str:
    """Escape and shorten, and keep stars, underscores and codes of emoji from becoming anything else.

    mrkdwn has no escape for them, so each gives way to one that looks like it.
    """
    return fitted(text, most).translate(ALIKE)


def shortened(text: str, most: int) -> str:
    """Shorten plain text to at most so many characters; an ellipsis says so."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def bold(text: str) -> str:
    """Escape, and show in bold. A star inside would end it, so it gives way to one that looks like it."""
    return f"*{escape(text).replace('*', '∗')}*"  # noqa: RUF001 that is the one


def link(url: str, label: str) -> str:
    """Give a link with its words."""
    return f"<{escape(url).replace('|', '%7C')}|{escape(label).replace('|', '¦')}>"


def person(slack_user_id: str) -> str:
    """Mention somebody."""
    return f"<@{slack_user_id}>"


def channel(slack_channel_id: str) -> str:
    """Name a channel, with a link to it."""
    return f"<#{slack_channel_id}>"


def moment(at: datetime) -> str:
    """Give a time as each reader's own clock shows it."""
    fallback = at.astimezone(UTC).strftime("%d %B %Y, %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def day(at: datetime) -> str:
    """Give a day as each reader's own clock shows it."""
    return f"<!date^{int(at.timestamp())}^{{date_long}}|{at.astimezone(UTC).strftime('%d %B %Y')}>"


def clock(at: datetime) -> str:
    """Give the hour and minute as each reader's own clock shows them."""
    return f"<!date^{int(at.timestamp())}^{{time}}|{at.astimezone(UTC).strftime('%H:%M UTC')}>"


def listed(words: Sequence[str]) -> str:
    """Write a list as people say it: a, b and c."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last

"""Slack's text: what it escapes, and what it makes of what a person types."""

import re
from collections.abc import Mapping
from typing import Any

TOKEN = re.compile(r"<(?:[@#!][^<>\n]+|(?:https?|mailto|tel):[^<>\n]+)>")
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
ADDRESS = re.compile(r"(?<![<|\w/])https?://[^\s<>]+[^\s<>.,;:!?)\]'\"]")
MENTION = re.compile(r"(?<![\w<])@([\w.-]*\w)")


def sent(text: str) -> str:
    """Return the text of an app's message as Slack keeps it: stray `&`, `<` and `>` are escaped.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    return _outside_tokens(text, lambda part: BARE_AMPERSAND.sub("&amp;", part))


def typed(text: str, handles: Mapping[str, str]) -> str:
    """Return what a person typed as Slack keeps it, with mentions (`handles`: name to id) and addresses."""
    marked = MENTION.sub(lambda found: _mention(found, handles), text)
    marked = ADDRESS.sub(lambda found: f"<{found[0]}>", marked)
    return _outside_tokens(marked, lambda part: part.replace("&", "&amp;"))


def mentions(text: str, user_id: str) -> bool:
    """Say whether this person is mentioned."""
    return re.search(rf"<@{user_id}(?:\|[^>]*)?>", text) is not None


def plain(text: str) -> str:
    """Return text without Slack's escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def rich(text: str) -> list[dict[str, Any]]:
    """Return the rich_text block that Slack adds to what a person typed."""
    if not text:
        return []
    elements = [element for part in _split(text) for element in _element(part)]
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": "rich1", "elements": [section]}]


def _mention(found: re.Match[str], handles: Mapping[str, str]) -> str:
    if found[1] in ("here", "channel", "everyone"):
        return f"<!{found[1]}>"
    user_id = handles.get(found[1].lower())
    return f"<@{user_id}>" if user_id else found[0]


def _outside_tokens(text: str, escape: Any) -> str:
    parts = []
    at = 0
    for token in TOKEN.finditer(text):
        parts += [_angles(escape(text[at : token.start()])), token[0]]
        at = token.end()
    return "".join([*parts, _angles(escape(text[at:]))])


def _angles(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _split(text: str) -> list[str]:
    return [part for part in re.split(rf"({TOKEN.pattern})", text) if part]


def _element(part: str) -> list[dict[str, Any]]:
    inside = part[1:-1].partition("|")[0]
    if not TOKEN.fullmatch(part):
        return [{"type": "text", "text": plain(part)}]
    if inside.startswith("@"):
        return [{"type": "user", "user_id": inside[1:]}]
    if inside.startswith("#"):
        return [{"type": "channel", "channel_id": inside[1:]}]
    if inside.startswith("!"):
        return [{"type": "broadcast", "range": inside[1:]}]
    return [{"type": "link", "url": plain(inside)}]

"""The words of a Slack message, as plain text: what somebody would paste into a caption.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

_TOKEN = re.compile(r"<([^<>]*)>")


def text_of(message: Mapping[str, Any]) -> str:
    """Give a message's words; its rich text knows the emoji, its mrkdwn only their names."""
    rich = [block for block in message.get("blocks") or [] if block.get("type") == "rich_text"]
    if rich:
        return "\n".join("\n".join(_parts(block)) for block in rich).strip()
    return plain(str(message.get("text") or ""))


def plain(text: str) -> str:
    """Take Slack's markup out of mrkdwn: links become their addresses, mentions of people go."""
    return html.unescape(_TOKEN.sub(lambda token: _of_token(token[1]), text)).strip()


def _of_token(token: str) -> str:
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return ""
    if target.startswith(("#", "!")):
        return f"#{label}" if target.startswith("#") and label else label
    return target.removeprefix("mailto:")


def _parts(block: Mapping[str, Any]) -> Iterator[str]:
    for part in block.get("elements") or []:
        if part.get("type") == "rich_text_list":
            yield "\n".join("• " + _line(item) for item in part.get("elements") or [])
        else:
            yield _line(part)


def _line(part: Mapping[str, Any]) -> str:
    return "".join(map(_of_element, part.get("elements") or []))


def _of_element(element: Mapping[str, Any]) -> str:
    kind = element.get("type")
    if kind == "text":
        return str(element.get("text", ""))
    if kind == "link":
        return str(element.get("url", ""))
    if kind == "emoji":
        codes = str(element.get("unicode") or "")
        return (
            "".join(chr(int(code, 16)) for code in codes.split("-")) if codes else f":{element.get('name')}:"
        )
    return ""

"""Block Kit's pieces, as small functions; the numbers in them are Slack's.

https://docs.slack.dev/reference/block-kit
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.mrkdwn import shortened

Block = dict[str, Any]
View = dict[str, Any]

MOST_IN_VIEW = 100  # blocks
LONGEST_SECTION = 3000  # characters
LONGEST_HEADER = 150
LONGEST_OPTION = 75
LONGEST_TITLE = 24
LONGEST_HINT = 2000
LONGEST_BUTTON = 75


def plain(text: str, most: int = LONGEST_SECTION, *, emoji: bool = True) -> Block:
    """Give text that shows as it is; without emoji, `:smile:` stays as it was typed."""
    return {"type": "plain_text", "text": shortened(text, most), "emoji": emoji}


def mrkdwn(text: str) -> Block:
    """Give text with Slack's markup; what people typed in it is escaped by whoever calls this."""
    return {"type": "mrkdwn", "text": text}


def header(text: str) -> Block:
    """Give a headline."""
    return {"type": "header", "text": plain(text, LONGEST_HEADER, emoji=False)}


def section(text: str, accessory: Block | None = None, block_id: str | None = None) -> Block:
    """Give a paragraph, with one element beside it."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory:
        block["accessory"] = accessory
    if block_id:
        block["block_id"] = block_id
    return block


def verbatim(text: str) -> Block:
    """Give a paragraph exactly as it was typed: no markup, no emoji codes."""
    return {"type": "section", "text": plain(text, emoji=False)}


def quote(text: str) -> Block:
    """Give what somebody typed as a quotation, exactly as it was typed.

    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
    """
    quoted = {"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [quoted]}


def context(*texts: str) -> Block:
    """Give small print."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def divider() -> Block:
    """Give a line."""
    return {"type": "divider"}


def image(url: str, alt_text: str) -> Block:
    """Give a picture from an address that Slack's servers can reach."""
    return {"type": "image", "image_url": url, "alt_text": shortened(alt_text, 250)}


def slack_image(file_id: str, alt_text: str) -> Block:
    """Give a picture that is a file in Slack; only PNG, JPEG and GIF."""
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": shortened(alt_text, 250)}


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """Give a row of buttons."""
    block: Block = {"type": "actions", "elements": list(elements)}
    if block_id:
        block["block_id"] = block_id
    return block


def button(
    text: str,
    action_id: str,
    value: str = "",
    *,
    style: str | None = None,
    url: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """Give a button; `style` is primary or danger, `url` makes it a link."""
    element: Block = {"type": "button", "action_id": action_id, "text": plain(text, LONGEST_BUTTON)}
    extra = {"value": value, "style": style, "url": url, "confirm": confirm}
    return element | {name: given for name, given in extra.items() if given}


def confirmation(title: str, text: str, *, yes: str, no: str = "Cancel", danger: bool = False) -> Block:
    """Ask before a button does something."""
    asked: Block = {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }
    return asked | ({"style": "danger"} if danger else {})


def option(text: str, value: str, description: str | None = None) -> Block:
    """Give one choice of a menu."""
    chosen: Block = {"text": plain(text, LONGEST_OPTION, emoji=False), "value": value}
    return chosen | ({"description": plain(description, LONGEST_OPTION)} if description else {})


def field(
    label: str,
    element: Block,
    block_id: str,
    *,
    hint: str | None = None,
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """Give an input with its label; `dispatch` has Slack tell us of every change."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
        "dispatch_action": dispatch,
    }
    return block | ({"hint": plain(hint, LONGEST_HINT)} if hint else {})


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str,
    submit: str | None = None,
    close: str = "Close",
    metadata: str = "",
    external_id: str | None = None,
) -> View:
    """Give a modal."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, LONGEST_TITLE),
        "close": plain(close, LONGEST_TITLE),
        "blocks": list(blocks[:MOST_IN_VIEW]),
        "private_metadata": metadata,
    }
    extra = {"submit": plain(submit, LONGEST_TITLE) if submit else None, "external_id": external_id}
    return view | {name: given for name, given in extra.items() if given}


def home(blocks: Sequence[Block], *, metadata: str = "") -> View:
    """Give an App Home."""
    return {"type": "home", "blocks": list(blocks[:MOST_IN_VIEW]), "private_metadata": metadata}


def without_pictures(blocks: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Take the pictures out: for when Slack could not fetch one, which makes it refuse all the rest."""
    kept = [dict(block) for block in blocks if block["type"] != "image"]
    for block in kept:
        if block.get("accessory", {}).get("type") == "image":
            del block["accessory"]
    return kept


def without_buttons(blocks: Iterable[Block]) -> Iterator[Block]:
    """Take out whatever can be pressed or chosen; pictures stay."""
    for block in blocks:
        if block["type"] != "actions":
            is_picture = block.get("accessory", {}).get("type") == "image"
            yield {name: one for name, one in block.items() if name != "accessory" or is_picture}


def values(view: Mapping[str, Any]) -> dict[str, Block]:
    """Give what a person entered, by block_id: each of our input blocks has exactly one element."""
    state = view.get("state", {}).get("values", {})
    return {block_id: next(iter(elements.values()), {}) for block_id, elements in state.items()}

"""Small valid pieces of Block Kit, for tests to break."""

from typing import Any

Piece = dict[str, Any]


def plain(words: str) -> Piece:
    return {"type": "plain_text", "text": words}


def section(words: str = "Hello", **more: Any) -> Piece:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}, **more}


def button(action_id: str = "go", **more: Any) -> Piece:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


def actions(*elements: Piece, **more: Any) -> Piece:
    return {"type": "actions", "block_id": "buttons", "elements": list(elements), **more}


def option(value: str = "a", words: str = "A") -> Piece:
    return {"text": plain(words), "value": value}


def element(kind: str = "plain_text_input", **more: Any) -> Piece:
    return {"type": kind, "action_id": "field", **more}


def field(inner: Piece | None = None, block_id: str = "field_b", **more: Any) -> Piece:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain("Field"),
        "element": inner or element(),
        **more,
    }


def modal(*blocks: Piece, **more: Any) -> Piece:
    return {
        "type": "modal",
        "title": plain("Title"),
        "submit": plain("Send"),
        "blocks": list(blocks) or [section()],
        **more,
    }


def home(*blocks: Piece) -> Piece:
    return {"type": "home", "blocks": list(blocks) or [section()]}

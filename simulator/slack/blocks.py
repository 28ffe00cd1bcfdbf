"""A Block Kit validator of our own: what Slack would not take, in Slack's words.

`validate_message` and `validate_view` return sentences such as
`[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]`; an empty list means it is fine.
https://docs.slack.dev/reference/block-kit
"""

from collections.abc import Iterator
from typing import Any

from simulator.slack.elements import (
    ANY_TEXT,
    AS_ACCESSORY,
    IN_ACTIONS,
    IN_INPUT,
    elements,
    image_fields,
)
from simulator.slack.rules import (
    Report,
    Rule,
    anything,
    array,
    boolean,
    both,
    by_type,
    exactly_one,
    integer,
    one_of,
    string,
    text,
    thing,
)

JSON = dict[str, Any]
MESSAGE, MODAL, HOME = "message", "modal", "home"
MOST_BLOCKS = {MESSAGE: 50, MODAL: 100, HOME: 100}
MODAL_ONLY = {"email_text_input", "url_text_input", "number_input", "file_input"}
NOT_IN_MESSAGES = {"rich_text_input"}
MOST_MARKDOWN = 12_000


def validate_message(payload: JSON) -> list[str]:
    """Return what is wrong with the blocks of a message (an object with `blocks`)."""
    return _validate(payload.get("blocks"), MESSAGE, "")


def validate_view(view: JSON) -> list[str]:
    """Return what is wrong with a modal or a Home view."""
    found: list[str] = []
    _VIEW(view, "/view", _reporter(found))
    if not isinstance(view, dict) or view.get("type") not in (MODAL, HOME):
        return found
    blocks = view.get("blocks")
    found += _validate(blocks, view["type"], "/view")
    if view["type"] == MODAL and _has_input(blocks) and not view.get("submit"):
        found.append("[ERROR] missing required field: submit [json-pointer:/view]")
    return found


def every_element(blocks: list[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Yield each block with each interactive element in it."""
    for block in blocks:
        for element in _inside(block):
            yield block, element


def _inside(block: JSON) -> list[JSON]:
    if block.get("type") == "section":
        return [block["accessory"]] if isinstance(block.get("accessory"), dict) else []
    if block.get("type") == "input":
        return [block["element"]] if isinstance(block.get("element"), dict) else []
    if block.get("type") in ("actions", "context_actions"):
        return [one for one in block.get("elements") or [] if isinstance(one, dict)]
    return []


def _reporter(found: list[str]) -> Report:
    return lambda sentence, at: found.append(f"[ERROR] {sentence} [json-pointer:{at}]")


def _validate(blocks: Any, surface: str, root: str) -> list[str]:
    found: list[str] = []
    report = _reporter(found)
    array(_BLOCKS[surface], MOST_BLOCKS[surface], least=0)(blocks, f"{root}/blocks", report)
    if isinstance(blocks, list) and all(isinstance(block, dict) for block in blocks):
        _surface(blocks, surface, f"{root}/blocks", report)
        _unique(blocks, f"{root}/blocks", report)
        _one_focus(blocks, f"{root}/blocks", report)
        _markdown(blocks, f"{root}/blocks", report)
    return found


def _surface(blocks: list[JSON], surface: str, at: str, report: Report) -> None:
    for index, block in enumerate(blocks):
        for element in _inside(block):
            kind = element.get("type")
            unfit = (surface != MODAL and kind in MODAL_ONLY) or (
                surface == MESSAGE and kind in NOT_IN_MESSAGES
            )
            if unfit or (surface == HOME and kind == "datetimepicker"):
                report(f"unsupported element type: {kind}", f"{at}/{index}")
            if element.get("response_url_enabled") and (surface != MODAL or block.get("type") != "input"):
                report("response_url_enabled is for input blocks of modals", f"{at}/{index}")


def _unique(blocks: list[JSON], at: str, report: Report) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            report(f"`block_id` {block_id} already exists", f"{at}/{index}/block_id")
        if isinstance(block_id, str):
            seen.add(block_id)
        action_ids = [element["action_id"] for element in _inside(block) if element.get("action_id")]
        for action_id in {one for one in action_ids if action_ids.count(one) > 1}:
            report(f"`action_id` {action_id} already exists in this block", f"{at}/{index}")


def _one_focus(blocks: list[JSON], at: str, report: Report) -> None:
    if sum(1 for _, element in every_element(blocks) if element.get("focus_on_load")) > 1:
        report("only one element may have focus_on_load", at)


def _markdown(blocks: list[JSON], at: str, report: Report) -> None:
    written = [block.get("text") for block in blocks if block.get("type") == "markdown"]
    if sum(len(words) for words in written if isinstance(words, str)) > MOST_MARKDOWN:
        report(f"markdown blocks must be less than {MOST_MARKDOWN + 1} characters together", at)


def _has_input(blocks: Any) -> bool:
    return isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )


def _block(fields: dict[str, Rule], required: tuple[str, ...] = (), *more: Rule) -> Rule:
    common: dict[str, Rule] = {"type": anything, "block_id": string(255)}
    return both(thing({**common, **fields}, required), *more)


def _text_or_fields(block: Any, at: str, report: Report) -> None:
    if not block.get("text") and not block.get("fields"):
        report("missing required field: text", at)


_IMAGE_IN_TEXT = by_type(
    {
        "image": both(thing(image_fields, ["alt_text"]), exactly_one("image_url", "slack_file")),
        "plain_text": text(3000),
        "mrkdwn": text(3000, kinds=("mrkdwn",)),
    },
    "unsupported element type",
)
_CELL = by_type(
    {
        "raw_text": thing({"type": anything, "text": string(10_000, shortest=0)}, ["text"]),
        "raw_number": thing({"type": anything, "value": anything, "text": string(255)}),
        "rich_text": thing({"type": anything, "elements": array(anything, 1000), "block_id": string(255)}),
    }
)
_EVERYWHERE: dict[str, Rule] = {
    "section": _block(
        {
            "text": text(3000, kinds=ANY_TEXT),
            "fields": array(text(2000, kinds=ANY_TEXT), 10),
            "accessory": elements(AS_ACCESSORY),
            "expand": boolean,
        },
        (),
        _text_or_fields,
    ),
    "header": _block({"text": text(150), "level": integer(1, 6)}, ("text",)),
    "divider": _block({}),
    "context": _block({"elements": array(_IMAGE_IN_TEXT, 10)}, ("elements",)),
    "actions": _block({"elements": array(elements(IN_ACTIONS), 25)}, ("elements",)),
    "image": _block(
        {**image_fields, "title": text(2000)}, ("alt_text",), exactly_one("image_url", "slack_file")
    ),
    "input": _block(
        {
            "label": text(2000),
            "element": elements(IN_INPUT),
            "dispatch_action": boolean,
            "hint": text(2000),
            "optional": boolean,
        },
        ("label", "element"),
    ),
    "rich_text": _block(
        {
            "elements": array(
                by_type(
                    dict.fromkeys(
                        ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"),
                        anything,
                    )
                ),
                1000,
            )
        },
        ("elements",),
    ),
    "video": _block(
        dict.fromkeys(
            (
                "alt_text", "author_name", "description", "provider_icon_url", "provider_name", "title",
                "title_url", "thumbnail_url", "video_url",
            ),
            anything,
        ),
        ("alt_text", "title", "thumbnail_url", "video_url"),
    ),
}  # fmt: skip
_BLOCKS: dict[str, Rule] = {
    MESSAGE: by_type(
        {
            **_EVERYWHERE,
            "markdown": _block({"text": string(MOST_MARKDOWN)}, ("text",)),
            "table": _block(
                {"rows": array(array(_CELL, 20), 100), "column_settings": array(anything, 20)}, ("rows",)
            ),
            "context_actions": _block({"elements": array(anything, 5)}, ("elements",)),
        }
    ),
    MODAL: by_type(
        {
            **_EVERYWHERE,
            "alert": _block(
                {
                    "text": text(200, kinds=ANY_TEXT),
                    "level": one_of("default", "info", "warning", "error", "success"),
                },
                ("text",),
            ),
        }
    ),
    HOME: by_type(_EVERYWHERE),
}


_VIEW_FIELDS: dict[str, Rule] = {
    "type": anything,
    "blocks": anything,
    "private_metadata": string(3000, shortest=0),
    "callback_id": string(255, shortest=0),
    "external_id": string(255, shortest=0),
}
_VIEW = by_type(
    {
        MODAL: thing(
            {
                **_VIEW_FIELDS,
                "title": text(24),
                "submit": text(24),
                "close": text(24),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
            ["title", "blocks"],
        ),
        HOME: thing(
            {
                **_VIEW_FIELDS,
                **dict.fromkeys(("title", "submit", "close", "clear_on_close", "notify_on_close"), anything),
            },
            ["blocks"],
        ),
    }
)

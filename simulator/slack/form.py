"""What Slack's client checks before it submits a modal; what it finds is never sent to the app."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from simulator.slack.platform import Slack
from simulator.slack.values import KEYS
from simulator.slack.world import JSON, View

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ADDRESS = re.compile(r"https?://[^\s/]+\.?\S*")
REQUIRED = "Please complete this required field."


def problems(slack: Slack, view: View) -> dict[str, str]:
    """Return a sentence for each input block that is not filled in properly, by block_id."""
    found = {}
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = view.values[block["block_id"]][element["action_id"]][KEYS[element["type"]][0]]
        sentence = next(_problems(slack, block, element, value), None)
        if sentence:
            found[block["block_id"]] = sentence
    return found


def _problems(slack: Slack, block: JSON, element: JSON, value: Any) -> Iterator[str]:
    if value in (None, "", []):
        if not block.get("optional"):
            yield REQUIRED
        return
    kind = element["type"]
    if kind == "plain_text_input":
        yield from _length(element, value)
    elif kind == "number_input":
        yield from _number(element, value)
    elif kind == "email_text_input" and not EMAIL.fullmatch(value):
        yield "Please enter a valid email address."
    elif kind == "url_text_input" and not ADDRESS.fullmatch(value):
        yield "Please enter a valid URL."
    elif kind == "file_input":
        yield from _files(slack, element, value)
    elif isinstance(value, list) and len(value) > element.get("max_selected_items", len(value)):
        yield f"Please select no more than {element['max_selected_items']} items."


def _length(element: JSON, value: str) -> Iterator[str]:
    if len(value) < element.get("min_length", 0):
        yield f"Please use at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        yield f"Please use no more than {element.get('max_length', 3000)} characters."


def _number(element: JSON, value: str) -> Iterator[str]:
    try:
        number = Decimal(value)
    except InvalidOperation:
        yield "Please enter a number."
        return
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        yield "Please enter a whole number."
    if element.get("min_value") is not None and number < Decimal(element["min_value"]):
        yield f"Please enter a number that is at least {element['min_value']}."
    if element.get("max_value") is not None and number > Decimal(element["max_value"]):
        yield f"Please enter a number that is at most {element['max_value']}."


def _files(slack: Slack, element: JSON, value: list[str]) -> Iterator[str]:
    most = element.get("max_files", 10)
    if len(value) > most:
        yield f"Please upload no more than {most} files."
    allowed = [ending.lower().lstrip(".") for ending in element.get("filetypes") or []]
    for file in (slack.world.files[file_id] for file_id in value):
        ending = file.name.rpartition(".")[2].lower()
        if allowed and ending not in allowed and file.filetype not in allowed:
            yield f"{file.name} is not one of the accepted file types: {', '.join(allowed)}."
        if file.size > slack.settings.file_bytes:
            yield f"{file.name} is larger than {slack.settings.file_bytes // 1024 // 1024} MB."

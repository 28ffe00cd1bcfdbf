"""`state.values`: what stands in the elements of a view or a message, and what an action says of it.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from collections.abc import Iterator
from typing import Any

from simulator.slack import file_shape
from simulator.slack.blocks import every_element
from simulator.slack.elements import STATEFUL, options_of
from simulator.slack.errors import Refusal
from simulator.slack.platform import Slack
from simulator.slack.world import JSON, View

KEYS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "file_input": ("files", ""),
}
"""By element type: where its value stands, and where the app said what it is at first."""
ECHOED = ("text", "value", "style", "url", "placeholder", "confirm", "accessibility_label")


def stateful(blocks: list[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Yield each block with each element that has a value."""
    return ((block, element) for block, element in every_element(blocks) if element["type"] in STATEFUL)


def at_first(blocks: list[JSON], origin: str | None = None) -> JSON:
    """Return the values of blocks that nobody has touched; `origin` is the channel the person looks at."""
    found: JSON = {}
    for block, element in stateful(blocks):
        found.setdefault(block["block_id"], {})[element["action_id"]] = _initial(element, origin)
    return found


def kept(blocks: list[JSON], old: JSON, origin: str | None = None) -> JSON:
    """Return the values after an update: what was typed stays where block_id and action_id are the same."""
    found = at_first(blocks, origin)
    for block_id, actions in found.items():
        for action_id, value in actions.items():
            before = old.get(block_id, {}).get(action_id)
            if before is not None and before["type"] == value["type"]:
                actions[action_id] = before
    return found


def for_payload(slack: Slack, view: View) -> JSON:
    """Return the values as payloads show them: files whole."""
    shown: JSON = {}
    for block_id, actions in view.values.items():
        shown[block_id] = {name: _with_files(slack, value) for name, value in actions.items()}
    return shown


def chosen(slack: Slack, element: JSON, given: JSON, offered: list[JSON]) -> JSON:
    """Return the value of an element after a person's choice, `given` as the page sends it.

    `offered` are the options last suggested. Raises Refusal for what Slack's client would not let through.
    """
    kind = element["type"]
    key = KEYS[kind][0]
    value = given.get(key)
    if key == "selected_option":
        value = None if value is None else _option(element, value, offered)
    elif key == "selected_options":
        value = [_option(element, one, offered) for one in value or []]
    elif key.endswith("s"):
        value = list(value or [])
    elif key == "value" and value is not None:
        value = str(value) or None
    _known(slack, key, value)
    found = {"type": kind, key: value}
    if kind == "timepicker" and element.get("timezone"):
        found["timezone"] = element["timezone"]
    return found


def action(block: JSON, element: JSON, value: JSON | None) -> JSON:
    """Return what a payload's `actions` says of an element, with its definition."""
    echoed = {name: element[name] for name in element if name in ECHOED or name.startswith("initial_")}
    shown = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    return {**shown, **echoed, **(value or {})}


def _initial(element: JSON, origin: str | None) -> JSON:
    kind = element["type"]
    key, first = KEYS[kind]
    value: Any = element.get(first)
    if key.endswith("s"):
        value = value or []
    elif element.get("default_to_current_conversation") and value is None:
        value = origin
    found = {"type": kind, key: value}
    if kind == "timepicker" and element.get("timezone"):
        found["timezone"] = element["timezone"]
    return found


def _option(element: JSON, value: Any, offered: list[JSON]) -> JSON:
    first = [*(element.get("initial_options") or []), element.get("initial_option") or {}]
    options: list[JSON] = [*options_of(element), *offered, *first]
    for option in options:
        if option.get("value") == value:
            return option
    raise Refusal(f"{element['action_id']} offers no option {value!r}.")


def _known(slack: Slack, key: str, value: Any) -> None:
    asked = value if isinstance(value, list) else [value]
    known: Any = None
    if key.startswith("selected_user"):
        known = slack.world.people
    elif key.startswith(("selected_conversation", "selected_channel")):
        known = {**slack.world.channels, **slack.world.people}
    elif key == "files":
        known = slack.world.files
    for one in asked:
        if known is not None and one is not None and one not in known:
            raise Refusal(f"There is no {one!r}.")


def _with_files(slack: Slack, value: JSON) -> JSON:
    if value["type"] != "file_input":
        return value
    files = [file_shape.file(slack, slack.world.files[file_id]) for file_id in value["files"]]
    return {**value, "files": files}

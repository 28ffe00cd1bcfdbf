"""The elements that stand in blocks.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from typing import Any

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

ANY_TEXT = ("plain_text", "mrkdwn")
ADDRESS = string(3000, pattern=r"[A-Za-z][\w+.-]*:\S+")
DATE = string(10, pattern=r"\d{4}-\d{2}-\d{2}")
CHANNEL_ID = string(255, pattern=r"[CDG][A-Z0-9]+")
USER_ID = string(255, pattern=r"[UW][A-Z0-9]+")

confirm = thing(
    {
        "title": text(100),
        "text": text(300, kinds=ANY_TEXT),
        "confirm": text(30),
        "deny": text(30),
        "style": one_of("primary", "danger"),
    },
    ["title", "text", "confirm", "deny"],
)
slack_file = both(
    thing({"id": string(255, pattern=r"F[A-Z0-9]{8,}"), "url": ADDRESS}), exactly_one("id", "url")
)  # fmt: skip
image_fields: dict[str, Rule] = {
    "type": anything,
    "image_url": ADDRESS,
    "slack_file": slack_file,
    "alt_text": string(2000),
}


def option(*, kinds: tuple[str, ...] = ("plain_text",), url: bool = False) -> Rule:
    """Return the rule of an option object."""
    fields: dict[str, Rule] = {
        "text": text(75, kinds=kinds),
        "value": string(150),
        "description": text(75, kinds=kinds),
    }
    if url:
        fields["url"] = ADDRESS
    return thing(fields, ["text", "value"])


def options_of(element: dict[str, Any]) -> list[Any]:
    """Return all options of an element, those of its groups too."""
    grouped = [inner for group in element.get("option_groups") or [] for inner in group.get("options") or []]
    return [*(element.get("options") or []), *grouped]


def _initial_is_an_option(element: Any, at: str, report: Report) -> None:
    offered = [_essence(item) for item in options_of(element)]
    if (first := element.get("initial_option")) and _essence(first) not in offered:
        report("initial_option must be one of the options", f"{at}/initial_option")
    for index, item in enumerate(element.get("initial_options") or []):
        if _essence(item) not in offered:
            report("initial_options must be among the options", f"{at}/initial_options/{index}")


def _essence(item: Any) -> Any:
    """Return what must agree: Slack fills in `emoji` and the like by itself."""
    if not isinstance(item, dict):
        return item
    words = item.get("text")
    return item.get("value"), words.get("text") if isinstance(words, dict) else words


def _element(fields: dict[str, Rule], required: tuple[str, ...] = (), *more: Rule) -> Rule:
    common: dict[str, Rule] = {"type": anything, "action_id": string(255)}
    return both(thing({**common, **fields}, required), *more)


CHOICE: dict[str, Rule] = {"confirm": confirm, "focus_on_load": boolean}
MENU: dict[str, Rule] = {**CHOICE, "placeholder": text(150)}
SEVERAL: dict[str, Rule] = {"max_selected_items": integer(1, 1000)}
GROUP = thing({"label": text(75), "options": array(option(), 100)}, ["label", "options"])
STATIC: dict[str, Rule] = {"options": array(option(), 100), "option_groups": array(GROUP, 100)}
FILTER = thing(
    {
        "include": array(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)
FROM_OUTSIDE: dict[str, Rule] = {"min_query_length": integer(0, 3000)}
CONVERSATION: dict[str, Rule] = {"default_to_current_conversation": boolean, "filter": FILTER}
RESPONSE: dict[str, Rule] = {"response_url_enabled": boolean}
WRITING: dict[str, Rule] = {
    "placeholder": text(150),
    "focus_on_load": boolean,
    "dispatch_action_config": thing(
        {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)},
        ["trigger_actions_on"],
    ),
}


def _length_order(element: Any, at: str, report: Report) -> None:
    low, high = element.get("min_length"), element.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        report("min_length must not be more than max_length", at)


ELEMENTS: dict[str, Rule] = {
    "button": _element(
        {
            "text": text(75),
            "value": string(2000),
            "url": ADDRESS,
            "style": one_of("primary", "danger"),
            "confirm": confirm,
            "accessibility_label": string(75),
        },
        ("text",),
    ),
    "checkboxes": _element(
        {
            **CHOICE,
            "options": array(option(kinds=ANY_TEXT), 10),
            "initial_options": array(option(kinds=ANY_TEXT), 10),
        },
        ("options",),
        _initial_is_an_option,
    ),
    "radio_buttons": _element(
        {**CHOICE, "options": array(option(kinds=ANY_TEXT), 10), "initial_option": option(kinds=ANY_TEXT)},
        ("options",),
        _initial_is_an_option,
    ),
    "overflow": _element({"options": array(option(url=True), 5), "confirm": confirm}, ("options",)),
    "datepicker": _element({**MENU, "initial_date": DATE}),
    "timepicker": _element(
        {**MENU, "initial_time": string(5, pattern=r"\d{2}:\d{2}"), "timezone": string(255)}
    ),
    "datetimepicker": _element({**CHOICE, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
    "static_select": _element(
        {**MENU, **STATIC, "initial_option": option()},
        (),
        exactly_one("options", "option_groups"),
        _initial_is_an_option,
    ),
    "multi_static_select": _element(
        {**MENU, **STATIC, **SEVERAL, "initial_options": array(option(), 100)},
        (),
        exactly_one("options", "option_groups"),
        _initial_is_an_option,
    ),
    "external_select": _element({**MENU, **FROM_OUTSIDE, "initial_option": option()}),
    "multi_external_select": _element(
        {**MENU, **FROM_OUTSIDE, **SEVERAL, "initial_options": array(option(), 100)}
    ),
    "users_select": _element({**MENU, "initial_user": USER_ID}),
    "multi_users_select": _element({**MENU, **SEVERAL, "initial_users": array(USER_ID, 1000)}),
    "conversations_select": _element(
        {**MENU, **CONVERSATION, **RESPONSE, "initial_conversation": string(255, pattern=r"[CDGUW][A-Z0-9]+")}
    ),
    "multi_conversations_select": _element(
        {
            **MENU,
            **CONVERSATION,
            **SEVERAL,
            "initial_conversations": array(string(255, pattern=r"[CDGUW][A-Z0-9]+"), 1000),
        }
    ),
    "channels_select": _element({**MENU, **RESPONSE, "initial_channel": CHANNEL_ID}),
    "multi_channels_select": _element({**MENU, **SEVERAL, "initial_channels": array(CHANNEL_ID, 1000)}),
    "plain_text_input": _element(
        {
            **WRITING,
            "initial_value": string(3000, shortest=0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        (),
        _length_order,
    ),
    "email_text_input": _element({**WRITING, "initial_value": string(3000, shortest=0)}),
    "url_text_input": _element({**WRITING, "initial_value": string(3000, shortest=0)}),
    "number_input": _element(
        {
            **WRITING,
            "is_decimal_allowed": boolean,
            "initial_value": string(255),
            "min_value": string(255),
            "max_value": string(255),
        },
        ("is_decimal_allowed",),
    ),
    "rich_text_input": _element({**WRITING, "initial_value": anything}),
    "file_input": _element({"filetypes": array(string(20), 100), "max_files": integer(1, 10)}),
    "image": both(thing(image_fields, ["alt_text"]), exactly_one("image_url", "slack_file")),
}
MENUS = frozenset(kind for kind in ELEMENTS if kind.endswith("_select"))
PICKERS = frozenset({"checkboxes", "radio_buttons", "datepicker", "timepicker"})
SINGLE_MENUS = frozenset(kind for kind in MENUS if not kind.startswith("multi_"))
WRITTEN = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
)
IN_ACTIONS = MENUS | PICKERS | {"button", "overflow", "datetimepicker", "rich_text_input"}
IN_INPUT = MENUS | PICKERS | WRITTEN | {"datetimepicker", "file_input"}
AS_ACCESSORY = MENUS | PICKERS | {"button", "overflow", "image"}
STATEFUL = MENUS | PICKERS | WRITTEN | {"datetimepicker", "file_input"}
"""What has a place in `state.values`."""


def elements(kinds: frozenset[str]) -> Rule:
    """Return the rule of an element of one of these kinds."""
    return by_type(
        {kind: rule for kind, rule in ELEMENTS.items() if kind in kinds}, "unsupported element type"
    )

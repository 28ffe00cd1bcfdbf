"""A payload built again out of blockkit's objects, which check lengths and types as they are built.

blockkit is written by others, from Slack's documentation alone.
"""

from typing import Any

import blockkit

KINDS = {
    "header": blockkit.Header,
    "section": blockkit.Section,
    "context": blockkit.Context,
    "divider": blockkit.Divider,
    "actions": blockkit.Actions,
    "input": blockkit.Input,
    "image": blockkit.Image,
    "picture beside": blockkit.ImageEl,
    "button": blockkit.Button,
    "external_select": blockkit.ExternalSelect,
    "static_select": blockkit.StaticSelect,
    "multi_static_select": blockkit.MultiStaticSelect,
    "multi_users_select": blockkit.MultiUsersSelect,
    "conversations_select": blockkit.ConversationsSelect,
    "radio_buttons": blockkit.RadioButtons,
    "checkboxes": blockkit.Checkboxes,
    "plain_text_input": blockkit.PlainTextInput,
    "url_text_input": blockkit.UrlInput,
    "file_input": blockkit.FileInput,
    "datetimepicker": blockkit.DatetimePicker,
    "datepicker": blockkit.DatePicker,
    "users_select": blockkit.UsersSelect,
    "rich_text": blockkit.RichText,
    "rich_text_section": blockkit.RichTextSection,
    "rich_text_quote": blockkit.RichTextQuote,
    "text": blockkit.RichTextEl,
}


def rebuilt(item: Any, options: dict[str, Any] | None = None) -> Any:
    """Build anything again; what blockkit would not take makes it raise."""
    options = (
        {} if options is None else options
    )  # by what they say: initial ones must be among them, as objects
    if isinstance(item, list):
        return [rebuilt(one, options) for one in item]
    if not isinstance(item, dict):
        return item
    if item.get("type") in ("plain_text", "mrkdwn"):
        return blockkit.Text(**item)
    kind = kind_of(item)
    fields = {
        name: rebuilt(beside(name, value), options)
        for name, value in item.items()
        if not is_unknown(name, value)
    }
    return options.setdefault(repr(item), kind(**fields)) if kind is blockkit.Option else kind(**fields)


def beside(name: str, value: Any) -> Any:
    """Tell a picture beside a paragraph from one that stands by itself: to blockkit they are two things."""
    is_picture = name == "accessory" and value["type"] == "image"
    return value | {"type": "picture beside"} if is_picture else value


def is_unknown(name: str, value: Any) -> bool:
    """Leave out where blockkit is wrong.

    It looks for initial options among the groups instead of in them, does not let a menu ask for its options
    before the first letter, and knows other types of files than extensions.
    https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
    """
    if name in ("type", "filetypes", "initial_options"):
        return True
    return name == "min_query_length" and value == 0


def kind_of(item: dict[str, Any]) -> Any:
    """Say what it is: most say so themselves, some are known by what they have."""
    if "type" in item:
        return KINDS[item["type"]]
    if set(item) <= {"bold", "strike"}:
        return blockkit.RichStyle
    if "deny" in item:
        return blockkit.Confirm
    if "include" in item:
        return blockkit.ConversationFilter
    if "options" in item:
        return blockkit.OptionGroup
    return blockkit.Option if "value" in item else blockkit.SlackFile

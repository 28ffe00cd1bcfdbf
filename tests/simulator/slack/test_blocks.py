from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.models.views import View

from simulator.slack.blocks import validate_message, validate_view
from tests.simulator.slack.blockkit_samples import (
    Piece,
    actions,
    button,
    element,
    field,
    home,
    modal,
    option,
    plain,
    section,
)

Build = Callable[[int], Piece]
FOCUSED = element(focus_on_load=True)


def message(*blocks: Any) -> Piece:
    return {"blocks": list(blocks)}


def words(length: int) -> str:
    return "x" * length


LIMITS = [
    (50, 51, lambda n: message(*[section() for _ in range(n)]), "no more than 50 items allowed", "/blocks"),
    (
        3000,
        3001,
        lambda n: message(section(words(n))),
        "must be less than 3001 characters",
        "/blocks/0/text/text",
    ),
    (
        150,
        151,
        lambda n: message({"type": "header", "text": plain(words(n))}),
        "less than 151",
        "/blocks/0/text/text",
    ),
    (
        10,
        11,
        lambda n: message({"type": "section", "fields": [plain("x")] * n}),
        "no more than 10",
        "/blocks/0/fields",
    ),
    (
        2000,
        2001,
        lambda n: message({"type": "section", "fields": [plain(words(n))]}),
        "2001",
        "/blocks/0/fields/0/text",
    ),
    (
        10,
        11,
        lambda n: message({"type": "context", "elements": [plain("x")] * n}),
        "10",
        "/blocks/0/elements",
    ),
    (25, 26, lambda n: message(actions(*[button(f"b{i}") for i in range(n)])), "25", "/blocks/0/elements"),
    (
        75,
        76,
        lambda n: message(actions(button(text=plain(words(n))))),
        "76",
        "/blocks/0/elements/0/text/text",
    ),
    (2000, 2001, lambda n: message(actions(button(value=words(n)))), "2001", "/blocks/0/elements/0/value"),
    (255, 256, lambda n: message(section(block_id=words(n))), "256", "/blocks/0/block_id"),
    (255, 256, lambda n: message(actions(button(words(n)))), "256", "/blocks/0/elements/0/action_id"),
    (2000, 2001, lambda n: message(image(alt_text=words(n))), "2001", "/blocks/0/alt_text"),
    (5, 6, lambda n: message(actions(choice("overflow", n))), "5 items", "/blocks/0/elements/0/options"),
    (100, 101, lambda n: message(actions(choice("static_select", n))), "100", "/blocks/0/elements/0/options"),
    (10, 11, lambda n: message(actions(choice("checkboxes", n))), "10", "/blocks/0/elements/0/options"),
    (150, 151, lambda n: message(actions(valued(n))), "151", "/blocks/0/elements/0/options/0/value"),
]
VIEW_LIMITS = [
    (24, 25, lambda n: modal(title=plain(words(n))), "25", "/view/title/text"),
    (24, 25, lambda n: modal(submit=plain(words(n))), "25", "/view/submit/text"),
    (3000, 3001, lambda n: modal(private_metadata=words(n)), "3001", "/view/private_metadata"),
    (255, 256, lambda n: modal(callback_id=words(n)), "256", "/view/callback_id"),
    (100, 101, lambda n: modal(*[section() for _ in range(n)]), "100", "/view/blocks"),
    (100, 101, lambda n: home(*[section() for _ in range(n)]), "100", "/view/blocks"),
    (3000, 3001, lambda n: modal(field(element(max_length=n))), "3000", "/view/blocks/0/element/max_length"),
    (
        10,
        11,
        lambda n: modal(field(element("file_input", max_files=n))),
        "10",
        "/view/blocks/0/element/max_files",
    ),
    (2000, 2001, lambda n: modal(field(label=plain(words(n)))), "2001", "/view/blocks/0/label/text"),
]


def image(**more: Any) -> Piece:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A", **more}


def choice(kind: str, count: int) -> Piece:
    return element(kind, options=[option(str(index)) for index in range(count)])


def valued(length: int) -> Piece:
    return element("static_select", options=[option(words(length))])


@pytest.mark.parametrize(("most", "more", "build", "says", "at"), LIMITS)
def test_a_message_at_its_limit_passes_and_one_more_does_not(
    most: int, more: int, build: Build, says: str, at: str
) -> None:
    assert validate_message(build(most)) == []
    (wrong,) = validate_message(build(more))
    assert wrong.startswith("[ERROR] ")
    assert says in wrong
    assert wrong.endswith(f"[json-pointer:{at}]")


@pytest.mark.parametrize(("most", "more", "build", "says", "at"), VIEW_LIMITS)
def test_a_view_at_its_limit_passes_and_one_more_does_not(
    most: int, more: int, build: Build, says: str, at: str
) -> None:
    assert validate_view(build(most)) == []
    (wrong,) = validate_view(build(more))
    assert says in wrong
    assert wrong.endswith(f"[json-pointer:{at}]")


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ([{"type": "sction"}], "unsupported type: sction [json-pointer:/blocks/0/type]"),
        ([section(colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
        ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
        ([section(block_id="a"), section(block_id="a")], "`block_id` a already exists"),
        ([actions(button("x"), button("x"))], "`action_id` x already exists"),
        ([actions(button(style="green"))], "must be a valid enum value: primary, danger"),
        ([actions(element("email_text_input"))], "unsupported element type: email_text_input"),
        ([field(element("file_input"))], "unsupported element type: file_input"),
        ([field(element("rich_text_input"))], "unsupported element type: rich_text_input"),
        ([section(accessory=element("datetimepicker"))], "unsupported element type: datetimepicker"),
        ([image(alt_text=None)], "missing required field: alt_text"),
        ([image(slack_file={"id": "F012345678"})], "only one of image_url, slack_file may be given"),
        ([{"type": "image", "alt_text": "A"}], "missing required field: image_url"),
        ([{"type": "context", "elements": []}], "no fewer than 1 items allowed"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type: mrkdwn"),
        ([section("")], "must be more than 0 characters"),
        ([actions(element("static_select"))], "missing required field: options"),
        (
            [actions(element("static_select", options=[option()], initial_option=option("z")))],
            "initial_option must",
        ),
        ([{"type": "alert", "text": plain("x")}], "unsupported type: alert"),
        (
            [{"type": "markdown", "text": "x" * 6001}, {"type": "markdown", "text": "y" * 6000}],
            "12001 characters",
        ),
        ("[]", "must be an array [json-pointer:/blocks]"),
    ],
)
def test_a_message_that_slack_refuses(blocks: Any, says: str) -> None:
    assert says in " ".join(validate_message({"blocks": blocks}))


@pytest.mark.parametrize(
    ("view", "says"),
    [
        (modal(field(), submit=None), "missing required field: submit [json-pointer:/view]"),
        (modal(title=None), "missing required field: title [json-pointer:/view]"),
        ({"type": "sheet", "blocks": []}, "unsupported type: sheet"),
        (home(field(element("file_input"))), "unsupported element type: file_input"),
        (home(actions(element("datetimepicker"))), "unsupported element type: datetimepicker"),
        (modal(field(FOCUSED, "a"), field(FOCUSED, "b")), "only one element may have focus_on_load"),
        (modal(field(element(min_length=5, max_length=4))), "min_length must not be more than max_length"),
        (home(field(element("channels_select", response_url_enabled=True))), "response_url_enabled is for"),
    ],
)
def test_a_view_that_slack_refuses(view: Piece, says: str) -> None:
    assert says in " ".join(validate_view(view))


def test_what_we_take_the_sdk_takes_too() -> None:
    view = modal(section(accessory=button()), field(), actions(button("other")))
    assert validate_view(view) == []
    assert View(**view).to_dict()["type"] == "modal"


def test_newer_blocks_stand_where_they_are_allowed() -> None:
    assert validate_view(modal({"type": "alert", "text": plain("Careful"), "level": "warning"})) == []
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 20] * 100}
    assert validate_message(message(table)) == []
    assert (
        "no more than 20"
        in validate_message(message({**table, "rows": [[{"type": "raw_text", "text": "a"}] * 21]}))[0]
    )

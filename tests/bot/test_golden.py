"""What the bot sends, held against the files in tests/golden and against three validators, each by others.

Mutations show that the validators see: a payload that is one past a limit is refused.
"""

import json
from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.blocks import MOST_IN_VIEW
from simulator.slack.blocks import validate_message, validate_view
from tests.bot import payloads
from tests.bot.payloads import GOLDEN, JSON
from tests.bot.rebuilding import rebuilt

MESSAGES, VIEWS = payloads.of_messages(), payloads.of_views()
MOST_IN_MESSAGE = 50  # blocks
LARGEST_VIEW = 250_000  # bytes


@pytest.mark.parametrize("name", [*MESSAGES, *VIEWS])
def test_it_is_as_it_was(name: str) -> None:
    """A wanted change: `python -m tests.bot.payloads`."""
    kept = json.loads((GOLDEN / f"{name}.json").read_text())
    assert (MESSAGES | VIEWS)[name] == kept


def test_there_are_no_others() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*MESSAGES, *VIEWS}


@pytest.mark.parametrize("name", MESSAGES)
def test_slack_takes_the_message(name: str) -> None:
    message = MESSAGES[name]
    assert validate_message(message) == []
    assert 0 < len(message["text"]) <= 4000
    assert len(message["blocks"]) <= MOST_IN_MESSAGE
    as_slack_sdk_sees_it(message["blocks"])
    as_blockkit_sees_it(message["blocks"])


@pytest.mark.parametrize("name", VIEWS)
def test_slack_takes_the_view(name: str) -> None:
    view = VIEWS[name]
    assert validate_view(view) == []
    assert len(view["blocks"]) <= MOST_IN_VIEW
    assert len(json.dumps(view).encode()) <= LARGEST_VIEW
    View(**view).validate_json()
    as_slack_sdk_sees_it(view["blocks"])
    as_blockkit_sees_it(view["blocks"])


@pytest.mark.parametrize("name", [*MESSAGES, *VIEWS])
def test_nobody_is_mentioned_by_what_somebody_typed(name: str) -> None:
    """The extreme values are full of `<!channel>` and `<@U1>`."""
    for text in mrkdwn_in((MESSAGES | VIEWS)[name]):
        assert "<!channel>" not in text
        assert "<@U1>" not in text


def as_slack_sdk_sees_it(blocks: list[JSON]) -> None:
    """Slack's own models know the lengths; what they do not know, they drop with a warning."""
    parsed = Block.parse_all(blocks)
    assert len(parsed) == len(blocks)
    for block in parsed:
        block.validate_json()


def as_blockkit_sees_it(blocks: list[JSON]) -> None:
    """The library of somebody else knows lengths and types, and says so by raising."""
    for block in rebuilt(blocks):
        block.build()


def mrkdwn_in(item: Any) -> list[str]:
    if isinstance(item, list):
        return [text for one in item for text in mrkdwn_in(one)]
    if not isinstance(item, dict):
        return []
    own = [item["text"]] if item.get("type") == "mrkdwn" or ("blocks" in item and "text" in item) else []
    return own + [text for value in item.values() for text in mrkdwn_in(value)]


@pytest.mark.parametrize(
    ("text", "fine"), [("x" * 150, True), ("x" * 151, False)], ids=["at the limit", "one past it"]
)
def test_the_validators_see(text: str, *, fine: bool) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": text}}]
    assert (validate_message({"blocks": blocks}) == []) is fine
    if fine:
        as_slack_sdk_sees_it(blocks)
        as_blockkit_sees_it(blocks)
        return
    with pytest.raises(Exception, match="150"):
        as_slack_sdk_sees_it(blocks)
    with pytest.raises(Exception, match="150"):
        as_blockkit_sees_it(blocks)

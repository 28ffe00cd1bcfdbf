"""Lists in pages: `limit`, `cursor`, `next_cursor`.

https://docs.slack.dev/apis/web-api/pagination
"""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from simulator.slack.api.call import Call
from simulator.slack.errors import SlackError

Item = TypeVar("Item")
LARGEST = 1000


def page(call: Call, items: Sequence[Item], default: int = LARGEST) -> tuple[Sequence[Item], str]:
    """Return the page that the call asks for, and the cursor of the next one, empty at the end.

    Raises invalid_limit, invalid_cursor.
    """
    limit = call.number("limit", default) or default
    if not 0 < limit <= LARGEST:
        raise SlackError("invalid_limit")
    start = _start(call.text("cursor"))
    after = start + limit
    return items[start:after], _cursor(after) if after < len(items) else ""


def _cursor(position: int) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next":
            return int(position)
    except (binascii.Error, ValueError):
        pass
    raise SlackError("invalid_cursor")

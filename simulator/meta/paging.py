"""Listings: cursors, `limit`, `since` and `until`.

https://developers.facebook.com/docs/graph-api/results
"""

import base64
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from simulator.meta.call import Call
from simulator.meta.errors import invalid

UNASKED = 25
MOST_POSTS = 100
"""A larger `limit` on a listing of Page posts is refused."""


def listing(
    call: Call, nodes: Sequence[Any], shown: Callable[[Any], dict[str, Any]], *, most: int | None = None
) -> dict[str, Any]:
    """Return one page of these nodes, with the cursors and addresses of its neighbours.

    A `limit` above `most` is refused.
    """
    limit = _limit(call, most)
    start = _start(call, nodes, limit)
    page = nodes[start : start + limit]
    answer: dict[str, Any] = {"data": [shown(node) for node in page]}
    if page:
        before, after = _cursor(page[0].id), _cursor(page[-1].id)
        answer["paging"] = {"cursors": {"before": before, "after": after}}
        if start + limit < len(nodes):
            answer["paging"]["next"] = _address(call, limit, after=after)
        if start:
            answer["paging"]["previous"] = _address(call, limit, before=before)
    return answer


def between(call: Call, nodes: Sequence[Any]) -> list[Any]:
    """Return the nodes that were created from `since` to `until` (Unix seconds or ISO 8601)."""
    since, until = _time(call, "since"), _time(call, "until")
    return [
        node
        for node in nodes
        if (since is None or node.created_at >= since) and (until is None or node.created_at <= until)
    ]


def _limit(call: Call, most: int | None) -> int:
    asked = call.number("limit")
    if asked is not None and most is not None and asked > most:
        raise invalid(f"Param limit must be no more than {most}")
    if asked is not None and asked < 0:
        raise invalid("Param limit must not be negative")
    limit = UNASKED if asked is None else max(asked, 1)
    return min(limit, call.world.settings.page_size or limit)


def _start(call: Call, nodes: Sequence[Any], limit: int) -> int:
    after, before = call.text("after"), call.text("before")
    if not after and not before:
        return 0
    wanted = _from_cursor(after or before or "")
    for index, node in enumerate(nodes):
        if node.id == wanted:
            return index + 1 if after else max(index - limit, 0)
    return len(nodes) if after else 0


def _time(call: Call, name: str) -> datetime | None:
    text = call.text(name)
    if not text:
        return None
    if re.fullmatch(r"\d+", text):
        return datetime.fromtimestamp(int(text), UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"Param {name} must be a time") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _cursor(node_id: str) -> str:
    return base64.urlsafe_b64encode(node_id.encode()).decode().rstrip("=")


def _from_cursor(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise invalid("Invalid cursors values") from None


def _address(call: Call, limit: int, **cursor: str) -> str:
    """With a token in the query, the address repeats it, as the real one does; with a header, it does not."""
    kept = {name: call.text(name) for name in ("fields", "since", "until") if call.text(name)}
    token = {"access_token": call.token_value} if call.token_in_url else {}
    query = urlencode({**token, **kept, "limit": str(limit), **cursor})
    path = "/".join([call.version, *call.path])
    return f"{call.meta.at(f'/{path}')}?{query}"

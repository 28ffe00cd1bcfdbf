"""Rate limits: the two headers that warn, and the refusals that follow.

https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

import json
from typing import Any

from simulator.meta.errors import GraphError
from simulator.meta.settings import Settings
from simulator.meta.world import Container, Instagram, Media, Page, Photo, Post

FULL = 100


def owner(node: Any) -> Page | Instagram | str | None:
    """Return whose calls a call on this node counts as: a Page's or an Instagram account's (or its id)."""
    if isinstance(node, (Page, Instagram)):
        return node
    if isinstance(node, (Container, Media)):
        return node.instagram_id
    if isinstance(node, (Photo, Post)):
        return node.page_id
    return None


def headers(settings: Settings, node: Any) -> dict[str, str]:
    """Return the usage headers of an answer about this node."""
    app = settings.usage.app
    said = {"x-app-usage": json.dumps({"call_count": app, "total_time": app // 2, "total_cputime": app // 2})}
    account = owner(node)
    if account is not None:
        account_id = account if isinstance(account, str) else account.id
        bucket = _bucket(node)
        said["x-business-use-case-usage"] = json.dumps({account_id: [_use(settings, bucket)]})
    return said


def check(settings: Settings, node: Any) -> None:
    """Refuse the call when its bucket is used up: 80002 Instagram, 80001 Pages, 4 the app."""
    bucket = _bucket(node) if owner(node) is not None else None
    if bucket == "instagram" and settings.usage.instagram >= FULL:
        raise too_many(80002, "Instagram account")
    if bucket == "pages" and settings.usage.pages >= FULL:
        raise too_many(80001, "Page account")
    if bucket is None and settings.usage.app >= FULL:
        raise GraphError(4, "(#4) Application request limit reached", status=403, transient=True)


def too_many(code: int, what: str) -> GraphError:
    """Return the refusal of a bucket that is used up."""
    return GraphError(
        code, f"(#{code}) There have been too many calls to this {what}. Wait a bit and try again."
    )


def _bucket(node: Any) -> str:
    return "instagram" if isinstance(node, (Instagram, Container, Media)) else "pages"


def _use(settings: Settings, bucket: str) -> dict[str, Any]:
    used = settings.usage.instagram if bucket == "instagram" else settings.usage.pages
    return {
        "type": bucket,
        "call_count": used,
        "total_cputime": used // 4,
        "total_time": used // 3,
        "estimated_time_to_regain_access": settings.regain_minutes if used >= FULL else 0,
    }

"""Posts over Graph: `POST /{page}/feed`, `GET` and `DELETE /{post}`.

https://developers.facebook.com/docs/graph-api/reference/page/feed
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from simulator.meta import links, nodes
from simulator.meta.call import Call
from simulator.meta.errors import GraphError, invalid, unknown_object
from simulator.meta.pages import photos, posts, shown
from simulator.meta.world import Page, Photo, Post

LONGEST_MESSAGE = 63_206
SOONEST, LATEST = timedelta(minutes=10), timedelta(days=30)
ATTACHED = re.compile(r"attached_media\[(\d+)\]")


async def create(call: Call, page: Page) -> dict[str, Any]:
    """Publish text, a link, or photos that were staged before; return the id, or the `fields` asked for."""
    call.as_page(page)
    call.require("pages_show_list", "pages_read_engagement", "pages_manage_posts")
    message, link = call.text("message") or "", call.text("link")
    attached = _attached(call, page)
    _check_message(call, page, message, link, attached)
    post = posts.add(
        call.world,
        page,
        message,
        link=link,
        photos=attached,
        published=call.flag("published", default=True),
        scheduled_at=_scheduled_at(call),
    )
    if link:
        links.preview(call.meta, post)
    call.meta.changed()
    return shown.read_after_write(call, post)


async def show(call: Call, post: Post) -> dict[str, Any]:
    """Return one post."""
    call.visible_page(call.world.pages[post.page_id])
    call.require("pages_read_engagement")
    return nodes.show(call, post, call.fields)


async def delete(call: Call, post: Post) -> dict[str, Any]:
    """Delete a post and its photos."""
    call.as_page(call.world.pages[post.page_id])
    call.require("pages_manage_posts")
    posts.remove(call.world, post)
    call.meta.changed()
    return {"success": True}


def _attached(call: Call, page: Page) -> list[Photo]:
    found = []
    for item in _attached_media(call):
        photo_id = str(item.get("media_fbid", "")) if isinstance(item, dict) else ""
        photo = call.world.photos.get(photo_id)
        if photo is None or photo.page_id != page.id or photos.gone(call.world, photo):
            raise unknown_object(photo_id, "post")
        if photo in found or (photo.post_id and call.world.settings.second_publish == "refused"):
            raise invalid(
                "These photos were already posted.",
                subcode=1366051,
                advice="These photos were already posted.",
            )
        found.append(photo)
    return found


def _attached_media(call: Call) -> list[Any]:
    """Read a JSON list, or the numbered parameters that forms send."""
    try:
        if text := call.text("attached_media"):
            items = json.loads(text)
        else:
            numbered = {int(m[1]): name for name in call.params if (m := ATTACHED.fullmatch(name))}
            items = [json.loads(call.text(numbered[number]) or "") for number in sorted(numbered)]
    except ValueError:
        items = None
    if not isinstance(items, list):
        raise invalid("Param attached_media must be an array.")
    return items


def _check_message(call: Call, page: Page, message: str, link: str | None, attached: list[Photo]) -> None:
    said_nothing = "message" in call.params and call.params["message"] is None
    if said_nothing or not (message.strip() or link or attached):
        raise GraphError(197, "(#197) The post is empty. Please enter a message to share.")
    if len(message) > LONGEST_MESSAGE:
        raise invalid("Name parameter too long")
    if link:
        _check_link(link)
    if call.world.settings.duplicates == "refused" and message and not attached:
        last = next(iter(posts.newest_first(call.world, page)), None)
        if last and last.message == message and last.link == link:
            raise GraphError(
                506,
                "(#506) Duplicate status message",
                advice="This status update is identical to the last one.",
            )


def _check_link(link: str) -> None:
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise invalid("link URL is not properly formatted")
    if (parts.hostname or "").removeprefix("www.") == "facebook.com":
        raise GraphError(1609008, "(#1609008) You can't attach facebook.com links to this post.")


def _scheduled_at(call: Call) -> datetime | None:
    text = call.text("scheduled_publish_time")
    if not text:
        return None
    if call.flag("published", default=True):
        raise invalid("You cannot specify a scheduled publish time on a published post")
    at = _moment(text)
    if not SOONEST <= at - call.world.now() <= LATEST:
        raise invalid("The specified scheduled publish time is invalid.")
    return at


def _moment(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("Param scheduled_publish_time must be a time") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)

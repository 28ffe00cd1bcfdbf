"""How Graph shows a Page's post."""

from typing import Any

from simulator.meta import nodes
from simulator.meta.call import Call
from simulator.meta.fields import Wanted
from simulator.meta.nodes import ABSENT
from simulator.meta.pages import posts
from simulator.meta.pages.photos import source
from simulator.meta.world import Photo, Post


def read_after_write(call: Call, post: Post) -> dict[str, Any]:
    """Return the id alone, or the fields that the writing call asked to read."""
    return nodes.show(call, post, call.fields) if call.fields else {"id": post.id}


def permalink(call: Call, post: Post) -> str:
    """Return the public address."""
    return call.meta.at(f"/facebook/{post.page_id}/posts/{post.id}")


def attachments(call: Call, post: Post, _: Wanted) -> Any:
    """Return one attachment: a photo, an album of several, or a shared link."""
    shown = [call.world.photos[photo_id] for photo_id in post.photo_ids]
    if len(shown) == 1:
        return {"data": [_photo(call, post, shown[0])]}
    if shown:
        album = {
            "type": "album",
            "title": f"Photos from {call.world.pages[post.page_id].name}'s post",
            "target": {"id": post.id.partition("_")[2], "url": permalink(call, post)},
            "url": permalink(call, post),
            "subattachments": {"data": [_photo(call, post, photo) for photo in shown]},
        }
        return {"data": [album]}
    return {"data": [_share(post)]} if post.link else ABSENT


def _photo(call: Call, post: Post, photo: Photo) -> dict[str, Any]:
    picture = photo.picture
    return {
        "type": "photo",
        "media": {"image": {"height": picture.height, "src": source(call, photo), "width": picture.width}},
        "target": {"id": photo.id, "url": permalink(call, post)},
        "url": permalink(call, post),
    }


def _share(post: Post) -> dict[str, Any]:
    title = post.preview.title if post.preview else post.link
    return {"type": "share", "title": title, "target": {"url": post.link}, "url": post.link}


def _application(call: Call, post: Post, _: Wanted) -> Any:
    if post.app_id is None:
        return ABSENT
    return {"name": call.world.app.name, "id": post.app_id}


def _from(call: Call, post: Post, _: Wanted) -> dict[str, str]:
    return {"name": call.world.pages[post.page_id].name, "id": post.page_id}


def _full_picture(call: Call, post: Post, _: Wanted) -> Any:
    return source(call, call.world.photos[post.photo_ids[0]]) if post.photo_ids else ABSENT


def _scheduled(call: Call, post: Post, _: Wanted) -> Any:
    if post.scheduled_at is None or posts.public(call.world, post):
        return ABSENT
    return int(post.scheduled_at.timestamp())


def _status_type(_: Call, post: Post, __: Wanted) -> str:
    if post.photo_ids:
        return "added_photos"
    return "shared_story" if post.link else "mobile_status_update"


def _reactions(call: Call, post: Post, wanted: Wanted) -> dict[str, Any]:
    shown = nodes.none_of(call, post, wanted)
    if "summary" in shown:
        shown["summary"] = {"total_count": post.likes, "viewer_reaction": "NONE"}
    return shown


nodes.describe(
    Post,
    "Post",
    {
        "message": nodes.attribute("message"),
        "created_time": nodes.created,
        "updated_time": nodes.created,
        "permalink_url": lambda call, post, _: permalink(call, post),
        "is_published": lambda call, post, _: posts.public(call.world, post),
        "is_hidden": nodes.always(False),
        "scheduled_publish_time": _scheduled,
        "status_type": _status_type,
        "full_picture": _full_picture,
        "application": _application,
        "from": _from,
        "attachments": attachments,
        "shares": nodes.always(ABSENT),
        "comments": nodes.none_of,
        "reactions": _reactions,
        "likes": _reactions,
    },
    ["created_time", "message", "id"],
)

"""Photos: `POST /{page}/photos`, `GET` and `DELETE /{photo}`.

https://developers.facebook.com/docs/graph-api/reference/page/photos
"""

from datetime import timedelta
from typing import Any

from simulator.meta import ids, nodes
from simulator.meta.call import Call
from simulator.meta.errors import GraphError, invalid, unknown_object
from simulator.meta.fields import Wanted
from simulator.meta.pages import posts
from simulator.meta.pictures import NotAPicture, Unfetchable
from simulator.meta.world import Page, Photo, Picture, World

STAGED_LIVES = timedelta(hours=24)
FORMATS = ("JPEG", "BMP", "PNG", "GIF", "TIFF", "MPO")
MEGABYTE = 1_000_000


async def create(call: Call, page: Page) -> dict[str, Any]:
    """Publish a photo of its own, or stage it with `published=false` for a post that comes later."""
    call.as_page(page)
    call.require("pages_show_list", "pages_read_engagement", "pages_manage_posts")
    published, temporary = call.flag("published", default=True), call.flag("temporary")
    if temporary and published:
        raise invalid("A temporary photo must be unpublished: published must be false")
    if temporary and call.text("scheduled_publish_time"):
        raise invalid("A temporary photo cannot have a scheduled_publish_time")
    photo = Photo(
        id=ids.digits("122", 15, call.world.photos),
        page_id=page.id,
        picture=await _picture(call),
        caption=call.text("caption") or call.text("message") or call.text("name") or "",
        alt_text=call.text("alt_text_custom") or "",
        temporary=temporary,
        created_at=call.world.now(),
    )
    call.world.photos[photo.id] = photo
    answer = {"id": photo.id}
    if published:
        answer["post_id"] = posts.add(call.world, page, photo.caption, photos=[photo]).id
    call.meta.changed()
    return answer


async def show(call: Call, photo: Photo) -> dict[str, Any]:
    """Return a photo; a staged one that nobody used is gone after a day."""
    call.visible_page(call.world.pages[photo.page_id])
    call.require("pages_read_engagement")
    if gone(call.world, photo):
        raise unknown_object(photo.id, call.method)
    return nodes.show(call, photo, call.fields)


async def delete(call: Call, photo: Photo) -> dict[str, Any]:
    """Delete a photo; a post that it leaves with nothing goes with it."""
    page = call.world.pages[photo.page_id]
    call.as_page(page)
    call.require("pages_manage_posts")
    post = call.world.posts.get(photo.post_id or "")
    del call.world.photos[photo.id]
    if post:
        post.photo_ids.remove(photo.id)
        if not (post.photo_ids or post.message or post.link):
            posts.remove(call.world, post)
    call.meta.changed()
    return {"success": True}


def gone(world: World, photo: Photo) -> bool:
    """Say whether this staged photo was left unused for a day."""
    return photo.post_id is None and world.now() - photo.created_at >= STAGED_LIVES


def source(call: Call, photo: Photo) -> str:
    """Return the address of the picture itself."""
    return call.meta.at(f"/media/{photo.picture.blob}.jpg")


async def _picture(call: Call) -> Picture:
    limit = int(call.world.settings.photo_megabytes * MEGABYTE)
    try:
        if call.files:
            content = call.files[0]
        else:
            content = await call.meta.pictures.fetch(_url(call))
        look = await call.meta.pictures.keep(content)
    except (Unfetchable, NotAPicture) as wrong:
        raise GraphError(
            324,
            "(#324) Missing or invalid image file",
            subcode=2069019,
            title="Invalid Image",
            advice="There was a problem with the image file. Please try again with another.",
        ) from wrong
    if look.size > limit or look.format not in FORMATS:
        raise GraphError(
            324,
            "(#324) Missing or invalid image file",
            subcode=1366046,
            title="Can't Read Files",
            advice=f"Your photos couldn't be uploaded. Photos should be smaller than "
            f"{call.world.settings.photo_megabytes:g} MB and saved as JPG or PNG files.",
        )
    return look.picture


def _url(call: Call) -> str:
    url = call.text("url")
    if not url:
        raise GraphError(324, "(#324) Requires upload file")
    return url


def _story(call: Call, photo: Photo, _: Wanted) -> Any:
    post = call.world.posts.get(photo.post_id or "")
    seen = post and post.created_at <= call.world.seen(call.world.pages[photo.page_id])
    return photo.post_id if seen else nodes.ABSENT


def _link(call: Call, photo: Photo, _: Wanted) -> str:
    if photo.post_id:
        return call.meta.at(f"/facebook/{photo.page_id}/posts/{photo.post_id}")
    return call.meta.at(f"/facebook/{photo.page_id}")


def _images(call: Call, photo: Photo, _: Wanted) -> list[dict[str, Any]]:
    return [{"height": photo.picture.height, "width": photo.picture.width, "source": source(call, photo)}]


def _from(call: Call, photo: Photo, _: Wanted) -> dict[str, str]:
    return {"name": call.world.pages[photo.page_id].name, "id": photo.page_id}


nodes.describe(
    Photo,
    "Photo",
    {
        "name": nodes.attribute("caption"),
        "alt_text": lambda _, photo, __: photo.alt_text or "May be an image of a picture",
        "alt_text_custom": nodes.attribute("alt_text"),
        "created_time": nodes.created,
        "updated_time": nodes.created,
        "from": _from,
        "height": lambda _, photo, __: photo.picture.height,
        "width": lambda _, photo, __: photo.picture.width,
        "images": _images,
        "picture": lambda call, photo, _: source(call, photo),
        "link": _link,
        "page_story_id": _story,
        "published": lambda _, photo, __: photo.post_id is not None,
    },
    ["created_time", "name", "id"],
)

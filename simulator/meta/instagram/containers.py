"""Containers: `POST /{ig-user}/media` and `GET /{container}`.

https://developers.facebook.com/docs/instagram-platform/content-publishing
"""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from simulator.meta import ids, nodes
from simulator.meta.call import Call
from simulator.meta.errors import GraphError, instagram, invalid, missing
from simulator.meta.instagram import captions, images
from simulator.meta.world import Container, Instagram, Picture, World

LIVES = timedelta(hours=24)
WINDOW = timedelta(hours=24)
MARKED = re.compile(r"error-(\d{7})")
"""A picture's address with this in it gives a container that ends in that error."""
TEXTS = {
    "IN_PROGRESS": "In Progress: Media is still being processed.",
    "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
    "PUBLISHED": "Published: Media has been published.",
    "EXPIRED": "Expired: The container was not published within 24 hours and has expired.",
}


async def create(call: Call, account: Instagram) -> dict[str, Any]:
    """Make a container of what is to be published, and return its id."""
    call.visible_instagram(account)
    call.require("instagram_basic", "instagram_content_publish", "pages_read_engagement")
    call.may_publish(call.world.pages[account.page_id])
    kind = (call.text("media_type") or "IMAGE").upper()
    maker = MAKERS.get(kind)
    if maker is None:
        _not_simulated(call, kind)
        raise invalid(f"Unknown media type: {kind}", subcode=2207023)
    container = await maker(call, account)
    _check_count(call.world, account)
    call.world.containers[container.id] = container
    account.container_ids.append(container.id)
    call.meta.changed()
    return {"id": container.id}


async def show(call: Call, container: Container) -> dict[str, Any]:
    """Return a container's status; only the documented fields can be read."""
    account = call.world.instagrams[container.instagram_id]
    call.visible_instagram(account)
    call.require("instagram_basic")
    if call.token.kind == "page" and call.world.settings.page_reads == "refused":
        raise unauthorized()
    container.polls += 1
    return nodes.show(call, container, call.fields)


def status(world: World, container: Container) -> str:
    """Return where a container stands now."""
    age = world.now() - container.created_at
    if container.published_at:
        return "PUBLISHED"
    if age >= LIVES:
        return "EXPIRED"
    polls = world.settings.container_polls
    if age < timedelta(seconds=world.settings.container_seconds) or (polls and container.polls <= polls):
        return "IN_PROGRESS"
    return "ERROR" if container.error else "FINISHED"


def told(world: World, container: Container) -> str:
    """Return where a container says it stands: for a while, that it is not published yet."""
    seen = world.seen(world.instagrams[container.instagram_id])
    is_late = container.published_at is not None and container.published_at > seen
    return "FINISHED" if is_late else status(world, container)


def unauthorized() -> GraphError:
    """Return what page tokens got for containers and media in May 2026."""
    return GraphError(100, "Authorization Error", subcode=33, kind="GraphMethodException")


async def _image(call: Call, account: Instagram) -> Container:
    url, caption, alt_text = call.text("image_url"), call.text("caption") or "", call.text("alt_text") or ""
    if not url:
        raise missing("image_url")
    captions.check(caption, alt_text)
    picture, error = await _picture(call, url)
    return Container(
        id=ids.digits("178", 17, call.world.containers),
        instagram_id=account.id,
        picture=picture,
        caption=caption,
        alt_text=alt_text,
        created_at=call.world.now(),
        app_id=call.world.app.id,
        error=error,
    )


async def _picture(call: Call, url: str) -> tuple[Picture | None, int | None]:
    if marked := MARKED.search(url):
        return None, int(marked[1])
    if not url.isascii():
        call.meta.record.warn(
            "address", "A picture's address with other than ASCII characters often fails", url=url
        )
    try:
        return await images.taken(call.meta, url), None
    except GraphError as refused:
        if call.world.settings.image_check == "at_creation":
            raise
        return None, refused.subcode


def _check_count(world: World, account: Instagram) -> None:
    since = world.now() - WINDOW
    recent = 0
    for container_id in reversed(account.container_ids):
        if world.containers[container_id].created_at < since:
            break
        recent += 1
    if recent >= world.settings.container_total:
        raise instagram(
            9,
            2207042,
            "(#9) Too many containers",
            "Limit reached",
            f"An Instagram account can create {world.settings.container_total} containers within 24 hours.",
        )


def _text(world: World, container: Container) -> str:
    now = told(world, container)
    return TEXTS.get(now) or f"Error: Media upload has failed with error code {container.error}"


def _not_simulated(call: Call, kind: str) -> None:
    if kind in ("REELS", "STORIES", "CAROUSEL", "VIDEO"):
        call.meta.record.warn("not_simulated", f"The real Instagram takes {kind}, this one does not")


MAKERS: dict[str, Callable[[Call, Instagram], Awaitable[Container]]] = {"IMAGE": _image}

nodes.describe(
    Container,
    "ShadowIGMediaBuilder",
    {
        "status_code": lambda call, container, _: told(call.world, container),
        "status": lambda call, container, _: _text(call.world, container),
        "copyright_check_status": lambda *_: {"status": "completed", "matches_found": False},
        "video_status": lambda *_: nodes.ABSENT,
    },
)

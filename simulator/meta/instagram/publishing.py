"""`POST /{ig-user}/media_publish` and `GET /{ig-user}/content_publishing_limit`.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media_publish
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.meta import ids
from simulator.meta.call import Call
from simulator.meta.errors import GraphError, instagram, invalid
from simulator.meta.instagram import containers
from simulator.meta.world import Container, Instagram, Media, World

WINDOW = timedelta(hours=24)


async def publish(call: Call, account: Instagram) -> dict[str, Any]:
    """Make a finished container public, and return the media's id."""
    call.visible_instagram(account)
    call.require("instagram_basic", "instagram_content_publish", "pages_read_engagement")
    call.may_publish(call.world.pages[account.page_id])
    container = call.world.containers.get(call.required("creation_id"))
    if container is None or container.instagram_id != account.id:
        raise _gone(2207006, "The media could not be found")
    _check_ready(call.world, container)
    if used(call.world, account, call.world.now() - WINDOW) >= call.world.settings.quota_total:
        raise instagram(
            9,
            2207042,
            "(#9) Application request limit reached",
            "Publishing limit reached",
            "You reached the maximum number of posts that is allowed to be published by Content Publishing "
            "API.",
        )
    media = _published(call.world, account, container)
    call.meta.changed()
    return {"id": media.id}


async def limit(call: Call, account: Instagram) -> dict[str, Any]:
    """Return how much of the quota is used since `since` (at most 24 hours ago)."""
    call.visible_instagram(account)
    call.require("instagram_basic", "instagram_content_publish")
    now = call.world.now()
    asked = call.number("since")
    since = datetime.fromtimestamp(asked, UTC) if asked is not None else now - WINDOW
    if since < now - WINDOW - timedelta(minutes=1):
        raise invalid("Param since must be within the last 24 hours")
    known = {
        "quota_usage": used(call.world, account, since),
        "config": {
            "quota_total": call.world.settings.quota_total,
            "quota_duration": int(WINDOW.total_seconds()),
        },
    }
    names = [field.name for field in call.fields or ()] or ["quota_usage"]
    return {"data": [{name: known[name] for name in names if name in known}]}


def used(world: World, account: Instagram, since: datetime) -> int:
    """Return how many posts were published by API on this account since then."""
    count = 0
    for media_id in reversed(account.media_ids):
        media = world.media[media_id]
        if media.created_at < since:
            break
        count += media.app_id is not None
    return count


def _check_ready(world: World, container: Container) -> None:
    status = containers.status(world, container)
    if status == "EXPIRED":
        raise _gone(2207008, "The media builder does not exist or has expired")
    if status == "PUBLISHED" and world.settings.second_publish == "refused":
        raise _gone(2207006, "The media could not be found")
    if status in ("IN_PROGRESS", "ERROR"):
        raise instagram(
            9007,
            2207027,
            "Media ID is not available",
            "Media ID is not available",
            "The media is not ready for publishing, please wait for a moment",
        )


def _gone(subcode: int, advice: str) -> GraphError:
    return instagram(24, subcode, "The requested resource does not exist", "Media not found", advice)


def _published(world: World, account: Instagram, container: Container) -> Media:
    assert container.picture
    container.published_at = world.now()
    media_id = ids.digits("179", 17, world.media)
    media = Media(
        id=media_id,
        shortcode=ids.shortcode(media_id),
        instagram_id=account.id,
        picture=container.picture,
        caption=container.caption,
        alt_text=container.alt_text,
        created_at=container.published_at,
        container_id=container.id,
        app_id=container.app_id,
    )
    world.media[media.id] = media
    account.media_ids.append(media.id)
    return media

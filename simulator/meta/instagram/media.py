"""`GET /{media}` and `GET /{ig-user}/media`."""

from typing import Any

from simulator.meta import nodes, paging
from simulator.meta.call import Call
from simulator.meta.fields import Wanted
from simulator.meta.instagram.containers import unauthorized
from simulator.meta.world import Instagram, Media


async def show(call: Call, media: Media) -> dict[str, Any]:
    """Return one published post."""
    call.visible_instagram(call.world.instagrams[media.instagram_id])
    _readable(call)
    return nodes.show(call, media, call.fields)


async def listed(call: Call, account: Instagram) -> dict[str, Any]:
    """Return an account's posts, newest first, without what is not visible yet."""
    call.visible_instagram(account)
    _readable(call)
    seen = call.world.seen(account)
    newest_first = [call.world.media[media_id] for media_id in reversed(account.media_ids)]
    visible = [media for media in newest_first if media.old or media.created_at <= seen]
    return paging.listing(
        call, paging.between(call, visible), lambda media: nodes.show(call, media, call.fields)
    )


def permalink(call: Call, media: Media, _: Wanted) -> str:
    """Return the public address."""
    return call.meta.at(f"/p/{media.shortcode}/")


def _readable(call: Call) -> None:
    call.require("instagram_basic")
    if call.token.kind == "page" and call.world.settings.page_reads == "refused":
        raise unauthorized()


def _owner(_: Call, media: Media, __: Wanted) -> dict[str, str]:
    return {"id": media.instagram_id}


def _username(call: Call, media: Media, _: Wanted) -> str:
    return call.world.instagrams[media.instagram_id].username


def _media_url(call: Call, media: Media, _: Wanted) -> str:
    return call.meta.at(f"/media/{media.picture.blob}.jpg")


nodes.describe(
    Media,
    "IGMedia",
    {
        "caption": nodes.attribute("caption"),
        "alt_text": nodes.attribute("alt_text"),
        "media_type": nodes.always("IMAGE"),
        "media_product_type": nodes.always("FEED"),
        "media_url": _media_url,
        "thumbnail_url": nodes.always(nodes.ABSENT),
        "children": nodes.always(nodes.ABSENT),
        "permalink": permalink,
        "shortcode": nodes.attribute("shortcode"),
        "timestamp": nodes.created,
        "username": _username,
        "owner": _owner,
        "like_count": nodes.attribute("likes"),
        "comments_count": nodes.always(0),
        "reposts_count": nodes.always(0),
        "saved_count": nodes.always(0),
        "shares_count": nodes.always(0),
        "is_comment_enabled": nodes.always(True),
        "is_ai_generated": nodes.always(False),
        "is_shared_to_feed": nodes.always(nodes.ABSENT),
    },
)

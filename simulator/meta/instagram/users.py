"""`GET /{ig-user}`."""

from typing import Any

from simulator.meta import nodes
from simulator.meta.call import Call
from simulator.meta.fields import Wanted
from simulator.meta.world import Instagram


async def show(call: Call, instagram: Instagram) -> dict[str, Any]:
    """Return the account's public face."""
    call.visible_instagram(instagram)
    call.require("instagram_basic")
    return nodes.show(call, instagram, call.fields)


def picture_url(call: Call, instagram: Instagram, _: Wanted) -> str:
    """Return the address of the avatar."""
    return call.meta.at(f"/art/{instagram.art}/avatar.jpg")


nodes.describe(
    Instagram,
    "IGUser",
    {
        "username": nodes.attribute("username"),
        "name": nodes.attribute("name"),
        "biography": nodes.attribute("biography"),
        "website": nodes.attribute("website"),
        "profile_picture_url": picture_url,
        "followers_count": nodes.attribute("followers"),
        "follows_count": nodes.attribute("follows"),
        "media_count": lambda _, instagram, __: len(instagram.media_ids),
    },
)

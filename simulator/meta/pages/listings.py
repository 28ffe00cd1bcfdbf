"""A Page's posts, listed: /published_posts, /posts, /feed and /scheduled_posts."""

from collections.abc import Iterable
from typing import Any

from simulator.meta import nodes, paging
from simulator.meta.call import Call
from simulator.meta.errors import GraphError
from simulator.meta.pages import posts as all_posts
from simulator.meta.world import Page, Post

MOST_LISTED = 600
"""Older posts than that are not listed; Meta says that about so many a year are."""


async def posts(call: Call, page: Page) -> dict[str, Any]:
    """Return the Page's own posts that the public sees, newest first."""
    _readable(call, page)
    return _listed(call, (post for post in _settled(call, page) if all_posts.public(call.world, post)))


async def feed(call: Call, page: Page) -> dict[str, Any]:
    """Return the posts on the Page, published or not; needs one permission more."""
    _readable(call, page)
    call.require("pages_read_user_content")
    return _listed(call, _settled(call, page))


async def scheduled(call: Call, page: Page) -> dict[str, Any]:
    """Return the posts that wait for their time."""
    _readable(call, page)
    return _listed(
        call,
        (
            post
            for post in _settled(call, page)
            if post.scheduled_at and not all_posts.public(call.world, post)
        ),
    )


def _readable(call: Call, page: Page) -> None:
    call.visible_page(page)
    if call.token.kind != "page":
        raise GraphError(210, "(#210) A page access token is required to request this resource.", status=403)
    call.require("pages_read_engagement")


def _settled(call: Call, page: Page) -> list[Post]:
    """Leave out what listings do not show yet."""
    seen = call.world.seen(page)
    newest = all_posts.newest_first(call.world, page, most=MOST_LISTED)
    return [post for post in newest if post.old or post.created_at <= seen]


def _listed(call: Call, found: Iterable[Post]) -> dict[str, Any]:
    return paging.listing(
        call,
        paging.between(call, list(found)),
        lambda post: nodes.show(call, post, call.fields),
        most=paging.MOST_POSTS,
    )

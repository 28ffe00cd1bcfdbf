"""The Graph API: every path that is answered, and how an answer is made.

What Meta has and this table has not is answered as Meta answers an unknown edge. Another media type is a row
of `instagram.containers.MAKERS`; comments and insights are rows here.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from simulator.meta import answers, oauth, people, usage
from simulator.meta import call as calls
from simulator.meta.call import Call
from simulator.meta.errors import GraphError, unknown_field, unknown_object
from simulator.meta.instagram import containers, media, publishing, users
from simulator.meta.meta import Meta
from simulator.meta.nodes import KINDS
from simulator.meta.pages import feed, listings, pages, photos
from simulator.meta.world import Business, Container, Instagram, Media, Page, Person, Photo, Post, World

Answer = dict[str, Any]

ROOTS: dict[str, Callable[[Call], Awaitable[Answer]]] = {
    "oauth/access_token": oauth.access_token,
    "debug_token": oauth.debug_token,
    "me": people.me,
}
EDGES: dict[tuple[str, type, str], Callable[..., Awaitable[Answer]]] = {
    ("GET", Person, ""): people.show,
    ("GET", Person, "permissions"): people.permissions,
    ("DELETE", Person, "permissions"): people.revoke,
    ("GET", Person, "accounts"): people.accounts,
    ("GET", Person, "businesses"): people.businesses,
    ("GET", Business, ""): people.show_business,
    ("GET", Business, "owned_pages"): people.owned_pages,
    ("GET", Business, "client_pages"): people.client_pages,
    ("GET", Instagram, ""): users.show,
    ("GET", Instagram, "content_publishing_limit"): publishing.limit,
    ("GET", Instagram, "media"): media.listed,
    ("POST", Instagram, "media"): containers.create,
    ("POST", Instagram, "media_publish"): publishing.publish,
    ("GET", Container, ""): containers.show,
    ("GET", Media, ""): media.show,
    ("GET", Page, ""): pages.show,
    ("POST", Page, "feed"): feed.create,
    ("POST", Page, "photos"): photos.create,
    ("GET", Page, "feed"): listings.feed,
    ("GET", Page, "posts"): listings.posts,
    ("GET", Page, "published_posts"): listings.posts,
    ("GET", Page, "scheduled_posts"): listings.scheduled,
    ("GET", Photo, ""): photos.show,
    ("DELETE", Photo, ""): photos.delete,
    ("GET", Post, ""): feed.show,
    ("DELETE", Post, ""): feed.delete,
}
BODYLESS = ("GET", "DELETE")
DEEPEST = {"permissions": 3}
"""How many parts a path may have when its edge takes a name: /me/permissions/pages_show_list."""


async def endpoint(request: Request) -> Response:
    """Answer one call."""
    meta: Meta = request.app.state.meta
    node: Any = None
    try:
        call = await calls.read(meta, request)
        _look_at(call, request)
        root = ROOTS.get("/".join(call.path))
        node = None if root else find(call)
        usage.check(meta.world.settings, node)
        answer = await (root(call) if root else _handled(call, node))
        return answers.success(answer, _headers(meta, request, node))
    except GraphError as error:
        return answers.refusal(error, _headers(meta, request, node))


def find(call: Call) -> Any:
    """Return the object that the call's path begins with. Raises `GraphError` 2500, 803 or 100/33."""
    if not call.path:
        raise GraphError(2500, "Unknown path components: /")
    name = call.path[0]
    if name == "me":
        return call.world.pages[call.token.page_id] if call.token.page_id else call.person
    if not name.replace("_", "").isdigit():
        raise GraphError(803, f"(#803) Some of the aliases you requested do not exist: {name}", status=404)
    call.authenticate()
    node = _node(call.world, name)
    if node is None:
        raise unknown_object(name, call.method)
    return node


def _look_at(call: Call, request: Request) -> None:
    if call.token_in_url:
        call.meta.record.warn(
            "token_in_url",
            "An access token stands in the URL, where every log keeps it",
            path=request.url.path,
        )
    call.check_protocol("if-none-match" in request.headers)


def _node(world: World, name: str) -> Any:
    for kept in (
        world.containers, world.media, world.instagrams, world.posts, world.pages, world.photos, world.people,
        world.businesses,
    ):  # fmt: skip
        if name in kept:
            return kept[name]
    return None


async def _handled(call: Call, node: Any) -> Answer:
    edge = call.path[1] if len(call.path) > 1 else ""
    handler = EDGES.get((call.method, type(node), edge))
    if handler is None:
        if edge and call.method in BODYLESS:
            raise unknown_field(edge, KINDS[type(node)].name)
        raise unknown_object(node.id, call.method)
    if len(call.path) > DEEPEST.get(edge, 2):
        raise GraphError(2500, f"Unknown path components: /{'/'.join(call.path[2:])}")
    return await handler(call, node, *call.path[2:])


def _headers(meta: Meta, request: Request, node: Any) -> dict[str, str]:
    return {"facebook-api-version": calls.version_of(request), **usage.headers(meta.world.settings, node)}

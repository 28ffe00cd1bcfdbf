"""`GET /{page}`: the Page, its token, and the Instagram account that is linked to it."""

from typing import Any

from simulator.meta import nodes, tokens
from simulator.meta.call import Call
from simulator.meta.fields import Wanted
from simulator.meta.world import Page


async def show(call: Call, page: Page) -> dict[str, Any]:
    """Return a Page that was shared with the app."""
    call.visible_page(page)
    if not call.allowed("pages_show_list"):
        call.require("pages_read_engagement")
    return nodes.show(call, page, call.fields)


def _access_token(call: Call, page: Page, _: Wanted) -> Any:
    """Without a role there is no token; with a page token, it is that one."""
    if call.token.kind == "page":
        return call.token.value
    known = len(call.world.tokens)
    value = tokens.page_token(call.world, call.token, page).value
    if len(call.world.tokens) != known:
        call.meta.file.changed(call.world)
    return value


def _instagram(call: Call, page: Page, wanted: Wanted) -> Any:
    """Leave it out when none is linked, was shared, or may be read."""
    account = call.world.instagrams.get(page.instagram_id or "")
    if account is None or not call.sees_instagram(account) or not call.allowed("instagram_basic"):
        return nodes.ABSENT
    return nodes.show(call, account, wanted.fields)


def _tasks(call: Call, page: Page, _: Wanted) -> list[str]:
    return call.world.role(call.person, page.id)


def _picture(call: Call, page: Page, _: Wanted) -> dict[str, Any]:
    url = call.meta.at(f"/art/{page.art}/avatar.jpg")
    return {"data": {"height": 50, "width": 50, "is_silhouette": False, "url": url}}


def _cover(call: Call, page: Page, _: Wanted) -> dict[str, Any]:
    return {"source": call.meta.at(f"/art/{page.art}/cover.jpg"), "offset_x": 50, "offset_y": 50}


def _link(call: Call, page: Page, _: Wanted) -> str:
    return call.meta.at(f"/facebook/{page.id}")


def _category_list(_: Call, page: Page, __: Wanted) -> list[dict[str, str]]:
    return [{"id": "1605186416478696", "name": page.category}]


nodes.describe(
    Page,
    "Page",
    {
        "name": nodes.attribute("name"),
        "username": nodes.attribute("username"),
        "category": nodes.attribute("category"),
        "category_list": _category_list,
        "about": nodes.attribute("about"),
        "website": nodes.attribute("website"),
        "link": _link,
        "picture": _picture,
        "cover": _cover,
        "access_token": _access_token,
        "tasks": _tasks,
        "followers_count": nodes.attribute("followers"),
        "fan_count": nodes.attribute("followers"),
        "is_published": nodes.always(True),
        "instagram_business_account": _instagram,
        "connected_instagram_account": _instagram,
    },
    ["name", "id"],
)

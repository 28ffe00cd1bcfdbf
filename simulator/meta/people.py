"""The person behind a token: /me, its permissions, Pages and business portfolios."""

from typing import Any

import httpx

from simulator.meta import nodes, paging, signed, tokens
from simulator.meta.call import Call
from simulator.meta.errors import GraphError, no_permission, unknown_object
from simulator.meta.fields import Wanted
from simulator.meta.meta import Meta
from simulator.meta.world import Business, Page, Person

ACCOUNT_FIELDS = tuple(
    Wanted(name) for name in ("access_token", "category", "category_list", "name", "id", "tasks")
)


async def me(call: Call) -> dict[str, Any]:
    """`GET /me`: the person, or with a page token the Page."""
    node = call.world.pages[call.token.page_id] if call.token.page_id else call.person
    return nodes.show(call, node, call.fields)


async def show(call: Call, person: Person) -> dict[str, Any]:
    """`GET /{person}`: oneself only."""
    _themself(call, person)
    return nodes.show(call, person, call.fields)


async def permissions(call: Call, person: Person) -> dict[str, Any]:
    """`GET /me/permissions`."""
    _themself(call, person)
    given = call.grant.permissions
    return {
        "data": [
            {"permission": name, "status": tokens.permission(call.world, call.grant, name)} for name in given
        ]
    }


async def revoke(call: Call, person: Person, name: str | None = None) -> dict[str, Any]:
    """`DELETE /me/permissions[/{name}]`: give up one permission, or the whole app."""
    _themself(call, person)
    if name is None:
        await deauthorize(call.meta, person)
    elif name in call.grant.permissions:
        call.grant.permissions[name] = "declined"
        call.meta.changed()
    return {"success": True}


async def deauthorize(meta: Meta, person: Person) -> None:
    """Take the app from the person's list of apps: every token ends, and the app's callback is told."""
    tokens.end(
        (token for token in meta.world.tokens.values() if token.person_id == person.id), "deauthorized"
    )
    meta.world.grants.pop(person.id, None)
    meta.changed()
    if meta.world.app.deauthorize_url:
        try:
            await meta.http.post(meta.world.app.deauthorize_url, data=signed.request(meta.world, person.id))
        except httpx.HTTPError as lost:
            meta.record.warn("callback", f"The deauthorize callback did not answer: {lost!r}")


async def ask_deletion(meta: Meta, person: Person) -> tuple[int, Any]:
    """Tell the app that a person wants their data deleted; return its status and its answer, checked.

    Raises httpx.HTTPError when there is none, ValueError when it is not JSON.
    """
    assert meta.world.app.deletion_url
    answer = await meta.http.post(meta.world.app.deletion_url, data=signed.request(meta.world, person.id))
    said = answer.json()
    if not isinstance(said, dict) or not {"url", "confirmation_code"} <= set(said):
        meta.record.warn("callback", "The data-deletion callback must answer url and confirmation_code")
    return answer.status_code, said


async def accounts(call: Call, person: Person) -> dict[str, Any]:
    """`GET /me/accounts`: the Pages that were shared, but for those that a portfolio owns."""
    _themself(call, person)
    call.require("pages_show_list")
    listed = [page for page in _shared(call) if page.business_id is None]
    return paging.listing(call, listed, lambda page: nodes.show(call, page, call.fields or ACCOUNT_FIELDS))


async def businesses(call: Call, person: Person) -> dict[str, Any]:
    """`GET /me/businesses`."""
    _themself(call, person)
    call.require("business_management")
    owned = [call.world.businesses[business_id] for business_id in person.business_ids]
    return paging.listing(call, owned, lambda business: nodes.show(call, business, call.fields))


async def show_business(call: Call, business: Business) -> dict[str, Any]:
    """`GET /{business}`."""
    _member(call, business)
    return nodes.show(call, business, call.fields)


async def owned_pages(call: Call, business: Business) -> dict[str, Any]:
    """`GET /{business}/owned_pages`."""
    _member(call, business)
    owned = [page for page in _shared(call) if page.id in business.page_ids]
    return paging.listing(call, owned, lambda page: nodes.show(call, page, call.fields))


async def client_pages(call: Call, business: Business) -> dict[str, Any]:
    """`GET /{business}/client_pages`: nobody here has clients."""
    _member(call, business)
    return {"data": []}


def _shared(call: Call) -> list[Page]:
    return [page for page in call.world.pages.values() if call.sees_page(page)]


def _themself(call: Call, person: Person) -> None:
    if call.token.person_id != person.id:
        raise unknown_object(person.id, call.method)
    if call.token.kind != "user":
        raise GraphError(100, "(#100) Tried accessing nonexisting field (accounts) on node type (Page)")


def _member(call: Call, business: Business) -> None:
    if business.id not in call.person.business_ids:
        raise unknown_object(business.id, call.method)
    if not call.allowed("business_management"):
        raise no_permission("business_management")


nodes.describe(
    Person,
    "User",
    {
        "name": nodes.attribute("name"),
        "first_name": lambda _, person, __: person.name.split()[0],
        "last_name": lambda _, person, __: person.name.split()[-1],
        "picture": lambda call, person, _: {
            "data": {
                "height": 50,
                "width": 50,
                "is_silhouette": False,
                "url": call.meta.at(f"/art/person/{person.id}.jpg"),
            }
        },
    },
    ["name", "id"],
)
nodes.describe(Business, "Business", {"name": nodes.attribute("name")}, ["id", "name"])

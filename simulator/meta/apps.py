"""A person's settings page *Apps and websites*: where they remove the app, and have their data deleted."""

from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.meta import people
from simulator.meta.control.body import Wrong
from simulator.meta.meta import Meta
from simulator.meta.templates import page
from simulator.meta.world import Person

NOTHING = {"removed": None, "asked": None, "answer": None}
FRESH = {"cache-control": "no-cache"}


def routes() -> list[Route]:
    """Return the page, and its two buttons."""
    return [
        Route("/settings/apps", show),
        Route("/settings/apps/remove", remove, methods=["POST"]),
        Route("/settings/apps/delete", delete, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    """List who uses the app."""
    return _page(request.app.state.meta)


async def remove(request: Request) -> Response:
    """Remove the app from somebody's account; it is told."""
    meta: Meta = request.app.state.meta
    person = await _person(meta, request)
    await people.deauthorize(meta, person)
    return _page(meta, removed=person)


async def delete(request: Request) -> Response:
    """Ask the app to delete what it knows of somebody, and show what it answers."""
    meta: Meta = request.app.state.meta
    person = await _person(meta, request)
    answer: Any = None
    if meta.world.app.deletion_url:
        try:
            _, answer = await people.ask_deletion(meta, person)
        except (httpx.HTTPError, ValueError) as lost:
            meta.record.warn("callback", f"The data-deletion callback gave no JSON: {lost!r}")
    return _page(meta, asked=person, answer=answer if isinstance(answer, dict) else None)


async def _person(meta: Meta, request: Request) -> Person:
    person = meta.world.people.get(str((await request.form()).get("person")))
    if person is None:
        raise Wrong("There is nobody of that id")
    return person


def _page(meta: Meta, **shown: Any) -> Response:
    using = [one for one in meta.world.people.values() if one.id in meta.world.grants]
    others = [one for one in meta.world.people.values() if one not in using]
    return page(
        "apps.html",
        FRESH,
        changes=meta.changes,
        app=meta.world.app,
        using=using,
        others=others,
        shown=NOTHING | shown,
    )

"""What is done to tokens: each as Pressroom does it, in a process that may be killed over it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

import httpx
from starlette.applications import Starlette

from core import accounts, departures, keys, leaving, refresh, removals
from core.db import Actor
from core.errors import NotAllowed, NotFound
from core.services import Services
from core.vault import KeyRing
from tests.torture.stock import Holding
from web.meta import DEAUTHORIZE, MetaCallbacks
from web.pages import Pages

MOST = 20  # tokens that are sealed anew in one transaction


@dataclass(frozen=True)
class Task:
    """What a process is told to do, as whom, to what."""

    deed: str
    actor: Actor
    holdings: tuple[Holding, ...] = ()
    signed: Mapping[str, str] | None = None
    """What Meta posts when a person removes the app."""


Deed: TypeAlias = Callable[[Services, KeyRing, Task], Awaitable[object]]


async def renew(services: Services, _: KeyRing, task: Task) -> None:
    """Refresh a login."""
    for one in task.holdings:
        ids = {"agency_id": task.actor.agency_id, "connection_id": one.connection_id}
        await refresh.refresh(services, **ids)


async def disconnect(services: Services, _: KeyRing, task: Task) -> None:
    """Disconnect every account of a client, one after the other."""
    for account_id in task.holdings[0].accounts:
        await accounts.disconnect(services, task.actor, account_id)


async def remove(services: Services, _: KeyRing, task: Task) -> None:
    """Remove a client; nothing is asked once more when it is leaving already, or gone."""
    one = task.holdings[0]
    with suppress(NotAllowed, NotFound):
        await departures.remove(services, task.actor, client_id=one.client_id, name=one.name)
    await leaving.carry_on(services)


async def deauthorize(services: Services, _: KeyRing, task: Task) -> None:
    """Answer Meta, which says that a person removed the app; then do as it says."""
    callbacks = MetaCallbacks(services, pages=Pages(facebook_url=services.facebook_url))
    web = httpx.ASGITransport(Starlette(routes=callbacks.routes()))
    async with httpx.AsyncClient(transport=web, base_url=services.public_url) as meta:
        (await meta.post(DEAUTHORIZE, data=task.signed)).raise_for_status()
    await removals.carry_on(services)


async def rotate(services: Services, ring: KeyRing, _: Task) -> None:
    """Seal everything anew with the key that is current."""
    async for _progress in keys.rotate(services.db, ring, at_once=MOST):
        pass

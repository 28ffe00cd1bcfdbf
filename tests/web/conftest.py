"""Pressroom's web, served on a free port, with its login dialog at the simulated Meta."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import web.app
from core import connections
from core.connections import CALLBACK
from core.models import Client, Member, Platform
from core.services import Services
from tests.conftest import Cast, MakeServices, Serving
from tests.drivers.meta import Meta


@dataclass
class Told:
    """Stands for Slack: writes down what it was told."""

    accounts: list[dict[str, Any]] = field(default_factory=list)
    fails: bool = False

    async def accounts_connected(
        self, agency_id: UUID, *, client_id: UUID, member_id: UUID, account_ids: list[UUID]
    ) -> None:
        if self.fails:
            raise ConnectionError("Slack is not there")
        self.accounts.append(
            {"agency": agency_id, "client": client_id, "member": member_id, "accounts": account_ids}
        )


@dataclass
class Site:
    """The web as people reach it."""

    url: str
    services: Services
    slack: Told
    parts: dict[str, bool]
    asked: int = 0  # how often somebody asked for the parts

    async def link(
        self,
        agency: Cast,
        *,
        platform: Platform = Platform.INSTAGRAM,
        member: Member | None = None,
        client: Client | None = None,
    ) -> str:
        """Let a member ask for a private link, as Slack does."""
        actor = agency.actor(member or agency.manager)
        client_id = (client or agency.client).id
        return await connections.issue_ticket(self.services, actor, client_id=client_id, platform=platform)

    def app_over_https(self) -> Starlette:
        """Give the app as it is when people reach it over https."""
        services = replace(self.services, public_url="https://pressroom.example")
        return web.app.build(services, notifier=self.slack, slack_routes=[], readiness=self.readiness)

    async def readiness(self) -> dict[str, bool]:
        """Say which parts are up."""
        self.asked += 1
        return self.parts


async def broken(_: Request) -> Response:
    raise RuntimeError("a canary that no page may show")


async def install(_: Request) -> Response:
    return PlainTextResponse("Slack's own page comes here")


OpenSite = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def open_site(make_services: MakeServices, serving: Serving, meta: Meta) -> OpenSite:
    """Give what serves the web, with some of its services exchanged."""

    @asynccontextmanager
    async def opened(**exchanged: Any) -> AsyncIterator[Site]:
        made: list[Site] = []

        def build(url: str) -> Starlette:
            services = replace(make_services(url), **exchanged)
            site = Site(url, services, Told(), {"database": True, "slack": True})
            made.append(site)
            routes = [Route("/slack/install", install), Route("/broken", broken)]
            return web.app.build(services, notifier=site.slack, slack_routes=routes, readiness=site.readiness)

        async with serving(build) as url:
            await meta.register(url + CALLBACK)
            yield made[0]

    return opened


@pytest.fixture
async def site(open_site: OpenSite) -> AsyncIterator[Site]:
    """Serve the web."""
    async with open_site() as opened:
        yield opened

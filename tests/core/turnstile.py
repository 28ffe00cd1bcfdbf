"""A turnstile before Meta: holds a call back just before it is made, until the test lets it through."""

import asyncio
from dataclasses import replace

import httpx

from core.graph.api import GraphAPI
from core.services import Services


class Turnstile(httpx.AsyncBaseTransport):
    """Passes calls on to Meta, and writes down which; holds back those to an address that ends as `held`."""

    def __init__(self) -> None:
        """Hold nothing back yet."""
        self.street = httpx.AsyncHTTPTransport()
        self.passed: list[str] = []
        self.held: str | None = None
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    def hold(self, ending: str) -> None:
        """Hold back the next call to such an address; `reached` tells that it is here."""
        self.held = ending
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass one call on, once it may."""
        if self.held and request.method == "POST" and request.url.path.endswith(self.held):
            self.held = None
            self.reached.set()
            await self.opened.wait()
        self.passed.append(f"{request.method} {request.url.path}")
        return await self.street.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.street.aclose()


def behind(turnstile: Turnstile, services: Services) -> Services:
    """Give services whose calls to Meta go through the turnstile."""
    meta = services.graph
    graph = GraphAPI(
        httpx.AsyncClient(transport=turnstile),
        base_url=services.facebook_url,
        version=meta.version,
        app_id=meta.app_id,
        app_secret=meta.app_secret,
        on_usage=services.pace.hear,
    )
    return replace(services, graph=graph)

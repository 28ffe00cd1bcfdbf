"""Connects accounts without a browser: core's own steps, with the decision made in the simulated dialog."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from core import choices, connections, tickets
from core.connections import CALLBACK
from core.db import Actor, Origin
from core.models import Account, Connection, Platform
from core.services import Services
from core.tickets import Visit
from tests.drivers.meta import Meta

BROWSER = Origin("198.51.100.7", "Mozilla/5.0 (a test)")


@dataclass
class Connecting:
    """One ticket, and the browser that uses it."""

    services: Services
    meta: Meta
    ticket: str
    browser: str | None = None

    async def visit(self) -> Visit:
        """Open the link."""
        return await tickets.visit(self.services, self.ticket, BROWSER)

    async def start(self, **how: Any) -> str:
        """Press the button; give the address of Meta's dialog."""
        login = await connections.start(
            self.services, await self.visit(), text=self.ticket, browser=self.browser, **how
        )
        self.browser = login.browser
        return login.url

    async def decide(self, dialog_url: str, **decision: Any) -> dict[str, str]:
        """Decide in the dialog; give what it sends back."""
        back = await self.meta.decide(dialog_url, **decision)
        return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}

    async def come_back(self, said: dict[str, str]) -> Connection:
        """Come back from the dialog, in the same browser."""
        visit = await tickets.come_back(
            self.services, said.get("state", ""), browser=self.browser, origin=BROWSER
        )
        return await connections.finish(self.services, visit, code=said.get("code"), error=said.get("error"))

    async def log_in(self, **decision: Any) -> Connection:
        """Do all of it, as far as the choice."""
        return await self.come_back(await self.decide(await self.start(), **decision))

    async def resume(self) -> Visit:
        """Open the page of the choice."""
        return await tickets.resume(self.services, self.browser, BROWSER)

    async def reached(self) -> dict[str, str | None]:
        """Say what the choice shows: each account's value, with what hinders it."""
        found = await choices.of(self.services, await self.resume())
        return {choice.value: choice.hindrance for choice in found.all}

    async def choose(self, *values: str) -> list[Account]:
        """Choose accounts, as `instagram_business:ID` and `facebook_page:ID`."""
        return await choices.choose(self.services, await self.resume(), values)


async def open_link(
    services: Services, meta: Meta, actor: Actor, client_id: UUID, platform: Platform = Platform.INSTAGRAM
) -> Connecting:
    """Let a member ask for a link, and open it."""
    await meta.register(services.public_url + CALLBACK)
    link = await connections.issue_ticket(services, actor, client_id=client_id, platform=platform)
    return Connecting(services, meta, parse_qs(urlsplit(link).query)["ticket"][0])


async def connect(
    services: Services, meta: Meta, actor: Actor, client_id: UUID, *values: str, **decision: Any
) -> list[Account]:
    """Connect these accounts for a client; give them as they are stored."""
    connecting = await open_link(services, meta, actor, client_id)
    await connecting.log_in(**decision)
    return await connecting.choose(*values)

"""A person's hands on the simulated Slack."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from slack_sdk.web.async_client import AsyncWebClient

from simulator.slack.platform import Slack

ADA, DANA, LEE, OTTO = "U0ADA00001", "U0DANA0001", "U0LEE00001", "U0OTTO0001"
GENERAL, NORTHWIND, HARBOR, QUIET, BOARD = (
    "C0GENERAL1",
    "C0NORTHW01",
    "C0HARBOR01",
    "C0QUIET001",
    "G0BOARD001",
)


@dataclass
class Simulated:
    """A Slack that listens, and a person's hands on it."""

    address: str
    slack: Slack
    http: httpx.AsyncClient

    def web(self, token: str = "xoxb-simulator-bot", **more: Any) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=f"{self.address}/api/", **more)

    async def call(self, method: str, token: str = "xoxb-simulator-bot", **arguments: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await self.http.post(f"/api/{method}", json=arguments, headers=headers)
        return dict(response.json())

    async def read(self, method: str, token: str = "xoxb-simulator-bot", **arguments: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"}
        return dict((await self.http.get(f"/api/{method}", params=arguments, headers=headers)).json())

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        return dict((await self.http.post(f"/_sim/ui/{path}", json=body)).json())

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        return dict((await self.http.get(f"/_sim/ui/{path}", params=query)).json())

    async def upload(self, who: str, content: bytes, name: str = "b.png") -> dict[str, Any]:
        files = {"file": (name, content)}
        response = await self.http.post("/_sim/ui/files", data={"as": who}, files=files)
        return dict(response.json()["file"])

    async def messages(self, who: str, channel: str, **more: str) -> list[dict[str, Any]]:
        return list((await self.get("messages", **{"as": who, "channel": channel, **more}))["messages"])

    async def stack(self, who: str) -> list[dict[str, Any]]:
        return list((await self.get("views", **{"as": who}))["stack"])

    def warned(self) -> list[str]:
        return [warning["kind"] for warning in self.slack.record.warnings]

    async def until(self, what: Callable[[], Any], who: str = DANA) -> Any:
        """Wait until something holds, looking again whenever this person's page is told of a change."""
        events = self.slack.watchers.follow(who)
        await anext(events)
        while not (found := what()):
            await anext(events)
        await events.aclose()
        return found

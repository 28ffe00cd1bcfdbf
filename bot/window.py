"""A modal that is open on somebody's screen."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import blocks
from bot.blocks import View
from bot.slack_errors import code_of, pictures_failed

Answer = TypeVar("Answer")
PAUSES = (0.2, 0.4, 0.8, 1.6)  # seconds; Slack opens a view that our reply pushed only once it has our reply


class Window:
    """What is needed to draw it anew: its id, or the external_id that we gave it, and the hash seen last."""

    def __init__(self, slack: AsyncWebClient, which: dict[str, str], seen: str | None = None) -> None:
        """Take `which` as Slack's arguments: {"view_id": ...} or {"external_id": ...}."""
        self._slack, self._which, self._seen = slack, which, seen

    @classmethod
    def of(cls, slack: AsyncWebClient, view: Mapping[str, Any]) -> Self:
        """Take a view as Slack describes it."""
        return cls(slack, {"view_id": view["id"]}, view.get("hash"))

    @classmethod
    def pushed(cls, slack: AsyncWebClient, external_id: str) -> Self:
        """Take a view that our reply pushes."""
        return cls(slack, {"external_id": external_id})

    async def show(self, view: View, *, overrule: bool = True) -> None:
        """Draw it anew. When the person has closed it there is nothing to do, and nothing wrong.

        When something else drew it since we saw it, `overrule` decides who wins.
        """
        code = await self._try(view, self._seen)
        if code == "hash_conflict" and overrule:
            code = await self._try(view, None)
        for pause in PAUSES if code == "not_found" and "external_id" in self._which else ():
            await asyncio.sleep(pause)
            if (code := await self._try(view, None)) != "not_found":
                return

    async def _try(self, view: View, seen: str | None) -> str:
        expected = {"hash": seen} if seen else {}

        async def update(drawn: View) -> Any:
            return await self._slack.views_update(view=drawn, **self._which, **expected)

        try:
            answer = await with_pictures(update, view)
        except SlackApiError as error:
            if code_of(error) in ("hash_conflict", "not_found"):
                return code_of(error)
            raise
        self._seen = answer["view"].get("hash")
        return ""


async def with_pictures(call: Callable[[View], Awaitable[Answer]], drawn: View) -> Answer:
    """Draw with its pictures; if Slack cannot fetch one, draw the rest without them.

    Slack fetches each `image_url` while we wait, and refuses the whole message or view if it cannot.
    """
    try:
        return await call(drawn)
    except SlackApiError as error:
        if not pictures_failed(error):
            raise
    return await call(drawn | {"blocks": blocks.without_pictures(drawn["blocks"])})

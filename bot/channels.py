"""Where the bot may speak."""

import time

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

CACHED = 60.0  # seconds; somebody may invite or remove the bot
MOST_CACHED = 10_000


class Channels:
    """Asks Slack which channels the bot is in, and remembers it for a while."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | None, str], tuple[float, bool]] = {}

    async def has_bot(self, slack: AsyncWebClient, channel_id: str) -> bool:
        """Say whether the bot is in this channel, and anybody still speaks there."""
        which = (slack.token, channel_id)
        until, known = self._known.get(which, (0.0, False))
        if time.monotonic() < until:
            return known
        if len(self._known) >= MOST_CACHED:
            self._known.clear()
        found = await self._ask(slack, channel_id)
        self._known[which] = (time.monotonic() + CACHED, found)
        return found

    async def _ask(self, slack: AsyncWebClient, channel_id: str) -> bool:
        try:
            found = (await slack.conversations_info(channel=channel_id))["channel"]
        except SlackApiError:  # not visible to the bot, or not in reach of its scopes
            return False
        return bool(found.get("is_member")) and not found.get("is_archived")

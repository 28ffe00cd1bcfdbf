"""Copies of a card: Slack took it, its answer was lost, and another was posted. They are taken away.

Slack tells of each message that shows a post, where the bot is in the channel. Elsewhere a copy stays until
somebody presses a button on it. What the button does is done all the same: it asks the record, not the card.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack_errors import code_of
from bot.turn import Turn
from bot.views import card
from core import cards

ALREADY_GONE = {"message_not_found", "channel_not_found", "cant_delete_message"}
MOVED = (
    ":information_source: That was a copy of the card, so I took it away. The card itself: <{}|look here>."
)


def post_of(message: Mapping[str, Any]) -> UUID | None:
    """Give the post that a message shows, by its metadata; only the bot's own have it."""
    said = message.get("metadata") or {}
    if said.get("event_type") != card.EVENT:
        return None
    try:
        return UUID(str((said.get("event_payload") or {}).get("post_id")))
    except ValueError:
        return None


async def take_away(slack: AsyncWebClient, *, channel_id: str, ts: str) -> None:
    """Delete one of the bot's own messages, unless somebody did."""
    try:
        await slack.chat_delete(channel=channel_id, ts=ts)
    except SlackApiError as error:
        if code_of(error) not in ALREADY_GONE:
            raise


async def take_away_if_pressed(turn: Turn) -> None:
    """Take the message away whose button was pressed, if it is a copy, and say where the card is."""
    message, channel_id = turn.body.get("message") or {}, turn.channel_id
    post_id = post_of(message)
    if turn.kind != "block_actions" or post_id is None or channel_id is None:
        return
    current = await turn.anyone()  # a client's reviewer may be a guest
    db, agency_id = turn.services.db, current.installed.agency_id
    if await cards.stands(db, agency_id, post_id, channel_id=channel_id, ts=message["ts"]):
        return
    await take_away(turn.slack, channel_id=channel_id, ts=message["ts"])
    async with current.session() as session:
        found = await cards.card_of(session, post_id)
    if found and found[1].ts:
        where = await turn.slack.chat_getPermalink(channel=found[1].channel_id, message_ts=found[1].ts)
        await turn.respond(MOVED.format(where["permalink"]), replace_original=False)

"""What Slack tells of the messages that show a post: one was posted, one is gone.

https://docs.slack.dev/messaging/message-metadata
"""

from slack_bolt.async_app import AsyncApp

from bot import copies
from bot.desk import Desk
from bot.listening import listener
from bot.turn import Turn
from core import cards


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the metadata of the bot's own messages."""
    app.event("message_metadata_posted")(listener(desk, posted))
    app.event("message_metadata_deleted")(listener(desk, deleted))


async def posted(turn: Turn) -> None:
    """Take note of where a card stands: maybe its answer was lost. Take it away if it is a copy."""
    event, installed = turn.body["event"], await turn.installed()
    post_id = copies.post_of(event)
    if post_id is None or installed.bot_id != event.get("bot_id"):
        return
    place = {"channel_id": event["channel_id"], "ts": event["message_ts"]}
    if not await cards.stands(turn.services.db, installed.agency_id, post_id, **place):
        await copies.take_away(turn.slack, **place)


async def deleted(turn: Turn) -> None:
    """Have a card posted again that somebody deleted."""
    event, installed = turn.body["event"], await turn.installed()
    post_id = copies.post_of({"metadata": event.get("previous_metadata")})
    if post_id is not None:
        await cards.look_after(turn.services, installed.agency_id, post_id, ts=event["message_ts"])

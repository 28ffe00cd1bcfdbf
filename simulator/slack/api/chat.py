"""chat.*.

https://docs.slack.dev/reference/methods?family=chat
"""

import asyncio
from typing import Any

from simulator.slack import messages, shapes
from simulator.slack.api.call import Call, Method
from simulator.slack.errors import SlackError
from simulator.slack.images import wrong_images
from simulator.slack.platform import Slack
from simulator.slack.world import JSON, Channel, Message, Scheduled

LONGEST_UPDATE = 4000
FARTHEST_SECONDS = 120 * 24 * 3600
MOST_ATTACHMENTS = 100


async def post_message(call: Call) -> JSON:
    """Answer chat.postMessage."""
    channel = messages.to_post_in(call.slack, call.team_id, call.text("channel"), call.token.scopes)
    _limit_rate(call, channel)
    item = await _drafted(call, channel)
    item.thread_ts = _thread(call, channel)
    item.broadcast = call.flag("reply_broadcast")
    item.metadata = _metadata(call)
    messages.add(call.slack, item)
    return {"channel": channel.id, "ts": item.ts, "message": shapes.message(call.slack, item)}


async def post_ephemeral(call: Call) -> JSON:
    """Answer chat.postEphemeral; the ts cannot be used for anything."""
    channel = messages.to_post_in(call.slack, call.team_id, call.text("channel"), call.token.scopes)
    if call.text("user") not in channel.member_ids:
        raise SlackError("user_not_in_channel")
    item = await _drafted(call, channel)
    item.only_for = call.text("user")
    item.thread_ts = _thread(call, channel)
    messages.add(call.slack, item)
    return {"message_ts": item.ts}


async def update(call: Call) -> JSON:
    """Answer chat.update: only the app's own messages, and their metadata is kept."""
    channel = messages.visible_channel(call.slack, call.team_id, call.text("channel"))
    item = _own(call, channel, "cant_update_message")
    if len(call.text("text")) > LONGEST_UPDATE:
        raise SlackError("msg_too_long")
    draft = await _drafted(call, channel, before=item)
    new: dict[str, Any] = {"text": draft.text, "blocks": draft.blocks, "attachments": draft.attachments}
    if call.arguments.get("metadata") is not None:
        new["metadata"] = _metadata(call) or None
    edited = {"user": item.user, "ts": f"{int(call.slack.now())}.000000"}
    messages.change(call.slack, item, edited=edited, **new)
    shown = shapes.message(call.slack, item)
    return {"channel": channel.id, "ts": item.ts, "text": item.text, "message": shown}


async def delete(call: Call) -> JSON:
    """Answer chat.delete."""
    channel = messages.visible_channel(call.slack, call.team_id, call.text("channel"))
    item = _own(call, channel, "cant_delete_message")
    messages.remove(call.slack, item)
    return {"channel": channel.id, "ts": item.ts}


async def get_permalink(call: Call) -> JSON:
    """Answer chat.getPermalink."""
    channel = messages.visible_channel(call.slack, call.team_id, call.text("channel"))
    item = _find(call, channel, call.text("message_ts"))
    return {"channel": channel.id, "permalink": shapes.permalink(call.slack, item)}


async def schedule_message(call: Call) -> JSON:
    """Answer chat.scheduleMessage."""
    channel = messages.to_post_in(call.slack, call.team_id, call.text("channel"), call.token.scopes)
    draft = await _drafted(call, channel)
    post_at, now = call.number("post_at", 0), call.slack.now()
    if post_at <= now:
        raise SlackError("time_in_past")
    if post_at > now + FARTHEST_SECONDS:
        raise SlackError("time_too_far")
    waiting = Scheduled(
        id=call.slack.ids.object("Q"),
        team_id=call.team_id,
        post_at=post_at,
        arguments=draft.model_dump(),
    )
    call.slack.world.scheduled[waiting.id] = waiting
    call.slack.in_background(post_when_due(call.slack, waiting))
    call.slack.changed()
    message = shapes.without(shapes.message(call.slack, draft), "ts")
    return {
        "channel": channel.id,
        "scheduled_message_id": waiting.id,
        "post_at": post_at,
        "message": message,
    }


async def delete_scheduled(call: Call) -> JSON:
    """Answer chat.deleteScheduledMessage."""
    waiting = call.slack.world.scheduled.get(call.text("scheduled_message_id"))
    if waiting is None or waiting.team_id != call.team_id:
        raise SlackError("invalid_scheduled_message_id")
    del call.slack.world.scheduled[waiting.id]
    call.slack.changed()
    return {}


async def post_when_due(slack: Slack, waiting: Scheduled) -> None:
    """Post a scheduled message at its time, unless it was taken back."""
    await asyncio.sleep(max(0.0, waiting.post_at - slack.now()))
    if slack.world.scheduled.pop(waiting.id, None):
        item = Message.model_validate(waiting.arguments)
        item.ts = messages.new_ts(slack)
        messages.add(slack, item)


async def _drafted(call: Call, channel: Channel, before: Message | None = None) -> Message:
    blocks = messages.checked_blocks(call.parsed("blocks", "invalid_blocks_format"))
    if wrong := await wrong_images(call.slack, blocks, call.team_id):
        raise SlackError.of_blocks("invalid_blocks", wrong)
    words = _words(call, blocks)
    given = call.arguments.get("blocks") is not None
    kept = before.blocks if before is not None and not given and not words else blocks
    item = messages.from_app(call.slack, call.team_id, channel, words=words, blocks=kept)
    item.attachments = call.parsed("attachments") or []
    if len(item.attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    if call.text("username") and "chat:write.customize" in call.token.scopes:
        item.username = call.text("username")
    return item


def _words(call: Call, blocks: list[JSON]) -> str:
    words, markdown = call.text("text"), call.text("markdown_text")
    if markdown and (words or blocks):
        raise SlackError("markdown_text_conflict")
    words = words or markdown
    if not words and not blocks and not call.parsed("attachments"):
        raise SlackError("no_text")
    if not words:
        call.slack.record.warn(
            "missing_text", "A message with blocks but without text reads as nothing aloud."
        )
    return words


def _thread(call: Call, channel: Channel) -> str | None:
    thread_ts = call.text("thread_ts") or None
    if thread_ts is None:
        return None
    root = messages.find(call.slack, channel.id, thread_ts)
    if root is None:
        call.slack.record.warn(
            "odd_thread", f"There is no message {thread_ts} to reply to.", channel=channel.id
        )
    elif root.thread_ts and root.thread_ts != root.ts:
        call.slack.record.warn("odd_thread", f"{thread_ts} is itself a reply; its root is {root.thread_ts}.")
        return root.thread_ts
    return thread_ts


def _metadata(call: Call) -> JSON | None:
    found = call.parsed("metadata", "invalid_metadata_format")
    if found in (None, {}):
        return found  # type: ignore[no-any-return]
    if not isinstance(found, dict) or not isinstance(found.get("event_type"), str):
        raise SlackError("invalid_metadata_schema")
    if not isinstance(found.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    return found


def _find(call: Call, channel: Channel, ts: str) -> Message:
    item = messages.find(call.slack, channel.id, ts)
    if item is None or item.only_for is not None:
        raise SlackError("message_not_found")
    return item


def _own(call: Call, channel: Channel, refused: str) -> Message:
    item = _find(call, channel, call.text("ts"))
    if item.user != call.bot:
        raise SlackError(refused)
    return item


def _limit_rate(call: Call, channel: Channel) -> None:
    settings = call.slack.settings
    if not settings.rate_limits:
        return
    key = f"chat.postMessage:{call.team_id}:{channel.id}"
    wait = call.slack.buckets.wait(key, now=call.slack.now(), burst=settings.rate_burst, per_second=1.0)
    if wait:
        raise SlackError("ratelimited", retry_after=wait)


WRITE = ("chat:write",)
METHODS = {
    "chat.postMessage": Method(post_message, ("channel",), WRITE, json=True, tier=None),
    "chat.postEphemeral": Method(post_ephemeral, ("channel", "user"), WRITE, json=True, tier=4),
    "chat.update": Method(update, ("channel", "ts"), WRITE, json=True),
    "chat.delete": Method(delete, ("channel", "ts"), WRITE, json=True),
    "chat.getPermalink": Method(get_permalink, ("channel", "message_ts"), tier=None),
    "chat.scheduleMessage": Method(schedule_message, ("channel", "post_at"), WRITE, json=True),
    "chat.deleteScheduledMessage": Method(
        delete_scheduled, ("channel", "scheduled_message_id"), WRITE, json=True
    ),
}

"""Messages: writing, changing and taking them away, and who may see them."""

import copy
from typing import Any

from simulator.slack import events, shapes, text
from simulator.slack.blocks import validate_message
from simulator.slack.elements import ELEMENTS
from simulator.slack.errors import SlackError
from simulator.slack.platform import Slack
from simulator.slack.seed import BOT_IDS, BOT_USERS
from simulator.slack.world import JSON, Channel, Message

LONGEST_TEXT = 40_000


def new_ts(slack: Slack) -> str:
    """Return a ts later than every other."""
    slack.world.last_ts = max(slack.world.last_ts + 1, int(slack.now() * 1_000_000))
    return f"{slack.world.last_ts // 1_000_000}.{slack.world.last_ts % 1_000_000:06d}"


def add(slack: Slack, item: Message) -> Message:
    """Put a message into its channel, tell the pages, and the app if it is not ephemeral."""
    channel = slack.world.channels[item.channel]
    slack.world.messages[channel.id][item.ts] = item
    index(slack, item)
    _tell(slack, item)
    if item.only_for is None:
        events.message_posted(slack, item, channel, shapes.message(slack, item))
    return item


def index(slack: Slack, item: Message) -> None:
    """Remember a reply under its thread's root."""
    if item.thread_ts and item.thread_ts != item.ts:
        slack.threads.setdefault((item.channel, item.thread_ts), []).append(item.ts)


def change(slack: Slack, item: Message, **new: Any) -> None:
    """Replace parts of a message, and tell."""
    before = shapes.message(slack, item)
    for name, value in new.items():
        setattr(item, name, value)
    _tell(slack, item)
    if item.only_for is None:
        after = shapes.message(slack, item)
        events.message_changed(slack, before, after, slack.world.channels[item.channel], new_ts(slack))


def remove(slack: Slack, item: Message) -> None:
    """Take a message away, and tell."""
    before = shapes.message(slack, item)
    del slack.world.messages[item.channel][item.ts]
    if item.thread_ts and item.thread_ts != item.ts:
        slack.threads[(item.channel, item.thread_ts)].remove(item.ts)
    _tell(slack, item)
    if item.only_for is None:
        events.message_changed(slack, before, None, slack.world.channels[item.channel], new_ts(slack))


def _tell(slack: Slack, item: Message) -> None:
    changes = [f"channel:{item.channel}"]
    if item.thread_ts:
        changes.append(f"thread:{item.channel}:{item.thread_ts}")
    elif (item.channel, item.ts) in slack.threads:
        changes.append(f"thread:{item.channel}:{item.ts}")
    slack.changed(*changes, only_for=item.only_for)


def find(slack: Slack, channel_id: str, ts: str) -> Message | None:
    """Return a message; None if there is none."""
    return slack.world.messages.get(channel_id, {}).get(ts)


def seen_by(item: Message, user: str) -> bool:
    """Say whether an ephemeral message is this person's; any other is everybody's."""
    return item.only_for in (None, user)


def from_app(
    slack: Slack,
    team_id: str,
    channel: Channel,
    *,
    words: str,
    blocks: list[JSON],
    only_for: str | None = None,
) -> Message:
    """Return a new message of the app's bot, not yet posted."""
    return Message(
        ts=new_ts(slack),
        channel=channel.id,
        user=BOT_USERS[team_id],
        bot_id=BOT_IDS[team_id],
        app_id=slack.app.id,
        text=text.sent(words)[:LONGEST_TEXT],
        blocks=named(slack, blocks),
        only_for=only_for,
    )


def checked_blocks(blocks: Any) -> list[JSON]:
    """Return the blocks of a message. Raises invalid_blocks, or invalid_blocks_format."""
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if wrong := validate_message({"blocks": blocks}):
        raise SlackError.of_blocks("invalid_blocks", wrong)
    return blocks


def named(slack: Slack, blocks: list[JSON]) -> list[JSON]:
    """Return a copy of blocks as Slack keeps them: with ids, and with what it fills in."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        block.setdefault("block_id", slack.ids.block())
        _fill(slack, block)
    return kept


def _fill(slack: Slack, item: Any) -> None:
    if isinstance(item, list):
        for one in item:
            _fill(slack, one)
        return
    if not isinstance(item, dict) or item.get("type") == "rich_text":
        return
    _fill_one(slack, item)
    for value in item.values():
        if isinstance(value, (dict, list)):
            _fill(slack, value)


def _fill_one(slack: Slack, item: JSON) -> None:
    kind = item.get("type")
    if kind == "plain_text":
        item.setdefault("emoji", True)
    elif kind == "mrkdwn":
        item.setdefault("verbatim", False)
        item["text"] = text.sent(item["text"])
    elif kind in ELEMENTS and kind != "image":
        item.setdefault("action_id", slack.ids.block())


def open_im(slack: Slack, team_id: str, user: str) -> Channel:
    """Return the direct message channel of the app and a person; it is made if there is none."""
    bot = BOT_USERS[team_id]
    for channel in slack.world.channels.values():
        if channel.is_im and set(channel.member_ids) == {bot, user}:
            return channel
    channel = Channel(
        id=slack.ids.object("D"), name="", team_id=team_id, created=int(slack.now()), creator=bot, is_im=True,
        is_private=True, member_ids=[bot, user],
    )  # fmt: skip
    slack.world.channels[channel.id] = channel
    slack.world.messages[channel.id] = {}
    slack.changed("state")
    return channel


def to_post_in(slack: Slack, team_id: str, channel_id: str, scopes: list[str]) -> Channel:
    """Return the channel that the app may post in, given its id, `#name`, or a person's id.

    Raises channel_not_found, not_in_channel, is_archived, messages_tab_disabled.
    https://docs.slack.dev/reference/methods/chat.postMessage
    """
    if channel_id in slack.world.people:
        if not reachable(slack, team_id, channel_id):
            raise SlackError("channel_not_found")
        channel = open_im(slack, team_id, channel_id)
    else:
        channel = visible_channel(slack, team_id, channel_id)
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_im and not slack.manifest.features.app_home.messages_tab_enabled:
        raise SlackError("messages_tab_disabled")
    if BOT_USERS[team_id] not in channel.member_ids and "chat:write.public" not in scopes:
        raise SlackError("not_in_channel")
    return channel


def visible_channel(slack: Slack, team_id: str, channel_id: str) -> Channel:
    """Return a channel that the app can see. Raises channel_not_found for others' private ones."""
    channel = slack.world.channels.get(channel_id)
    if channel is None and channel_id:
        plain = channel_id.removeprefix("#")
        found = [one for one in slack.world.channels.values() if one.name == plain and not one.is_im]
        channel = found[0] if found else None
    if channel is None or team_id not in (channel.shared_team_ids or [channel.team_id]):
        raise SlackError("channel_not_found")
    if channel.is_private and BOT_USERS[team_id] not in channel.member_ids:
        raise SlackError("channel_not_found")
    return channel


def reachable(slack: Slack, team_id: str, user: str) -> bool:
    """Say whether the app may see a person: of its workspace, or in a channel that both share."""
    person = slack.world.people.get(user)
    if person is None:
        return False
    return person.team_id == team_id or any(
        user in channel.member_ids and team_id in channel.shared_team_ids
        for channel in slack.world.channels.values()
    )

"""The Events API: what the app subscribed to, delivered in the background, again if it is not acknowledged.

https://docs.slack.dev/apis/events-api
"""

import asyncio

from simulator.slack import messages, shapes
from simulator.slack.deliver import Again, deliver
from simulator.slack.ids import Ids
from simulator.slack.platform import Slack
from simulator.slack.seed import BOT_USERS
from simulator.slack.world import JSON, Channel, Message, Person


def emit(
    slack: Slack, subscription: str, event: JSON, *, team_id: str, channel: Channel | None = None
) -> None:
    """Deliver an event, if the app subscribed to it and may hear it; returns at once."""
    if team_id not in slack.world.installed or not slack.manifest.hears(subscription):
        return
    outer = _outer(slack, event, team_id, shared=bool(channel and channel.shared_team_ids))
    slack.in_background(_until_acknowledged(slack, outer))
    if slack.settings.duplicate_events:
        slack.in_background(_until_acknowledged(slack, outer))


def message_posted(slack: Slack, item: Message, channel: Channel, shown: JSON) -> None:
    """Tell the app of a new message: `message.*`, and `app_mention` and `file_shared` where they apply."""
    for team_id in _listening(slack, channel):
        bot = BOT_USERS[team_id]
        kind = "im" if channel.is_im else "group" if channel.is_private else "channel"
        subscription = {"im": "message.im", "group": "message.groups", "channel": "message.channels"}[kind]
        common = {**shown, "channel": channel.id, "event_ts": item.ts}
        event = {**common, "channel_type": kind}
        if item.file_ids and not item.bot_id:
            event["subtype"] = "file_share"
        emit(slack, subscription, event, team_id=team_id, channel=channel)
        if f"<@{bot}>" in item.text and not channel.is_im and item.user != bot:
            mention = {
                **{key: value for key, value in common.items() if key != "subtype"},
                "type": "app_mention",
            }
            emit(slack, "app_mention", mention, team_id=team_id, channel=channel)
        for file_id in item.file_ids:
            emit(slack, "file_shared", _file_shared(item, file_id), team_id=team_id, channel=channel)
    _metadata(slack, "posted", shown, channel, item.ts)


def message_changed(slack: Slack, old: JSON, new: JSON | None, channel: Channel, ts: str) -> None:
    """Tell the app of an edited message; of a deleted one if there is no new one."""
    kind = "im" if channel.is_im else "group" if channel.is_private else "channel"
    event: JSON = {"type": "message", "channel": channel.id, "channel_type": kind, "ts": ts, "event_ts": ts}
    if new is None:
        event |= {
            "subtype": "message_deleted",
            "deleted_ts": old["ts"],
            "previous_message": old,
            "hidden": True,
        }
    else:
        event |= {"subtype": "message_changed", "message": new, "previous_message": old, "hidden": True}
    plural = {"im": "im", "group": "groups", "channel": "channels"}[kind]
    for team_id in _listening(slack, channel):
        emit(slack, f"message.{plural}", event, team_id=team_id, channel=channel)
    if new is None:
        _metadata(slack, "deleted", old, channel, ts)


def person_changed(slack: Slack, person: Person) -> None:
    """Tell the app that somebody's name, time zone or rights are others, or that they were deactivated.

    https://docs.slack.dev/reference/events/user_change
    """
    scopes, now = slack.manifest.oauth_config.scopes.bot, slack.now()
    for team_id in slack.world.installed:
        if messages.reachable(slack, team_id, person.id):
            user = shapes.user(slack, person, team_id=team_id, scopes=scopes)
            event = {"type": "user_change", "user": user, "cache_ts": int(now), "event_ts": f"{now:.6f}"}
            emit(slack, "user_change", event, team_id=team_id)


def _metadata(slack: Slack, what: str, shown: JSON, channel: Channel, ts: str) -> None:
    """Tell the app that metadata was posted or deleted, if it subscribed to that metadata.

    https://docs.slack.dev/reference/events/message_metadata_posted
    """
    metadata, subscription = shown.get("metadata"), f"message_metadata_{what}"
    if not metadata or not slack.manifest.hears_metadata(
        subscription, metadata["event_type"], str(shown.get("app_id"))
    ):
        return
    event = {
        "type": subscription,
        "app_id": shown.get("app_id"),
        "bot_id": shown.get("bot_id"),
        "user_id": shown["user"],
        "team_id": shown["team"],
        "channel_id": channel.id,
        "message_ts": shown["ts"],
        "event_ts": ts,
    }
    if what == "posted":
        event["metadata"] = metadata
    else:
        event |= {"previous_metadata": metadata, "deleted_ts": ts}
    for team_id in _listening(slack, channel):
        emit(slack, subscription, event, team_id=team_id, channel=channel)


def _listening(slack: Slack, channel: Channel) -> list[str]:
    return [team_id for team_id in slack.world.installed if BOT_USERS[team_id] in channel.member_ids]


def _file_shared(item: Message, file_id: str) -> JSON:
    return {
        "type": "file_shared",
        "file_id": file_id,
        "user_id": item.user,
        "file": {"id": file_id},
        "channel_id": item.channel,
        "event_ts": item.ts,
    }


def _outer(slack: Slack, event: JSON, team_id: str, *, shared: bool) -> JSON:
    return {
        "token": "simulator-verification",
        "team_id": team_id,
        "api_app_id": slack.app.id,
        "type": "event_callback",
        "event_id": _event_id(slack.ids),
        "event_time": int(slack.now()),
        "event": event,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team_id,
                "user_id": BOT_USERS[team_id],
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{slack.ids.secret(40)}",
        "context_team_id": team_id,
        "context_enterprise_id": None,
    }


def _event_id(ids: Ids) -> str:
    return "Ev" + ids.object("0")


async def _until_acknowledged(slack: Slack, outer: JSON) -> None:
    again: Again | None = None
    for attempt, wait in enumerate([*slack.settings.redelivery_seconds, None], start=1):
        answer = await deliver(slack, "events_api", outer, again=again)
        if answer.error is None or not answer.retry or wait is None:
            return
        await asyncio.sleep(wait)
        again = Again(attempt, answer.reason)

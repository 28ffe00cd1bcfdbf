"""The payloads of interactions, as Slack sends them.

https://docs.slack.dev/reference/interaction-payloads
"""

from simulator.slack import response_urls, shapes, values
from simulator.slack.platform import Slack
from simulator.slack.world import JSON, Channel, Message, Person, View

VERIFICATION = "simulator-verification"


def slash_command(
    slack: Slack, person: Person, channel: Channel, command: str, words: str, *, team_id: str
) -> JSON:
    """Return the flat fields of a slash command."""
    team = slack.world.teams[team_id]
    name = "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name
    return {
        "token": VERIFICATION,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": words,
        "api_app_id": slack.app.id,
        "is_enterprise_install": "false",
        "response_url": response_urls.issue(slack, "commands", person.id, channel, team_id=team_id),
        "trigger_id": _trigger(slack, person, team_id),
    }


def shortcut(slack: Slack, person: Person, callback_id: str, team_id: str) -> JSON:
    """Return a global shortcut: no channel, no response_url."""
    return {
        **_common(slack, "shortcut", person, team_id),
        "action_ts": _action_ts(slack),
        "callback_id": callback_id,
        "trigger_id": _trigger(slack, person, team_id),
    }


def message_action(
    slack: Slack, person: Person, callback_id: str, channel: Channel, item: Message, *, team_id: str
) -> JSON:
    """Return a message shortcut, with the whole message, wherever it stands."""
    return {
        **_common(slack, "message_action", person, team_id),
        "action_ts": _action_ts(slack),
        "callback_id": callback_id,
        "trigger_id": _trigger(slack, person, team_id),
        "channel": _channel(channel),
        "message_ts": item.ts,
        "message": shapes.message(slack, item),
        "response_url": response_urls.issue(slack, "app", person.id, channel, item, team_id=team_id),
    }


def message_block_actions(
    slack: Slack, person: Person, item: Message, *, action: JSON, chosen: JSON, team_id: str
) -> JSON:
    """Return a click in a message; an ephemeral one comes without the message."""
    channel = slack.world.channels[item.channel]
    payload: JSON = {
        **_common(slack, "block_actions", person, team_id),
        "container": message_container(item),
        "trigger_id": _trigger(slack, person, team_id),
        "channel": _channel(channel),
        "state": {"values": chosen},
        "response_url": response_urls.issue(slack, "actions", person.id, channel, item, team_id=team_id),
        "actions": [{**action, "action_ts": _action_ts(slack)}],
    }
    if item.only_for is None:
        payload["message"] = shapes.message(slack, item)
    return payload


def view_block_actions(slack: Slack, person: Person, view: View, action: JSON) -> JSON:
    """Return a click in a modal or in Home."""
    return {
        **_common(slack, "block_actions", person, view.team_id),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": _trigger(slack, person, view.team_id),
        "view": shapes.view(slack, view, values=values.for_payload(slack, view)),
        "actions": [{**action, "action_ts": _action_ts(slack)}],
    }


def view_submission(slack: Slack, person: Person, view: View) -> JSON:
    """Return a submission, with every value of the view."""
    return {
        **_common(slack, "view_submission", person, view.team_id),
        "trigger_id": _trigger(slack, person, view.team_id),
        "view": shapes.view(slack, view, values=values.for_payload(slack, view)),
        "response_urls": _response_urls(slack, person, view),
    }


def view_closed(slack: Slack, person: Person, view: View, *, cleared: bool) -> JSON:
    """Return a closing; what was typed is not told."""
    return {
        **_common(slack, "view_closed", person, view.team_id),
        "view": shapes.view(slack, view),
        "is_cleared": cleared,
    }


def block_suggestion(
    slack: Slack, person: Person, where: JSON, *, block_id: str, action_id: str, value: str, team_id: str
) -> JSON:
    """Return what a person typed into a menu with outside options; no trigger, no response_url."""
    return {
        **_common(slack, "block_suggestion", person, team_id),
        "block_id": block_id,
        "action_id": action_id,
        "value": value,
        **where,
    }


def message_container(item: Message) -> JSON:
    """Return the `container` of something in a message."""
    container: JSON = {
        "type": "message",
        "message_ts": item.ts,
        "channel_id": item.channel,
        "is_ephemeral": item.only_for is not None,
    }
    if item.thread_ts:
        container["thread_ts"] = item.thread_ts
    return container


def _common(slack: Slack, kind: str, person: Person, team_id: str) -> JSON:
    return {
        "type": kind,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": slack.app.id,
        "token": VERIFICATION,
        "team": {"id": team_id, "domain": slack.world.teams[team_id].domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _channel(channel: Channel) -> JSON:
    name = "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name
    return {"id": channel.id, "name": name}


def _trigger(slack: Slack, person: Person, team_id: str) -> str:
    return slack.triggers.issue(slack.ids, user=person.id, team_id=team_id, now=slack.now())


def _action_ts(slack: Slack) -> str:
    return f"{slack.now():.6f}"


def _response_urls(slack: Slack, person: Person, view: View) -> list[JSON]:
    found = []
    for block, element in values.stateful(view.blocks):
        chosen = view.values.get(block["block_id"], {}).get(element["action_id"], {})
        channel_id = chosen.get("selected_conversation") or chosen.get("selected_channel")
        if element.get("response_url_enabled") and channel_id in slack.world.channels:
            channel = slack.world.channels[channel_id]
            found.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel_id,
                    "response_url": response_urls.issue(
                        slack, "app", person.id, channel, team_id=view.team_id
                    ),
                }
            )
    return found

"""conversations.*.

https://docs.slack.dev/reference/methods?family=conversations
"""

from simulator.slack import membership, messages, shapes
from simulator.slack.api.call import Call, Method
from simulator.slack.api.pages import page
from simulator.slack.errors import SlackError
from simulator.slack.world import JSON, Channel


async def info(call: Call) -> JSON:
    """Answer conversations.info."""
    channel = _readable(call)
    shown = shapes.channel(call.slack, channel, team_id=call.team_id)
    if not call.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


async def members(call: Call) -> JSON:
    """Answer conversations.members, in pages."""
    shown, after = page(call, _readable(call).member_ids, 100)
    return {"members": list(shown), "response_metadata": {"next_cursor": after}}


async def list_channels(call: Call) -> JSON:
    """Answer conversations.list: public channels, and of the others those with the app in them."""
    types = (call.text("types") or "public_channel").split(",")
    known = [
        channel
        for channel in call.slack.world.channels.values()
        if _type(channel) in types
        and call.team_id in (channel.shared_team_ids or [channel.team_id])
        and (not channel.is_private or call.bot in channel.member_ids)
        and not (call.flag("exclude_archived") and channel.is_archived)
    ]
    for kind in types:
        call.needs(_scope(kind, "read"))
    shown, after = page(call, known, 100)
    channels = [shapes.channel(call.slack, channel, team_id=call.team_id) for channel in shown]
    return {"channels": channels, "response_metadata": {"next_cursor": after}}


async def join(call: Call) -> JSON:
    """Answer conversations.join: public channels only."""
    channel = messages.visible_channel(call.slack, call.team_id, call.text("channel"))
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    already = call.bot in channel.member_ids
    membership.join(call.slack, channel, call.bot, inviter=None)
    answer: JSON = {"channel": shapes.channel(call.slack, channel, team_id=call.team_id)}
    if already:
        answer |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return answer


async def open_channel(call: Call) -> JSON:
    """Answer conversations.open, for one person: a direct message."""
    users = [user for user in call.text("users").split(",") if user]
    if call.text("channel"):
        channel = messages.visible_channel(call.slack, call.team_id, call.text("channel"))
    elif not users:
        raise SlackError("users_list_not_supplied")
    elif len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    else:
        channel = _direct(call, users[0])
    if call.flag("return_im"):
        return {"channel": shapes.channel(call.slack, channel, team_id=call.team_id)}
    return {"channel": {"id": channel.id}}


def _direct(call: Call, user: str) -> Channel:
    person = call.slack.world.people.get(user)
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    if not messages.reachable(call.slack, call.team_id, user):
        raise SlackError("user_not_visible")
    return messages.open_im(call.slack, call.team_id, user)


def _readable(call: Call) -> Channel:
    channel = messages.visible_channel(call.slack, call.team_id, call.text("channel"))
    call.needs(_scope(_type(channel), "read"))
    return channel


def _type(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _scope(kind: str, what: str) -> str:
    family = {"im": "im", "mpim": "mpim", "private_channel": "groups"}.get(kind, "channels")
    return f"{family}:{what}"


OPEN = ("im:write", "channels:manage", "groups:write", "mpim:write")
METHODS = {
    "conversations.info": Method(info, ("channel",)),
    "conversations.members": Method(members, ("channel",), tier=4),
    "conversations.list": Method(list_channels, tier=2),
    "conversations.join": Method(join, ("channel",), ("channels:join",), json=True),
    "conversations.open": Method(open_channel, (), OPEN, json=True),
}

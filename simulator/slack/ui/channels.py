"""Channels: what a person sees, reads and writes in them."""

import uuid

from starlette.requests import Request

from simulator.slack import file_shape, files, membership, messages, shapes, text
from simulator.slack.errors import Refusal
from simulator.slack.platform import Slack
from simulator.slack.seed import BOT_USERS
from simulator.slack.ui import acting
from simulator.slack.world import JSON, Channel, Message, Person


async def state(slack: Slack, request: Request) -> JSON:
    """Answer with everything around the messages."""
    who = acting.person(slack, request.query_params)
    team_id = who.team_id if who.team_id in slack.world.installed else slack.world.installed[0]
    home = slack.manifest.features.app_home
    return {
        "team": slack.world.teams[who.team_id].model_dump(),
        "me": {**_person(slack, who), "tz": who.tz, "is_admin": who.is_admin},
        "people": [
            {**_person(slack, one), "is_stranger": one.team_id != who.team_id} for one in _known(slack)
        ],
        "channels": [
            _channel(slack, one, who) for one in slack.world.channels.values() if who.id in one.member_ids
        ],
        "app": {
            "id": slack.app.id,
            "name": slack.manifest.bot_name,
            "bot_user_id": BOT_USERS[team_id],
            "installed": who.team_id in slack.world.installed,
            "home_tab": home.home_tab_enabled,
            "messages_tab": home.messages_tab_enabled,
            "messages_tab_read_only": home.messages_tab_read_only_enabled,
        },
        "commands": [
            {"command": one.command, "description": one.description, "usage_hint": one.usage_hint}
            for one in slack.manifest.features.slash_commands
        ],
        "shortcuts": [one.model_dump() for one in slack.manifest.features.shortcuts],
        "mode": "socket" if slack.sockets.open else "http" if slack.settings.app_url else "none",
        "app_url": slack.settings.app_url,
    }


async def read(slack: Slack, request: Request) -> JSON:
    """Answer with a channel's root messages, or with one thread, and mark the channel as read."""
    query = request.query_params
    who = acting.person(slack, query)
    where = acting.channel(slack, who, query.get("channel"))
    slack.looking_at[who.id] = where.id
    seen = [one for one in slack.world.messages[where.id].values() if messages.seen_by(one, who.id)]
    if seen:
        where.read_until[who.id] = seen[-1].ts
    thread = query.get("thread")
    if thread:
        chosen = [one for one in seen if thread in (one.ts, one.thread_ts)]
    else:
        chosen = [one for one in seen if one.thread_ts in (None, one.ts) or one.broadcast]
    return {"messages": [shown(slack, one) for one in chosen]}


async def write(slack: Slack, request: Request) -> JSON:
    """Post what a person typed."""
    given = await acting.given(request)
    who = acting.person(slack, given)
    where = acting.channel(slack, who, given.get("channel"))
    slack.looking_at[who.id] = where.id
    words = text.typed(str(given.get("text") or ""), _handles(slack, who))
    shared = [_own_file(slack, who, file_id) for file_id in given.get("file_ids") or []]
    _may_write(slack, where, words, shared)
    thread_ts = given.get("thread_ts")
    if thread_ts:
        root = acting.message(slack, who, where, thread_ts)
        thread_ts = root.thread_ts or root.ts
    for file_id in shared:
        files.shared(slack, slack.world.files[file_id], where.id)
    item = Message(
        ts=messages.new_ts(slack),
        channel=where.id,
        user=who.id,
        text=words,
        file_ids=shared,
        thread_ts=thread_ts,
        client_msg_id=str(uuid.uuid4()),
    )
    return {"message": shown(slack, messages.add(slack, item))}


async def invite(slack: Slack, request: Request) -> JSON:
    """Put the app into a channel, as `/invite` does."""
    who = acting.person(slack, await acting.given(request))
    where = acting.channel(slack, who, request.path_params["id"])
    if where.is_im:
        raise Refusal("Nobody can be invited to a direct message.")
    installed = [team for team in slack.world.installed if team in (where.shared_team_ids or [where.team_id])]
    if not installed:
        raise Refusal(f"{slack.manifest.bot_name} is not installed in this workspace.")
    membership.join(slack, where, BOT_USERS[installed[0]], inviter=who.id)
    return {"ok": True}


def shown(slack: Slack, item: Message) -> JSON:
    """Return a message as the page shows it."""
    message = {
        "ts": item.ts,
        "channel": item.channel,
        "user": item.user,
        "text": item.text,
        "blocks": item.blocks,
        "attachments": item.attachments,
        "files": [file_shape.file(slack, slack.world.files[file_id]) for file_id in item.file_ids],
        "reply_count": len(shapes.replies(slack, item)),
        "edited": bool(item.edited),
        "ephemeral": item.only_for is not None,
        "reactions": [{"name": name, "users": users} for name, users in item.reactions.items()],
        "metadata": item.metadata,
        "permalink": shapes.permalink(slack, item),
    }
    optional = {
        "username": item.username,
        "bot_id": item.bot_id,
        "app_id": item.app_id,
        "thread_ts": item.thread_ts,
        "only_for": item.only_for,
    }
    return message | {name: value for name, value in optional.items() if value is not None}


def _known(slack: Slack) -> list[Person]:
    return [
        one for one in slack.world.people.values() if not one.is_bot or one.team_id in slack.world.installed
    ]


def _person(slack: Slack, who: Person) -> JSON:
    return {
        "id": who.id,
        "name": who.name,
        "real_name": who.real_name,
        "is_bot": who.is_bot,
        "avatar": shapes.avatar(slack, who),
        "team_id": who.team_id,
        "color": who.color,
    }


def _channel(slack: Slack, item: Channel, who: Person) -> JSON:
    read_until = item.read_until.get(who.id, "")
    unread = [
        one
        for one in slack.world.messages[item.id].values()
        if one.ts > read_until and one.user != who.id and messages.seen_by(one, who.id) and not one.thread_ts
    ]
    name = item.name
    if item.is_im:
        name = next(slack.world.people[one].real_name for one in item.member_ids if one != who.id)
    return {
        "id": item.id,
        "name": name,
        "is_private": item.is_private,
        "is_im": item.is_im,
        "is_shared": bool(item.shared_team_ids),
        "is_archived": item.is_archived,
        "member_ids": item.member_ids,
        "unread": len(unread),
    }


def _handles(slack: Slack, who: Person) -> dict[str, str]:
    return {
        one.name.lower(): one.id
        for one in slack.world.people.values()
        if not one.is_bot or one.id == BOT_USERS.get(who.team_id)
    }


def _own_file(slack: Slack, who: Person, file_id: str) -> str:
    file = slack.world.files.get(file_id)
    if file is None or not files.person_sees(slack, file, who.id):
        raise Refusal(f"{who.real_name} has no file {file_id}.", 404)
    return file_id


def _may_write(slack: Slack, where: Channel, words: str, shared: list[str]) -> None:
    home = slack.manifest.features.app_home
    if not words.strip() and not shared:
        raise Refusal("There is nothing to send.")
    if where.is_archived:
        raise Refusal("This channel is archived.")
    if where.is_im and (not home.messages_tab_enabled or home.messages_tab_read_only_enabled):
        raise Refusal("Sending messages to this app has been turned off.")

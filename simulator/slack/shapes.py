"""Slack's objects as its API and its payloads show them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from simulator.slack import file_shape, text
from simulator.slack.platform import Slack
from simulator.slack.seed import BOT_IDS, BOT_USERS
from simulator.slack.world import JSON, Channel, Message, Person, View


def user(slack: Slack, person: Person, *, team_id: str, scopes: list[str], locale: bool = False) -> JSON:
    """Return a person as users.info gives them to an app of this team.

    https://docs.slack.dev/reference/objects/user-object
    """
    now = datetime.fromtimestamp(slack.now(), ZoneInfo(person.tz))
    offset = now.utcoffset()
    shown: JSON = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "color": person.color,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": now.strftime("%Z"),
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "profile": _profile(slack, person, "users:read.email" in scopes),
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "is_primary_owner": person.is_owner,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 1_790_000_000,
        "is_email_confirmed": not person.is_bot,
        "who_can_share_contact_card": "EVERYONE",
    }
    if person.team_id != team_id:
        shown |= {"is_stranger": True, "is_admin": False, "is_owner": False, "is_primary_owner": False}
    if locale:
        shown["locale"] = "en-US"
    return shown


def _profile(slack: Slack, person: Person, with_email: bool) -> JSON:  # noqa: FBT001  (Slack decides it by scope)
    first, _, last = person.real_name.partition(" ")
    profile: JSON = {
        "title": "",
        "phone": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "first_name": first,
        "last_name": last,
        "status_text": "",
        "status_emoji": "",
        "avatar_hash": "g" + person.id[-8:].lower(),
        "team": person.team_id,
    }
    profile |= {f"image_{size}": avatar(slack, person) for size in (24, 32, 48, 72, 192, 512)}
    if person.is_bot:
        profile |= {"bot_id": BOT_IDS[person.team_id], "api_app_id": slack.app.id}
    elif with_email:
        profile["email"] = person.email
    return profile


def avatar(slack: Slack, person: Person) -> str:
    """Return the address of a person's picture."""
    return f"{slack.address}/_sim/avatars/{person.id}.svg"


def channel(slack: Slack, item: Channel, *, team_id: str) -> JSON:
    """Return a channel as conversations.info gives it.

    https://docs.slack.dev/reference/objects/conversation-object
    """
    bot = BOT_USERS[team_id]
    common: JSON = {
        "id": item.id,
        "created": item.created,
        "is_archived": item.is_archived,
        "is_im": item.is_im,
        "is_org_shared": False,
        "context_team_id": team_id,
        "updated": item.created * 1000,
    }
    if item.is_im:
        other = next(member for member in item.member_ids if member != bot)
        return {**common, "user": other, "is_user_deleted": slack.world.people[other].deleted, "priority": 0}
    return {
        **common,
        "name": item.name,
        "name_normalized": item.name,
        "is_channel": not item.is_private,
        "is_group": item.is_private,
        "is_mpim": False,
        "is_private": item.is_private,
        "is_general": item.name == "general",
        "is_shared": bool(item.shared_team_ids),
        "is_ext_shared": bool(item.shared_team_ids),
        "is_pending_ext_shared": False,
        "shared_team_ids": item.shared_team_ids or [item.team_id],
        "creator": item.creator,
        "is_member": bot in item.member_ids,
        "num_members": len([member for member in item.member_ids if not slack.world.people[member].is_bot]),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
        "unlinked": 0,
    }


def message(slack: Slack, item: Message) -> JSON:
    """Return a message as the API and payloads show it.

    https://docs.slack.dev/messaging
    """
    team_id = slack.world.people[item.user].team_id
    shown: JSON = {"type": "message", "user": item.user, "text": item.text, "ts": item.ts, "team": team_id}
    blocks = item.blocks or ([] if item.bot_id else text.rich(item.text))
    optional: JSON = {
        "subtype": item.subtype,
        "client_msg_id": item.client_msg_id,
        "bot_id": item.bot_id,
        "app_id": item.app_id,
        "username": item.username,
        "blocks": blocks or None,
        "attachments": item.attachments or None,
        "thread_ts": item.thread_ts,
        "metadata": item.metadata,
        "edited": item.edited,
        "files": [file_shape.file(slack, slack.world.files[file_id]) for file_id in item.file_ids] or None,
    }
    shown |= {name: value for name, value in optional.items() if value is not None}
    if item.bot_id:
        shown["bot_profile"] = _bot_profile(slack, item.bot_id, team_id)
    if item.file_ids:
        shown["upload"] = False
    if item.reactions:
        shown["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in item.reactions.items()
        ]
    return shown | _thread(slack, item)


def _thread(slack: Slack, item: Message) -> JSON:
    if item.thread_ts and item.thread_ts != item.ts:
        parent = slack.world.messages[item.channel].get(item.thread_ts)
        return {"parent_user_id": parent.user} if parent else {}
    answers = replies(slack, item)
    if not answers:
        return {}
    users = list(dict.fromkeys(answer.user for answer in answers))
    return {
        "thread_ts": item.ts,
        "reply_count": len(answers),
        "reply_users_count": len(users),
        "reply_users": users[:5],
        "latest_reply": answers[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def replies(slack: Slack, item: Message) -> list[Message]:
    """Return the replies to a message, oldest first."""
    in_channel = slack.world.messages[item.channel]
    return [in_channel[ts] for ts in slack.threads.get((item.channel, item.ts), ())]


def _bot_profile(slack: Slack, bot_id: str, team_id: str) -> JSON:
    return {
        "id": bot_id,
        "app_id": slack.app.id,
        "user_id": BOT_USERS[team_id],
        "name": slack.manifest.bot_name,
        "icons": {"image_36": f"{slack.address}/_sim/avatars/{BOT_USERS[team_id]}.svg"},
        "deleted": False,
        "updated": 1_790_000_000,
        "team_id": team_id,
    }


def view(slack: Slack, item: View, *, values: JSON | None = None) -> JSON:
    """Return a view object; `values` is its state, empty in answers of views.*."""
    team = item.team_id
    return {
        "id": item.id,
        "team_id": team,
        "type": item.type,
        "blocks": item.blocks,
        "private_metadata": item.private_metadata,
        "callback_id": item.callback_id,
        "state": {"values": values or {}},
        "hash": item.hash,
        "title": item.title or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": item.clear_on_close,
        "notify_on_close": item.notify_on_close,
        "close": item.close,
        "submit": item.submit,
        "previous_view_id": item.previous_view_id,
        "root_view_id": item.root_view_id,
        "app_id": slack.app.id,
        "external_id": item.external_id,
        "app_installed_team_id": team,
        "bot_id": BOT_IDS[team],
    }


def permalink(slack: Slack, item: Message) -> str:
    """Return the address of a message.

    https://docs.slack.dev/reference/methods/chat.getPermalink
    """
    address = f"{slack.address}/archives/{item.channel}/p{item.ts.replace('.', '')}"
    if item.thread_ts and item.thread_ts != item.ts:
        address += f"?thread_ts={item.thread_ts}&cid={item.channel}"
    return address


def without(item: dict[str, Any], *names: str) -> JSON:
    """Return a copy of an object without these keys."""
    return {name: value for name, value in item.items() if name not in names}

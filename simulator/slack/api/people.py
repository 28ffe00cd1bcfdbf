"""auth.*, users.*, team.*, bots.*, reactions.*.

https://docs.slack.dev/reference/methods
"""

import re

from simulator.slack import messages, shapes
from simulator.slack.api.call import Call, Method
from simulator.slack.api.pages import page
from simulator.slack.errors import SlackError
from simulator.slack.seed import BOT_IDS, BOT_USERS
from simulator.slack.world import JSON, Person

MOST_REACTIONS = 50


async def auth_test(call: Call) -> JSON:
    """Answer auth.test."""
    team = call.slack.world.teams[call.team_id]
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": call.slack.world.people[call.bot].name,
        "team_id": team.id,
        "user_id": call.bot,
        "bot_id": BOT_IDS[team.id],
        "is_enterprise_install": False,
    }


async def auth_revoke(call: Call) -> JSON:
    """Answer auth.revoke."""
    revoked = not call.flag("test")
    call.token.revoked = call.token.revoked or revoked
    call.slack.changed()
    return {"revoked": revoked}


async def users_info(call: Call) -> JSON:
    """Answer users.info."""
    user = call.text("user")
    person = call.slack.world.people.get(user)
    if person is None:
        raise SlackError("user_not_found")
    if not messages.reachable(call.slack, call.team_id, user):
        raise SlackError("user_not_visible")
    return {"user": _shown(call, person)}


async def users_list(call: Call) -> JSON:
    """Answer users.list, in pages of `limit`."""
    known = [
        person
        for person in call.slack.world.people.values()
        if messages.reachable(call.slack, call.team_id, person.id)
        and (not person.is_bot or person.id == call.bot)
    ]
    shown, after = page(call, known)
    return {
        "members": [_shown(call, person) for person in shown],
        "cache_ts": int(call.slack.now()),
        "response_metadata": {"next_cursor": after},
    }


async def users_by_email(call: Call) -> JSON:
    """Answer users.lookupByEmail."""
    for person in call.slack.world.people.values():
        if person.email == call.text("email") and person.team_id == call.team_id:
            return {"user": _shown(call, person)}
    raise SlackError("users_not_found")


async def team_info(call: Call) -> JSON:
    """Answer team.info."""
    team = call.slack.world.teams.get(call.text("team") or call.team_id)
    if team is None or team.id != call.team_id:
        raise SlackError("team_not_found")
    icon = {f"image_{size}": f"{call.slack.address}/_sim/avatars/{team.id}.svg" for size in (34, 68, 132)}
    return {
        "team": {
            "id": team.id,
            "name": team.name,
            "domain": team.domain,
            "email_domain": f"{team.domain}.example",
            "icon": {**icon, "image_default": True},
            "url": f"https://{team.domain}.slack.com/",
            "avatar_base_url": "",
            "is_verified": False,
        }
    }


async def bots_info(call: Call) -> JSON:
    """Answer bots.info."""
    if call.text("bot") not in ("", BOT_IDS[call.team_id]):
        raise SlackError("bot_not_found")
    bot = call.slack.world.people[BOT_USERS[call.team_id]]
    return {
        "bot": {
            "id": BOT_IDS[call.team_id],
            "deleted": False,
            "name": bot.real_name,
            "updated": 1_790_000_000,
            "app_id": call.slack.app.id,
            "user_id": bot.id,
            "icons": {"image_36": shapes.avatar(call.slack, bot)},
        }
    }


async def add_reaction(call: Call) -> JSON:
    """Answer reactions.add."""
    channel = messages.visible_channel(call.slack, call.team_id, call.text("channel"))
    item = messages.find(call.slack, channel.id, call.text("timestamp"))
    name = call.text("name").strip(":")
    if item is None or item.only_for:
        raise SlackError("message_not_found")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    if call.bot in item.reactions.get(name, []):
        raise SlackError("already_reacted")
    if len(item.reactions) >= MOST_REACTIONS:
        raise SlackError("too_many_emoji")
    item.reactions.setdefault(name, []).append(call.bot)
    call.slack.changed(f"channel:{channel.id}")
    return {}


async def remove_reaction(call: Call) -> JSON:
    """Answer reactions.remove."""
    channel = messages.visible_channel(call.slack, call.team_id, call.text("channel"))
    item = messages.find(call.slack, channel.id, call.text("timestamp"))
    name = call.text("name").strip(":")
    if item is None:
        raise SlackError("message_not_found")
    if call.bot not in item.reactions.get(name, []):
        raise SlackError("no_reaction")
    item.reactions[name].remove(call.bot)
    if not item.reactions[name]:
        del item.reactions[name]
    call.slack.changed(f"channel:{channel.id}")
    return {}


def _shown(call: Call, person: Person) -> JSON:
    return shapes.user(
        call.slack,
        person,
        team_id=call.team_id,
        scopes=call.token.scopes,
        locale=call.flag("include_locale"),
    )


REACT = ("channel", "timestamp", "name")
METHODS = {
    "auth.test": Method(auth_test, json=True, tier=None),
    "auth.revoke": Method(auth_revoke),
    "users.info": Method(users_info, ("user",), ("users:read",), tier=4),
    "users.list": Method(users_list, (), ("users:read",), tier=2),
    "users.lookupByEmail": Method(users_by_email, ("email",), ("users:read.email",)),
    "team.info": Method(team_info, (), ("team:read",), json=True),
    "bots.info": Method(bots_info, (), ("users:read",)),
    "reactions.add": Method(add_reaction, REACT, ("reactions:write",), json=True),
    "reactions.remove": Method(remove_reaction, REACT, ("reactions:write",), json=True, tier=2),
}

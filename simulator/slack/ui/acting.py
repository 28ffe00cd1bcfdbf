"""Who acts, and where: what every request of the people's interface says."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse

from simulator.slack import messages
from simulator.slack.errors import Refusal
from simulator.slack.platform import Slack
from simulator.slack.world import JSON, Channel, Message, Person


async def given(request: Request) -> JSON:
    """Return the JSON that was posted. Raises Refusal."""
    try:
        found = json.loads(await request.body())
    except ValueError:
        raise Refusal("This is not JSON.") from None
    if not isinstance(found, dict):
        raise Refusal("This is not a JSON object.")
    return found


def person(slack: Slack, source: Mapping[str, Any]) -> Person:
    """Return who acts (`as`). Raises Refusal."""
    found = slack.world.people.get(str(source.get("as", "")))
    if found is None or found.is_bot:
        raise Refusal("`as` must be the id of a person.")
    return found


def channel(slack: Slack, who: Person, channel_id: Any) -> Channel:
    """Return a channel that this person sees. Raises Refusal."""
    found = slack.world.channels.get(str(channel_id))
    if found is None or who.id not in found.member_ids:
        raise Refusal(f"{who.real_name} is in no channel {channel_id}.", 404)
    return found


def message(slack: Slack, who: Person, where: Channel, ts: Any) -> Message:
    """Return a message that this person sees. Raises Refusal."""
    found = messages.find(slack, where.id, str(ts))
    if found is None or not messages.seen_by(found, who.id):
        raise Refusal(f"There is no message {ts} in #{where.name}.", 404)
    return found


def installed_team(slack: Slack, who: Person) -> str:
    """Return the person's workspace, if the app is installed there; only then are its commands theirs.

    Raises Refusal. https://docs.slack.dev/apis/slack-connect/using-slack-connect
    """
    if who.team_id not in slack.world.installed:
        name = slack.world.teams[who.team_id].name
        raise Refusal(
            f"{slack.manifest.bot_name} is not installed in {name}, {who.real_name}'s workspace.", 403
        )
    return who.team_id


async def follow(slack: Slack, request: Request) -> StreamingResponse:
    """Tell a page what changes, as server-sent events."""
    who = person(slack, request.query_params)
    return StreamingResponse(slack.watchers.follow(who.id), media_type="text/event-stream")

"""Who is in a channel."""

from simulator.slack import events
from simulator.slack.platform import Slack
from simulator.slack.world import Channel


def join(slack: Slack, channel: Channel, user: str, *, inviter: str | None) -> None:
    """Put somebody into a channel, if they are not there, and tell the app."""
    if user in channel.member_ids:
        return
    channel.member_ids.append(user)
    slack.changed("state", f"channel:{channel.id}")
    event = {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": channel.team_id,
        "event_ts": f"{slack.now():.6f}",
    }
    if inviter:
        event["inviter"] = inviter
    for team_id in slack.world.installed:
        events.emit(slack, "member_joined_channel", event, team_id=team_id, channel=channel)

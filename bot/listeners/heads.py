"""Choosing where the daily head of the audit trail is posted."""

from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot import ids
from bot.afterwards import afterwards
from bot.desk import Desk
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import heads as view
from bot.views import notices
from core import audit_heads, permissions
from core.errors import Invalid
from core.models import Agency

UNREACHABLE = "I cannot write there. Invite me to that channel with /invite first, and choose it again."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button in the trail, and to the form."""
    app.action(ids.CHOOSE_HEAD)(listener(desk, ask))
    app.view(ids.HEAD_FORM)(listener(desk, save))


async def ask(turn: Turn) -> None:
    """Ask for the channel; an admin's business."""
    await turn.ack()
    window = await turn.open(notices.loading(view.TITLE))
    current = await turn.current()
    async with current.session() as session:
        await permissions.require_admin(session, current.actor)
        agency = await session.get_one(Agency, current.actor.agency_id)
        newest = await audit_heads.newest(session)
    await window.show(view.form(agency.audit_channel_id, newest))


async def save(turn: Turn) -> None:
    """Keep what was chosen, and say what happens from now on."""
    channel_id, external_id = view.parse(turn.view), new_external_id()
    await turn.in_time(keep(turn, channel_id), waiting=notices.waiting("Saving", external_id))
    with afterwards("where the head is posted"):
        await turn.become(notices.done(view.TITLE, view.chosen(channel_id)), how="update")


async def keep(turn: Turn, channel_id: str | None) -> None:
    """Write it down; raise Invalid for a channel that the bot cannot write in, NotAllowed."""
    current = await turn.current()
    if channel_id:
        await require_reach(turn, channel_id)
    await audit_heads.choose_channel(turn.services, current.actor, channel_id)


async def require_reach(turn: Turn, channel_id: str) -> None:
    """Raise Invalid for a channel that the bot does not see, or in which nobody speaks any more."""
    try:
        found = (await turn.slack.conversations_info(channel=channel_id))["channel"]
    except SlackApiError as error:
        raise Invalid({ids.HEAD_CHANNEL: UNREACHABLE}) from error
    if found.get("is_archived") or (found.get("is_private") and not found.get("is_member")):
        raise Invalid({ids.HEAD_CHANNEL: UNREACHABLE})

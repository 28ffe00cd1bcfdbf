"""The channel in which the daily head of the audit trail is posted: chosen in a form."""

from collections.abc import Mapping
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from core.models import AuditHead

TITLE = "Daily head"
WHY = (
    "Once a day I can post how far the audit trail goes, with its newest hash. That message is a witness: "
    "who rewrites the trail in the database, hashes and all, cannot rewrite what stands in Slack."
)


def form(channel_id: str | None, newest: AuditHead | None) -> View:
    """Ask for the channel."""
    element: Block = {
        "type": "conversations_select",
        "action_id": ids.HEAD_CHANNEL,
        "placeholder": blocks.plain("Nowhere"),
        "filter": {"include": ["public", "private"]},
    }
    if channel_id:
        element["initial_conversation"] = channel_id
    hint = "Best one that everybody reads and nobody tidies up. Leave it empty to have it posted nowhere."
    body = [
        blocks.section(WHY),
        blocks.field("Channel", element, ids.HEAD_CHANNEL, hint=hint, optional=True),
    ]
    if newest:
        body.append(blocks.context(f"The newest head, of {newest.day}: `{newest}`"))
    return blocks.modal(TITLE, body, callback_id=ids.HEAD_FORM, submit="Save", close="Cancel")


def parse(view: Mapping[str, Any]) -> str | None:
    """Read which channel was chosen; none is nowhere."""
    return blocks.values(view)[ids.HEAD_CHANNEL].get("selected_conversation")


def chosen(channel_id: str | None) -> str:
    """Say what happens from now on; mrkdwn."""
    if channel_id is None:
        return ":white_check_mark: The daily head is posted nowhere from now on."
    where = mrkdwn.channel(channel_id)
    return f":white_check_mark: The newest head comes to {where} now, then one on each day that has news."

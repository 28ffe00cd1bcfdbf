"""The head of the audit trail, as a channel keeps it: an outside witness of what was written until then."""

from bot import blocks
from bot.views.card import Message
from core.models import AuditHead


def message(head: AuditHead) -> Message:
    """Say how far the trail goes, and how anybody finds out later whether it is still that one."""
    said = (
        f":lock: *Audit trail of {head.day.day} {head.day:%B %Y}:* {head.number:,} entries, sealed.\n`{head}`"
    )
    why = (
        "Keep this message. Whoever runs Pressroom checks the trail against it with "
        "`pressroom audit verify --head` and the line above: it finds any later change of these entries."
    )
    text = f"Audit trail of {head.day.day} {head.day:%B %Y}: {head.number:,} entries"
    return {"text": text, "blocks": [blocks.section(said), blocks.context(why)], "unfurl_links": False}

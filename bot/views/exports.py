"""Taking the audit trail away as a file: the form, and what is said while it is written."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import View
from core.audit_exports import Format
from core.models import Client

FORMATS = {
    Format.CSV: ("CSV", "A table, for a spreadsheet"),
    Format.JSONL: ("JSON Lines", "With all that one needs to check the chain"),
}
ON_ITS_WAY = ":white_check_mark: It comes to you by direct message."


def form(client: Client | None) -> View:
    """Ask in which format; of the client that the trail is filtered by, or all."""
    options = [blocks.option(name, one.value, why) for one, (name, why) in FORMATS.items()]
    element = {
        "type": "radio_buttons",
        "action_id": ids.FORMAT,
        "options": options,
        "initial_option": options[0],
    }
    return blocks.modal(
        "Export",
        [
            blocks.section(f"You get {of(client)}, from the first entry on. The other filters do not count."),
            blocks.field("Format", element, ids.FORMAT),
            blocks.context("It comes to you by direct message. That you took it away stands in the trail."),
        ],
        callback_id=ids.EXPORT_FORM,
        submit="Export",
        close="Cancel",
        metadata=str(client.id) if client else "",
    )


def parse(view: Mapping[str, Any]) -> tuple[Format, UUID | None]:
    """Read the format, and of which client, if it is one's."""
    chosen = blocks.values(view)[ids.FORMAT]["selected_option"]["value"]
    client = view["private_metadata"]
    return Format(chosen), UUID(client) if client else None


def of(client: Client | None) -> str:
    """Say what is in it; mrkdwn."""
    return f"the audit trail of {mrkdwn.bold(client.name)}" if client else "the audit trail of *all clients*"


def file_name(what: str, client: Client | None, ending: str, day: date | str) -> str:
    """Name a file: what it is, of whom, of when."""
    plain = re.sub(r"[^a-z0-9]+", "-", client.name.lower()).strip("-") if client else ""
    return "-".join(filter(None, (what, plain, str(day)))) + f".{ending}"


def underway(what: str, lines: int) -> str:
    """Say that it is being written, and how far it is."""
    so_far = f" {lines:,} lines so far." if lines else ""
    return f":hourglass_flowing_sand: I am writing {what} down…{so_far}"


def is_there(what: str, lines: int) -> str:
    """Say that it is there."""
    return f":white_check_mark: Here is {what}: {lines:,} {'line' if lines == 1 else 'lines'}."

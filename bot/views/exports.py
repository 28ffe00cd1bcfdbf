"""Taking the audit trail away as a file: the form, and what is said while it is written."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import View
from bot.views.filters import Shown
from core.audit_exports import Format
from core.models import Client

FORMATS = {
    Format.CSV: ("CSV", "A table, for a spreadsheet"),
    Format.JSONL: ("JSON Lines", "With all that one needs to check the chain"),
}
ON_ITS_WAY = ":white_check_mark: It comes to you by direct message."


def form(client: Client | None, shown: Shown) -> View:
    """Ask in which format; of what the trail is filtered by, or all."""
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
            blocks.section(f"You get {of(client, shown)}."),
            blocks.field("Format", element, ids.FORMAT),
            blocks.context("It comes to you by direct message. That you took it away stands in the trail."),
        ],
        callback_id=ids.EXPORT_FORM,
        submit="Export",
        close="Cancel",
        metadata=shown.dump(),
    )


def parse(view: Mapping[str, Any]) -> tuple[Format, Shown]:
    """Read the format, and by what the trail was filtered."""
    chosen = blocks.values(view)[ids.FORMAT]["selected_option"]["value"]
    return Format(chosen), Shown.load(view)


def of(client: Client | None, shown: Shown) -> str:
    """Say what is in it; mrkdwn."""
    whose = mrkdwn.bold(client.name) if client else "*all clients*"
    only = f", only what fits the filters ({mrkdwn.listed(shown.narrowed)})" if shown.narrowed else ""
    return f"the audit trail of {whose}{only}"


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

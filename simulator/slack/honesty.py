"""What this Slack does not do: a page, so that nobody takes it for more than it is."""

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from simulator.slack.api import METHODS

MISSING = (
    "Every Web API method that is not listed below answers unknown_method, and is written down as a warning.",
    "Enterprise Grid, guests' limits, and organisation-wide installs: the flags exist, their rules do not.",
    "User tokens (xoxp) and user scopes; incoming webhooks; workflows, functions, canvases, lists, huddles.",
    "Group direct messages; conversations.history and .replies (limited to one call a minute since 2025).",
    "Link unfurling, video playback, and the check of unfurl domains.",
    "The newest blocks: card, carousel, container, data_table, data_visualization, layout, task_card, plan.",
    "Old attachments are kept and shown as they are, without any check and without their buttons.",
    "Slack's virus scan, its storage limits, and files in Google Drive and the like (only their flags).",
    "The delayed events of Slack (hourly for a day), and switching events off after too many failures.",
    "Whether Slack repeats slash commands and interactions is not documented; here they are never repeated.",
    "The deadline in Socket Mode is not documented; here it is three seconds too.",
    "The exact words of some errors: they have the right code and JSON pointer, but the sentence may differ.",
    "views.open while a modal is open: not documented; here it replaces what is open, and warns.",
    "Ephemeral messages stay until they are deleted; the real ones go when the page is loaded again.",
    "Whether others see a file of a file_input in blocks is not documented; here they do not.",
    "Notifications, presence, search, and the mobile clients.",
)
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Not simulated</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}
code{{font-family:ui-monospace,monospace}}</style></head>
<body><h1>What this simulated Slack does not do</h1><ul>{missing}</ul>
<h2>Methods that it has</h2><p>{methods}</p></body></html>"""


async def _page(_: Request) -> HTMLResponse:
    missing = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in MISSING)
    methods = " ".join(f"<code>{name}</code>" for name in sorted(METHODS))
    return HTMLResponse(PAGE.format(missing=missing, methods=methods))


ROUTES = [Route("/_sim/not-simulated", _page, methods=["GET"])]

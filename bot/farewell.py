"""While a workspace leaves, whatever somebody begins in it is answered with one sentence."""

import asyncio
import time
from contextlib import suppress

from bot import ids
from bot.turn import Turn
from bot.views import departures as view
from bot.views import home, notices
from core import grace
from core.grace import Leaving

PATIENCE = 1.0  # seconds with the database; Slack has three with us
THERE = 5.0  # seconds until we look again
BEGIN = {"command", "shortcut", "message_action", "app_home_opened"}


async def is_said(turn: Turn) -> bool:
    """Answer somebody who begins something in a workspace that leaves; say whether that is so."""
    if turn.kind not in BEGIN and not is_button_outside(turn):
        return False
    leaving = await leaving_of(turn)
    if leaving:
        await turn.current()  # others are told what they always are
        await answer(turn, view.under_way(leaving))
    return leaving is not None


def is_button_outside(turn: Turn) -> bool:
    """Say whether it is a button of a message or of Home; a link leads where it leads."""
    is_link = str(turn.action.get("action_id", "")).startswith(ids.OPEN_LINK)
    return turn.kind == "block_actions" and not turn.in_modal and not is_link


async def leaving_of(turn: Turn) -> Leaving | None:
    """Say since when a workspace leaves, if it does; what was known a moment ago will do.

    While the database is slow nobody waits for it here: nothing goes out of a workspace that leaves anyway.
    """
    installed = await turn.installed()
    until, known = turn.desk.leaving.get(installed.agency_id, (0.0, None))
    if time.monotonic() >= until:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                known = await grace.under_way(turn.services.db, installed.agency_id)
        turn.desk.leaving[installed.agency_id] = (time.monotonic() + THERE, known)
    return known


async def answer(turn: Turn, said: str) -> None:
    """Say it where the person is; mrkdwn."""
    if turn.kind == "command":
        await turn.ack(text=said)
        return
    await turn.ack()
    if turn.kind == "app_home_opened":
        await turn.slack.views_publish(user_id=turn.user_id, view=home.only(said))
    elif turn.body.get("response_url"):
        await turn.respond(said, replace_original=False)
    elif turn.view:
        await turn.open(notices.done("Leaving", said))
    else:
        await turn.slack.chat_postMessage(channel=turn.user_id, text=said)

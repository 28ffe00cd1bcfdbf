"""While a workspace leaves, and after that, whatever somebody begins in it is answered with one sentence."""

import asyncio
import time
from contextlib import suppress

from bot import blocks, ids
from bot.blocks import Block
from bot.current import ask
from bot.installations import Installed
from bot.turn import Turn
from bot.views import departures as view
from bot.views import home, notices
from core import grace
from core.grace import Gone, Leaving
from core.models import Role

PATIENCE = 0.4  # seconds with the database; Slack has three with us
THERE = 5.0  # seconds until we look again
BEGIN = {"command", "shortcut", "message_action", "app_home_opened"}


async def is_said(turn: Turn) -> bool:
    """Answer whoever begins something in a workspace that leaves, or has left; say whether that is so."""
    if turn.kind not in BEGIN and not is_button_outside(turn):
        return False
    installed, leaving = await found(turn)
    if installed and installed.has_left:
        await offer(turn, installed)
    elif leaving:
        await turn.current()  # others are told what they always are
        await answer(turn, view.under_way(leaving))
    return leaving is not None or (installed is not None and installed.has_left)


def is_button_outside(turn: Turn) -> bool:
    """Say whether it is a button of a message or of Home; a link leads on, and so does *Start again*."""
    leads_on = str(turn.action.get("action_id", "")).startswith((ids.OPEN_LINK, ids.START_AGAIN))
    return turn.kind == "block_actions" and not turn.in_modal and not leads_on


async def offer(turn: Turn, installed: Installed) -> None:
    """Say that the workspace has left; offer an admin of it to begin anew."""
    person = await ask(turn.slack, installed, turn.user_id)
    await answer(turn, view.has_left(), view.way_back(may_start=person.role is Role.ADMIN))


async def found(turn: Turn) -> tuple[Installed | None, Leaving | None]:
    """Give the bot in a workspace, and since when that leaves, if it does.

    While the database is slow nobody waits for it here: nothing goes out of a workspace that leaves anyway.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            leaving = await leaving_of(turn, await turn.installed())
            return await turn.installed(), leaving
    return None, None


async def leaving_of(turn: Turn, installed: Installed) -> Leaving | None:
    """Say since when a workspace leaves, if it does; what was known a moment ago will do."""
    until, known = turn.desk.leaving.get(installed.agency_id, (0.0, None))
    if time.monotonic() >= until:
        known = await look(turn, installed)
        turn.desk.leaving[installed.agency_id] = (time.monotonic() + THERE, known)
    return known


async def look(turn: Turn, installed: Installed) -> Leaving | None:
    """Ask the database whether a workspace leaves; one that is gone is looked up anew."""
    try:
        return await grace.under_way(turn.services.db, installed.agency_id)
    except Gone:
        turn.desk.installations.forget(installed.team_id)
        return None


async def answer(turn: Turn, said: str, way_on: Block | None = None) -> None:
    """Say it where the person is, mrkdwn; below it the way on, if there is one."""
    shown = [blocks.section(said), *([way_on] if way_on else [])]
    if turn.kind == "command":
        await turn.ack(text=said, blocks=shown)
        return
    await turn.ack()
    if turn.kind == "app_home_opened" or turn.view.get("type") == "home":
        await turn.slack.views_publish(user_id=turn.user_id, view=home.only(said, *shown[1:]))
    elif turn.body.get("response_url"):
        await turn.respond(text=said, blocks=shown, replace_original=False)
    elif turn.view:
        await turn.open(notices.done("Leaving", said))
    else:
        await turn.slack.chat_postMessage(channel=turn.user_id, text=said, blocks=shown)

"""While a workspace leaves, and after that, whatever somebody begins in it is answered with one sentence."""

from functools import partial

from bot import blocks, ids
from bot.blocks import Block
from bot.current import ask
from bot.desk import Desk
from bot.installations import Installed
from bot.lookups import Lookup
from bot.turn import Turn
from bot.views import departures as view
from bot.views import home
from core import grace
from core.grace import Gone, Leaving
from core.models import Role

THERE = 5.0  # seconds until we look again
BEGIN = {"command", "shortcut", "message_action", "app_home_opened"}


async def is_said(turn: Turn) -> bool:
    """Answer whoever begins something in a workspace that leaves, or has left; say whether that is so."""
    if turn.kind not in BEGIN and not is_button_outside(turn):
        return False
    installed = await turn.installed()
    leaving = await leaving_of(turn, installed)
    if (installed := await turn.installed()).has_left:
        await offer(turn, installed)
    elif leaving:
        await turn.current()  # others are told what they always are
        await answer(turn, view.under_way(leaving))
    return leaving is not None or installed.has_left


def is_button_outside(turn: Turn) -> bool:
    """Say whether it is a button of a message or of Home; a link leads on, and so does *Start again*."""
    leads_on = str(turn.action.get("action_id", "")).startswith((ids.OPEN_LINK, ids.START_AGAIN))
    return turn.kind == "block_actions" and not turn.in_modal and not leads_on


async def offer(turn: Turn, installed: Installed) -> None:
    """Say that the workspace has left; offer an admin of it to begin anew."""
    person = await ask(turn.slack, installed, turn.user_id)
    await answer(turn, view.has_left(), view.way_back(may_start=person.role is Role.ADMIN))


async def leaving_of(turn: Turn, installed: Installed) -> Leaving | None:
    """Say since when a workspace leaves, if it does; what was known a moment ago will do."""
    lookups, agency_id = turn.desk.leaving, installed.agency_id
    if agency_id not in lookups:
        lookups[agency_id] = Lookup(partial(look, turn.desk, installed), holds=THERE)
        lookups[agency_id].suppose(None)  # nothing goes out of a workspace that leaves, whatever is begun
    return await lookups[agency_id].answer()


async def look(desk: Desk, installed: Installed) -> Leaving | None:
    """Ask the database whether a workspace leaves; one that is gone is looked up anew."""
    try:
        return await grace.under_way(desk.services.db, installed.agency_id)
    except Gone:
        desk.installations.forget(installed.team_id)
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
    else:
        await turn.slack.chat_postMessage(channel=turn.user_id, text=said, blocks=shown)

"""What no other listener took: pages of lists, mentions, direct messages, whatever else Slack may send.

Registered last, so that nothing is ever left without an answer: Slack shows a failure for that, and sends
events again.
"""

import re
from datetime import UTC, datetime

from slack_bolt.async_app import AsyncApp

from bot import current, ids
from bot.afterwards import afterwards
from bot.desk import Desk
from bot.listeners import accounts, clients, home, queue
from bot.listening import listener
from bot.turn import Turn
from bot.views import guide, notices
from core import agencies

ANYTHING = re.compile(r".*", re.DOTALL)
OLD_FORM = "This form is from an older version of Pressroom. Close it and begin again."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to all the rest."""
    app.action(re.compile(f"^{ids.TURN_PAGE}:"))(listener(desk, turn_page))
    app.event("app_mention")(listener(desk, spoken_to))
    app.event("message")(listener(desk, spoken_to))
    app.event("app_uninstalled")(listener(desk, removed))
    app.event("tokens_revoked")(listener(desk, removed))
    app.event("user_change")(listener(desk, person_changed))
    app.event(ANYTHING)(listener(desk, nothing))
    app.command(ANYTHING)(listener(desk, unknown_command))
    app.shortcut(ANYTHING)(listener(desk, nothing))
    app.action(ANYTHING)(listener(desk, nothing))
    app.options(ANYTHING)(listener(desk, no_options))
    app.view_submission(ANYTHING)(listener(desk, old_form))
    app.view_closed(ANYTHING)(listener(desk, nothing))


async def turn_page(turn: Turn) -> None:
    """Show another page of a list; the button's value says of which."""
    await turn.ack()
    which, _, page = turn.value.partition(":")
    if which == ids.SHOW_CLIENTS:
        await clients.turn_page(turn, int(page))
    elif which == ids.SHOW_ACCOUNTS:
        await accounts.turn_page(turn, int(page))
    elif which == ids.SHOW_QUEUE:
        await queue.turn_page(turn, int(page))
    else:
        await home.redraw(turn, page=int(page))


async def spoken_to(turn: Turn) -> None:
    """Say what the bot can do to somebody who mentioned it or wrote to it; once, where they are."""
    event = turn.body["event"]
    by_program = event.get("bot_id") or event.get("subtype") or not event.get("user")
    if by_program or not turn.desk.events.is_new(turn.body["event_id"]):
        return
    if event.get("channel_type") == "im":
        await turn.slack.chat_postMessage(channel=event["channel"], **guide.message())
    elif event["type"] == "app_mention":
        await turn.slack.chat_postEphemeral(channel=event["channel"], user=event["user"], **guide.message())


async def removed(turn: Turn) -> None:
    """Shred what Slack has taken back: a workspace removed the bot, or its token."""
    event, team_id = turn.body["event"], turn.body["team_id"]
    if event["type"] == "tokens_revoked" and not event.get("tokens", {}).get("bot"):
        return
    turn.desk.installations.forget(team_id)
    if agency_id := await agencies.find(turn.services.db, team_id):
        at = datetime.fromtimestamp(turn.body["event_time"], UTC)
        await agencies.uninstall(turn.services.db, agency_id, at=at)


async def person_changed(turn: Turn) -> None:
    """Take over what Slack says of somebody: they may be an admin no longer, or a guest, or have left.

    https://docs.slack.dev/reference/events/user_change
    """
    with afterwards("that somebody is another in Slack"):  # nobody did anything that could be answered
        installed = await turn.installed()
        told = current.read(turn.body["event"]["user"], installed.team_id)
        await turn.desk.people.renew(turn.slack, installed, told)


async def unknown_command(turn: Turn) -> None:
    """Answer a command that the manifest has and we do not."""
    await turn.ack(**guide.message(unknown=str(turn.body.get("command"))))


async def no_options(turn: Turn) -> None:
    """Answer a menu that we do not know."""
    await turn.ack(options=[])


async def old_form(turn: Turn) -> None:
    """Answer a form that we do not know any more."""
    await turn.ack(response_action="update", view=notices.trouble(OLD_FORM, None))


async def nothing(turn: Turn) -> None:
    """Answer, and do nothing: link buttons, inputs that are read later, events of no interest."""
    await turn.ack()

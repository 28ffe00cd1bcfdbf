"""The one place where errors become words, said where the person is.

Under the fields of a modal, in the modal that is open, in App Home, or in a message that only they see. With
an id to quote when it is our fault; what the id stands for is in the log.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.errors import SlackApiError

from bot import mrkdwn
from bot.blocks import View
from bot.slack_errors import LATE, code_of, translate
from bot.stale import Stale
from bot.turn import Turn
from bot.views import home, notices, preview
from core.errors import Invalid, PressroomError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Complaint:
    """What the person reads; the incident's id only when it is our fault, and when it changed if it did."""

    sentence: str
    incident: str | None = None
    changed_at: datetime | None = None


async def answer(turn: Turn, error: Exception) -> None:
    """Tell the person what went wrong, and never raise."""
    complaint = understand(turn, error)
    try:
        if isinstance(error, Invalid) and await under_the_fields(turn, error):
            return
        await say(turn, complaint, error)
    except Exception:
        logger.exception("could not tell %s about a failure", turn.user_id)
    finally:
        if not turn.acknowledged:
            await turn.ack()


def understand(turn: Turn, error: Exception) -> Complaint:
    """Find the words for an error; what we did not expect gets an id, and stands in the log."""
    if isinstance(error, SlackApiError):
        logger.warning("Slack answered %s to %s", code_of(error), turn.kind)
        return Complaint(translate(error).sentence, None if code_of(error) in LATE else incident(error))
    if isinstance(error, Stale):
        return Complaint(error.sentence, changed_at=error.changed_at)
    if isinstance(error, PressroomError) and type(error) is not PressroomError:
        return Complaint(error.sentence)
    return Complaint("Something went wrong at our end. Please try again.", incident(error))


def incident(error: Exception) -> str:
    """Write an error to the log under a new id."""
    number = secrets.token_hex(4)
    logger.error("incident %s", number, exc_info=error)
    return number


async def under_the_fields(turn: Turn, error: Invalid) -> bool:
    """Show each sentence under its field, if Slack still waits for our answer to the form."""
    if turn.kind != "view_submission" or turn.acknowledged:
        return False
    errors = by_block(turn.view, error.fields)
    if not errors:
        return False
    await turn.ack(response_action="errors", errors=errors)
    return True


def by_block(view: View, fields: Mapping[str, str]) -> dict[str, str]:
    """Give each sentence to the input block of its field; one without a block goes to the first.

    Slack takes block_ids of input blocks only, and refuses the whole answer for any other.
    """
    inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    errors: dict[str, str] = {}
    for name, sentence in fields.items():
        named = [one for one in inputs if name in (one, one.partition(":")[0])]
        block = next(iter(named or inputs), None)
        if block:
            errors[block] = f"{errors[block]} {sentence}" if block in errors else sentence
    return errors


async def say(turn: Turn, complaint: Complaint, error: Exception) -> None:
    """Say it where the person is."""
    if turn.window is not None:
        await turn.window.show(modal(complaint, error))
    elif turn.kind == "view_submission" and not turn.acknowledged:
        await turn.ack(response_action="push", view=modal(complaint, error))
    elif turn.kind == "block_suggestion":
        await turn.ack(options=[])
    elif turn.kind == "app_home_opened":
        await turn.slack.views_publish(user_id=turn.user_id, view=home.only(words(complaint)))
    elif turn.kind in ("block_actions", "shortcut") and turn.view:
        await turn.open(modal(complaint, error))
    else:
        await whisper(turn, complaint)


def modal(complaint: Complaint, error: Exception) -> View:
    """Draw it as a modal."""
    if isinstance(error, Invalid):
        return preview.to_change(list(error.fields.values()))
    return notices.trouble(
        complaint.sentence, complaint.incident, changed_at=complaint.changed_at, close="Back"
    )


async def whisper(turn: Turn, complaint: Complaint) -> None:
    """Say it in a message that only this person sees; where that cannot be, in a direct message."""
    if not turn.acknowledged:
        await turn.ack()
    if turn.body.get("response_url"):
        await turn.respond(words(complaint), replace_original=False)
    elif turn.user_id:
        await turn.slack.chat_postMessage(channel=turn.user_id, text=words(complaint))


def words(complaint: Complaint) -> str:
    """Write it as mrkdwn."""
    said = mrkdwn.escape(complaint.sentence)
    if complaint.changed_at:
        said += f" {notices.changed(complaint.changed_at)}"
    return said + (f"\n{notices.quote(complaint.incident)}" if complaint.incident else "")

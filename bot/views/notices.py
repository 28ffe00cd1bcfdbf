"""Modals that only say something: one is loading, one went wrong."""

from datetime import datetime

from bot import blocks, ids, mrkdwn
from bot.blocks import View


def loading(title: str) -> View:
    """Open at once, before any work: the person's click is good for three seconds only."""
    return blocks.modal(
        title, [blocks.section(":hourglass_flowing_sand: One moment…")], callback_id=ids.NOTICE
    )


def trouble(
    sentence: str, incident: str | None, *, changed_at: datetime | None = None, close: str = "Close"
) -> View:
    """Say what went wrong; with an id to quote when it is our fault, and when it changed if it did."""
    since = f" {changed(changed_at)}" if changed_at else ""
    said = [blocks.section(f":warning: {mrkdwn.fitted(sentence, 2800)}{since}")]
    if incident:
        said.append(blocks.context(quote(incident)))
    return blocks.modal("That did not work", said, callback_id=ids.NOTICE, close=close)


def changed(at: datetime) -> str:
    """Say when it changed, as the reader's own clock shows it."""
    return f"It changed {mrkdwn.moment(at)}."


def quote(incident: str) -> str:
    """Say how to report it."""
    return f"If it keeps happening, tell your agency's admins this number: `{incident}`"


def done(title: str, sentence: str) -> View:
    """Say that it is done; the sentence is mrkdwn."""
    return blocks.modal(title, [blocks.section(sentence)], callback_id=ids.NOTICE)


def waiting(title: str, external_id: str) -> View:
    """Say that something takes longer than Slack waits for an answer."""
    return blocks.modal(
        title,
        [blocks.section(f":hourglass_flowing_sand: *{title}…*")],
        callback_id=ids.NOTICE,
        external_id=external_id,
    )

"""*Ask for changes* and *Reject*: the question for what should be different, or why."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import approvals
from bot.views.card import beginning
from bot.views.moving import Below
from core.approvals import LONGEST_COMMENT
from core.decisions import Seen
from core.models import Decision
from core.posts import PostView

TITLES = {Decision.CHANGES_REQUESTED: "Ask for changes", Decision.REJECTED: "Reject"}
QUESTIONS = {
    Decision.CHANGES_REQUESTED: "What should be different?",
    Decision.REJECTED: "Why should it not go out?",
}
HINT = "Everybody in the post's thread reads this."


@dataclass(frozen=True)
class Answer:
    """What somebody says to which version of a post, and where they were asked."""

    seen: Seen
    decision: Decision
    comment: str
    below: Below


def form(post: PostView, seen: Seen, decision: Decision, below: Below) -> View:
    """Ask for the reasons."""
    said = {
        "seen": approvals.dump(seen),
        "decision": decision.value,
        "below": [below.callback_id, below.metadata],
    }
    return blocks.modal(
        TITLES[decision],
        list(body(post, decision)),
        callback_id=ids.DECISION_FORM,
        submit=TITLES[decision],
        close="Cancel",
        metadata=json.dumps(said),
    )


def body(post: PostView, decision: Decision) -> Iterator[Block]:
    """Say which post it is, and give the field."""
    yield blocks.section(mrkdwn.bold(post.client.name))
    if post.version.caption:
        yield blocks.verbatim(beginning(post.version.caption))
    element: Block = {
        "type": "plain_text_input",
        "action_id": ids.COMMENT,
        "multiline": True,
        "max_length": LONGEST_COMMENT,
    }
    yield blocks.field(QUESTIONS[decision], element, ids.COMMENT, hint=HINT)


def parse(view: Mapping[str, Any]) -> Answer:
    """Read what was entered."""
    said = json.loads(view["private_metadata"])
    comment = blocks.values(view).get(ids.COMMENT, {}).get("value") or ""
    decision, below = Decision(said["decision"]), Below(*said["below"])
    return Answer(approvals.parse(said["seen"]), decision, comment.strip(), below)

"""*It's live*: the question for the permalink, when only a person can tell that a post is live."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import View
from bot.views.outcomes import named
from core.models import Account, Client, Platform

LOOKS_LIKE = {
    Platform.INSTAGRAM: "https://www.instagram.com/p/…",
    Platform.FACEBOOK: "https://www.facebook.com/…",
}


@dataclass(frozen=True)
class Answer:
    """What the person says: which publication is live, and where if they know."""

    publication_id: UUID
    permalink: str | None


def form(client: Client, account: Account, publication_id: UUID) -> View:
    """Ask where it is live; that it is, the person says by submitting."""
    element = {
        "type": "plain_text_input",  # not url_text_input: what is wrong with an address, we say ourselves
        "action_id": ids.PERMALINK,
        "placeholder": blocks.plain(LOOKS_LIKE[account.platform]),
    }
    return blocks.modal(
        "It's live",
        [
            blocks.section(
                f"You have seen this post of {mrkdwn.bold(client.name)} on {named(account)}. "
                "Then the card says so, in your name."
            ),
            blocks.field(
                "Permalink",
                element,
                ids.PERMALINK,
                hint=f"The post's own address on {account.platform.title}. With it, the card leads there.",
                optional=True,
            ),
        ],
        callback_id=ids.LIVE_FORM,
        submit="It's live",
        close="Cancel",
        metadata=json.dumps({"publication": str(publication_id)}),
    )


def parse(view: Mapping[str, Any]) -> Answer:
    """Read what was entered."""
    typed = blocks.values(view).get(ids.PERMALINK, {}).get("value") or ""
    return Answer(UUID(json.loads(view["private_metadata"])["publication"]), typed.strip() or None)

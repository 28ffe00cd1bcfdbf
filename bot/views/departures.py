"""Removing a client: what goes with it, the question for its name, and what is said in the end."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views.card import Message
from bot.views.pausing import counted
from core.clients import LONGEST_NAME
from core.departures import KEEP_EXPORT, Stakes
from core.models import Departure


def form(stakes: Stakes) -> View:
    """Say what goes, and ask for the client's name."""
    return blocks.modal(
        "Remove client",
        [
            blocks.section(f":warning: This removes {mrkdwn.bold(stakes.client.name)} for good."),
            blocks.section("\n".join(f"• {one}" for one in consequences(stakes))),
            blocks.field(
                "Type the name of the client",
                {"type": "plain_text_input", "action_id": ids.NAME, "max_length": LONGEST_NAME},
                ids.NAME,
                hint=f"Exactly: {stakes.client.name}",
            ),
        ],
        callback_id=ids.REMOVAL_FORM,
        submit="Remove for good",
        close="Keep it",
        metadata=json.dumps({"client": str(stakes.client.id)}),
    )


def consequences(stakes: Stakes) -> Iterator[str]:
    """Say what happens, line by line."""
    yield f"{counted(stakes.planned, 'planned post is', 'planned posts are')} cancelled."
    waits = "post that waits for approval is", "posts that wait for approval are"
    yield f"{counted(stakes.in_approval, *waits)} cancelled."
    accounts = counted(stakes.accounts, "account is", "accounts are")
    yield f"{accounts} disconnected: the logins are given back at Facebook, and their tokens shredded."
    yield f"{counted(stakes.pictures, 'picture is', 'pictures are')} deleted here, and all of its posts."
    yield "What is live on Instagram and Facebook stays there."
    yield f"You get all posts and the audit trail as a file, which I keep for {KEEP_EXPORT.days} days."
    yield "The audit trail stays."


def begun(departure: Departure) -> View:
    """Say that it goes its way."""
    name = mrkdwn.bold(departure.client_name)
    return blocks.modal(
        "Being removed",
        [
            blocks.section(
                f":wastebasket: {name} is being removed. From now on nothing of it goes out. "
                "I write to you when all is done, with its posts and its audit trail as a file."
            )
        ],
        callback_id=ids.NOTICE,
    )


def done(departure: Departure, address: str) -> Message:
    """Tell whoever asked that it is done, and where the export is."""
    name = mrkdwn.bold(departure.client_name)
    text = f":wastebasket: {name} is removed: its logins, its pictures and its posts are gone."
    return {"text": text, "blocks": list(body(departure, text, address)), "unfurl_links": False}


def body(departure: Departure, text: str, address: str) -> Iterator[Block]:
    """Say it, with the way to the export."""
    assert departure.expires_at is not None
    yield blocks.section(text)
    yield blocks.actions(blocks.button("Download its export", ids.OPEN_LINK, url=address))
    until = mrkdwn.moment(departure.expires_at)
    yield blocks.context(
        f"All of its posts and its audit trail. The file is deleted {until}; until then whoever has this "
        "link can open it. The audit trail itself stays here, for your admins: `/social audit`"
    )


def parse(view: Mapping[str, Any]) -> tuple[UUID, str]:
    """Read which client it is about, and the name that was typed."""
    typed = blocks.values(view).get(ids.NAME, {}).get("value") or ""
    return UUID(json.loads(view["private_metadata"])["client"]), typed

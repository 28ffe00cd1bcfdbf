"""Removing a client: what goes with it, the question for its name, and what is said in the end."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views.card import Message
from bot.views.pausing import counted
from core.departures import KEEP_EXPORT, Stakes
from core.grace import Leaving
from core.grace import Stakes as AllStakes
from core.models import Departure

LONGEST_TYPED = 200  # characters
MOST_FILES = 5  # in one message: their addresses are long


def form(stakes: Stakes) -> View:
    """Say what goes, and ask for the client's name."""
    return blocks.modal(
        "Remove client",
        [
            blocks.section(f":warning: This removes {mrkdwn.bold(stakes.client.name)} for good."),
            blocks.section("\n".join(f"• {one}" for one in consequences(stakes))),
            name_field("Type the name of the client", stakes.client.name),
        ],
        callback_id=ids.REMOVAL_FORM,
        submit="Remove for good",
        close="Keep it",
        metadata=json.dumps({"client": str(stakes.client.id)}),
    )


def consequences(stakes: Stakes) -> Iterator[str]:
    """Say what happens, line by line; of what there is none, nothing."""
    yield from what_is_cancelled(stakes.planned, stakes.in_approval)
    yield from what_failed(stakes.failed)
    yield from what_goes(stakes.accounts, stakes.pictures)
    yield (
        "You get all posts, without their pictures, and the audit trail as a file, which I keep for "
        f"{KEEP_EXPORT.days} days."
    )
    yield "The audit trail stays."


def what_is_cancelled(planned: int, in_approval: int) -> Iterator[str]:
    """Say how many posts do not go out after all."""
    if planned:
        yield f"{counted(planned, 'planned post is', 'planned posts are')} cancelled."
    if in_approval:
        waits = "post that waits for approval is", "posts that wait for approval are"
        yield f"{counted(in_approval, *waits)} cancelled."


def what_failed(posts: int) -> Iterator[str]:
    """Say that what failed is not tried again."""
    if posts:
        yield f"{counted(posts, 'failed post', 'failed posts')} will not be tried again."


def what_goes(accounts: int, pictures: int) -> Iterator[str]:
    """Say what is ended at Meta and deleted here, and what is not."""
    if accounts:
        ended = counted(accounts, "account is", "accounts are")
        yield f"{ended} disconnected: the logins are given back at Facebook, and their tokens shredded."
    also = f" and {counted(pictures, 'picture', 'pictures')}" if pictures else ""
    yield f"All posts{also} are deleted here."
    yield "What is live on Instagram and Facebook stays there."


def leave_form(stakes: AllStakes) -> View:
    """Say what goes with the whole workspace, and ask for its name."""
    name = mrkdwn.fitted(stakes.agency.name, 200)
    return blocks.modal(
        "Leave Pressroom",
        [
            blocks.section(f":warning: This deletes all that I keep of *{name}*, now and for good."),
            blocks.section("\n".join(f"• {one}" for one in all_consequences(stakes))),
            name_field("Type the name of the workspace", stakes.agency.name),
        ],
        callback_id=ids.LEAVE_FORM,
        submit="Leave for good",
        close="Stay",
    )


def all_consequences(stakes: AllStakes) -> Iterator[str]:
    """Say what happens, line by line; of what there is none, nothing."""
    if stakes.clients:
        yield f"{counted(stakes.clients, 'client is', 'clients are')} removed."
    if stakes.posts:
        waits = "planned or waiting post is", "planned or waiting posts are"
        yield f"{counted(stakes.posts, *waits)} cancelled."
    yield from what_failed(stakes.failed)
    yield from what_goes(stakes.accounts, stakes.pictures)
    if stakes.clients:
        yield (
            "You get a file for each client, with its posts but without their pictures, which I keep for "
            f"{KEEP_EXPORT.days} days."
        )
    yield (
        "The audit trail stays with whoever runs Pressroom. To take all of it along, use "
        "`/social audit export` before you leave."
    )
    yield "Nobody can take this back. To go on later instead, remove me in Slack: then I wait for 30 days."


def leaving() -> View:
    """Say that all goes its way."""
    return blocks.modal(
        "Leaving",
        [
            blocks.section(
                ":wastebasket: From now on nothing goes out. I write to you of each client, with its file, "
                "and once more when everything is gone. After that, remove me in Slack."
            )
        ],
        callback_id=ids.NOTICE,
    )


def under_way(leaving: Leaving) -> str:
    """Tell whoever begins something since when the workspace leaves, what happens, and who gets the files."""
    who = mrkdwn.person(leaving.by) if leaving.by else "whoever runs Pressroom"
    how = " by direct message" if leaving.by else ""
    return (
        f":wastebasket: This workspace has been leaving Pressroom since {mrkdwn.moment(leaving.since)}, as "
        f"{who} asked: nothing goes out any more, all that I keep of it is being deleted, and {who} gets a "
        f"file with the posts and the audit trail of each client{how}."
    )


def has_left() -> str:
    """Tell whoever comes after a workspace has left."""
    return ":wastebasket: This workspace has left Pressroom, and what I kept of it is deleted."


def way_back(*, may_start: bool) -> Block:
    """Offer an admin of the workspace to begin anew, and say what that means; tell others whom to ask."""
    if not may_start:
        return blocks.context(
            "To begin anew here, ask an admin of this workspace: they find a button in my Home."
        )
    asked = blocks.confirmation(
        "Start again?",
        "Pressroom begins here without clients, accounts or posts. Nothing of before comes back.",
        yes="Start again",
    )
    button = blocks.button("Start again", ids.START_AGAIN, style="primary", confirm=asked)
    return blocks.section("Start again, and you begin without clients, accounts or posts.", button)


def begun_anew() -> str:
    """Tell the admin that the workspace has begun anew, and what comes first."""
    return ":white_check_mark: Pressroom begins anew here. Add your first client with `/social clients`."


def gone(name: str, exports: Sequence[tuple[Departure, str]]) -> Message:
    """Tell whoever asked that all of a workspace is gone; `exports` are its clients', with addresses."""
    text = (
        f":wastebasket: Everything that I kept of {mrkdwn.bold(name)} is deleted: its clients, logins, "
        "pictures and posts. The audit trail stays with whoever runs Pressroom. You can remove me in Slack "
        "now."
    )
    shown = [blocks.section(text)]
    if exports:
        shown.append(blocks.section("\n".join(files(exports))))
    return {"text": text, "blocks": shown, "unfurl_links": False, "unfurl_media": False}


def files(exports: Sequence[tuple[Departure, str]]) -> Iterator[str]:
    """Say where each export is, and until when; of many, the first."""
    yield "*The files*, which whoever has their link can open:"
    for departure, address in exports[:MOST_FILES]:
        assert departure.expires_at is not None
        until = mrkdwn.moment(departure.expires_at)
        link = mrkdwn.link(address, mrkdwn.shortened(departure.client_name, 60))
        yield f"• {link}, until {until}"
    if (more := len(exports) - MOST_FILES) > 0:
        yield f"and {more} more, in my messages above, or from whoever runs Pressroom"


def name_field(label: str, name: str) -> Block:
    """Ask for a name, exactly."""
    element: Block = {"type": "plain_text_input", "action_id": ids.NAME, "max_length": LONGEST_TYPED}
    return blocks.field(label, element, ids.NAME, hint=f"Exactly: {name}")


def for_channel(departure: Departure) -> Message:
    """Tell the client's channel who has it removed, what becomes of what was planned, and of the cards."""
    who = mrkdwn.person(departure.asked_by) if departure.asked_by else "whoever runs Pressroom"
    said = (
        f":wastebasket: {mrkdwn.bold(departure.client_name)} is being removed from Pressroom, as {who} "
        "asked: nothing of it goes out any more."
    )
    stays = "The cards here stay as a record, without their buttons. What is live stays where it is."
    text = " ".join([said, *calls_off(departure.counts), stays])
    return {"text": text, "blocks": [blocks.section(text)], "unfurl_links": False, "unfurl_media": False}


def calls_off(counts: Mapping[str, int]) -> Iterator[str]:
    """Say how many posts do not go out after all; a departure from before they were counted has none."""
    yield from what_is_cancelled(counts.get("planned", 0), counts.get("in_approval", 0))
    yield from what_failed(counts.get("failed", 0))


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
        "link can open it. The audit trail itself stays."
    )


def parse(view: Mapping[str, Any]) -> tuple[UUID, str]:
    """Read which client it is about, and the name that was typed."""
    return UUID(json.loads(view["private_metadata"])["client"]), typed(view)


def typed(view: Mapping[str, Any]) -> str:
    """Read the name that was typed."""
    return str(blocks.values(view).get(ids.NAME, {}).get("value") or "")

"""What became of many late posts that were answered for together."""

from collections.abc import Iterator

from bot import blocks, mrkdwn
from bot.views.card import Message
from core.lateness import Answered
from core.models import Client


def decided(by: str, what: str, found: Answered, client: Client) -> Message:
    """Say in place of the question what was decided, and by whom; `what` is "published" or "cancelled"."""
    text = "\n".join(outcomes(by, what, found, client))
    return {"text": text, "blocks": [blocks.section(text)]}


def outcomes(by: str, what: str, found: Answered, client: Client) -> Iterator[str]:
    """Say what became of how many of them, in a line for each outcome."""
    who, whose = mrkdwn.person(by), mrkdwn.bold(client.name)
    if found.done:
        posts = "the late post" if found.done == 1 else f"the {found.done} late posts"
        deed = f"has {posts} published now" if what == "published" else f"{what} {posts}"
        yield f":white_check_mark: {who} {deed}, of {whose}."
    if found.asked:
        waits, their = (
            ("post waits", "its thread says") if found.asked == 1 else ("posts wait", "their threads say")
        )
        yield f":raised_hand: {found.asked} late {waits} for approval first, of {whose}: {their} whose."
    if found.left:
        yield f":warning: {still_late(found.left)}"


def nothing_decided(found: Answered, client: Client) -> str:
    """Say that nothing could be decided as it is, or that nothing is left to decide."""
    if found.left:
        return f":warning: That changed nothing for {mrkdwn.bold(client.name)}. {still_late(found.left)}"
    return f"That is done already: nothing of {mrkdwn.bold(client.name)} is late any more."


def still_late(number: int) -> str:
    """Say how many are late still, and how to find out why."""
    posts, each = ("1 post is", "it") if number == 1 else (f"{number} posts are", "each")
    return f"{posts} late still. Answer for {each} in `/social queue`: there I can say what is in the way."

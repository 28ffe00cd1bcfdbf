"""What an edit changed, shown in the thread: what went is struck out, what came is bold.

Rich text takes words as they are: nothing that people typed becomes markup.
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from bot import mrkdwn
from bot.blocks import Block
from core.differences import Difference

AROUND = 40  # characters that stay the same, shown on each side of what does not
LONGEST_PIECE, LONGEST = 600, 2000  # characters: of what went or came in one place, and of one field
MOST_PIECES = 60
WORDS = re.compile(r"\s+|[^\s]+")

Piece = dict[str, Any]


def block(differences: Sequence[Difference]) -> Block | None:
    """Show each field with what went and what came; nothing where nothing differs in words."""
    shown = [section for one in differences if one.before != one.after for section in field(one)]
    return {"type": "rich_text", "elements": shown} if shown else None


def field(difference: Difference) -> Iterator[Block]:
    """Show one field: its name, and below it the words."""
    name = difference.name[0].upper() + difference.name[1:]
    yield {"type": "rich_text_section", "elements": [piece(name, "bold")]}
    yield {"type": "rich_text_quote", "elements": pieces(difference)}


def pieces(difference: Difference) -> list[Piece]:
    """Give the words in their order; long passages that stay the same are cut."""
    before, after = WORDS.findall(difference.before), WORDS.findall(difference.after)
    shown: list[Piece] = []
    length = 0
    for one in compared(before, after):
        length += len(one["text"])
        if length > LONGEST or len(shown) == MOST_PIECES:
            return [*shown, piece(" …")]
        shown.append(one)
    return shown


def compared(before: list[str], after: list[str]) -> Iterator[Piece]:
    """Give what stays, what went and what came."""
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (step, old, old_end, new, new_end) in enumerate(steps):
        if step == "equal":
            yield piece(kept("".join(after[new:new_end]), first=number == 0, last=number == len(steps) - 1))
            continue
        if went := "".join(before[old:old_end]):
            yield piece(mrkdwn.shortened(went, LONGEST_PIECE), "strike")
        if came := "".join(after[new:new_end]):
            yield piece(mrkdwn.shortened(came, LONGEST_PIECE), "bold")


def kept(words: str, *, first: bool, last: bool) -> str:
    """Cut a passage that stays the same to what stands next to a change."""
    if len(words) <= 3 * AROUND:
        return words
    start = "" if first else words[:AROUND]
    end = "" if last else words[-AROUND:]
    return f"{start} … {end}"


def piece(words: str, style: str | None = None) -> Piece:
    """Give some words, in a style if there is one."""
    return {"type": "text", "text": words, **({"style": {style: True}} if style else {})}

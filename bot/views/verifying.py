"""Whether the audit trail is as it was written: while it is looked through, and what was found."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from core.trails import Trail
from core.verification import Fault, Head, Kind

TITLE = "Verify"
MOST = 30  # faults that are shown
WORDS = {
    Kind.CHANGED: "Changed",
    Kind.REMOVED: "Removed",
    Kind.INSERTED: "Put in",
    Kind.UNSEALED: "Not sealed",
    Kind.BROKEN: "Another chain",
}
WHAT_NOW = (
    "Somebody with the rights of the database's owner or a superuser did this: Pressroom's own role cannot. "
    "Tell whoever runs Pressroom. The database must stay as it is, to be compared with a backup and with the "
    "heads in Slack."
)
NO_WORKER = "If all that is wrong is a missing seal, no worker runs: whoever runs Pressroom must start one."


@dataclass(frozen=True)
class Before:
    """A trail from before the workspace began anew, which has the head; its number and all faults."""

    trail: Trail
    number: int
    faults: int


@dataclass
class Findings:
    """What was found: the first faults, and how many there are; and how far the chain goes."""

    faults: list[Fault] = field(default_factory=list)
    total: int = 0
    head: Head | None = None
    before: Before | None = None

    def add(self, fault: Fault) -> None:
        """Take one more."""
        self.total += 1
        if len(self.faults) < MOST:
            self.faults.append(fault)


def from_before(before: Before) -> str:
    """Say that the head is of a trail from before."""
    left = before.trail.ended_at
    when = f" on {mrkdwn.day(left)}" if left else ""
    state = "That trail is not as it was written" if before.faults else "That trail is as it was written, too"
    return (
        f"The head that you gave, number {before.number:,}, is of before: this workspace left Pressroom"
        f"{when}, and began anew. {state}."
    )


def underway(number: int) -> View:
    """Say how far it is."""
    so_far = f":hourglass_flowing_sand: {number:,} entries so far… Leave this open to see what comes of it."
    return blocks.modal(TITLE, [blocks.section(so_far)], callback_id=ids.NOTICE)


def result(found: Findings) -> View:
    """Say that all is as it was written, or what is not."""
    return blocks.modal(TITLE, list(body(found)), callback_id=ids.NOTICE)


def body(found: Findings) -> Iterator[Block]:
    """Give the result in a sentence, each fault, and the head."""
    number = found.head.number if found.head else 0
    if not found.total:
        yield blocks.section(
            f":white_check_mark: *Everything is as it was written:* {number:,} "
            f"{'entry' if number == 1 else 'entries'}, each in its place in the chain."
        )
    else:
        faults = "1 fault" if found.total == 1 else f"{found.total:,} faults"
        both = " and in the one of before" if found.before else ""
        yield blocks.section(f":rotating_light: *{faults}* in a chain of {number:,} entries{both}.")
    if found.before:
        yield blocks.section(from_before(found.before))
    for fault in found.faults:
        yield blocks.section(f"*{WORDS[fault.kind]}:* {mrkdwn.literal(fault.sentence, 500)}")
    if (more := found.total - len(found.faults)) > 0:
        yield blocks.context(f"And {more:,} more. `pressroom audit verify` names them all.")
    if found.total and not all(fault.may_be_mistyped for fault in found.faults):
        yield blocks.section(f"{WHAT_NOW}\n{NO_WORKER}")
    if found.head and number:
        yield blocks.context(f"The head, to be kept elsewhere: `{found.head}`")
    yield blocks.context(
        "`/social audit verify NUMBER:HASH` compares the trail with a head that stands in Slack."
    )

"""Who is asked to approve a post that is about to be sent on its way; or the question whether anybody is."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from bot.views.approvals import BY_LINK, MOST_NAMED, people
from core.models import Member

LABEL = "Ask for approval first"
YES = "yes"


@dataclass(frozen=True)
class AskedStage:
    """A stage, and those of its people who can be asked about this post."""

    name: str
    needs: int | None
    people: Sequence[Member]
    by_link: bool = False  # the client decides, too

    @property
    def count(self) -> str:
        """Say how many of them must agree."""
        return "all" if self.needs is None else "one" if self.needs == 1 else str(self.needs)

    @property
    def others(self) -> list[str]:
        """Name who else may agree."""
        return [BY_LINK] * self.by_link


@dataclass(frozen=True)
class Asking:
    """By whom a post is approved, stage by stage; if it is not needed, whoever writes the post decides."""

    stages: Sequence[AskedStage]
    is_needed: bool


def part(asking: Asking, *, ask: bool) -> Block:
    """Say who is asked, or ask whether they should be."""
    if asking.is_needed:
        lines = [f"{mrkdwn.bold(one.name)}: {who(one)}" for one in asking.stages]
        return blocks.section("\n".join([":raised_hand: *Approval is asked for first*", *lines]))
    yes = blocks.option(LABEL, YES)
    element: Block = {"type": "checkboxes", "action_id": ids.ASK, "options": [yes]}
    if ask:
        element["initial_options"] = [yes]
    hint = " ".join(f"{one.name}: {one.count} of {names(one)}." for one in asking.stages)
    return blocks.field("Approval", element, ids.ASK, hint=hint, optional=True, dispatch=True)


def who(stage: AskedStage) -> str:
    """Say how many of whom are asked; the client alone, or one person, is not one of several."""
    if not stage.people:
        return BY_LINK if stage.by_link else "nobody, other than who wrote it"
    if len(stage.people) == 1 and not stage.by_link and stage.count in ("one", "all"):
        return people(stage.people)
    return f"{stage.count} of {people(stage.people, stage.others)}"


def names(stage: AskedStage) -> str:
    """Name a stage's people in plain words; many are counted."""
    everybody = [one.name for one in stage.people] + stage.others
    more = len(everybody) - MOST_NAMED
    named = [*everybody[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return mrkdwn.listed(named) if named else "nobody"

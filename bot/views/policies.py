"""Who must approve a client's posts: the form, and what is said once it is kept."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views.asking import AskedStage, who
from bot.views.clients import people_input
from core.models import Client, Mode
from core.policies import LONGEST_NAME, MOST_REMINDERS, MOST_STAGES, ROLES, Rules, Stage

ALL = "all"
MODES = {
    Mode.NONE: "Nobody has to",
    Mode.OPTIONAL: "If whoever writes asks for it",
    Mode.REQUIRED: "Always",
}
ROLE_WORDS = dict(zip(ROLES, ("Admins of the agency", "Managers", "Authors", "Reviewers"), strict=True))
LINK = "link"
NEEDS = {"1": "One", "2": "Two", "3": "Three", ALL: "All"}
NEVER = "never"
HOURS = {
    NEVER: "Never",
    "2": "After 2 hours",
    "4": "After 4 hours",
    "24": "After a day",
    "48": "After 2 days",
}
TIMES = {"0": "Never", "1": "Once", "2": "Twice", "3": "3 times", "4": "4 times", "5": "5 times"}
IN_WORKING_HOURS = "Each in their own working hours, and again after as long."
AFTER_THAT = "Somebody who still has not answered then is not asked again: the managers hear of it once."
SOMEONE_ELSE, TIME_COUNTS, EXPIRES = "someone_else", "time_counts", "expires"
OPTIONS = {
    SOMEONE_ELSE: "Nobody approves what they wrote themselves",
    TIME_COUNTS: "When a post gets another time, everybody is asked anew",
    EXPIRES: "A post that is not approved by its time does not go out at all",
}


class Shown(NamedTuple):
    """What the form shows, as its private_metadata carries it: of how many stages, so many of them kept."""

    client_id: UUID
    stages: int
    kept: int

    @classmethod
    def load(cls, metadata: str) -> Self:
        """Read it."""
        said = json.loads(metadata)
        return cls(UUID(said["client"]), said.get("shown", MOST_STAGES), said.get("stages", 0))

    def dump(self) -> str:
        """Write it."""
        return json.dumps({"client": str(self.client_id), "stages": self.kept, "shown": self.stages})


class Kept(NamedTuple):
    """What was kept: who is asked, stage by stage, and how many posts go out though nobody was asked."""

    client: Client
    stages: Sequence[AskedStage] = ()
    unasked: int = 0


@dataclass(frozen=True)
class Answer:
    """What a person entered: the stages by their number in the form, with Slack's ids of their people."""

    client_id: UUID
    mode: Mode
    stages: Mapping[int, tuple[Stage, Sequence[str]]]
    someone_else: bool
    time_counts: bool
    expires: bool
    remind_hours: int | None
    most_reminders: int


def form(
    client: Client,
    rules: Rules,
    people: Mapping[UUID, str],
    *,
    waiting: int,
    unasked: int = 0,
    stages: int = 1,
) -> View:
    """Ask by which rules a client's posts are approved, filled in with those that hold.

    `people` are the Slack ids of those who are named in them; `waiting` is how many posts wait for approval,
    `unasked` how many go out at their minute though nobody was asked about them. Of at least so many `stages`
    it has the fields.
    """
    shown = Shown(client.id, min(max(stages, len(rules.stages)), MOST_STAGES), len(rules.stages))
    return blocks.modal(
        "Approval",
        list(body(client, rules, people, shown.stages, stay(waiting) + go(unasked))),
        callback_id=ids.POLICY_FORM,
        submit="Save",
        close="Cancel",
        metadata=shown.dump(),
    )


def body(
    client: Client, rules: Rules, people: Mapping[UUID, str], stages: int, so_far: str
) -> Iterator[Block]:
    """Give whether somebody must approve, who does stage by stage, and what else counts."""
    yield blocks.section(f"Who approves the posts of {mrkdwn.bold(client.name)}?{so_far}")
    yield blocks.field("Must somebody approve?", mode_input(rules.mode), ids.MODE)
    for number in range(1, stages + 1):
        stage = rules.stages[number - 1] if number <= len(rules.stages) else Stage("")
        yield blocks.divider()
        yield from stage_part(number, stage, people)
    if stages < MOST_STAGES:
        yield blocks.actions(blocks.button("Add another stage", ids.ADD_STAGE))
    yield blocks.divider()
    remind = chosen_select(ids.REMIND, HOURS, str(rules.remind_hours or NEVER), "After {} hours")
    yield blocks.field("Remind those who are asked", remind, ids.REMIND, hint=IN_WORKING_HOURS)
    times = chosen_select(ids.MOST_REMINDERS, TIMES, str(rules.most_reminders), "{} times")
    yield blocks.field("How often at most", times, ids.MOST_REMINDERS, hint=AFTER_THAT)
    yield blocks.field("What else counts", options_input(rules), ids.POLICY_OPTIONS, optional=True)


def stay(waiting: int) -> str:
    """Say what becomes of the posts that wait already."""
    if not waiting:
        return " No post waits for approval now."
    posts = "1 post waits" if waiting == 1 else f"{waiting} posts wait"
    stays = "It stays" if waiting == 1 else "They stay"
    asked = "it was asked about" if waiting == 1 else "they were asked about"
    return f" {posts} for approval now. {stays} under the rules by which {asked}."


def go(unasked: int) -> str:
    """Say what becomes of the posts that nobody was asked about."""
    if not unasked:
        return ""
    posts = "1 post is" if unasked == 1 else f"{unasked} posts are"
    goes = "It goes out" if unasked == 1 else "They go out"
    return f" {posts} scheduled without approval. {goes} as planned, whatever you save here."


def stage_part(number: int, stage: Stage, people: Mapping[UUID, str]) -> Iterator[Block]:
    """Give the fields of one stage; one that is left empty is none."""
    known = [people[one] for one in sorted(stage.member_ids) if one in people]
    needs, users = needs_input(stage.needs), people_input(ids.STAGE, known)
    name = name_input(stage.name)
    hint = how_to_leave_out(number, is_there=bool(stage.name))
    yield blocks.field(f"Name of stage {number}", name, block(number, "name"), hint=hint, optional=True)
    roles = roles_input(stage)
    yield blocks.field(f"Roles at stage {number}", roles, block(number, "roles"), optional=True)
    yield blocks.field(f"People at stage {number}", users, block(number, "people"), optional=True)
    yield blocks.field(f"How many at stage {number}", needs, block(number, "needs"))


def how_to_leave_out(number: int, *, is_there: bool) -> str:
    """Say what becomes of this stage without a name."""
    if is_there:
        return "To take this stage out, empty its name."
    return f"Without a name it is called Stage {number}; left all empty, it is none."


def block(number: int, field: str) -> str:
    """Name the block of a stage's field, as core names the field."""
    return f"{ids.STAGE}_{number}:{field}"


def mode_input(mode: Mode) -> Block:
    """Give the choice of when somebody must approve."""
    options = {one: blocks.option(words, one.value) for one, words in MODES.items()}
    return {
        "type": "radio_buttons",
        "action_id": ids.MODE,
        "options": list(options.values()),
        "initial_option": options[mode],
    }


def name_input(name: str) -> Block:
    """Give the field for a stage's name."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": ids.STAGE,
        "max_length": LONGEST_NAME,
        "placeholder": blocks.plain("Its name, such as Brand check"),
    }
    return element | ({"initial_value": name} if name else {})


def roles_input(stage: Stage) -> Block:
    """Give the choice of roles; the client itself, outside Slack, is one more."""
    words = {str(role): words for role, words in ROLE_WORDS.items()} | {LINK: "The client, by a private link"}
    return checkboxes(ids.STAGE, words, stage.roles | ({LINK} if stage.by_link else set()))


def needs_input(needs: int | None) -> Block:
    """Give the choice of how many must agree; a number that is none of ours stays as it is."""
    return chosen_select(ids.STAGE, NEEDS, ALL if needs is None else str(needs), "{}")


def chosen_select(action_id: str, words: Mapping[str, str], value: str, otherwise: str) -> Block:
    """Give a menu with one thing chosen; `otherwise` says how one is called that the menu does not have."""
    known = words if value in words else {**words, value: otherwise.format(value)}
    options = {one: blocks.option(said, one) for one, said in known.items()}
    return {
        "type": "static_select",
        "action_id": action_id,
        "options": list(options.values()),
        "initial_option": options[value],
    }


def options_input(rules: Rules) -> Block:
    """Give what else can be said."""
    chosen = {SOMEONE_ELSE: rules.someone_else, TIME_COUNTS: rules.time_counts, EXPIRES: rules.expires}
    return checkboxes(ids.POLICY_OPTIONS, OPTIONS, frozenset(one for one, is_so in chosen.items() if is_so))


def checkboxes(action_id: str, words: Mapping[str, str], chosen: frozenset[str]) -> Block:
    """Give boxes to tick, these of them ticked."""
    options = {one: blocks.option(said, one) for one, said in words.items()}
    element: Block = {"type": "checkboxes", "action_id": action_id, "options": list(options.values())}
    ticked = [option for one, option in options.items() if one in chosen]
    return element | ({"initial_options": ticked} if ticked else {})


# --- what was entered -------------------------------------------------------------------------------------


def parse(view: Mapping[str, Any]) -> Answer:
    """Read it."""
    said, shown = blocks.values(view), Shown.load(view["private_metadata"])
    ticked = values(said.get(ids.POLICY_OPTIONS, {}))
    remind = selected(said, ids.REMIND, NEVER)
    return Answer(
        client_id=shown.client_id,
        mode=Mode(selected(said, ids.MODE, Mode.NONE.value)),
        stages=stages_of(said, shown.kept),
        someone_else=SOMEONE_ELSE in ticked,
        time_counts=TIME_COUNTS in ticked,
        expires=EXPIRES in ticked,
        remind_hours=None if remind == NEVER else int(remind),
        most_reminders=int(selected(said, ids.MOST_REMINDERS, str(MOST_REMINDERS))),
    )


def stages_of(said: Mapping[str, Block], before: int) -> dict[int, tuple[Stage, Sequence[str]]]:
    """Read the stages by their number in the form, of which so many had a name before.

    One in which nothing was entered but how many is none.
    """
    stages = {}
    for number in range(1, len(said) + 1):
        stage, people = stage_of(said, number)
        if is_there(stage, people, was_there=number <= before):
            stages[number] = (stage if stage.name else replace(stage, name=f"Stage {number}"), people)
    return stages


def stage_of(said: Mapping[str, Block], number: int) -> tuple[Stage, Sequence[str]]:
    """Read one stage, and the Slack ids of its people."""
    fields = {name: said.get(block(number, name), {}) for name in ("name", "roles", "people")}
    ticked = values(fields["roles"])
    needs = selected(said, block(number, "needs"), "1")
    stage = Stage(
        name=(fields["name"].get("value") or "").strip(),
        needs=None if needs == ALL else int(needs),
        roles=ticked - {LINK},
        by_link=LINK in ticked,
    )
    return stage, fields["people"].get("selected_users") or ()


def is_there(stage: Stage, people: Sequence[str], *, was_there: bool) -> bool:
    """Say whether this is a stage: one that had a name, and has none now, was taken out."""
    return bool(stage.name) or (not was_there and bool(stage.roles or stage.by_link or people))


def selected(said: Mapping[str, Block], block_id: str, otherwise: str) -> str:
    """Give what is chosen in a menu."""
    return str((said.get(block_id, {}).get("selected_option") or {"value": otherwise})["value"])


def values(element: Mapping[str, Any]) -> frozenset[str]:
    """Give what is ticked."""
    return frozenset(str(one["value"]) for one in element.get("selected_options") or [])


# --- afterwards -------------------------------------------------------------------------------------------


def saved(kept: Kept, mode: Mode) -> str:
    """Say what holds from now on, stage by stage, and what of the posts that nobody was asked about."""
    holds = {
        Mode.NONE: "Nobody has to approve them.",
        Mode.OPTIONAL: "Whoever writes one may ask for approval.",
        Mode.REQUIRED: "None goes out without approval.",
    }
    said = f":white_check_mark: Saved for the posts of {mrkdwn.bold(kept.client.name)}. {holds[mode]}"
    if mode is Mode.NONE:
        return said
    listed = [f"{number}. {mrkdwn.bold(one.name)}: {who(one)}" for number, one in enumerate(kept.stages, 1)]
    still = [still_going(kept.unasked)] if mode is Mode.REQUIRED and kept.unasked else []
    return "\n".join([said, *listed, *still])


def still_going(unasked: int) -> str:
    """Say what becomes of the posts that were scheduled before somebody had to approve them."""
    one = unasked == 1
    posts = "1 post was" if one else f"{unasked} posts were"
    goes, that = ("goes", "it") if one else ("go", "one of them")
    return (
        f":warning: {posts} scheduled before without approval and {goes} out as planned."
        f" Whoever edits, moves or publishes {that} by hand asks for approval first."
    )

"""The emergency stop: what is paused, the two forms, and what everybody concerned is told."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views.card import Message
from core.models import Client, Member
from core.pauses import Held, Pause

EVERYTHING = "all"
MOST_BANNERS = 5
MANAGERS_ONLY = "Only the managers of a client, and your agency's admins, can pause publishing and resume it."
ADMINS_ONLY = "Only your agency's admins can pause publishing for all clients, and resume it."
NOTHING = "Nothing is paused."
META = "What is already on its way at Meta cannot be held back."


@dataclass(frozen=True)
class Subject:
    """What is paused or resumed: a client, or without one all of them."""

    client: Client | None

    @property
    def value(self) -> str:
        """Give it as a button and a menu carry it."""
        return str(self.client.id) if self.client else EVERYTHING

    @property
    def client_id(self) -> UUID | None:
        """Give the client's id; none for all of them."""
        return self.client.id if self.client else None

    @property
    def name(self) -> str:
        """Give its name, in bold."""
        return mrkdwn.bold(self.client.name) if self.client else "*all clients*"

    def covers(self, client: Client) -> bool:
        """Say whether a client is, or belongs to, what this is."""
        return self.client is None or self.client.id == client.id


@dataclass(frozen=True)
class Paused:
    """Something that is paused."""

    subject: Subject
    pause: Pause
    may_resume: bool


@dataclass(frozen=True)
class Chosen:
    """What a form was about: what its text says, and what its menu says by now."""

    said: str | None
    chosen: str | None
    queue: str  # of the queue from which the form was opened, its metadata

    @property
    def needed(self) -> str:
        """Give what was chosen, where something must have been."""
        assert self.chosen is not None
        return self.chosen

    @classmethod
    def of(cls, view: Mapping[str, Any], menu: str) -> Self:
        """Read it."""
        known = json.loads(view["private_metadata"])
        option = blocks.values(view).get(menu, {}).get("selected_option")
        return cls(known["subject"], option["value"] if option else known["subject"], known["queue"])


def client_id(value: str) -> UUID | None:
    """Read what a button or a menu is about: None is all of them."""
    return None if value == EVERYTHING else UUID(value)


# --- wherever it matters --------------------------------------------------------------------------------


def banner(paused: Sequence[Paused]) -> Iterator[Block]:
    """Say what is paused, with the way to go on for those who may."""
    for one in paused[:MOST_BANNERS]:
        button = blocks.button("Resume", ids.RESUME, one.subject.value) if one.may_resume else None
        yield blocks.section(f":double_vertical_bar: {state(one)} Nothing goes out.", button)
    if (more := len(paused) - MOST_BANNERS) > 0:
        yield blocks.context(f"And {more} more clients are paused: `/social resume`")


def state(one: Paused) -> str:
    """Say what is paused, by whom, since when."""
    since = mrkdwn.moment(one.pause.since)
    return f"Publishing for {one.subject.name} was paused by {mrkdwn.person(one.pause.by)}, {since}."


# --- the forms ------------------------------------------------------------------------------------------


def pause_form(
    subject: Subject | None, held: Sequence[Held], paused: Paused | None, *, notice: str | None = None
) -> View:
    """Ask what to pause, and say exactly what that does."""
    body = [*said(notice), choice("What should stop?", ids.PAUSE_OF, subject)]
    if subject and not paused:
        body += [blocks.section(stops(subject, held)), blocks.context(META)]
    if paused:
        body += banner([paused])
    submit = "Pause" if subject and not paused else None
    return form("Pause publishing", body, ids.PAUSE_FORM, submit, subject, queue="")


def stops(subject: Subject, held: Sequence[Held]) -> str:
    """Say what a pause does."""
    soon = sum(one.soon for one in held)
    return (
        f":double_vertical_bar: Nothing goes out for {subject.name} until somebody resumes it: neither what "
        "is scheduled nor what is published at once.\n"
        f"{counted(soon, 'post is', 'posts are')} scheduled in the next 24 hours."
    )


def resume_form(
    one: Paused | None,
    held: Sequence[Held],
    above: Paused | None = None,
    *,
    notice: str | None = None,
    queue: str = "",
) -> View:
    """Ask what to resume, and say what happens then; `above` is the pause of the whole agency."""
    subject = one.subject if one else None
    body = [*said(notice), choice("What should go on?", ids.RESUME_OF, subject)]
    if one:
        body.append(blocks.section(f"{state(one)}\n{goes_on(held)}"))
    if above:
        body.append(blocks.section(f":warning: {state(above)} Nothing goes out until that is resumed, too."))
    submit = "Resume" if one else None
    return form("Resume publishing", body, ids.RESUME_FORM, submit, subject, queue=queue)


def goes_on(held: Sequence[Held]) -> str:
    """Say what happens to what waits, when it is resumed."""
    waiting, late, due = (sum(getattr(one, name) for one in held) for name in ("waiting", "late", "due"))
    if not waiting:
        return "Nothing waits."
    asks = "post is too late by now, and goes out only when somebody says so: I ask here, or in its thread."
    ask = "posts are too late by now, and go out only when somebody says so: I ask here, or in their threads."
    sentences = [counted(late, asks, ask)] if late else []
    if due:
        now = "post is past its time, and goes out at once.", "posts are past their time, and go out at once."
        sentences.insert(0, counted(due, *now))
    if on_time := waiting - late - due:
        sentences.insert(0, counted(on_time, "post goes out as planned.", "posts go out as planned."))
    return " ".join(sentences)


def choice(label: str, action_id: str, subject: Subject | None) -> Block:
    """Give the choice of a client, or of all of them; its options are asked for while the person types."""
    element: Block = {
        "type": "external_select",
        "action_id": action_id,
        "min_query_length": 0,
        "placeholder": blocks.plain("Choose a client"),
    }
    if subject:
        element["initial_option"] = option(subject)
    return blocks.section(f"*{label}*", element, block_id=action_id)


def option(subject: Subject) -> Block:
    """Give one choice."""
    return blocks.option(subject.client.name if subject.client else "All clients", subject.value)


def said(notice: str | None) -> list[Block]:
    """Give a sentence, if there is one; mrkdwn."""
    return [blocks.section(notice)] if notice else []


def form(
    title: str,
    body: Sequence[Block],
    callback_id: str,
    submit: str | None,
    subject: Subject | None,
    *,
    queue: str,
) -> View:
    """Give a form that remembers what its text is about."""
    known = json.dumps({"subject": subject.value if subject else None, "queue": queue})
    return blocks.modal(
        title,
        body,
        callback_id=callback_id,
        submit=submit,
        close="Cancel" if submit else "Close",
        metadata=known,
    )


def refusal(client: Client, managers: Sequence[Member]) -> str:
    """Say who may pause a client, in plain words."""
    names = ", ".join(member.name for member in managers[:5])
    return f"Only its managers ({names}) and your agency's admins can pause {client.name}, and resume it."


# --- what is said afterwards ----------------------------------------------------------------------------


def is_paused(subject: Subject) -> str:
    """Say that it is paused."""
    return (
        f":double_vertical_bar: Publishing is paused for {subject.name}. Nothing goes out until somebody "
        "resumes it with `/social resume`."
    )


def is_resumed(subject: Subject, held: Sequence[Held]) -> str:
    """Say that it goes on."""
    return f":white_check_mark: Publishing goes on for {subject.name}. {goes_on(held)}"


def paused_message(by: str, subject: Subject, held: Sequence[Held]) -> Message:
    """Tell a channel, or the person, that it is paused; `held` are the clients concerned there."""
    waiting = sum(one.waiting for one in held)
    wait = counted(waiting, "scheduled post waits", "scheduled posts wait")
    text = (
        f":double_vertical_bar: {mrkdwn.person(by)} paused publishing for {subject.name}. "
        f"{wait if waiting else 'Nothing is scheduled'}."
    )
    return message(text, blocks.button("Resume", ids.RESUME, subject.value))


def resumed_message(by: str, subject: Subject, held: Sequence[Held]) -> Message:
    """Tell a channel, or the person, that it goes on."""
    return message(
        f":white_check_mark: {mrkdwn.person(by)} resumed publishing for {subject.name}. {goes_on(held)}"
    )


def message(text: str, *buttons: Block) -> Message:
    """Give a message of one sentence, with its buttons."""
    body = [blocks.section(text), *([blocks.actions(*buttons)] if buttons else [])]
    return {"text": text, "blocks": body, "unfurl_links": False, "unfurl_media": False}


def counted(number: int, one: str, many: str) -> str:
    """Count something in words."""
    return f"{number or 'No'} {one if number == 1 else many}"

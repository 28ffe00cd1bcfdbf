"""Clients: the list, and the form with which one is added or changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views.paging import Page, page_buttons
from core.clients import LATE_MINUTES, LONGEST_NAME, Team
from core.models import Client, Member

A_PAGE = 20
LATE = {5: "5 minutes", 15: "15 minutes", 30: "30 minutes", 60: "1 hour", 240: "4 hours", 1440: "24 hours"}


@dataclass(frozen=True)
class Entry:
    """A client with its people, and whether this member may change it."""

    client: Client
    team: Team
    may_change: bool


@dataclass(frozen=True)
class Form:
    """What a person entered of a client: Slack's ids, not ours."""

    client_id: UUID | None
    name: str
    channel: str | None
    managers: tuple[str, ...]
    authors: tuple[str, ...]
    reviewers: tuple[str, ...]
    late_minutes: int


# --- the list -------------------------------------------------------------------------------------------


def listing(page: Page[Entry], *, is_admin: bool) -> View:
    """List the clients; only their managers and the admins get buttons."""
    return blocks.modal(
        "Clients",
        list(list_body(page, is_admin=is_admin)),
        callback_id=ids.SHOW_CLIENTS,
        metadata=json.dumps({"page": page.number}),
    )


def list_body(page: Page[Entry], *, is_admin: bool) -> Iterator[Block]:
    """Give the clients, each with its buttons."""
    if not page.total:
        yield blocks.section(
            "*There are no clients yet.*\nA client is a brand that you publish for."
            if is_admin
            else "*You do not work for a client yet.*\nAsk one of your agency's admins to add you."
        )
    if is_admin:
        yield blocks.actions(
            blocks.button("Add a client", ids.ADD_CLIENT, style=None if page.total else "primary"),
        )
    for entry in page.items:
        yield blocks.divider()
        yield blocks.section(describe(entry))
        if entry.may_change:
            client = str(entry.client.id)
            edit = blocks.button("Edit", ids.EDIT_CLIENT, client)
            remove = blocks.button("Remove", ids.REMOVE_CLIENT, client, style="danger")
            yield blocks.actions(edit, blocks.button("Approval", ids.EDIT_POLICY, client), remove)
    yield from page_buttons(page, ids.SHOW_CLIENTS)


def describe(entry: Entry) -> str:
    """Say a client's name, channel and people."""
    client = entry.client
    where = mrkdwn.channel(client.slack_channel_id) if client.slack_channel_id else "none"
    return (
        f"{mrkdwn.bold(client.name)}\nChannel: {where}\n"
        f"Managers: {people(entry.team.managers)}\nAuthors: {people(entry.team.authors)}"
        + (f"\nReviewers: {people(entry.team.reviewers)}" if entry.team.reviewers else "")
    )


def people(members: Sequence[Member]) -> str:
    """Name people; many are counted."""
    named = ", ".join(mrkdwn.person(member.slack_user_id) for member in members[:30])
    more = f" and {len(members) - 30} more" if len(members) > 30 else ""  # noqa: PLR2004 as many as above
    return named + more or "nobody"


# --- the form -------------------------------------------------------------------------------------------


def form(
    client: Client | None = None, team: Team | None = None, *, added_by: str | None = None, page: int = 0
) -> View:
    """Ask for a client's name, channel and people; filled in when there is one already.

    `page` is that of the list from which it was opened, and to which it leads back.
    """
    managers = [member.slack_user_id for member in team.managers] if team else [added_by] if added_by else []
    authors = [member.slack_user_id for member in team.authors] if team else []
    reviewers = [member.slack_user_id for member in team.reviewers] if team else []
    return blocks.modal(
        "Edit client" if client else "Add a client",
        [
            blocks.field("Name", name_input(client), ids.NAME),
            blocks.field(
                "Channel",
                channel_input(client),
                ids.CHANNEL,
                hint="Cards of this client's posts go there. Invite me to it with /invite.",
                optional=True,
            ),
            blocks.field(
                "Managers",
                people_input(ids.MANAGERS, managers),
                ids.MANAGERS,
                hint="They connect accounts, choose who works for this client, and publish.",
            ),
            blocks.field(
                "Authors",
                people_input(ids.AUTHORS, authors),
                ids.AUTHORS,
                hint="They write and publish posts.",
                optional=True,
            ),
            blocks.field(
                "Reviewers",
                people_input(ids.REVIEWERS, reviewers),
                ids.REVIEWERS,
                hint="They only approve posts, where /social approval asks them. Guests can, too.",
                optional=True,
            ),
            blocks.field(
                "How late may a post still go out by itself?",
                late_input(client.late_minutes if client else LATE_MINUTES),
                ids.LATE_MINUTES,
                hint="After an outage or a pause, what is later than that asks in its thread first.",
            ),
        ],
        callback_id=ids.CLIENT_FORM,
        submit="Save" if client else "Add",
        close="Cancel",
        metadata=json.dumps({"client": str(client.id) if client else None, "page": page}),
    )


def name_input(client: Client | None) -> Block:
    """Give the field for the name."""
    element: Block = {"type": "plain_text_input", "action_id": ids.NAME, "max_length": LONGEST_NAME}
    return element | ({"initial_value": client.name} if client else {})


def channel_input(client: Client | None) -> Block:
    """Give the field for the channel; the bot's own direct messages are no channel."""
    element: Block = {
        "type": "conversations_select",
        "action_id": ids.CHANNEL,
        "placeholder": blocks.plain("Choose a channel"),
        "filter": {"include": ["public", "private"]},
    }
    if client is None:
        return element | {"default_to_current_conversation": True}
    known = client.slack_channel_id
    return element | ({"initial_conversation": known} if known else {})


def people_input(action_id: str, chosen: Sequence[str]) -> Block:
    """Give a field for people."""
    element: Block = {
        "type": "multi_users_select",
        "action_id": action_id,
        "placeholder": blocks.plain("Choose people"),
    }
    return element | ({"initial_users": list(chosen)} if chosen else {})


def late_input(minutes: int) -> Block:
    """Give the field for how late a post may be; a number that is none of ours stays as it is."""
    known = LATE if minutes in LATE else LATE | {minutes: f"{minutes} minutes"}
    options = {one: blocks.option(words, str(one)) for one, words in sorted(known.items())}
    return {
        "type": "static_select",
        "action_id": ids.LATE_MINUTES,
        "options": list(options.values()),
        "initial_option": options[minutes],
    }


def added(client: Client, *, has_bot: bool = True) -> View:
    """Say that the client is there, and what comes next."""
    return blocks.modal(
        "Client added",
        [
            blocks.section(
                f":white_check_mark: {mrkdwn.bold(client.name)} is added.\n"
                "Next, connect its Instagram account or Facebook Page."
            ),
            *invitation(client, has_bot=has_bot),
            blocks.actions(blocks.button("Connect an account", ids.CONNECT, str(client.id), style="primary")),
        ],
        callback_id=ids.NOTICE,
    )


def changed(client: Client, *, has_bot: bool = True) -> View:
    """Say that it is saved, when that took longer than Slack waits, or something is still to be done."""
    done = blocks.section(f":white_check_mark: {mrkdwn.bold(client.name)} is saved.")
    return blocks.modal("Saved", [done, *invitation(client, has_bot=has_bot)], callback_id=ids.NOTICE)


def invitation(client: Client, *, has_bot: bool) -> Iterator[Block]:
    """Say what to do when the bot is not in the client's channel."""
    if client.slack_channel_id and not has_bot:
        channel = mrkdwn.channel(client.slack_channel_id)
        yield blocks.section(
            f":information_source: I am not in {channel} yet. Invite me there with `/invite`, "
            "so that the cards of this client's posts reach it."
        )


def parse(view: Mapping[str, Any]) -> Form:
    """Read what was entered."""
    said = blocks.values(view)
    known = json.loads(view["private_metadata"])["client"]
    return Form(
        client_id=UUID(known) if known else None,
        name=said.get(ids.NAME, {}).get("value") or "",
        channel=said.get(ids.CHANNEL, {}).get("selected_conversation"),
        managers=tuple(said.get(ids.MANAGERS, {}).get("selected_users") or ()),
        authors=tuple(said.get(ids.AUTHORS, {}).get("selected_users") or ()),
        reviewers=tuple(said.get(ids.REVIEWERS, {}).get("selected_users") or ()),
        late_minutes=int(
            (said.get(ids.LATE_MINUTES, {}).get("selected_option") or {}).get("value", LATE_MINUTES)
        ),
    )


def page_of(view: Mapping[str, Any]) -> int:
    """Say which page of the list is open, or lies below the form."""
    return int(json.loads(view.get("private_metadata") or "{}").get("page", 0))

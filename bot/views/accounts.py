"""The accounts of the clients: how each is doing, and what to do about it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views.card import Message
from bot.views.paging import Page, page_buttons
from core.accounts import Disconnected, Health
from core.models import Account, Client

A_PAGE = 24  # lines; each is two blocks, and so is its client's headline


@dataclass(frozen=True)
class Entry:
    """One account and its health."""

    account: Account
    health: Health
    planned: int = 0  # posts that are still to go out there


@dataclass(frozen=True)
class Line:
    """A line of the list: a client, and one of its accounts if it has any."""

    client: Client
    entry: Entry | None
    may_change: bool


@dataclass(frozen=True)
class Shown:
    """Which list is open: of one client or of all, and which page."""

    client_id: UUID | None
    page: int

    def dump(self) -> str:
        """Write it for private_metadata."""
        return json.dumps({"client": str(self.client_id) if self.client_id else None, "page": self.page})


def listing(page: Page[Line], client_id: UUID | None = None, notice: str | None = None) -> View:
    """List the accounts by client: of one client, or of all; below `notice`, mrkdwn."""
    body = list(paragraphs(page.items))
    if not page.total:
        body = [
            blocks.section("*You do not work for a client yet.*\nAsk one of your agency's admins to add you.")
        ]
    return blocks.modal(
        "Accounts",
        [*([blocks.section(notice)] if notice else []), *body, *page_buttons(page, ids.SHOW_ACCOUNTS)],
        callback_id=ids.SHOW_ACCOUNTS,
        metadata=Shown(client_id, page.number).dump(),
    )


def paragraphs(lines: Sequence[Line]) -> Iterator[Block]:
    """Give each client's headline, and its accounts below."""
    for number, (_, theirs) in enumerate(groupby(lines, key=lambda line: line.client.id)):
        first, *others = theirs
        if number:
            yield blocks.divider()
        yield headline(first)
        for line in (first, *others):
            if line.entry:
                yield from account_part(line, line.entry)


def headline(line: Line) -> Block:
    """Name the client, with a way to connect more."""
    button = blocks.button("Connect", ids.CONNECT, str(line.client.id)) if line.may_change else None
    none = "" if line.entry else "\nNo accounts yet."
    return blocks.section(f"{mrkdwn.bold(line.client.name)}{none}", button)


def account_part(line: Line, entry: Entry) -> Iterator[Block]:
    """Show one account."""
    account = entry.account
    mark = ":large_green_circle:" if entry.health.ok else ":red_circle:"
    how = "" if entry.health.ok else " · cannot be used"
    text = (
        f"{mark} *{account.platform.title}* · {mrkdwn.fitted(account.label, 300)}{how}\n"
        f"{mrkdwn.fitted(entry.health.sentence, 600)}"
    )
    yield blocks.section(text)
    if line.may_change:
        again = (
            []
            if entry.health.ok
            else [blocks.button("Reconnect", ids.CONNECT, str(line.client.id), style="primary")]
        )
        yield blocks.actions(*again, disconnect_button(line.client, account, entry.planned))


def disconnect_button(client: Client, account: Account, planned: int) -> Block:
    """Offer to disconnect; it asks first, and says what was still to go out there."""
    name = f"{account.platform.title} {mrkdwn.shortened(account.label, 80)}"
    whose = mrkdwn.shortened(client.name, 60)
    posts = "1 planned post" if planned == 1 else f"{planned} planned posts"
    waiting = (
        f"{posts} for it will not go out there unless it is connected by then."
        if planned
        else "No planned post is for it."
    )
    asked = blocks.confirmation(
        "Disconnect this account?",
        f"Nothing goes to {name} for {whose} until it is connected again. {waiting}",
        yes="Disconnect",
        danger=True,
    )
    return blocks.button("Disconnect", ids.DISCONNECT, str(account.id), confirm=asked)


def disconnected(done: Disconnected, by: str) -> Message:
    """Tell the client's channel what was disconnected, what that means and what to do; `by` is Slack's id."""
    account = f"{done.account.platform.title} {mrkdwn.fitted(done.account.label, 200)}"
    whose = mrkdwn.bold(done.client.name)
    text = (
        f":electric_plug: {mrkdwn.person(by)} disconnected {account} of {whose}: nothing goes out there any "
        f"more.\n{what_to_do(done.planned)}"
    )
    return {"text": text, "blocks": [blocks.section(text)], "unfurl_links": False, "unfurl_media": False}


def what_to_do(planned: int) -> str:
    """Say what becomes of so many posts for an account that was disconnected."""
    if not planned:
        return "No planned post is for it. To publish there again, connect it with `/social connect`."
    posts = "1 planned post" if planned == 1 else f"{planned} planned posts"
    again = "connect it again before then with `/social connect`"
    return f"{posts} for it will not go out there: {again}, or change what is planned in `/social queue`."


def parse(view: Mapping[str, Any]) -> Shown:
    """Read which list is open."""
    said = json.loads(view["private_metadata"])
    return Shown(UUID(said["client"]) if said["client"] else None, int(said["page"]))

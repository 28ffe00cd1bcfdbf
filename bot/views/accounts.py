"""The accounts of the clients: how each is doing, and what to do about it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views.paging import Page, page_buttons
from core.accounts import Health
from core.models import Account, Client

A_PAGE = 24  # lines; each is two blocks, and so is its client's headline


@dataclass(frozen=True)
class Entry:
    """One account and its health."""

    account: Account
    health: Health


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
        yield blocks.actions(*again, disconnect_button(line.client, account))


def disconnect_button(client: Client, account: Account) -> Block:
    """Offer to disconnect; it asks first."""
    name = mrkdwn.shortened(account.label, 120)
    asked = blocks.confirmation(
        "Disconnect this account?",
        f"Nothing goes to {name} for {mrkdwn.shortened(client.name, 60)} until it is connected again.",
        yes="Disconnect",
        danger=True,
    )
    return blocks.button("Disconnect", ids.DISCONNECT, str(account.id), confirm=asked)


def parse(view: Mapping[str, Any]) -> Shown:
    """Read which list is open."""
    said = json.loads(view["private_metadata"])
    return Shown(UUID(said["client"]) if said["client"] else None, int(said["page"]))

"""The menus that several views share: of clients, of one client's accounts, and of the time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from bot import blocks, ids
from bot.blocks import Block
from core.models import Account, Client, Platform

MOST_IN_GROUP = 100  # options
WITHOUT_A_TIME = "Leave it empty to publish at once, or as soon as it is approved."


def client_select(client: Client | None) -> Block:
    """Give the choice of the client; its options are asked for while the person types."""
    element: Block = {
        "type": "external_select",
        "action_id": ids.CLIENT,
        "min_query_length": 0,
        "placeholder": blocks.plain("Choose a client"),
    }
    if client:
        element["initial_option"] = client_option(client)
    return element


def client_option(client: Client) -> Block:
    """Give one client as a choice."""
    return blocks.option(client.name, str(client.id))


def accounts_field(client: Client, accounts: Sequence[Account], chosen: Sequence[UUID] = ()) -> Block:
    """Give the choice of one client's accounts. Those chosen before stand in the order in which they were.

    In a new post, the only account that there is, is chosen already.
    """
    element: Block = {
        "type": "multi_static_select",
        "action_id": ids.ACCOUNTS,
        "placeholder": blocks.plain("Choose accounts"),
        "option_groups": list(groups(accounts)),
    }
    by_id = {one.id: one for one in accounts}
    only = accounts if len(accounts) == 1 and not chosen else ()
    initial = only or [by_id[one] for one in chosen if one in by_id]
    if initial:
        element["initial_options"] = [account_option(one) for one in initial]
    return blocks.field("Accounts", element, f"{ids.ACCOUNTS}:{client.id}")


def groups(accounts: Sequence[Account]) -> Iterator[Block]:
    """Give the accounts by platform, at most 100 in a group."""
    for platform in Platform:
        theirs = [account for account in accounts if account.platform is platform]
        for first in range(0, len(theirs), MOST_IN_GROUP):
            part = theirs[first : first + MOST_IN_GROUP]
            label = platform.title + (
                f" ({first + 1} to {first + len(part)})" if len(theirs) > len(part) else ""
            )
            yield {"label": blocks.plain(label), "options": [account_option(account) for account in part]}


def account_option(account: Account) -> Block:
    """Give one account as a choice."""
    trouble = "Needs to be connected again" if account.trouble else None
    return blocks.option(f"{account.platform.title} · {account.label}", str(account.id), trouble)


def time_field(due_at: datetime | None, *, is_needed: bool = False) -> Block:
    """Give the choice of the minute; what Slack hands over is the very moment, whatever the person's zone."""
    element: Block = {"type": "datetimepicker", "action_id": ids.TIME}
    if due_at:
        element["initial_date_time"] = int(due_at.timestamp())
    hint = "In your own time zone."
    return blocks.field(
        "When",
        element,
        ids.TIME,
        hint=hint if is_needed else f"{hint} {WITHOUT_A_TIME}",
        optional=not is_needed,
    )

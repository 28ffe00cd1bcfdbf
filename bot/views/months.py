"""A client's month, for the bill: what went out on which account, and who approved how much."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from core.audit import BY_LINK
from core.models import Client
from core.months import Month, OnAccount

TITLE = "A client's month"
MONTHS_BACK = 24
A_PART = 20  # lines of one paragraph
MOST_LINES = 400


@dataclass(frozen=True)
class Shown:
    """Which month of which client is open; the month as in 2026-11."""

    month: str
    client_id: UUID | None = None

    def dump(self) -> str:
        """Write it for private_metadata."""
        return json.dumps({"client": str(self.client_id) if self.client_id else None, "month": self.month})

    @classmethod
    def load(cls, view: Mapping[str, Any]) -> Self:
        """Read what a view shows."""
        said = json.loads(view["private_metadata"])
        return cls(said["month"], UUID(said["client"]) if said["client"] else None)

    @classmethod
    def chosen_in(cls, view: Mapping[str, Any]) -> Self:
        """Read what stands in the menus by now."""
        elements = view["state"]["values"][ids.SHOW_MONTH]
        client = (elements[ids.MONTH_CLIENT].get("selected_option") or {}).get("value")
        month = elements[ids.MONTH]["selected_option"]["value"]
        return cls(month, UUID(client) if client else None)

    @property
    def first_day(self) -> date:
        """Give its first day."""
        return date.fromisoformat(f"{self.month}-01")

    @property
    def words(self) -> str:
        """Name it."""
        return f"{self.first_day:%B} {self.first_day.year}"


def of(day: date) -> str:
    """Give the month of a day."""
    return f"{day:%Y-%m}"


def listing(shown: Shown, client: Client | None, month: Month | None, today: date) -> View:
    """Draw it; without a client, ask for one."""
    body = [choices(shown, client, today)]
    body += list(told(shown, client, month)) if client and month else [blocks.section("Choose a client.")]
    return blocks.modal(TITLE, body, callback_id=ids.SHOW_MONTH, metadata=shown.dump())


def choices(shown: Shown, client: Client | None, today: date) -> Block:
    """Give the choice of the client, and of the month."""
    whose: Block = {
        "type": "external_select",
        "action_id": ids.MONTH_CLIENT,
        "min_query_length": 0,
        "placeholder": blocks.plain("Choose a client"),
    }
    if client:
        whose["initial_option"] = client_option(client)
    options = [blocks.option(one.words, one.month) for one in months_until(today)]
    chosen = next((one for one in options if one["value"] == shown.month), options[0])
    when: Block = {
        "type": "static_select",
        "action_id": ids.MONTH,
        "placeholder": blocks.plain("Choose a month"),
        "options": options,
        "initial_option": chosen,
    }
    return blocks.actions(whose, when, block_id=ids.SHOW_MONTH)


def months_until(today: date) -> list[Shown]:
    """Give the last two years' months, this one first."""
    numbers = range(today.year * 12 + today.month - 1, today.year * 12 + today.month - 1 - MONTHS_BACK, -1)
    return [Shown(f"{number // 12:04}-{number % 12 + 1:02}") for number in numbers]


def client_option(client: Client) -> Block:
    """Give one client as a choice."""
    return blocks.option(client.name, str(client.id))


def told(shown: Shown, client: Client, month: Month) -> Iterator[Block]:
    """Say what went out, and who approved."""
    yield blocks.section(
        f"{mrkdwn.bold(client.name)} in {shown.words}: *{counted(month.posts)} published*{on_how_many(month)}"
    )
    yield from paragraphs([on_account(one) for one in month.accounts])
    yield from paragraphs(list(approvals(month.approvals)))
    yield blocks.actions(blocks.button("Send me a CSV", ids.EXPORT_MONTH))
    yield blocks.context("By the calendar of your own time zone.")


def on_how_many(month: Month) -> str:
    """Say how often that is, where posts went out on several accounts."""
    if month.published <= month.posts:
        return "."
    return f". Each is counted once for every account below, and so *{month.published:,} times* in all."


def paragraphs(lines: Sequence[str]) -> Iterator[Block]:
    """Give lines, so many in a paragraph."""
    for first in range(0, min(len(lines), MOST_LINES), A_PART):
        yield blocks.section("\n".join(lines[first : first + A_PART]))
    if len(lines) > MOST_LINES:
        yield blocks.context(f"And {len(lines) - MOST_LINES} more; the CSV has them all.")


def on_account(one: OnAccount) -> str:
    """Say what became of posts on an account."""
    name = f"{one.account.platform.title} {mrkdwn.literal(one.account.label, 100)}"
    failed = f", {one.failed:,} failed" if one.failed else ""
    return f"{name}: {one.published:,} published{failed}"


def approvals(given: Mapping[str, int]) -> Iterator[str]:
    """Say how many posts each person approved; those by private links together."""
    for person, number in sorted(given.items()):
        if not person.startswith(BY_LINK):
            yield f"{mrkdwn.person(person)} approved {counted(number)}"
    if by_link := sum(number for person, number in given.items() if person.startswith(BY_LINK)):
        yield f"The client approved {counted(by_link)} by private links"


def counted(number: int) -> str:
    """Count posts."""
    return f"{number:,} {'post' if number == 1 else 'posts'}"

"""The filters of the audit trail: which part of it is shown, and the menus above the list."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import blocks, ids
from bot.blocks import Block
from core.audit import BY_LINK, Cursor, Filters
from core.errors import PressroomError
from core.models import Account, Client, Member

ANY = "any"  # the value of the first choice of each menu: whatever it is
ALL_CLIENTS, ALL_ACCOUNTS, EVERYBODY, EVERYTHING = "All clients", "All accounts", "Everybody", "All actions"
PROGRAM = "pressroom"
PROGRAM_S_NAME = "Pressroom itself"
LINKS = "Clients, by private links"


class Backwards(PressroomError):
    """The first day is after the last one. Choose an earlier first day, or a later last one."""


@dataclass(frozen=True)
class Shown:
    """Which part of the trail is open. Its page begins after `after`; `generation` counts the clearings.

    Days are ISO 8601, by the calendar of whoever looks; the last one is within.
    """

    client: str | None = None
    account: str | None = None
    person: str | None = None
    action: str | None = None
    since: str | None = None
    until: str | None = None
    after: str | None = None
    generation: int = 0

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return any((self.client, self.account, self.person, self.action, self.since, self.until))

    @property
    def narrowed(self) -> list[str]:
        """Name by what it is filtered besides the client; days are said, for two views may show others."""
        said = {"account": self.account, "person": self.person, "action": self.action}
        days = {"from": self.since, "until": self.until}
        named = [f"{word} {day}" for word, day in days.items() if day]
        return [name for name, chosen in said.items() if chosen] + ([" ".join(named)] if named else [])

    @property
    def client_id(self) -> UUID | None:
        """Give the client, if it is one's alone."""
        return UUID(self.client) if self.client else None

    def dump(self) -> str:
        """Write it for private_metadata."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, view: Mapping[str, Any]) -> Self:
        """Read what a view shows."""
        return cls(**json.loads(view["private_metadata"]))

    @classmethod
    def chosen_in(cls, view: Mapping[str, Any]) -> Self:
        """Read what stands in a view's menus, from the newest entry on. Another client has other accounts."""
        was, states = cls.load(view), view.get("state", {}).get("values", {}).values()
        said: dict[str, Any] = {
            MENUS[name]: value_of(element)
            for elements in states
            for name, element in elements.items()
            if name in MENUS
        }
        if said.get("client", was.client) != was.client:
            said["account"] = None
        return replace(was, **said, after=None)

    def cleared(self) -> Self:
        """Give the whole trail; menus of a new name are what we say, not what was chosen."""
        return type(self)(generation=self.generation + 1)

    def filters(self, zone: ZoneInfo) -> Filters:
        """Give it as core takes it; raise Backwards for a first day after the last one."""
        if self.since and self.until and self.since > self.until:
            raise Backwards
        account_id = UUID(self.account) if self.account else None
        until = date.fromisoformat(self.until) + timedelta(days=1) if self.until else None
        since = date.fromisoformat(self.since) if self.since else None
        return Filters(
            self.client_id, account_id, self.person, self.action, morning(since, zone), morning(until, zone)
        )


MENUS = {
    ids.AUDIT_CLIENT: "client",
    ids.AUDIT_ACCOUNT: "account",
    ids.AUDIT_PERSON: "person",
    ids.AUDIT_ACTION: "action",
    ids.AUDIT_SINCE: "since",
    ids.AUDIT_UNTIL: "until",
}


@dataclass(frozen=True)
class Chosen:
    """What the filters name; `actions` are all that there are, with their words."""

    actions: Mapping[str, str]
    client: Client | None = None
    account: Account | None = None
    person: Block | None = None  # as a choice


def value_of(element: Mapping[str, Any]) -> str | None:
    """Read what was chosen in a menu, or the day."""
    if element["type"] == "datepicker":
        return element.get("selected_date")
    value = (element.get("selected_option") or {}).get("value", ANY)
    return None if value == ANY else str(value)


def morning(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Give the first moment of a day."""
    return datetime.combine(day, time(), zone) if day else None


def written(cursor: Cursor) -> str:
    """Write where a page ends, for a button."""
    return f"{cursor[0].isoformat()} {cursor[1]}"


def cursor(text: str | None) -> Cursor | None:
    """Read it."""
    if not text:
        return None
    at, _, entry_id = text.partition(" ")
    return datetime.fromisoformat(at), UUID(entry_id)


# --- the menus ------------------------------------------------------------------------------------------


def choices(shown: Shown, chosen: Chosen) -> Iterator[Block]:
    """Give the menus, each with what is chosen; and the way back to everything.

    They have another name once they are cleared, and for each client: Slack keeps what a person chose in
    those that keep their name.
    """
    name = f"{shown.generation}:{shown.client or ANY}"
    yield blocks.actions(
        from_outside(ids.AUDIT_CLIENT, client_option(chosen.client)),
        from_outside(ids.AUDIT_ACCOUNT, account_option(chosen.account)),
        from_outside(ids.AUDIT_PERSON, chosen.person or everybody()),
        action_select(shown, chosen),
        block_id=f"{ids.AUDIT_FILTERS}:{name}",
    )
    clear = [blocks.button("Clear filters", ids.CLEAR_FILTERS)] if shown.is_filtered else []
    yield blocks.actions(
        day_picker(ids.AUDIT_SINCE, "First day", shown.since),
        day_picker(ids.AUDIT_UNTIL, "Last day", shown.until),
        *clear,
        block_id=f"{ids.AUDIT_DAYS}:{name}",
    )


def from_outside(action_id: str, chosen: Block) -> Block:
    """Give a menu whose choices are asked for while the person types."""
    return {
        "type": "external_select",
        "action_id": action_id,
        "min_query_length": 0,
        "placeholder": blocks.plain(chosen["text"]["text"], 150),
        "initial_option": chosen,
    }


def action_select(shown: Shown, chosen: Chosen) -> Block:
    """Give the menu of what was done."""
    options = [blocks.option(EVERYTHING, ANY)]
    known = sorted(chosen.actions.items(), key=lambda one: one[1].lower())
    options += [blocks.option(words[:1].upper() + words[1:], action) for action, words in known]
    return {
        "type": "static_select",
        "action_id": ids.AUDIT_ACTION,
        "placeholder": blocks.plain(EVERYTHING),
        "options": options,
        "initial_option": next((one for one in options if one["value"] == shown.action), options[0]),
    }


def day_picker(action_id: str, words: str, day: str | None) -> Block:
    """Give the choice of a day."""
    element: Block = {"type": "datepicker", "action_id": action_id, "placeholder": blocks.plain(words)}
    return element | ({"initial_date": day} if day else {})


def client_option(client: Client | None) -> Block:
    """Give one client as a choice, or all of them."""
    return blocks.option(client.name, str(client.id)) if client else blocks.option(ALL_CLIENTS, ANY)


def account_option(account: Account | None) -> Block:
    """Give one account as a choice, or all of them."""
    if account is None:
        return blocks.option(ALL_ACCOUNTS, ANY)
    gone = None if account.is_active else "Disconnected"
    return blocks.option(f"{account.platform.title} · {account.label}", str(account.id), gone)


def everybody() -> Block:
    """Give everybody as a choice."""
    return blocks.option(EVERYBODY, ANY)


def program() -> Block:
    """Give what nobody did as a choice."""
    return blocks.option(PROGRAM_S_NAME, PROGRAM)


def links() -> Block:
    """Give all who came by a client's private link as a choice."""
    return blocks.option(LINKS, BY_LINK)


def person_option(member: Member) -> Block:
    """Give one person as a choice."""
    return blocks.option(member.name or member.slack_user_id, member.slack_user_id)

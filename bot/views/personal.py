"""What is stored of one person: given out, or their name erased; with what each of that does."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from core.people import Reviewer

TITLE = "Personal data"
SENT = (
    "You get all that is stored of them, as a JSON file by direct message. It is for them: hand it over, and "
    "delete it."
)
ERASES = (
    "Their name becomes “Erased” wherever it is stored, and so do the address, the browser and the names in "
    "what they did. What they did stays, under their Slack id. It cannot be undone. Should they use "
    "Pressroom again, they have a name again."
)
ERASES_REVIEWER = (
    "The name that they typed becomes “Erased”, and the address and the browser go, wherever they stand. "
    "What they decided stays. It cannot be undone. What stands in threads in Slack is not reached."
)
SURE = "The name, addresses and browsers are erased for good. That you did it stands in the audit trail."


def form(person: str | None = None, reviewer: Reviewer | None = None) -> View:
    """Ask for whom; and offer what can be done for those who are chosen."""
    return blocks.modal(TITLE, list(body(person, reviewer)), callback_id=ids.PERSONAL_DATA)


def body(person: str | None, reviewer: Reviewer | None) -> Iterator[Block]:
    """Give the two choices, each with its buttons once somebody is chosen."""
    element: Block = {
        "type": "users_select",
        "action_id": ids.PERSONAL_OF,
        "placeholder": blocks.plain("Choose a person"),
    }
    chosen = element | ({"initial_user": person} if person else {})
    yield blocks.section("*Somebody in this workspace*", chosen, block_id=ids.PERSONAL_OF)
    if person:
        yield blocks.section(f"{mrkdwn.person(person)}\n*Export:* {SENT}\n*Erase:* {ERASES}")
        yield blocks.actions(
            blocks.button("Export", ids.EXPORT_PERSON, person), erase_button(ids.ERASE_PERSON, person)
        )
    yield blocks.divider()
    menu = reviewer_select(reviewer)
    yield blocks.section("*Somebody who came by a client's private link*", menu, block_id=ids.REVIEWER_OF)
    if reviewer:
        yield blocks.section(f"{mrkdwn.literal(name_of(reviewer), 80)}\n*Erase:* {ERASES_REVIEWER}")
        yield blocks.actions(erase_button(ids.ERASE_REVIEWER, str(reviewer.sign_off_id)))


def erase_button(action_id: str, value: str) -> Block:
    """Give the button that erases, once the person confirmed that."""
    sure = blocks.confirmation("Erase for good?", SURE, yes="Erase", danger=True)
    return blocks.button("Erase", action_id, value, style="danger", confirm=sure)


def reviewer_select(reviewer: Reviewer | None) -> Block:
    """Give the choice of who came by a private link; asked for while the person types."""
    element: Block = {
        "type": "external_select",
        "action_id": ids.REVIEWER_OF,
        "min_query_length": 0,
        "placeholder": blocks.plain("Choose a name"),
    }
    return element | ({"initial_option": reviewer_option(reviewer)} if reviewer else {})


def reviewer_option(reviewer: Reviewer) -> Block:
    """Give one of them as a choice: whose name, and of when."""
    at = reviewer.at
    value = str(reviewer.sign_off_id)
    return blocks.option(name_of(reviewer), value, f"On {at.day} {at:%B %Y, %H:%M} UTC")


def name_of(reviewer: Reviewer) -> str:
    """Give the name that they typed; a remark needs none."""
    return reviewer.name or "Somebody of the client"


def erased(number: int) -> str:
    """Say what was done."""
    entries = "1 entry" if number == 1 else f"{number:,} entries"
    return f":white_check_mark: The name is erased, and what was personal in {entries} of the audit trail."


def chosen_in(view: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Read who is chosen in the two menus: Slack's id, and that of a private link."""
    values = blocks.values(view)
    person = values.get(ids.PERSONAL_OF, {}).get("selected_user")
    reviewer = (values.get(ids.REVIEWER_OF, {}).get("selected_option") or {}).get("value")
    return person, reviewer

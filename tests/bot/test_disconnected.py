"""What cards, threads and the queue say of accounts that somebody disconnected."""

import pytest

from bot.views import card, outcomes, queue, thread
from core.models import Account, Ending, Platform, PostState, PublicationState
from tests.bot.payloads import BOTH, NOW, account, ended, waiting

STATE = PublicationState


def gone(name: str = "northwind.coffee") -> Account:
    """Give an account that somebody disconnected."""
    one = account(name)
    one.is_active, one.disconnected_at = False, NOW
    return one


@pytest.mark.parametrize(
    ("post", "state", "in_card", "in_queue"),
    [
        (PostState.SCHEDULED, STATE.SCHEDULED, ", disconnected: it waits", "disconnected: it waits"),
        (PostState.PUBLISHING, STATE.QUEUED, ", disconnected: it waits", "disconnected: it waits"),
        (PostState.PUBLISHING, STATE.RUNNING, "publishing…", None),
        (PostState.LATE, STATE.LATE, "too late", None),
        (
            PostState.IN_APPROVAL,
            STATE.HELD,
            "waits for approval, and then for its account, which is disconnected",
            "waits for approval, and then for its account, which is disconnected",
        ),
    ],
)
def test_only_what_goes_by_itself_is_said_to_wait_until_it_is_connected(
    post: PostState, state: PublicationState, in_card: str, in_queue: str | None
) -> None:
    view = waiting(post, state, accounts=(gone(),))
    said = outcomes.line(view.accounts[0], view.publications[0])
    assert said.endswith(in_card) or f"{in_card} until the account is connected again" in said
    lines = queue.waiting(view)
    assert len(lines) == (1 if in_queue else 0)
    assert in_queue is None or in_queue in lines[0]


@pytest.mark.parametrize(
    ("post", "others", "instead"),
    [
        (PostState.SCHEDULED, BOTH, "press *Edit* on the card above and take it off"),
        (PostState.IN_APPROVAL, BOTH, "press *Edit* on the card above and take it off"),
        (PostState.LATE, BOTH, "cancel it"),
        (PostState.SCHEDULED, (), "cancel it"),
        (PostState.IN_APPROVAL, (), "withdraw it"),
        (PostState.LATE, (), "cancel it"),
        (PostState.WITHDRAWN, BOTH, None),
        (PostState.CHANGES_REQUESTED, (), None),
    ],
)
def test_its_thread_is_told_what_can_be_done_instead(
    post: PostState, others: tuple[Account, ...], instead: str | None
) -> None:
    states = {PostState.SCHEDULED: STATE.SCHEDULED, PostState.LATE: STATE.LATE}
    accounts = (gone(), *others)
    view = waiting(post, *[states.get(post, STATE.HELD)] * len(accounts), accounts=accounts)
    told = thread.disconnected(view, accounts[0], view.publications[0], {"by": "U0DANA0001"})
    said = told["text"] if told else None
    assert said is None if instead is None else f"not to go out there, {instead}." in str(said)


LOST = ended("northwind.coffee", Ending.PASSWORD)
PAGE = account("Northwind Coffee", Platform.FACEBOOK)


@pytest.mark.parametrize(
    ("accounts", "headline"),
    [
        ((gone(),), "Waiting for its account (0 of 1)"),
        ((gone("one"), gone("two")), "Waiting for its accounts (0 of 2)"),
        ((LOST,), "Waiting for a new login (0 of 1)"),
        ((gone(), LOST), "Waiting for a new login (0 of 2)"),
        ((gone(), PAGE), "Publishing (0 of 2)"),
    ],
)
def test_its_card_says_what_it_waits_for(accounts: tuple[Account, ...], headline: str) -> None:
    view = waiting(PostState.PUBLISHING, *[STATE.SCHEDULED] * len(accounts), accounts=accounts)
    assert card.headline(card.Card(view)) == headline

"""The short version of the tokens' torture; and whether its verdict would notice what it looks for."""

import base64
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.vault import KeyRing, Token, Vault, generate_key
from tests.bench.stage import ROOT
from tests.torture import custody
from tests.torture.custody import DEEDS, Books, Case, Verdict
from tests.torture.stock import Holding

MINUTES = 5 * 60
VAULT = Vault(KeyRing.parse(f"torture:{generate_key()}"))
TOKEN = "EAAof1a2a3person"
REFRESH, DISCONNECT = DEEDS[0], DEEDS[1]


def test_no_token_is_lost_or_shown_and_no_entry_is_missing(record_property: Callable[[str, object], None]):
    command = [sys.executable, "-m", "tests.torture", "--short", "tokens"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MINUTES, check=False)
    record_property("said", done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


def case_of(deed: custody.Deed) -> Case:
    return Case(1, deed, (Holding("Roast", "7", uuid4(), uuid4(), (uuid4(), uuid4())),), "write 1")


def row(table: str, row_id: UUID, **changed: Any) -> dict[str, Any]:
    sealed = VAULT.seal(Token(TOKEN), row=f"{table}:{row_id}:access_token")
    return {"id": row_id, "access_token": sealed, "is_active": True, "ending": None} | changed


def books(
    case: Case, told: Mapping[str, int], *, state: str = "valid", first: str = "", **changed: Any
) -> Books:
    """Give what the database and Meta say of a case's login and accounts."""
    [one] = case.holdings
    return Books(
        {one.connection_id: row("connections", one.connection_id, **changed)},
        {each: row("clients_social_platforms", each, **changed) for each in one.accounts},
        [{"client_id": one.client_id, "action": name, "details": {}} for name in Counter(told).elements()],
        [],
        [{"value": one, "kind": "user", "person": "7", "state": state} for one in (first, TOKEN)],
    )


GONE = {"access_token": None, "is_active": False}


@pytest.mark.parametrize(
    ("deed", "state", "changed", "wrong"),
    [
        (REFRESH, "valid", {}, 0),
        (REFRESH, "deauthorized", {}, 3),  # Meta honours none of the three
        (REFRESH, "valid", {"access_token": None}, 4),  # and it is not connected any more
        (REFRESH, "valid", {"access_token": VAULT.seal(Token(TOKEN), row="another")}, 3),
        (REFRESH, "valid", GONE, 1),
        (DISCONNECT, "valid", GONE, 0),
        (DISCONNECT, "valid", {"is_active": False}, 4),  # three tokens are left
        (DISCONNECT, "valid", {}, 1),
    ],
)
def test_what_is_unusable(deed: custody.Deed, state: str, changed: dict[str, Any], wrong: int) -> None:
    case = case_of(deed)
    found = custody.unusable([case], books(case, {}, state=state, **changed), VAULT)
    assert len(found) == wrong, found


def test_a_login_that_was_not_sealed_anew_is_noticed() -> None:
    case = case_of(REFRESH)
    assert len(custody.unusable([case], books(case, {}, first=TOKEN), VAULT)) == 3


@pytest.mark.parametrize(
    ("told", "wrong"), [({"token_refreshed": 1}, 0), ({}, 1), ({"token_refreshed": 2}, 1), ({"x": 1}, 1)]
)
def test_what_is_a_gap(told: dict[str, int], wrong: int) -> None:
    case = case_of(REFRESH)
    assert len(custody.gaps([case], books(case, told))) == wrong


def test_what_is_plain() -> None:
    left = {
        "a log": f"said {TOKEN}",
        "a file": base64.b64encode(f"it is {TOKEN}.".encode()).decode(),
        "the database": TOKEN.encode().hex(),
        "another": TOKEN[::-1],
    }
    assert [one.split(" in ")[1] for one in custody.in_plain([TOKEN], left)] == list(left)[:3]


def test_it_is_said_in_one_line() -> None:
    verdict = Verdict(3, 2, plain=["a"], gaps=["b", "c"])
    assert str(verdict) == "tokens: deeds 3, killed 2, plain 1, unusable 0, gaps 2"
    assert verdict.wrong == ["a", "b", "c"]

"""The verdict on tokens: where they stand in plain text, whether they work, and what the audit trail says.

Against the database as its superuser sees it: the simulator's own record of every token that it ever issued.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from core.errors import CannotOpen
from core.vault import Vault
from pressroom.schema import driver_url
from tests.drivers.searching import places
from tests.torture.stock import Holding

GIVEN_BACK = ("login_revoked", "login_not_revoked")  # which of both is a matter of when it was killed
HANDED_OVER = ("client_export_handed_over", "client_export_kept")
SAME = dict.fromkeys(GIVEN_BACK, "login_given_back") | dict.fromkeys(HANDED_OVER, "export_handed_over")
ROWS = {
    "connections": "SELECT id, meta_user_id, access_token, is_active, ending FROM connections",
    "accounts": "SELECT id, connection_id, access_token, is_active, ending FROM clients_social_platforms",
    "entries": "SELECT client_id, action FROM audit_logs"
    " UNION ALL SELECT client_id, 'end_to_tell' FROM alerts WHERE days IS NULL",
    "unsealed": "SELECT entry_id FROM audit_unsealed",
}
FAREWELL = {
    "client_removal_asked": 1,
    "client_posts_cancelled": 1,
    "client_exported": 1,
    "client_logins_ended": 1,
    "account_disconnected": 2,
    "client_shredded": 1,
    "client_removed": 1,
    "export_handed_over": 1,
}
FORGOTTEN = {"login_ended": 1, "account_in_trouble": 2}


HEARD = FORGOTTEN | {"login_removed": 1}
"""Meta told us, and not: we looked."""


@dataclass(frozen=True)
class Deed:
    """What is done to one of a person's clients, by which name in deeds.py; one of `trails` tells of it."""

    name: str
    act: str
    trails: Sequence[Mapping[str, int]]
    clients: int = 1
    is_ended: bool = True
    """Whether no token of this client is left after it."""
    is_revoked: bool = False
    """Whether Meta honours no token of the person any more."""
    is_asked_again: bool = True
    """Whether whoever had no answer asks once more."""


GOES = [
    FAREWELL | {"login_given_back": 1},
    FAREWELL | HEARD,
]  # Meta may call back before it answers, or later
TOLD = {"end_to_tell": 1}  # as a row of `alerts`: the trail says so only when Slack has it
SAID = ("login_end_told", "client_added")  # which is not counted
DEEDS = (
    Deed("refresh", "renew", [{"token_refreshed": 1}], is_ended=False),
    Deed("disconnect", "disconnect", [{"account_disconnected": 2, "login_shredded": 1}]),
    Deed("removal", "remove", GOES, is_revoked=True),
    Deed("removal, the login is used", "remove", [FAREWELL | {"login_kept_at_meta": 1}], clients=2),
    Deed("deauthorize", "deauthorize", [HEARD | TOLD], clients=2, is_revoked=True),
    Deed(
        "deauthorize, said once",
        "deauthorize",
        [HEARD | TOLD, FORGOTTEN | TOLD],
        clients=2,
        is_revoked=True,
        is_asked_again=False,
    ),
)


@dataclass(frozen=True)
class Case:
    """A deed that was done, and the moment at which its process was killed, if it was."""

    number: int
    deed: Deed
    holdings: tuple[Holding, ...]
    fatal: str | None

    def __str__(self) -> str:
        return f"{self.deed.name} ({self.number}), killed {self.fatal or 'never'}"

    @property
    def done_to(self) -> tuple[Holding, ...]:
        """Give the clients that it concerns: all of the person's, where the person goes."""
        return self.holdings if self.deed.act == "deauthorize" else self.holdings[:1]


@dataclass
class Verdict:
    """What came of it: each fault is a sentence."""

    deeds: int
    killed: int
    plain: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    revoked: int = 0  # logins that ended, and that Meta honours no more
    kept: int = 0  # logins that ended here, and that Meta still honours, for they are the person's

    @property
    def wrong(self) -> list[str]:
        """All that is wrong."""
        return [*self.plain, *self.unusable, *self.gaps]

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"tokens: deeds {self.deeds}, killed {self.killed}, plain {len(self.plain)},"
            f" unusable {len(self.unusable)}, gaps {len(self.gaps)}"
        )


@dataclass(frozen=True)
class Books:
    """What the database says, and what Meta does."""

    connections: Mapping[UUID, Mapping[str, Any]]
    accounts: Mapping[UUID, Mapping[str, Any]]
    entries: Sequence[Mapping[str, Any]]
    unsealed: Sequence[Mapping[str, Any]]
    issued: Sequence[Mapping[str, Any]]

    @property
    def honoured(self) -> dict[str, str]:
        """Give the tokens that work, and whose each is."""
        return {one["value"]: one["person"] for one in self.issued if one["state"] == "valid"}


def books(owner: str, issued: Sequence[Mapping[str, Any]]) -> Books:
    """Read the database as its owner, beside the tokens that Meta issued."""
    with psycopg.connect(driver_url(owner), row_factory=dict_row) as connection:
        found = {name: connection.execute(query).fetchall() for name, query in ROWS.items()}
    by_id = {name: {one["id"]: one for one in found[name]} for name in ("connections", "accounts")}
    return Books(by_id["connections"], by_id["accounts"], found["entries"], found["unsealed"], issued)


# --- the three questions ----------------------------------------------------------------------------------


def in_plain(secrets: Sequence[str], left: Mapping[str, str]) -> list[str]:
    """Say where a secret stands that must not."""
    found = places({secret: secret for secret in secrets}, left)
    return [f"{secret[:6]}… stands in {where}" for secret, where in found]


def unusable(cases: Sequence[Case], its: Books, vault: Vault) -> list[str]:
    """Say which account or login is without a token that works, or has one that it must not have."""
    wrong = [
        f"The account {one} {why}"
        for one, why in faulty(its.accounts, "clients_social_platforms", its, vault)
    ]
    wrong += [f"The login {one} {why}" for one, why in faulty(its.connections, "connections", its, vault)]
    for case in cases:
        wrong += [f"{case}: {why}" for one in case.holdings for why in kept_and_lost(case, one, its)]
        wrong += [f"{case}: {why}" for one in case.done_to for why in as_it_was(case, one, its, vault)]
    return wrong


def faulty(
    rows: Mapping[UUID, Mapping[str, Any]], table: str, its: Books, vault: Vault
) -> Iterator[tuple[UUID, str]]:
    """Give each row whose token does not work although it is in use, or is there although it is not."""
    for row_id, row in rows.items():
        sealed, is_used = row["access_token"], row["is_active"] and not row["ending"]
        if not is_used and sealed and not row["is_active"]:
            yield row_id, "has a token although it is gone"
        if is_used and not sealed:
            yield row_id, "has no token"
        elif is_used:
            try:
                token = vault.open(sealed, row=f"{table}:{row_id}:access_token")
            except CannotOpen:
                yield row_id, "has a token that no key opens"
            else:
                if token.reveal() not in its.honoured:
                    yield row_id, "has a token that Meta does not honour"


def kept_and_lost(case: Case, holding: Holding, its: Books) -> Iterator[str]:
    """Say what is there that should be gone, and what is gone that should be there."""
    rows = [its.connections.get(holding.connection_id), *map(its.accounts.get, holding.accounts)]
    if case.deed.is_ended and holding in case.done_to:
        if any(row and row["access_token"] for row in rows):
            yield f"{holding.name} has a token left"
        if case.deed.is_revoked and holding.person in its.honoured.values():
            yield f"{holding.name}: Meta still honours the person's token"
    elif not all(row and row["is_active"] and row["access_token"] and not row["ending"] for row in rows):
        yield f"{holding.name} is not connected any more"


def as_it_was(case: Case, holding: Holding, its: Books, vault: Vault) -> Iterator[str]:
    """Say what still has the token of the person's first login, though it was to get another."""
    theirs = [one for one in its.issued if one["person"] == holding.person]
    first = {
        kind: next((one["value"] for one in theirs if one["kind"] == kind), "") for kind in ("user", "page")
    }
    rows = {f"connections:{holding.connection_id}": its.connections.get(holding.connection_id)}
    rows |= {f"clients_social_platforms:{one}": its.accounts.get(one) for one in holding.accounts}
    for name, row in rows.items() if case.deed.act == "renew" else ():
        with suppress(CannotOpen):
            sealed = row and row["access_token"]
            if sealed and vault.open(sealed, row=f"{name}:access_token").reveal() in first.values():
                yield f"{name} has the token that it had"


def gaps(cases: Sequence[Case], its: Books) -> list[str]:
    """Say where the trail has an entry too few, or too many."""
    told: dict[UUID, Counter[str]] = {}
    for one in its.entries:
        if one["client_id"] and one["action"] not in SAID:
            action = SAME.get(one["action"], one["action"])
            told.setdefault(one["client_id"], Counter())[action] += 1
    wrong = [f"{len(its.unsealed)} entries have no seal"] if its.unsealed else []
    for case in cases:
        for holding in case.holdings:
            wanted = [Counter(one) for one in (case.deed.trails if holding in case.done_to else [{}])]
            found = told.get(holding.client_id, Counter())
            if found not in wanted:
                wrong.append(f"{case}: of {holding.name}, the trail tells {dict(found)}")
    return wrong


def at_meta(cases: Sequence[Case], its: Books) -> tuple[int, int]:
    """Count the logins that ended: those that Meta honours no more, and those that it still does."""
    ended = [one.person for case in cases if case.deed.is_ended for one in case.done_to]
    still = set(its.honoured.values())
    kept = sum(person in still for person in ended)
    return len(ended) - kept, kept

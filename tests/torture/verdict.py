"""The verdict: what the public saw, by the simulator's own record, against what the database says."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from core.models import PublicationState
from pressroom.schema import driver_url
from tests.torture.plan import Case

ENDED = """
SELECT p.post_id, p.state, p.remote_id, p.reason, a.platform_account_id AS account
FROM publications p JOIN clients_social_platforms a ON a.id = p.account_id
"""
OPEN = (PublicationState.SCHEDULED, PublicationState.QUEUED, PublicationState.RUNNING)
ASKED = (PublicationState.NEEDS_REVIEW, PublicationState.LATE, PublicationState.FAILED)

Seen = tuple[str, str]  # the account's id at Meta, and the post's


@dataclass(frozen=True)
class Ended:
    """How a publication ended, by the database."""

    post_id: UUID
    state: str
    remote_id: str | None
    reason: str | None
    account: str


@dataclass(frozen=True)
class Wrong:
    """A case that came out wrong."""

    case: Case
    sentence: str
    one: Ended | None
    public: Sequence[Seen]

    def __str__(self) -> str:
        """Say it in some lines."""
        return f"{self.sentence}: {self.case}\n  in the database: {self.one}\n  in public: {self.public}"


@dataclass
class Verdict:
    """What came of a run."""

    publications: int
    lost: list[Wrong] = field(default_factory=list)
    twice: list[Wrong] = field(default_factory=list)
    untrue: list[Wrong] = field(default_factory=list)
    """Neither lost nor twice, but the database says something else than the public saw."""
    asked: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """How many were left to a person: by kind, by state, by what is true, by the sentence that they read."""

    @property
    def wrong(self) -> list[Wrong]:
        """All that is wrong."""
        return [*self.lost, *self.twice, *self.untrue]

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"publications {self.publications}, lost {len(self.lost)}, twice {len(self.twice)},"
            f" asked a person {self.asked.total()}"
        )


def ended(address: str) -> dict[UUID, Ended]:
    """Read how each publication ended, by its post; as the owner of the database."""
    with psycopg.connect(driver_url(address), row_factory=class_row(Ended)) as connection:
        return {one.post_id: one for one in connection.execute(ENDED)}


def seen(public: Any, instagrams: Mapping[str, str]) -> dict[str, list[Seen]]:
    """Read what the public saw, by its words; `instagrams` are the accounts' ids by their names."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for username, media in public["instagram"].items():
        for one in media:
            found[one["caption"]].append((instagrams.get(username, username), one["id"]))
    for page_id, posts in public["pages"].items():
        for one in posts:
            found[one["message"]].append((page_id, one["id"]))
    return found


def judge(
    cases: Mapping[str, Case], by_post: Mapping[UUID, Ended], by_words: Mapping[str, Sequence[Seen]]
) -> Verdict:
    """Compare, case by case; `cases` are by the words of their posts."""
    verdict = Verdict(len(cases))
    for words, case in cases.items():
        one, public = by_post.get(case.post_id), by_words.get(words, ())
        for kind, sentence in faults(one, public):
            getattr(verdict, kind).append(Wrong(case, sentence, one, public))
        if one and one.state in ASKED:
            truth = "live" if public else "not live"
            verdict.asked[case.kind.value, one.state, truth, one.reason or ""] += 1
    return verdict


def faults(one: Ended | None, public: Sequence[Seen]) -> list[tuple[str, str]]:
    """Give what is wrong with one publication: which kind of wrong, and a sentence."""
    if len(public) > 1:
        return [("twice", f"{len(public)} times in public")]
    if one is None or one.state in OPEN:
        return [("lost", "came to no end")]
    if one.state == PublicationState.PUBLISHED:
        return [("lost", "said to be live, and is not")] if not public else misread(one, public[0])
    if one.state not in ASKED:
        return [("lost", "called off by nobody")]
    if public and one.state != PublicationState.NEEDS_REVIEW:
        return [("untrue", "said not to be live, and is")]
    return []


def misread(one: Ended, public: Seen) -> list[tuple[str, str]]:
    """Give what is wrong with one that is live, once."""
    account, post_id = public
    if account != one.account:
        return [("untrue", "live on another account")]
    if one.remote_id != post_id and not str(one.remote_id).startswith("container:"):
        return [("untrue", "taken for another post")]
    return []

"""How much of Meta's rate limits is used up, as the headers of every answer tell.

https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

COUNTS = ("call_count", "total_time", "total_cputime")


@dataclass(frozen=True)
class Usage:
    """Percentages of what may be used: of the app, of the Page, and of each account by its id at Meta.

    0 also stands for what an answer says nothing of. `regain` is how long the fullest of them stays closed.
    """

    app: int = 0
    page: int = 0
    accounts: Mapping[str, int] = field(default_factory=dict)
    regain: timedelta = timedelta(0)

    @property
    def percent(self) -> int:
        """The highest of them: from 80 slow down, from 95 make no call that can wait."""
        return max(self.app, self.page, *self.accounts.values(), 0)

    def of(self, account: str) -> int | None:
        """Give the percentage of the account that the call was for; None if the answer says nothing of it.

        Where Meta does not name the account but a business that it belongs to, that one counts.
        """
        if not (self.page or self.accounts):
            return None
        return max(self.page, self.accounts.get(account, max(self.accounts.values(), default=0)))


def read(headers: Mapping[str, str]) -> Usage | None:
    """Read the headers of one answer; None when they tell nothing. `regain` comes in minutes."""
    told = {name.lower(): text for name, text in headers.items()}
    app, page = _load(told.get("x-app-usage")), _load(told.get("x-page-usage"))
    business = _load(told.get("x-business-use-case-usage"))
    if not (app or page or business):
        return None
    buckets = list(_buckets(business))
    return Usage(
        app=_percent(app),
        page=_percent(page),
        accounts={account: max(_percent(b) for a, b in buckets if a == account) for account, _ in buckets},
        regain=timedelta(minutes=max((_minutes(bucket) for _, bucket in buckets), default=0)),
    )


def _load(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _buckets(business: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for account, listed in business.items():
        for bucket in listed if isinstance(listed, list) else []:
            if isinstance(bucket, dict):
                yield account, bucket


def _percent(counts: Mapping[str, Any]) -> int:
    return max(_number(counts.get(name)) for name in COUNTS)


def _minutes(bucket: Mapping[str, Any]) -> int:
    return _number(bucket.get("estimated_time_to_regain_access"))


def _number(value: object) -> int:
    try:
        return max(int(value), 0)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0

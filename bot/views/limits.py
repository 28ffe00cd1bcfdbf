"""What Meta's limits leave: in small print, and as a warning before a post that would not fit."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot import blocks, mrkdwn
from bot.blocks import Block
from core.models import Account
from core.quotas import Outlook, Quota

MOST = 5  # accounts that are named

Known = Sequence[tuple[Account, Quota]]


def left(known: Known) -> Iterator[Block]:
    """Say how many posts Instagram still takes within 24 hours, for the accounts with the fewest first."""
    fewest = sorted(known, key=lambda one: one[1].left)
    said = [
        f"{quota.left} of {quota.total} posts left within 24 hours on {mrkdwn.fitted(account.label, 100)}"
        for account, quota in fewest[:MOST]
    ]
    if said:
        more = [f"and {len(known) - MOST} more accounts"] if len(known) > MOST else []
        yield blocks.context(" · ".join([*said, *more]))


def too_many(outlooks: Sequence[Outlook]) -> Iterator[Block]:
    """Warn of accounts for which a post would be one too many."""
    full = [one for one in outlooks if not one.fits]
    if not full:
        return
    names = [mrkdwn.bold(mrkdwn.shortened(one.account.label, 100)) for one in full[:MOST]]
    more = [f"{len(full) - MOST} more accounts"] if len(full) > MOST else []
    yield blocks.section(
        f":warning: This would not fit on {mrkdwn.listed([*names, *more])}. Instagram takes "
        f"{full[0].quota.total} posts in 24 hours for an account, and those before this one use them up. "
        "Choose another time. Otherwise it waits, and I ask you if it cannot go out in time."
    )


def closed(accounts: Sequence[Account], now: datetime) -> Iterator[Block]:
    """Say which accounts Meta wants to be left alone, and until when."""
    said = {
        one.id: f":hourglass: Meta allows no calls for {mrkdwn.fitted(one.label, 100)} until "
        f"{mrkdwn.moment(one.blocked_until)}"
        for one in accounts
        if one.blocked_until and one.blocked_until > now
    }
    if said:
        yield blocks.context(" · ".join(list(said.values())[:MOST]))

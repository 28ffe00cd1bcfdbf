"""The newest entries of the audit trail, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from bot import blocks, mrkdwn
from bot.blocks import Block
from core.models import AuditEntry, Platform

WORDS = {
    "account_connected": "connected an account",
    "account_disconnected": "disconnected an account",
    "agency_added": "set up this agency",
    "bot_installed": "installed me",
    "bot_uninstalled": "noticed that I was removed",
    "client_added": "added a client",
    "client_changed": "changed a client",
    "connect_link_issued": "asked for a link to connect an account",
    "login_granted": "logged in at Meta",
    "member_added": "met a new member",
    "member_role_changed": "noticed a member's new role",
    "post_failed": "could not publish a post",
    "post_outcome_unknown": "could not tell whether a post is live",
    "post_published": "published a post",
    "post_submitted": "sent a post on its way",
    "publication_retried": "tried a post again",
    "token_refreshed": "renewed an access",
}


def message(entries: Sequence[AuditEntry], clients: Mapping[UUID, str]) -> dict[str, Any]:
    """Show the entries, newest first, to one person; `clients` gives the names of those they may see."""
    return {"text": "The newest entries of the audit trail", "blocks": list(body(entries, clients))}


def body(entries: Sequence[AuditEntry], clients: Mapping[UUID, str]) -> Iterator[Block]:
    """Give a line for each entry."""
    yield blocks.header("Audit trail")
    if not entries:
        yield blocks.section("Nothing has happened yet that you may see.")
    lines = [line(entry, clients) for entry in entries]
    for first in range(0, len(lines), 5):  # five lines are far below a paragraph's 3,000 characters
        yield blocks.section("\n".join(lines[first : first + 5]))
    yield blocks.context("The newest entries only. Nobody can change them, and nobody can take them out.")


def line(entry: AuditEntry, clients: Mapping[UUID, str]) -> str:
    """Say when, who, what, and for which client."""
    who = "I" if entry.user_id == "pressroom" else mrkdwn.person(entry.user_id)
    what = WORDS.get(entry.action, mrkdwn.fitted(entry.action.replace("_", " "), 80)) + which(entry)
    name = clients.get(entry.client_id) if entry.client_id else None
    where = f" · {mrkdwn.bold(name)}" if name else ""
    permalink = entry.details.get("permalink")
    seen = f" · {mrkdwn.link(permalink, 'See it')}" if isinstance(permalink, str) else ""
    return f"{mrkdwn.moment(entry.created_at)} · {who} {what}{where}{seen}"


def which(entry: AuditEntry) -> str:
    """Name the account that an entry tells of, if it does."""
    platform, name = entry.details.get("platform"), entry.details.get("platform_account_name")
    if platform not in list(Platform) or not name:
        return ""
    at = "@" if platform == Platform.INSTAGRAM else ""
    return f", {Platform(platform).title} {mrkdwn.fitted(f'{at}{name}', 200)}"

"""The newest entries of the audit trail, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from bot import blocks, mrkdwn
from bot.blocks import Block
from core.models import Account, AuditEntry, Client, Platform

WORDS = {
    "account_connected": "connected an account",
    "account_disconnected": "disconnected an account",
    "account_in_trouble": "noticed that an account must be connected again",
    "account_recovered": "noticed that an account works again",
    "agency_leaving": "noted that this workspace is leaving",
    "agency_removed": "deleted all that was this workspace's",
    "agency_stays": "noted that this workspace has come back",
    "agency_added": "set up this agency",
    "approval_escalated": "told the managers of a post that still waits for approval",
    "approval_reminded": "reminded those who are asked to approve a post",
    "approval_requested": "asked for approval of a post",
    "audit_channel_chosen": "chose where the heads of the audit trail are posted",
    "approval_stuck": "told the managers that too few people are left to approve a post",
    "bot_installed": "installed me",
    "bot_uninstalled": "noticed that I was removed",
    "client_added": "added a client",
    "client_changed": "changed a client",
    "client_export_deleted": "deleted the export of a client that was removed",
    "client_export_fetched": "opened the export of a client that was removed",
    "client_export_handed_over": "handed over the export of a client that was removed",
    "client_export_kept": "kept the export of a client that was removed, for nobody took it",
    "client_exported": "wrote down the posts and the audit trail of a client that is being removed",
    "client_logins_ended": "was done with the logins of a client that is being removed",
    "client_posts_cancelled": "was done with what was planned of a client that is being removed",
    "client_removal_asked": "had a client removed",
    "client_removed": "deleted a client",
    "client_shredded": "shredded the tokens and the pictures of a client that is being removed",
    "connect_link_issued": "asked for a link to connect an account",
    "data_deleted": "deleted what I knew of a login at Meta, as its person asked",
    "login_end_near": "warned of a login at Meta that ends soon",
    "login_end_told": "told who must connect an account again",
    "login_ended": "noticed that a login at Meta has ended",
    "login_granted": "logged in at Meta",
    "login_kept_at_meta": "left a login at Meta, for another client needs it, and forgot it here",
    "login_not_revoked": "could not give a login back at Meta, and forgot it",
    "login_revoked": "gave a login back at Meta",
    "login_removed": "forgot a login at Meta whose person removed me there",
    "login_shredded": "forgot a login at Meta",
    "member_added": "met a new member",
    "member_changed": "noticed a member's new name or time zone",
    "member_left": "noticed that a member has left",
    "member_returned": "noticed that a member is back",
    "member_role_changed": "noticed a member's new role",
    "personal_data_erased": "erased what was personal in somebody's entries",
    "personal_data_exported": "exported what is stored of somebody",
    "policy_changed": "changed who must approve a client's posts",
    "post_approved": "approved a post",
    "post_called_off": "called a post off, for its client is being removed",
    "post_cancelled": "cancelled a post",
    "post_changes_requested": "asked for changes of a post",
    "post_expired": "let a post go that was not approved in time",
    "post_failed": "could not publish a post",
    "post_moved": "gave a post another time",
    "post_nobody_left": "let a post go on: nobody else was waited for",
    "post_outcome_unknown": "could not tell whether a post is live",
    "post_overdue": "noticed that a post was not approved by its time",
    "post_published": "published a post",
    "post_remark": "wrote about a post, too late for their private link to decide",
    "post_rejected": "rejected a post",
    "post_scheduled": "scheduled a post",
    "post_sent_now": "had a scheduled post published at once",
    "post_submitted": "sent a post on its way",
    "post_taken_back": "took back the approval of a post",
    "post_withdrawn": "withdrew a post, so that nobody is asked to approve it",
    "publication_confirmed_live": "said that a post is live",
    "publication_late": "held back what had become too late",
    "publication_retried": "tried a post again",
    "publication_sent_again": "published a post again, of which nobody could tell whether it is live",
    "publishing_paused": "paused publishing",
    "publishing_resumed": "resumed publishing",
    "sign_off_link_made": "made a private link for the client to approve a post",
    "sign_off_link_revoked": "revoked the private link for the client",
    "summary_chosen": "chose when to get the daily summary",
    "token_refreshed": "renewed an access",
    "tokens_resealed": "sealed tokens with another key",
}


# What a browser calls itself has the names of others in it: the first of these that is there, is it.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}
MOST_ACCOUNTS = 3  # of one entry
BY_LINK = "sign_off:"  # how the id begins of somebody who came by a private link


def message(
    entries: Sequence[AuditEntry], clients: Mapping[UUID, Client], accounts: Mapping[UUID, Account]
) -> dict[str, Any]:
    """Show the entries, newest first, to one person: with those clients and accounts that they may see."""
    return {
        "text": "The newest entries of the audit trail",
        "blocks": list(body(entries, clients, accounts)),
    }


def body(
    entries: Sequence[AuditEntry], clients: Mapping[UUID, Client], accounts: Mapping[UUID, Account]
) -> Iterator[Block]:
    """Give a paragraph for each entry: who did what on which account; when, for whom, from where."""
    yield blocks.header("Audit trail")
    if not entries:
        yield blocks.section("Nothing has happened yet that you may see.")
    for entry in entries:
        yield blocks.section(f"{deed(entry, accounts)}\n{' · '.join(around(entry, clients))}")
    yield blocks.context("The newest entries only. PostgreSQL refuses to change or delete entries.")


def deed(entry: AuditEntry, accounts: Mapping[UUID, Account]) -> str:
    """Say who did what, and on which account."""
    what = WORDS.get(entry.action, mrkdwn.fitted(entry.action.replace("_", " "), 80))
    return ", ".join((f"{who(entry)} {what}", *named(entry, accounts)))


def who(entry: AuditEntry) -> str:
    """Name who did it: the program, a member, or whoever had a client's private link."""
    if entry.user_id == "pressroom":
        return "I"
    if entry.user_id.startswith(BY_LINK):
        return mrkdwn.fitted(str((entry.personal or {}).get("by_name") or "Somebody of the client"), 80)
    return mrkdwn.person(entry.user_id)


def named(entry: AuditEntry, accounts: Mapping[UUID, Account]) -> Iterator[str]:
    """Name the accounts that an entry tells of: as they were called then, if it says so."""
    platform, name = entry.details.get("platform"), entry.details.get("platform_account_name")
    if platform in list(Platform) and name:
        at = "@" if platform == Platform.INSTAGRAM else ""
        yield f"{Platform(platform).title} {mrkdwn.fitted(f'{at}{name}', 200)}"
        return
    known = [accounts[one] for one in account_ids(entry) if one in accounts]
    for account in known[:MOST_ACCOUNTS]:
        yield f"{account.platform.title} {mrkdwn.fitted(account.label, 200)}"
    if len(known) > MOST_ACCOUNTS:
        yield f"and {len(known) - MOST_ACCOUNTS} more"


def account_ids(entry: AuditEntry) -> list[UUID]:
    """Give the accounts that an entry tells of: the one that it is about, or those that a post goes to."""
    if entry.account_id:
        return [entry.account_id]
    return [UUID(one) for one in entry.details.get("accounts") or []]


def around(entry: AuditEntry, clients: Mapping[UUID, Client]) -> Iterator[str]:
    """Say when, for which client, from where, and where it can be seen."""
    yield mrkdwn.moment(entry.created_at)
    if entry.client_id and (client := clients.get(entry.client_id)):
        yield mrkdwn.bold(client.name)
    yield from origin(entry)
    permalink = entry.details.get("permalink")
    if isinstance(permalink, str):
        yield mrkdwn.link(permalink, "See it")


def origin(entry: AuditEntry) -> Iterator[str]:
    """Say from where it was done: a channel of Slack, or an address and a browser. I am nowhere."""
    if entry.ip_address:
        browser = f" ({mrkdwn.escape(short(entry.user_agent))})" if entry.user_agent else ""
        yield f"from {mrkdwn.escape(entry.ip_address)}{browser}"
    elif slack := entry.details.get("slack"):
        channel = str(slack.get("channel") or "")
        yield f"in {mrkdwn.channel(channel)}" if channel.startswith(("C", "G")) else "in Slack"


def short(user_agent: str) -> str:
    """Name the browser and the system; the beginning of what is neither."""
    found = [
        next((name for mark, name in of.items() if mark in user_agent), "") for of in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or mrkdwn.shortened(user_agent, 40)

"""The audit trail: the filters, and a page of entries in words, newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import filters
from bot.views.filters import Chosen, Shown
from core import audit
from core.models import Account, AuditEntry, Member, Platform, Role

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
    "audit_exported": "took the audit trail away as a file",
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
    "post_joined": "asked somebody who is to approve a post by now",
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
    "publication_not_live": "said that a post is not live, of which nobody could tell",
    "publication_sent_again": "published a post again, of which nobody could tell whether it is live",
    "publishing_paused": "paused publishing",
    "publishing_resumed": "resumed publishing",
    "sign_off_link_made": "made a private link for the client to approve a post",
    "sign_off_link_revoked": "revoked the private link for the client",
    "summary_chosen": "chose when to get the daily summary",
    "token_refreshed": "renewed an access",
    "tokens_resealed": "sealed tokens with another key",
    "key_retired": "retired a key that sealed tokens",
}
# Of a post that had been sent on its way before: such an entry tells `was_version`
EDITED = {
    "approval_requested": "edited a post, so that everybody is asked anew",
    "post_scheduled": "edited a post, and scheduled it",
    "post_submitted": "edited a post, and had it published at once",
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
MOST_PEOPLE = 8  # in one role
A_PAGE = 15  # entries
NOTHING = "Nothing has happened yet that you may see."
NOTHING_LIKE_THAT = "Nothing like that is in the trail, as far as you may see it."
LONGEST_BEGINNING = 80  # characters of a caption


@dataclass(frozen=True)
class Known:
    """What the entries of a page name, as far as this member may see it."""

    clients: Mapping[UUID, str] = field(default_factory=dict)  # their names, also of those that were removed
    accounts: Mapping[UUID, Account] = field(default_factory=dict)
    members: Mapping[UUID, Member] = field(default_factory=dict)  # who made private links
    captions: Mapping[UUID, str] = field(default_factory=dict)  # by the id of the entry


@dataclass(frozen=True)
class Trail:
    """A page of the trail, to whom it is shown; `has_older` says whether it goes on."""

    shown: Shown
    chosen: Chosen
    entries: Sequence[AuditEntry]
    known: Known
    member: Member
    has_older: bool = False
    may_export: bool = False  # of what is chosen
    notice: str | None = None  # mrkdwn


def listing(trail: Trail) -> View:
    """Draw it."""
    return blocks.modal(
        "Audit trail", list(body(trail)), callback_id=ids.SHOW_TRAIL, metadata=trail.shown.dump()
    )


def body(trail: Trail) -> Iterator[Block]:
    """Give the filters, a paragraph for each entry, and the way to older ones."""
    if trail.notice:
        yield blocks.section(trail.notice)
    yield from filters.choices(trail.shown, trail.chosen)
    if not trail.entries:
        yield blocks.section(NOTHING_LIKE_THAT if trail.shown.is_filtered else NOTHING)
    for entry in trail.entries:
        yield blocks.section(f"{deed(entry, trail.known)}\n{' · '.join(around(entry, trail.known))}")
    yield from pages(trail)
    yield blocks.divider()
    yield blocks.actions(*tools(trail))
    yield blocks.context("PostgreSQL refuses to change or delete entries.")


def pages(trail: Trail) -> Iterator[Block]:
    """Offer older entries, and the way back."""
    buttons = []
    if trail.shown.after:
        buttons.append(blocks.button("Newest", ids.NEWEST_ENTRIES))
    if trail.has_older:
        last = filters.written(audit.cursor(trail.entries[-1]))
        buttons.append(blocks.button("Older", ids.OLDER_ENTRIES, last))
    if buttons:
        yield blocks.actions(*buttons)


def tools(trail: Trail) -> Iterator[Block]:
    """Offer what this member can do with the trail; some of it is for admins."""
    if trail.may_export:
        yield blocks.button("Export", ids.EXPORT)
    yield blocks.button("A client's month", ids.SHOW_MONTH)
    if trail.member.role is Role.ADMIN:
        yield blocks.button("Verify", ids.VERIFY)
        yield blocks.button("Daily head", ids.CHOOSE_HEAD)
        yield blocks.button("Personal data", ids.PERSONAL_DATA)


# Whose deeds the program writes down itself: by what an entry says of it, or by what was done
OTHERS = {
    "operator": "Whoever runs Pressroom",
    "client_export_fetched": "Somebody with its private link",
}


def deed(entry: AuditEntry, known: Known) -> str:
    """Say who did what: on which account, to which post."""
    said = ", ".join((f"{who(entry)} {what(entry)}", *named(entry, known.accounts)))
    caption = known.captions.get(entry.id)
    return said if caption is None else f"{said}: {beginning(caption)}"


def what(entry: AuditEntry) -> str:
    """Say what was done; an edit, a question asked anew and a choice each in its own words."""
    details = entry.details
    if "was_version" in details and entry.action in EDITED:
        return EDITED[entry.action]
    said = WORDS.get(entry.action) or mrkdwn.literal(entry.action.replace("_", " "), 80)
    if entry.action == "audit_channel_chosen":
        where = f"in {mrkdwn.channel(str(details['channel_id']))}" if details.get("channel_id") else "nowhere"
        return f"chose that the heads of the audit trail are posted {where}"
    if entry.action == "summary_chosen":
        hour = details.get("hour")
        return "chose to get no daily summary" if hour is None else f"{said}: at {int(hour)}:00"
    if details.get("asked_again"):
        return f"{said}, so that those are asked who have not approved it"
    if details.get("asked_anew"):
        return f"{said}, so that everybody is asked anew"
    return f"{said}{whom(entry)}{at_meta(entry)}{team(entry)}"


def at_meta(entry: AuditEntry) -> str:
    """Name whose login at Meta an entry is about, as long as that is not erased."""
    name = (entry.personal or {}).get("meta_user_name")
    if not name:
        return ""
    return f"{' as' if entry.action == 'login_granted' else ':'} {mrkdwn.literal(str(name), 80)}"


def team(entry: AuditEntry) -> str:
    """Name who works for a client from now on, or the stages at which its posts are approved."""
    if entry.action == "policy_changed":
        names = [mrkdwn.literal(str(one["name"]), 40) for one in entry.details.get("stages") or ()]
        return f": {mrkdwn.listed(names)}" if names else ""
    if entry.action not in ("client_added", "client_changed"):
        return ""
    roles = ((role, people_in(entry.details.get(role))) for role in ("managers", "authors", "reviewers"))
    said = "; ".join(f"{role} {people}" for role, people in roles if people)
    return f": {said}" if said else ""


def people_in(ids: Sequence[str] | None) -> str:
    """Mention the people that an entry lists; entries from before say nothing that Slack knows."""
    known = [mrkdwn.person(one) for one in ids or () if str(one).isalnum()]
    more = [f"{len(known) - MOST_PEOPLE} more"] if len(known) > MOST_PEOPLE else []
    return mrkdwn.listed([*known[:MOST_PEOPLE], *more]) if known else ""


def whom(entry: AuditEntry) -> str:
    """Name the person that an entry is about, if it is about one."""
    person = str(entry.details.get("person") or entry.details.get("slack_user_id") or "")
    return f": {mrkdwn.person(person)}" if person.isalnum() else ""


def beginning(caption: str) -> str:
    """Give a caption's beginning, in a line, with nothing in it that Slack would make something else of."""
    words = mrkdwn.literal(" ".join(caption.split()), LONGEST_BEGINNING)
    return f"“{words}”" if words else "_no caption_"


def who(entry: AuditEntry) -> str:
    """Name who did it: the program, a member, or whoever had a client's private link."""
    if entry.user_id == "pressroom":
        return OTHERS.get(entry.details.get("by") or entry.action, "I")
    if by_link(entry):
        return mrkdwn.literal(str((entry.personal or {}).get("by_name") or "Somebody of the client"), 80)
    return mrkdwn.person(entry.user_id)


def by_link(entry: AuditEntry) -> bool:
    """Say whether it was done by a private link."""
    return entry.user_id.startswith(audit.BY_LINK)


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
    accounts = entry.details.get("accounts") or []
    return [UUID(one) for one in accounts] if isinstance(accounts, list) else []  # or how many there were


def around(entry: AuditEntry, known: Known) -> Iterator[str]:
    """Say when, for which client, of which version, by which link, from where, and where it can be seen."""
    yield mrkdwn.moment(entry.created_at)
    if entry.client_id and (client := known.clients.get(entry.client_id)):
        yield mrkdwn.bold(client)
    yield from place_of(entry)
    if by_link(entry):
        yield link_of(entry, known.members)
    yield from origin(entry)
    permalink = entry.details.get("permalink")
    if isinstance(permalink, str):
        yield mrkdwn.link(permalink, "See it")


def place_of(entry: AuditEntry) -> Iterator[str]:
    """Say which version, round and stage an entry tells of, where it does."""
    if not entry.post_id:
        return
    version, number, stage = (entry.details.get(name) for name in ("version", "round", "stage"))
    if version:
        yield f"version {version}"
    if number:
        yield f"round {number}"
    if stage:
        yield f"stage {stage}" if isinstance(stage, int) else f"stage “{mrkdwn.literal(str(stage), 80)}”"


def link_of(entry: AuditEntry, members: Mapping[UUID, Member]) -> str:
    """Say that it was done by a private link, and who made that."""
    made_by = maker_id(entry)
    maker = members.get(made_by) if made_by else None
    if maker is None:
        return "by a private link"
    return f"by the private link that {mrkdwn.person(maker.slack_user_id)} made"


def maker_id(entry: AuditEntry) -> UUID | None:
    """Give the member who made the private link by which it was done, if the entry tells."""
    made_by = entry.details.get("link_made_by")
    return UUID(made_by) if made_by else None


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

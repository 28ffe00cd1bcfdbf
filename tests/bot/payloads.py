"""Every Block Kit payload that the bot can send, over ordinary and extreme values.

`python -m tests.bot.payloads` writes them to tests/golden/, one file each: a change is seen in review.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from bot import mrkdwn
from bot.views import (
    accounts,
    alerts,
    card,
    clients,
    composer,
    connect,
    deciding,
    departures,
    exports,
    filters,
    guide,
    heads,
    home,
    live,
    many_late,
    months,
    moving,
    notices,
    pausing,
    personal,
    policies,
    preview,
    queue,
    several,
    signing,
    summary,
    thread,
    trail,
    verifying,
    witness,
)
from bot.views.again import Again, Base
from bot.views.asking import AskedStage, Asking
from bot.views.composer import Composer, Start
from bot.views.filters import Chosen, Shown
from bot.views.moving import Below
from bot.views.paging import Page
from bot.views.pictures import Picture
from bot.views.policies import Kept
from bot.views.preview import Preview, Rendition
from bot.views.summary import Summary
from bot.views.trail import Trail
from core import grace, verification
from core.accounts import Disconnected, Health
from core.alerts import Told
from core.clients import Team
from core.decisions import Seen
from core.departures import Stakes
from core.differences import Difference
from core.endings import SENTENCES
from core.framing import RatioProblem
from core.lateness import Answered
from core.models import (
    Account,
    Agency,
    Alert,
    Approval,
    AuditEntry,
    AuditHead,
    Client,
    Connection,
    Decision,
    Departure,
    Ending,
    Fit,
    Kind,
    Media,
    Member,
    Mode,
    Platform,
    Policy,
    Post,
    PostState,
    PostVersion,
    Publication,
    PublicationState,
    Role,
)
from core.months import Month, OnAccount
from core.pauses import Held, Pause
from core.people import Reviewer
from core.policies import ROLES, Rules, Stage
from core.posts import PostView
from core.quotas import Outlook, Quota
from core.standings import Signature, StageStanding, Standing
from core.trails import Trail as Left
from core.verification import Fault, Head

GOLDEN = Path(__file__).parent.parent / "golden"
JSON = dict[str, Any]

SPACE = UUID(int=0)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NASTY = "<!channel> & *Söns* | <@U1> `x` שלום 👩‍👩‍👧‍👦"
LONG_NAME = ("<&> " * 20)[:80]
LONG_CAPTION = ("<!channel> & 🌊 " * 200)[:2200]
LATER = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
EXPORT_ADDRESS = f"https://pressroom.example.com/exports/1799999999.{'x' * 43}/{SPACE}.zip"
PICTURE = "https://pressroom.example.com/media/1.x/picture/thumbnail.jpg"


def uid(name: str) -> UUID:
    """Give the same id for the same name, always."""
    return uuid5(SPACE, name)


def member(name: str = "Dana Reyes", role: Role = Role.MEMBER) -> Member:
    slack_user_id = "U" + uid(name).hex[:10].upper()
    return Member(
        id=uid(name), agency_id=uid("agency"), slack_user_id=slack_user_id, name=name, role=role, seen_at=NOW
    )


def client(name: str = "Northwind Coffee", channel: str | None = "C0NORTHW01") -> Client:
    return Client(id=uid(name), agency_id=uid("agency"), name=name, slack_channel_id=channel, created_at=NOW)


def departure(name: str) -> Departure:
    return Departure(
        id=uid(f"departure of {name}"),
        agency_id=uid("agency"),
        client_id=uid(name),
        client_name=name,
        asked_by="U0DANA0001",
        expires_at=LATER,
    )


def account(name: str, platform: Platform = Platform.INSTAGRAM, trouble: str | None = None) -> Account:
    return Account(
        id=uid(f"{platform}{name}"),
        agency_id=uid("agency"),
        parent_id=uid("Northwind Coffee"),
        connection_id=uid("connection"),
        platform=platform,
        platform_account_id="1784",
        platform_account_name=name,
        trouble=trouble,
        connected_at=NOW,
    )


def many(count: int, platform: Platform = Platform.INSTAGRAM) -> list[Account]:
    return [account(f"account_{number:03}_with.a.name_of_30_c", platform) for number in range(count)]


BOTH = (account("northwind.coffee"), account("Northwind Coffee", Platform.FACEBOOK))
HARD = (account(NASTY, Platform.FACEBOOK, "Meta no longer accepts this connection."), account("n" * 200))


def post(
    *states: PublicationState,
    caption: str = "Fresh roast today ☕",
    accounts: tuple[Account, ...] = BOTH,
    to: Client | None = None,
    picture: bool = True,
    state: PostState | None = None,
    due_at: datetime | None = None,
    editor: str = "Dana Reyes",
    **more: Any,
) -> PostView:
    """Give a post with one publication for each account, in these states."""
    to = to or client()
    version = PostVersion(
        post_id=uid("post"),
        version=2,
        agency_id=uid("agency"),
        client_id=to.id,
        caption=caption,
        media_id=uid("media") if picture else None,
        account_ids=[str(one.id) for one in accounts],
        content_hash="hash",
        created_by=uid(editor),
        created_at=NOW,
        **({"link": None, "alt_text": None, "fit": Fit.KEEP} | more),
    )
    row = Post(
        id=uid("post"),
        agency_id=uid("agency"),
        client_id=to.id,
        author_id=uid("Dana Reyes"),
        state=state or state_of(states),
        version=2,
        due_at=due_at,
        created_at=NOW,
        updated_at=NOW,
    )
    made = tuple(publication(one, state) for one, state in zip(accounts, states, strict=False))
    shown = media() if picture else None
    return PostView(row, version, to, member(), member(editor), accounts, shown, made)


def state_of(states: tuple[PublicationState, ...]) -> PostState:
    if not states:
        return PostState.DRAFT
    if PublicationState.NEEDS_REVIEW in states:
        return PostState.NEEDS_REVIEW
    if PublicationState.FAILED in states:
        return PostState.FAILED
    return PostState.PUBLISHED if set(states) == {PublicationState.PUBLISHED} else PostState.PUBLISHING


def publication(of: Account, state: PublicationState) -> Publication:
    ended = state in (PublicationState.FAILED, PublicationState.NEEDS_REVIEW)
    return Publication(
        id=uid(f"publication{of.id}"),
        agency_id=uid("agency"),
        client_id=uid("Northwind Coffee"),
        post_id=uid("post"),
        version=2,
        account_id=of.id,
        kind=Kind.INSTAGRAM_PHOTO,
        state=state,
        due_at=NOW,
        next_run_at=NOW + timedelta(minutes=2) if state is PublicationState.SCHEDULED else None,
        attempts=1,
        reason=f"Meta refused the picture <{NASTY}>. " * 8 if ended else None,
        permalink="https://www.instagram.com/p/Abc_1-2/?x=1&y=2"
        if state is PublicationState.PUBLISHED
        else None,
        published_at=NOW if state is PublicationState.PUBLISHED else None,
    )


def waiting(
    state: PostState, *states: PublicationState, tried: int = 0, reason: str | None = None, **more: Any
) -> PostView:
    """Give a post that waits for its minute, or missed it."""
    found = post(*states, state=state, due_at=LATER, **more)
    for one in found.publications:
        one.sqlmodel_update({"due_at": LATER, "attempts": tried, "reason": reason})
    return found


def asked(
    state: PostState, standing: Standing, one: PublicationState = PublicationState.HELD, **more: Any
) -> PostView:
    """Give a post about which somebody is, or was, asked."""
    found = waiting(state, *[one] * len(more.get("accounts", BOTH)), **more)
    found.post.sqlmodel_update({"policy_version": 1, "round": 1})
    return replace(found, standing=standing)


def standing_of(*stages: StageStanding, against: Decision | None = None, comment: str = NASTY) -> Standing:
    policy = Policy(
        client_id=uid("Northwind Coffee"), version=1, agency_id=uid("agency"), created_by=uid("Ada")
    )
    if against is None:
        return Standing(policy, stages)
    said = Approval(
        agency_id=uid("agency"),
        client_id=uid("Northwind Coffee"),
        post_id=uid("post"),
        version=2,
        content_hash="hash",
        round=1,
        stage=1,
        member_id=uid("Lee"),
        decision=against,
        comment=comment,
    )
    return Standing(policy, stages, said, member("Lee"))


def stage(
    position: int, needs: int, agreed: tuple[str, ...] = (), waits: tuple[str, ...] = ()
) -> StageStanding:
    yes, no = (tuple(map(member, some)) for some in (agreed, waits))
    return StageStanding(position, "Brand check" if position == 1 else NASTY[:40], needs, len(yes), yes, no)


def people(count: int) -> tuple[str, ...]:
    return tuple(f"Person {number}" for number in range(count))


def media() -> Media:
    return Media(
        id=uid("media"),
        agency_id=uid("agency"),
        client_id=uid("Northwind Coffee"),
        sha256="0" * 64,
        content_type="image/png",
        filename="morning.png",
        width=1200,
        height=2000,
        size_bytes=100_000,
        created_by=uid("Dana Reyes"),
        created_at=NOW,
    )


# What is sent


def messages() -> Iterator[tuple[str, JSON]]:
    """Give every message."""
    state = PublicationState
    yield "card-queued", card.message(card.Card(post(state.QUEUED, state.RUNNING), PICTURE))
    yield "card-published", card.message(card.Card(post(state.PUBLISHED, state.PUBLISHED), PICTURE))
    yield (
        "card-mixed",
        card.message(card.Card(post(state.FAILED, state.NEEDS_REVIEW, accounts=HARD), PICTURE)),
    )
    yield (
        "card-100-questions",
        card.message(card.Card(post(*[state.NEEDS_REVIEW] * 100, accounts=tuple(many(100))), PICTURE)),
    )
    gone = (account("harbor.books", trouble="The token ended."), account("Harbor Books", Platform.FACEBOOK))
    gone[1].is_active = False
    yield "card-reconnect", card.message(card.Card(post(state.FAILED, state.FAILED, accounts=gone), PICTURE))
    yield "card-waiting", card.message(card.Card(post(state.SCHEDULED, state.CANCELLED, picture=False)))
    long = post(
        *[state.PUBLISHED] * 100, caption=LONG_CAPTION, accounts=tuple(many(100)), to=client(LONG_NAME)
    )
    yield "card-100-accounts", card.message(card.Card(long, PICTURE))
    failed = post(*[state.FAILED] * 100, caption=LONG_CAPTION, accounts=tuple(many(100)), to=client(NASTY))
    yield "card-100-failures", card.message(card.Card(failed, PICTURE))
    for ended in (state.PUBLISHED, state.FAILED, state.NEEDS_REVIEW):
        told = post(ended, accounts=HARD)
        yield f"reply-{ended.value}", thread.reply(told, HARD[0], told.publications[0], ended) or {}
    yield from scheduled_cards()
    yield from scheduled_replies()
    yield from approval_cards()
    yield from approval_replies()
    yield from daily_summaries()
    yield from witnesses()
    yield "guide", guide.message()
    yield "guide-unknown", guide.message("<!channel> `" * 50)
    addresses = dict.fromkeys(
        Platform, "https://pressroom.example.com/api/v1/social/connect?ticket=" + "t" * 43
    )
    yield "connect-links", connect.message(client(NASTY), addresses)
    yield "connect-question", connect.question("No client is called *that*.")
    yield "connect-nobody", connect.nobody(is_admin=False)
    yield "connect-nobody-admin", connect.nobody(is_admin=True)
    yield "connected", connect.connected(client(NASTY), "U0DANA0001", [*HARD, *many(60)])
    for number in (0, 1, 10**6):
        gone = Disconnected(HARD[0], client(NASTY), number)
        yield f"disconnected-{number}", accounts.disconnected(gone, "U0DANA0001")
    yield from ended_logins()
    yield from gone_accounts()
    yield from stopped_and_decided()


def ended(name: str, ending: Ending, platform: Platform = Platform.INSTAGRAM) -> Account:
    one = account(name, platform, SENTENCES[ending])
    one.ending, one.ended_at = ending, NOW
    return one


def ended_logins() -> Iterator[tuple[str, JSON]]:
    """Give what is said of logins that end, and the cards of what waits for a new one."""
    both = (
        ended("northwind.coffee", Ending.PASSWORD),
        ended("Northwind Coffee", Ending.PASSWORD, Platform.FACEBOOK),
    )
    nasty = (ended(NASTY, Ending.CHECKPOINT), ended("n" * 200, Ending.DATA_ACCESS), *many(20))
    crowd = tuple(ended(one.platform_account_name, Ending.TASK_LOST) for one in many(100))
    gone = departure(NASTY)
    yield "client-leaving-nothing", departures.for_channel(gone)
    gone.counts, gone.asked_by = {"planned": 10**6, "in_approval": 1, "failed": 10**6}, None
    yield "client-leaving-extreme", departures.for_channel(gone)
    last = waiting(
        PostState.FAILED, PublicationState.FAILED, PublicationState.PUBLISHED, caption=LONG_CAPTION
    )
    last.client.leaving_at = NOW
    yield "card-without-buttons", shown(last)
    for name, called in {"": "Northwind Coffee", "-extreme": LONG_NAME, "-nasty": NASTY}.items():
        yield f"client-removed{name}", departures.done(departure(called), EXPORT_ADDRESS)
        exports = [(departure(called), EXPORT_ADDRESS)] * 9
        yield f"agency-gone{name}", departures.gone(called, exports)
    yield "agency-gone-without-clients", departures.gone("Brightside", [])
    yield "alert-near", alerts.message(told_of(BOTH, 14))
    yield "alert-near-extreme", alerts.message(told_of(nasty, 1, client(LONG_NAME)))
    yield "alert-ended", alerts.message(told_of(both, None))
    yield "alert-ended-extreme", alerts.message(told_of((*crowd, *nasty), None, client(NASTY)))
    state = PublicationState
    waits = post(state.SCHEDULED, state.SCHEDULED, accounts=both)
    yield "card-waits-for-login", card.message(card.Card(waits, PICTURE))
    many_wait = post(*[state.SCHEDULED] * 100, accounts=crowd, caption=LONG_CAPTION)
    yield "card-100-wait-for-login", card.message(card.Card(many_wait, PICTURE))
    yield "reply-waits_for_login", thread.waits_for_login(waits, both[0], waits.publications[0]) or {}


def gone_accounts() -> Iterator[tuple[str, JSON]]:
    """Give what cards and threads say of accounts that were disconnected."""
    for name, view in gone_posts().items():
        yield f"disconnected-card{name}", shown(view)
        told = thread.disconnected(view, view.accounts[0], view.publications[0], {"by": "U0DANA0001"})
        if told:
            yield f"disconnected-reply{name}", told


def gone_posts() -> dict[str, PostView]:
    """Give posts that were to go out on accounts that are disconnected by now."""
    state, lost, crowd = PublicationState, (account("northwind.coffee"), account(NASTY)), tuple(many(100))
    for one in (*lost, *crowd):
        one.is_active, one.disconnected_at = False, NOW
    two = state.SCHEDULED, state.SCHEDULED
    return {
        "": waiting(PostState.SCHEDULED, *two, accounts=lost),
        "-partly": waiting(PostState.SCHEDULED, *two, accounts=(lost[0], BOTH[1])),
        "-only": waiting(PostState.SCHEDULED, state.SCHEDULED, accounts=lost[:1]),
        "-sent": waiting(PostState.PUBLISHING, *two, accounts=lost),
        "-held": waiting(PostState.IN_APPROVAL, state.HELD, state.HELD, accounts=lost),
        "-withdrawn": waiting(PostState.WITHDRAWN, state.HELD, state.HELD, accounts=lost),
        "-late": waiting(PostState.LATE, *[state.LATE] * 100, accounts=crowd),
        "-100": waiting(PostState.SCHEDULED, *[state.SCHEDULED] * 100, accounts=crowd),
    }


def told_of(accounts: tuple[Account, ...], days: int | None, of: Client | None = None) -> Told:
    one, whose = of or client(), member()
    ids = {"agency_id": uid("agency"), "client_id": one.id, "member_id": whose.id}
    login = Connection(id=uid("connection"), **ids, meta_user_id="1", meta_user_name=NASTY)
    row = Alert(id=uid("alert"), **ids, connection_id=login.id, days=days, next_run_at=NOW)
    return Told(row, whose, one, login, accounts, LATER, accounts)


def scheduled_cards() -> Iterator[tuple[str, JSON]]:
    """Give the card of a post that waits, missed its minute, or was called off."""
    one, all_of_it, tired = PublicationState, PostState, "Meta asks us to wait."
    yield "card-scheduled", shown(waiting(all_of_it.SCHEDULED, one.SCHEDULED, one.RUNNING, editor="Lee"))
    held = (account("northwind.coffee"), BOTH[1])
    held[0].blocked_until = LATER + timedelta(minutes=20)
    yield "card-closed", shown(waiting(all_of_it.SCHEDULED, one.SCHEDULED, one.SCHEDULED, accounts=held))
    yield "card-late", shown(waiting(all_of_it.LATE, one.LATE, one.LATE))
    yield "card-late-partly", shown(waiting(all_of_it.LATE, one.PUBLISHED, one.LATE, reason=NASTY * 20))
    yield (
        "card-tried",
        shown(waiting(all_of_it.PUBLISHING, one.PUBLISHED, one.SCHEDULED, tried=3, reason=tired)),
    )
    going = Pause(NOW, "", whole_agency=True, is_leaving=True)
    waits = waiting(all_of_it.SCHEDULED, one.SCHEDULED, one.SCHEDULED)
    yield "card-leaving", card.message(card.Card(waits, pause=going))
    stopped = Pause(NOW, "U0DANA0001", whole_agency=False)
    partly = waiting(all_of_it.PUBLISHING, one.PUBLISHED, one.SCHEDULED)
    yield "card-held-back", card.message(card.Card(partly, pause=stopped))
    yield "card-cancelled", shown(waiting(all_of_it.CANCELLED, one.CANCELLED, one.CANCELLED))
    yield "card-failed-everywhere", shown(waiting(all_of_it.FAILED, one.FAILED, one.CANCELLED, reason=tired))
    most = {"caption": LONG_CAPTION, "accounts": tuple(many(100)), "to": client(LONG_NAME)}
    late = waiting(all_of_it.LATE, *[one.LATE] * 100, reason=NASTY * 20, **most)
    for number, publication in enumerate(late.publications):
        publication.reason = f"{number} {NASTY}" * 20
    yield "card-100-late", shown(late)
    tried = waiting(all_of_it.PUBLISHING, *[one.SCHEDULED] * 100, tried=2, reason=NASTY * 20, **most)
    yield "card-100-tried", shown(tried)


def shown(of: PostView) -> JSON:
    return card.message(card.Card(of, PICTURE))


def scheduled_replies() -> Iterator[tuple[str, JSON]]:
    """Give what a thread says of what people did, and of what became too late."""
    told, state = post(PublicationState.LATE, accounts=HARD, state=PostState.CANCELLED), PublicationState
    told.publications[0].reason = NASTY * 20
    yield "reply-late-account", thread.reply(told, HARD[0], told.publications[0], state.LATE) or {}
    by = {"by": "U0LEE00001"}
    times = {"due_at": LATER.isoformat(), "was_due_at": NOW.isoformat()}
    every = ["caption", "accounts", "picture", "description of the picture", "link"]
    for name, said in {
        "changed": {"kind": "changed", "what": every, **times},
        "changed-time": {"kind": "changed", **times},
        "changed-words": {"kind": "changed", "what": every[:1], **times, "due_at": NOW.isoformat()},
        "changed-now": {"kind": "changed", "what": every[:2], "was_due_at": NOW.isoformat()},
        "moved": {"kind": "moved", **times},
        "moved-first": {"kind": "moved", "due_at": LATER.isoformat()},
        "sent-now": {"kind": "sent_now"},
        "cancelled": {"kind": "cancelled"},
        "called-off": {"kind": "called_off"},
        "late": {"kind": "late"},
    }.items():
        yield f"reply-{name}", thread.told(told, by | said) or {}
    yield "many-late", thread.many_late(post(to=client(NASTY)), 12)


def approval_cards() -> Iterator[tuple[str, JSON]]:
    """Give the card of a post about which somebody is asked, or was."""
    of_post = PostState
    first = stage(1, 2, ("Dana Reyes",), ("Lee", "Ada Lindqvist"))
    half = standing_of(first, stage(2, 1, (), people(12)))
    yield "card-in-approval", shown(asked(of_post.IN_APPROVAL, half))
    at_once = asked(of_post.IN_APPROVAL, standing_of(stage(1, 1, (), ("Lee",))))
    at_once.post.due_at = None
    yield "card-in-approval-nobody-left", shown(asked(of_post.IN_APPROVAL, standing_of(stage(1, 1))))
    yield "card-in-approval-at-once", shown(at_once)
    for state, decision in (
        (of_post.CHANGES_REQUESTED, Decision.CHANGES_REQUESTED),
        (of_post.REJECTED, Decision.REJECTED),
    ):
        against = standing_of(first, against=decision, comment=f"{NASTY}\n" * 40)
        yield f"card-{state.value}", shown(asked(state, against))
    stranger = replace(standing_of(first, against=Decision.REJECTED), objector=None)
    yield "card-rejected-by-somebody", shown(asked(of_post.REJECTED, stranger))
    signatures = (Signature(NASTY, member("Lee")), Signature("Maya", None))
    signed = replace(stage(2, 1), signed=signatures, given=1, by_link=True)
    yield (
        "card-signed",
        shown(asked(of_post.SCHEDULED, standing_of(first, signed), PublicationState.SCHEDULED)),
    )
    by_link = replace(stage(1, 1), by_link=True)
    slow = asked(of_post.PUBLISHING, standing_of(first, signed), PublicationState.SCHEDULED)
    yield "card-approved-publishing-waits", shown(slow)
    yield "card-by-link", shown(asked(of_post.IN_APPROVAL, standing_of(by_link, signed)))
    yield "card-withdrawn", shown(asked(of_post.WITHDRAWN, half))
    yield "card-expired", shown(asked(of_post.EXPIRED, half))
    done = standing_of(stage(1, 2, ("Dana Reyes", "Lee")), stage(2, 1, ("Lee",)))
    yield "card-approved", shown(asked(of_post.APPROVED, done))
    yield "card-approved-scheduled", shown(asked(of_post.SCHEDULED, done, PublicationState.SCHEDULED))
    yield "card-approved-published", shown(asked(of_post.PUBLISHED, done, PublicationState.PUBLISHED))
    yield "card-100-in-approval", shown(heavy())


def heavy() -> PostView:
    """Give a post with as much about its approval as there can be."""
    stages = [stage(number, 60, people(50), people(100)) for number in (1, 2, 3, 4)]
    most = {"caption": LONG_CAPTION, "accounts": tuple(many(100)), "to": client(LONG_NAME)}
    return asked(PostState.IN_APPROVAL, standing_of(*stages), **most)


def approval_replies() -> Iterator[tuple[str, JSON]]:
    """Give what a thread says of what people decided."""
    told = asked(PostState.IN_APPROVAL, standing_of(stage(1, 2)), editor="Lee")
    whom = [f"U{number:09}" for number in range(150)]
    by = {"by": "U0LEE00001", "stage": NASTY[:40]}
    count = {"kind": "approved", "given": 1, "needs": 2}
    for name, said in {
        "asked": {"kind": "asked", "whom": whom[:3]},
        "asked-by-link": {"kind": "asked", "by_link": True},
        "asked-many": {"kind": "asked", "whom": whom},
        "approved": count,
        "approved-next": count | {"next": "Client", "whom": whom[:1]},
        "approved-next-by-link": count | {"next": "Client", "by_link": True},
        "approved-next-nobody": count | {"next": NASTY},
        "approved-scheduled": count | {"then": "scheduled", "due_at": LATER.isoformat()},
        "approved-now": count | {"then": "publishing"},
        "approved-paused": count | {"then": "publishing", "held_back": "paused"},
        "approved-scheduled-paused": count
        | {"then": "scheduled", "due_at": LATER.isoformat(), "held_back": "paused"},
        "approved-leaving": count | {"then": "publishing", "held_back": "leaving"},
        "approved-late": count | {"then": "approved", "due_at": NOW.isoformat()},
        "changes-requested": {"kind": "changes_requested", "comment": ("<!channel> & " * 200)[:2000]},
        "rejected": {"kind": "rejected", "comment": NASTY},
        "withdrawn": {"kind": "withdrawn"},
        "taken-back": {"kind": "taken_back"},
        "lacking": {"kind": "lacking", "whom": whom[:2]},
        "lacking-by-link": {"kind": "lacking", "stage": NASTY, "by_link": True},
        "asked-for-a-link": {"kind": "asked", "by_link": True, "makers": ["U0DANA0001", "U0ADA00001"]},
        "overdue": {"kind": "overdue", "whom": whom[:2]},
        "expired": {"kind": "expired", "whom": whom[:2]},
        "reminded": {"kind": "reminded", "whom": whom[:2]},
        "escalated": {"kind": "escalated", "whom": whom[:1]},
        "escalated-by-link": {"kind": "escalated", "whom": whom, "of_client": True},
        "stuck": {"kind": "stuck", "whom": whom[:2], "stage": "Brand check", "needs": 1},
        "stuck-too-few": {"kind": "stuck", "whom": whom, "stage": NASTY, "needs": 12, "can": 11},
        "changed-void": {"kind": "changed", "what": ["caption"], "void": 2},
        "sent-now-asked": {"kind": "sent_now"},
    }.items():
        yield f"reply-{name}", thread.told(told, by | said) or {}
    edited = by | {"kind": "changed", "what": ["caption", "link", "accounts"]}
    yield "reply-changed-words-shown", thread.told(told, edited, list(changes())) or {}
    long = [Difference("caption", LONG_CAPTION, LONG_CAPTION[::-1])] * 5
    yield "reply-changed-extreme", thread.told(told, edited, long) or {}
    signed = {"by_name": NASTY, "stage": "Client", "comment": NASTY}
    yield "reply-approved-by-link", thread.told(told, count | signed) or {}
    remark = {
        "kind": "remark",
        "seen": 3,
        "by_name": "Maya Chen",
        "comment": "Rather on Monday.\n\nAnd shorter.",
    }
    yield "reply-remark", thread.told(told, remark) or {}
    extreme = {"by_name": NASTY, "comment": ("<!channel> & " * 200)[:2000]}
    yield "reply-remark-extreme", thread.told(told, remark | extreme) or {}
    yield "reply-remark-nameless", thread.told(told, {"kind": "remark", "seen": 1, "comment": "No!"}) or {}


def changes() -> Iterator[Difference]:
    """Give an edit of each kind: a word in a long text, all of it, something new, something gone."""
    rest = " It is roasted every morning, and it is gone by noon." * 6
    yield Difference("caption", f"Fresh roast today ☕{rest}", f"Fresh <!channel> roast, <@U1> ☕{rest}")
    yield Difference("description of the picture", "A cup", "Two *cups*")
    yield Difference("link", "", "https://example.com/menu")
    yield Difference("accounts", "Instagram @northwind.coffee", "")
    yield Difference("picture", "same.png", "same.png")


def stopped_and_decided() -> Iterator[tuple[str, JSON]]:
    """Give what a channel is told of a pause, and what was decided about many late posts."""
    everything, one = pausing.Subject(None), pausing.Subject(client(NASTY))
    some = [Held(client(), 4, 3, 2), Held(client(NASTY), 1, 0, 0)]
    yield "paused", pausing.paused_message("U0DANA0001", one, some[1:])
    yield "paused-all", pausing.paused_message("U0ADA00001", everything, some)
    yield "paused-nothing", pausing.paused_message("U0DANA0001", one, [])
    yield "resumed", pausing.resumed_message("U0DANA0001", one, some)
    yield "resumed-nothing", pausing.resumed_message("U0ADA00001", everything, [])
    yield "late-published", many_late.decided("U0DANA0001", "published", Answered(12, 2, 1), client(NASTY))
    yield "late-cancelled", many_late.decided("U0DANA0001", "cancelled", Answered(1), client())
    yield "late-asked", many_late.decided("U0DANA0001", "published", Answered(0, 1, 3), client())


def trails() -> Iterator[tuple[str, JSON]]:
    """Give the audit trail, whole and filtered, with every deed that there is."""
    ada = member("Ada Lindqvist", Role.ADMIN)
    everything = Chosen(trail.WORDS)
    yield "trail-empty", trail.listing(Trail(Shown(), everything, [], trail.Known(), member()))
    known = trail.Known(
        {uid("Northwind Coffee"): NASTY[:80]},
        {one.id: one for one in (*BOTH, *HARD, *many(3))},
        {uid("Dana Reyes"): member()},
        {uid(f"entry{number}"): CAPTIONS[number % len(CAPTIONS)] for number in range(0, 90, 2)},
    )
    entries = [entry(number) for number in range(15)]
    yield (
        "trail",
        trail.listing(Trail(Shown(), everything, entries, known, ada, has_older=True, may_export=True)),
    )
    for number in range(15, len(trail.WORDS) + 1, 15):
        page = [entry(one) for one in range(number, min(number + 15, len(trail.WORDS) + 1))]
        shown = Shown(after=filters.written((NOW, uid("entry"))))
        yield f"trail-{number}", trail.listing(Trail(shown, everything, page, known, member()))
    hard = Shown(str(uid("a")), str(uid("b")), "U0DANA0001", "post_approved", "2026-11-01", "2026-11-30")
    chosen = Chosen(
        trail.WORDS, client(LONG_NAME), account("n" * 200), filters.person_option(member(NASTY * 9))
    )
    heavy_ones = [heavy_entry(number) for number in range(15)]
    beginnings = trail.Known({}, known.accounts, {}, {one.id: LONG_CAPTION for one in heavy_ones})
    notice = f":mag: You work for no client called {mrkdwn.bold(NASTY * 3)}. Choose one here."
    extreme = Trail(hard, chosen, heavy_ones, beginnings, ada, True, True, notice)
    yield "trail-extreme", trail.listing(extreme)
    yield "trail-nothing-like-that", trail.listing(Trail(hard, chosen, [], trail.Known(), member()))


def audited() -> Iterator[tuple[str, JSON]]:
    """Give what one can do with the trail: take it away, check it, and the rest."""
    yield "export-form", exports.form(None, Shown())
    days = Shown(
        str(uid("client")), str(uid("page")), "U0DANA0001", "post_published", "2026-09-01", "2026-09-30"
    )
    yield "export-form-client", exports.form(client(NASTY), days)
    yield "verify-underway", verifying.underway(1_234_000)
    fine, faulty = (
        verifying.Findings(head=Head(1, b"\x01" * 32)),
        verifying.Findings(head=Head(2**63 - 1, b"\xff" * 32)),
    )
    for number in range(1000):
        faulty.add(Fault(list(verification.Kind)[number % len(verification.Kind)], NASTY * 20, number))
    yield "verify-nothing", verifying.result(verifying.Findings(head=Head(0, bytes(32))))
    yield "verify", verifying.result(fine)
    was = Left(Agency(slack_team_id="T1", name=NASTY), is_over=True, ended_at=NOW)
    fine.before = verifying.Before(was, 2**63 - 1, faults=0)
    yield "verify-before", verifying.result(fine)
    faulty.before = verifying.Before(replace(was, ended_at=None), 1, faults=1)
    yield "verify-extreme", verifying.result(faulty)
    head = AuditHead(agency_id=uid("agency"), day=NOW.date(), number=2**63 - 1, hash=b"\xff" * 32)
    yield "head-form", heads.form(None, None)
    yield "head-form-chosen", heads.form("C0GENERAL1", head)
    today, nothing = NOW.date(), Month(0, [], {})
    shown = months.Shown("2026-11", uid("client"))
    yield "month-no-client", months.listing(months.Shown("2026-11"), None, None, today)
    yield "month-nothing", months.listing(shown, client(), nothing, today)
    some = Month(
        3, [OnAccount(one, 12, number) for number, one in enumerate(BOTH)], {"U0DANA0001": 1, "sign_off:1": 3}
    )
    yield "month", months.listing(shown, client(NASTY), some, today)
    people = {f"U{number:010}": 10**6 for number in range(500)}
    heavy_month = Month(10**9, [OnAccount(one, 10**9, 10**9) for one in many(500)], people)
    yield (
        "month-extreme",
        months.listing(months.Shown("2025-01", uid("a")), client(LONG_NAME), heavy_month, today),
    )
    reviewer = Reviewer(uid("link"), NASTY * 4, NOW)
    yield "personal", personal.form()
    yield "personal-person", personal.form("U0DANA0001")
    yield "personal-both", personal.form("U0DANA0001", reviewer)
    yield "personal-nameless", personal.form(None, Reviewer(uid("link"), None, NOW))


CAPTIONS = ("Good *morning* :wave: _now_ <!channel> `x`", "", LONG_CAPTION)


def heavy_entry(number: int) -> AuditEntry:
    """Give an entry with all that one can have, each as long as it can be."""
    one = entry(number)
    one.details = {
        "accounts": [str(other.id) for other in (*HARD, *many(3))],
        "version": 2**31 - 1,
        "round": 2**31 - 1,
        "stage": NASTY * 20,
        "permalink": "https://www.instagram.com/p/" + "A" * 200,
    }
    one.user_id, one.personal = f"sign_off:{uid('link')}", {"by_name": NASTY * 3}
    one.action, one.ip_address, one.user_agent = "some_new_action_" * 20, "2001:db8::" + "f" * 20, NASTY * 20
    one.post_id = uid("post")
    return one


def entry(number: int) -> AuditEntry:
    actions = [*trail.WORDS, "some_new_action"]
    return AuditEntry(
        id=uid(f"entry{number}"),
        agency_id=uid("agency"),
        client_id=uid("Northwind Coffee") if number % 2 else None,
        user_id="sign_off:1" if number == 8 else "U0DANA0001" if number % 3 else "pressroom",
        account_id=BOTH[0].id if number == 2 else None,
        action=actions[number % len(actions)],
        post_id=uid("post") if number % 2 else None,
        details=DETAILS.get(number, {}),
        personal=personal_of(number, actions[number % len(actions)]),
        ip_address="203.0.113.7" if number in AGENTS else None,
        user_agent=AGENTS.get(number),
        created_at=NOW,
    )


def personal_of(number: int, action: str) -> dict[str, str] | None:
    if action.startswith("login_"):
        return {"meta_user_id": "1", "meta_user_name": NASTY}
    return {"by_name": NASTY} if number == 8 else None


DETAILS: dict[int, JSON] = {
    0: {"permalink": "https://www.instagram.com/p/Abc/"},
    1: {"platform": "facebook_page", "platform_account_name": NASTY},
    2: {"slack": {"channel": "C0NORTHW01"}},
    3: {"slack": {"channel": "D0DIRECT01"}, "accounts": [str(one.id) for one in (*HARD, *many(3))]},
    4: {"slack": {"team": "T0BRIGHT01"}},
    7: {"version": 3, "round": 2, "was_version": 2},
    8: {"link_made_by": str(uid("Dana Reyes"))},
    9: {"version": 1, "stage": "Brand *check*", "asked_anew": True},
    10: {"version": 1, "asked_again": NASTY},
    11: {"stage": 2, "person": "U0DANA0001"},
}
AGENTS = {
    5: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    6: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    7: NASTY * 5,
}


def views() -> Iterator[tuple[str, JSON]]:
    """Give every modal and every Home."""
    yield from composers()
    yield from previews()
    yield from scheduling()
    yield from approving()
    yield from lists()
    yield from queues()
    yield from pauses()
    yield from homes()
    yield from trails()
    yield from audited()
    yield "notice-loading", notices.loading("New post")
    yield "notice-trouble", notices.trouble(NASTY * 100, "0a1b2c3d")
    yield "notice-waiting", notices.waiting("Publishing", "pressroom:1")
    yield "notice-done", notices.done("On its way", preview.on_its_way())
    everything = post(*[PublicationState.FAILED] * 100, caption=LONG_CAPTION, accounts=tuple(many(100)))
    yield "post-whole", card.whole(card.Card(everything, PICTURE))
    asked = post(*[PublicationState.NEEDS_REVIEW] * 300, caption=LONG_CAPTION, accounts=tuple(many(300)))
    yield "post-whole-questions", card.whole(card.Card(asked))
    yield (
        "post-whole-short",
        card.whole(card.Card(post(PublicationState.PUBLISHED, caption="", link="https://a.example/?a=1&b"))),
    )


def composers() -> Iterator[tuple[str, JSON]]:
    start = Start(uid("post"), "C0GENERAL1")
    found = [Picture(f"F0PICTURE{number}", NASTY[:60], shown=number % 2 == 0) for number in range(9)]
    yield "composer", composer.view(Composer(start))
    yield "composer-client", composer.view(Composer(start, client(), BOTH, caption="Hello"))
    yield "composer-one-account", composer.view(Composer(start, client(), BOTH[:1]))
    yield "composer-no-accounts", composer.view(Composer(start, client(NASTY), managers=("U1A", "U2B")))
    yield "composer-no-accounts-manager", composer.view(Composer(start, client(NASTY), may_connect=True))
    all_of_them = tuple(many(250) + many(100, Platform.FACEBOOK) + list(HARD))
    full = Start(uid("post"), "C0GENERAL1", tuple(found))
    noticed = Composer(
        full, client(LONG_NAME), all_of_them, caption=LONG_CAPTION * 2, notice=":warning: Look."
    )
    yield "composer-extreme", composer.view(noticed)
    one = Start(uid("post"), "C0GENERAL1", tuple(found[:1]))
    yield "composer-picture", composer.view(Composer(one, client(), BOTH))
    yield "composer-nobody", composer.nobody_to_publish_for(is_admin=False)
    yield "composer-nobody-admin", composer.nobody_to_publish_for(is_admin=True)


def previews() -> Iterator[tuple[str, JSON]]:
    problem = RatioProblem("This picture is too tall for Instagram.", "tall", Fraction(4, 5))
    made = {platform: Rendition(PICTURE, ("Converted from PNG to JPEG", NASTY)) for platform in Platform}
    yield "preview", preview.view(Preview(post(), "U0DANA0001", made, external_id="pressroom:1"))
    cut = Preview(
        post(fit=Fit.CROP, alt_text="A cup & a spoon"), "C1", made, problem, "pressroom:1", "*Changed.*"
    )
    yield "preview-ratio", preview.view(cut)
    text = post(picture=False, caption="", accounts=BOTH[1:], link="https://a.example/" + "x" * 300)
    yield "preview-link", preview.view(Preview(text, "C1"))
    extreme = post(
        caption=LONG_CAPTION, accounts=(*HARD, *many(100)), to=client(LONG_NAME), alt_text=NASTY * 20
    )
    yield "preview-extreme", preview.view(Preview(extreme, "C1", made, problem, "pressroom:1"))
    some_left = Preview(post(), "C1", outlooks=outlooks(BOTH[0], used=12))
    yield "preview-left", preview.view(some_left)
    full = Preview(extreme, "C1", outlooks=outlooks(*HARD, *many(100), used=50))
    yield "preview-full", preview.view(full)
    yield "preview-preparing", preview.preparing("pressroom:1")
    yield "preview-to-change", preview.to_change([NASTY * 30] * 8)


def outlooks(*accounts: Account, used: int) -> list[Outlook]:
    return [Outlook(one, Quota(used, 50, NOW), left_then=50 - used) for one in accounts]


def scheduling() -> Iterator[tuple[str, JSON]]:
    """Give the composer and the preview of what has a time or is there already, and the form for another."""
    draft = post(alt_text="A cup & a spoon", link="https://a.example/?a=1&b")
    again = Start(uid("post"), "C0GENERAL1", again=Again.of(draft, None))
    full = {"chosen": frozenset(one.id for one in BOTH), "caption": "Hello", "alt_text": "A cup & a spoon"}
    yield "composer-draft", composer.view(Composer(again, client(), BOTH, **full, picture=PICTURE))
    base = Base(2, NOW)
    change = Start(uid("post"), "C0GENERAL1", again=Again.of(post(picture=False), base))
    filled = Composer(change, client(NASTY), BOTH, **full, link="https://a.example/?a=1&b", due_at=LATER)
    yield "composer-edit", composer.view(filled)
    yield "composer-edit-late", composer.view(replace(filled, notice=composer.was_to_go_out(NOW)))
    waits = waiting(PostState.SCHEDULED, PublicationState.SCHEDULED)
    blank = Preview(waits, "C0GENERAL1", due_at=LATER, external_id="pressroom:1")
    yield "preview-scheduled", preview.view(replace(blank, is_unheard=True))
    stopped = Pause(NOW, "U0DANA0001", whole_agency=False)
    yield "preview-paused", preview.view(replace(blank, pause=stopped))
    yield (
        "preview-paused-now",
        preview.view(replace(blank, due_at=None, pause=replace(stopped, whole_agency=True))),
    )
    yield "preview-change", preview.view(replace(blank, base=base))
    newest = post(caption=LONG_CAPTION, accounts=(*HARD, *many(100)), editor="Lee", due_at=LATER)
    yield "preview-overtaken", preview.view(replace(blank, base=base, newest=newest))
    yield "notice-scheduled", notices.done("Scheduled", preview.scheduled(LATER))
    yield "move-form", moving.form(waits, Below("show_queue", "{}"), due_at=LATER)
    late = post(caption=LONG_CAPTION, to=client(LONG_NAME), due_at=NOW)
    yield "move-form-late", moving.form(late, Below("", ""), due_at=None)
    yield "post-whole-scheduled", card.whole(card.Card(waits, PICTURE))


def approving() -> Iterator[tuple[str, JSON]]:
    """Give the preview where somebody may be asked, the questions for reasons, and the form for the rules."""
    stages = [
        AskedStage("Brand check", 1, [member(), member("Lee")]),
        AskedStage(NASTY[:40], None, [member(f"Person {number} {NASTY}"[:200]) for number in range(60)]),
        AskedStage("Client", 2, []),
        AskedStage("Sign-off", 1, [], by_link=True),
    ]
    waits = waiting(PostState.SCHEDULED, PublicationState.SCHEDULED)
    blank = Preview(waits, "C0GENERAL1", due_at=LATER, external_id="pressroom:1")
    needed, offered = Asking(stages, is_needed=True), Asking(stages, is_needed=False)
    yield "preview-asked", preview.view(replace(blank, asking=needed))
    yield "preview-asked-at-once", preview.view(replace(blank, asking=needed, due_at=None))
    yield "preview-may-ask", preview.view(replace(blank, asking=offered, due_at=None))
    yield "preview-asks", preview.view(replace(blank, asking=offered, ask=True))
    seen, below = Seen(uid("post"), 2, 1), Below("show_queue", "{}")
    for decision in deciding.TITLES:
        long = post(caption=LONG_CAPTION, to=client(LONG_NAME))
        yield f"form-{decision.value}", deciding.form(long, seen, decision, below)
    yield "notice-asked", notices.done("Asked for approval", preview.asked())
    yield "notice-stale", notices.trouble("This was changed.", None, changed_at=NOW)
    some = (
        Stage("Brand check", 2, frozenset({"manager"}), frozenset({uid("Dana Reyes"), uid("Lee")})),
        Stage(NASTY[:40], None, frozenset(map(str, ROLES))),
        Stage("Third", 7, frozenset({"admin"})),
        Stage("Fourth", 3, frozenset({"reviewer"})),
    )
    named = {uid("Dana Reyes"): "U0DANA0001", uid("Lee"): "U0LEE00001"}
    yield "policy-form", policies.form(client(), Rules(), {}, waiting=0)
    most = Rules(Mode.REQUIRED, some, someone_else=False, time_counts=True, remind_hours=7, most_reminders=10)
    yield "policy-form-full", policies.form(client(LONG_NAME), most, named, waiting=12, unasked=12)
    yield (
        "policy-form-one-waits",
        policies.form(client(), Rules(Mode.OPTIONAL, some[:1]), named, waiting=1, unasked=1),
    )
    yield "policy-form-another", policies.form(client(), Rules(), {}, waiting=0, stages=2)
    asked = [AskedStage(NASTY, 2, stages[1].people), stages[3]]
    for mode in Mode:
        said = policies.saved(Kept(client(NASTY), asked), mode)
        yield f"notice-policy-{mode.value}", notices.done("Saved", said)
    for unasked in (1, 12):
        said = policies.saved(Kept(client(), asked[1:], unasked), Mode.REQUIRED)
        yield f"notice-policy-required-{unasked}-unasked", notices.done("Saved", said)
    yield "post-whole-in-approval", card.whole(card.Card(heavy(), PICTURE))
    part = several.Part(uid("client"), 10)
    yield "several", several.form([(heavy(), PICTURE)] * several.MOST, part, more=40)
    yield "several-done", notices.done("Approve several", several.done(3, [NASTY]))
    yield "client-link", signing.link(heavy(), f"https://pressroom.example/review?ticket={'a' * 43}")


def lists() -> Iterator[tuple[str, JSON]]:
    team = Team(
        (member(), member("Ada Lindqvist")), tuple(member(f"Author {number}") for number in range(60))
    )
    none = page([], 0, clients.A_PAGE)
    yield "clients-none", clients.listing(none, is_admin=False)
    yield "clients-none-admin", clients.listing(none, is_admin=True)
    entries = [
        clients.Entry(client(f"{number} {NASTY}"[:80]), team, number % 2 == 0) for number in range(100)
    ]
    yield "clients-100", clients.listing(page(entries, 2, clients.A_PAGE), is_admin=True)
    yield "client-form", clients.form(added_by="U0ADA00001")
    yield "client-form-edit", clients.form(client(LONG_NAME), team, page=4)
    yield "client-added", clients.added(client(NASTY))
    yield "client-added-unheard", clients.added(client(NASTY), has_bot=False)
    planned = Stakes(client(), planned=1, in_approval=0, accounts=2, pictures=3)
    yield "client-remove", departures.form(planned)
    crowd = Stakes(
        client(LONG_NAME), planned=10_000, in_approval=999, accounts=400, pictures=99_999, failed=3
    )
    yield "client-remove-extreme", departures.form(crowd)
    yield "client-remove-none", departures.form(Stakes(client(NASTY), 0, 0, 0, 0))
    for name, called in {"": "Northwind Coffee", "-extreme": LONG_NAME, "-nasty": NASTY}.items():
        yield f"client-removal-begun{name}", departures.begun(departure(called))
    all_of_it = Agency(id=uid("agency"), slack_team_id="T1", name="Brightside")
    yield "leave", departures.leave_form(grace.Stakes(all_of_it, 3, 12, 7, 40))
    nasty_one = Agency(id=uid("agency"), slack_team_id="T1", name=NASTY)
    yield "leave-extreme", departures.leave_form(grace.Stakes(nasty_one, 10**5, 10**5, 10**5, 10**6, 1))
    yield "leaving", departures.leaving()
    under_way = grace.Leaving(NOW, "U0ADA00001")
    yield "leaving-under-way", notices.done("Leaving", departures.under_way(under_way))
    by_operator = grace.Leaving(NOW, None)
    yield "leaving-by-operator", notices.done("Leaving", departures.under_way(by_operator))
    yield "client-changed", clients.changed(client(NASTY))
    yield "client-changed-unheard", clients.changed(client(NASTY), has_bot=False)
    yield "connect-modal", connect.links(client(), dict.fromkeys(Platform, "https://pressroom.example.com/x"))
    yield "accounts-none", accounts.listing(page([], 0, accounts.A_PAGE))
    few = [*lines(BOTH), *lines((), may_change=False, name="Harbor Books"), *lines(HARD, name="Söns")]
    yield "accounts", accounts.listing(page(few, 0, accounts.A_PAGE))
    most = [line for number in range(100) for line in lines(HARD[:1], name=f"{number} {NASTY}")]
    yield "accounts-100", accounts.listing(page(most, 3, accounts.A_PAGE), uid("client"))
    yield "live-form", live.form(client(NASTY), HARD[0], uid("publication"))


def queues() -> Iterator[tuple[str, JSON]]:
    state, of_post = PublicationState, PostState
    some = [
        waiting(of_post.PUBLISHING, state.SCHEDULED, state.PUBLISHED),
        due(waiting(of_post.LATE, state.LATE, state.LATE), NOW - timedelta(days=1)),
        due(waiting(of_post.LATE, state.LATE, state.PUBLISHED, to=client("Harbor Books")), NOW),
        due(waiting(of_post.SCHEDULED, state.SCHEDULED, to=client("Harbor Books")), NOW + timedelta(hours=9)),
        waiting(of_post.SCHEDULED, state.SCHEDULED, caption=""),
        due(waiting(of_post.SCHEDULED, state.SCHEDULED), NOW + timedelta(days=50)),
    ]
    some[0].post.due_at = None
    stopped = [banner_of(client("Harbor Books"), may_resume=False)]
    yield "queue", queue_of(some)
    yield "queue-paused", queue_of(some[1:5], paused=stopped, client=client("Harbor Books"))
    yield "queue-late", queue_of(some[1:3], client=client(NASTY), only_late=True)
    yield "queue-limits", limited()
    yield "queue-empty", queue_of([])
    yield "queue-empty-client", queue_of([], client=client(NASTY))
    yield "queue-empty-late", queue_of([], client=client(NASTY), only_late=True)
    hard = {"caption": LONG_CAPTION, "accounts": (*HARD, *many(100)), "to": client(LONG_NAME)}
    scheduled = waiting(of_post.SCHEDULED, *[state.SCHEDULED] * 100, **hard)
    full = [
        replace(scheduled, post=scheduled.post.model_copy(update={"due_at": LATER + timedelta(days=number)}))
        for number in range(100)
    ]
    many_paused = [banner_of(client(f"{number} {NASTY}"[:80])) for number in range(40)]
    about = [due(heavy(), LATER + timedelta(days=number)) for number in range(40)]
    yield "queue-100-in-approval", queue_of(about, number=1, paused=many_paused, client=client(LONG_NAME))
    half = standing_of(stage(1, 2, ("Dana Reyes",), ("Lee",)))
    yield (
        "queue-approval",
        queue_of(
            [asked(one, half) for one in (of_post.IN_APPROVAL, of_post.CHANGES_REQUESTED, of_post.APPROVED)],
            paused=[banner_of(None)],
        ),
    )
    yield (
        "queue-disconnected",
        queue_of([view for name, view in gone_posts().items() if name not in ("-held", "-withdrawn")]),
    )
    yield "queue-100", queue_of(full, number=3, paused=many_paused, client=client(LONG_NAME))


def limited() -> JSON:
    """Give a queue with accounts that have few posts left, or are closed for a while."""
    shut = [account(f"closed{number}") for number in range(8)]
    for one in shut:
        one.blocked_until = NOW + timedelta(minutes=20)
    post = waiting(PostState.SCHEDULED, *[PublicationState.SCHEDULED] * 9, accounts=(*shut, HARD[1]))
    quotas = [(one, Quota(number * 7, 50, NOW)) for number, one in enumerate(post.accounts)]
    return queue.listing(
        queue.Queue(queue.Shown(), page([post], 0, queue.A_PAGE), None, [], member(), NOW, quotas)
    )


def due(of: PostView, at: datetime) -> PostView:
    of.post.due_at = at
    return of


def queue_of(
    posts: list[PostView],
    *,
    number: int = 0,
    paused: list[pausing.Paused] | None = None,
    client: Client | None = None,
    only_late: bool = False,
) -> JSON:
    shown = queue.Shown(client.id if client else None, only_late, number)
    here = member()
    here.timezone = "America/New_York"
    return queue.listing(
        queue.Queue(shown, page(posts, number, queue.A_PAGE), client, paused or [], here, NOW)
    )


def banner_of(of: Client | None, *, may_resume: bool = True) -> pausing.Paused:
    stopped = Pause(NOW, "U0ADA00001", whole_agency=of is None)
    return pausing.Paused(pausing.Subject(of), stopped, may_resume)


def pauses() -> Iterator[tuple[str, JSON]]:
    """Give the two forms of the emergency stop."""
    everything, one = pausing.Subject(None), pausing.Subject(client(NASTY))
    held = [Held(client(NASTY), 9, 1, 0), Held(client(), 4, 4, 2)]
    yield "pause-form", pausing.pause_form(None, [], None, notice=":mag: Nobody is called *that*.")
    yield "pause-form-client", pausing.pause_form(one, held[:1], None)
    yield "pause-form-all", pausing.pause_form(everything, held, None)
    yield "pause-form-nothing", pausing.pause_form(one, [], None)
    yield "pause-form-already", pausing.pause_form(one, held[:1], banner_of(client(NASTY)))
    yield "resume-form", pausing.resume_form(None, [], queue="{}")
    whole = banner_of(None)
    yield "resume-form-client", pausing.resume_form(banner_of(client(NASTY)), held, whole)
    yield "resume-form-all", pausing.resume_form(whole, held[:1], notice="*Hm.*")
    yield "notice-paused", notices.done("Paused", pausing.is_paused(one))
    yield "notice-resumed", notices.done("Resumed", pausing.is_resumed(everything, held))
    yield "notice-nothing-paused", notices.done("Resume publishing", pausing.NOTHING)
    yield "pause-refused", notices.trouble(pausing.refusal(client(NASTY), [member(NASTY)] * 9), None)


def page(items: list[Any], number: int, size: int) -> Page[Any]:
    """Cut a page out of a list."""
    blank = Page[Any].blank(number, size=size, total=len(items))
    return blank.filled(items[blank.skipped : blank.skipped + size])


def lines(of: tuple[Account, ...], *, may_change: bool = True, name: str = NASTY) -> Iterator[accounts.Line]:
    entries = [*entries_of(of)] or [None]
    yield from (accounts.Line(client(name), entry, may_change) for entry in entries)


def entries_of(of: tuple[Account, ...]) -> Iterator[accounts.Entry]:
    well = Health(ok=True, sentence="Connected with the login of Maya Chen. Access ends on 3 January.")
    ill = Health(ok=False, sentence=f"The login has run out: {NASTY * 8}")
    for number, one in enumerate(of):
        yield accounts.Entry(one, ill if one.trouble else well, number**5)


def group(of: tuple[Account, ...], *, may_change: bool = True, name: str = NASTY) -> home.Group:
    return home.Group(client(name), tuple(entries_of(of)), may_change)


def daily_summaries() -> Iterator[tuple[str, JSON]]:
    state = PublicationState
    waits = asked(PostState.IN_APPROVAL, standing_of(stage(1, 2, ("Dana Reyes",), ("Lee",))))
    failed = post(state.FAILED, state.NEEDS_REVIEW, accounts=HARD)
    today = waiting(PostState.SCHEDULED, state.SCHEDULED)
    yield "summary", summary.message(Summary(member(), [waits], [failed], [today])) or {}
    hard = {"caption": LONG_CAPTION, "accounts": tuple(many(100)), "to": client(LONG_NAME)}
    later = waiting(PostState.SCHEDULED, *[state.SCHEDULED] * 100, **hard)
    all_failed = post(*[state.FAILED] * 100, **hard)
    much = Summary(member(NASTY * 5), [heavy()] * 30, [all_failed] * 30, [later] * 30)
    yield "summary-extreme", summary.message(much) or {}


def witnesses() -> Iterator[tuple[str, JSON]]:
    place = {"agency_id": uid("agency"), "day": NOW.date()}
    yield "witness", witness.message(AuditHead(**place, number=1234, hash=bytes(range(32))))
    yield "witness-extreme", witness.message(AuditHead(**place, number=2**63 - 1, hash=b"\xff" * 32))


def homes() -> Iterator[tuple[str, JSON]]:
    state = PublicationState
    none = page([], 0, home.A_PAGE)
    yield "home-empty", home.view(home.Home(member(), none, NOW))
    for who, may_start in (("", False), ("-admin", True)):
        way = departures.way_back(may_start=may_start)
        yield f"home-has-left{who}", home.only(departures.has_left(), way)
    yield "home-empty-admin", home.view(home.Home(member("Ada Lindqvist", Role.ADMIN), none, NOW))
    two = page([group(()), group(BOTH, may_change=False)], 0, home.A_PAGE)
    yield "home-no-posts", home.view(home.Home(member(), two, NOW))
    shown = home.Home(
        member(),
        page([group(BOTH), group(HARD)], 0, home.A_PAGE),
        NOW,
        paused=[banner_of(client()), banner_of(client(NASTY), may_resume=False)],
        waiting=[asked(PostState.IN_APPROVAL, standing_of(stage(1, 2, ("Dana Reyes",), ("Lee",))))],
        needing=[post(state.FAILED, state.NEEDS_REVIEW, accounts=HARD)],
        scheduled=[waiting(PostState.SCHEDULED, state.SCHEDULED)],
        drafts=[post(), post(caption="", to=client(NASTY))],
        recent=[post(state.PUBLISHED, state.PUBLISHED)],
        summary=9,
    )
    yield "home", home.view(shown)
    hard = {"caption": LONG_CAPTION, "accounts": tuple(many(100)), "to": client(LONG_NAME)}
    failed, sent = (post(*[one] * 100, **hard) for one in (state.FAILED, state.PUBLISHED))
    later, draft = waiting(PostState.SCHEDULED, *[state.SCHEDULED] * 100, **hard), post(**hard)
    troubled = tuple(account(f"{number}" + "n" * 190, trouble="t") for number in range(30))
    extreme = home.Home(
        member(NASTY * 5, Role.ADMIN),
        page([group(troubled + tuple(many(30)), name=LONG_NAME)] * 100, 3, home.A_PAGE),
        NOW,
        paused=[banner_of(None), *[banner_of(client(LONG_NAME))] * 40],
        waiting=[heavy()] * 30,
        needing=[failed] * 8,
        scheduled=[later] * 5,
        drafts=[draft] * 5,
        recent=[sent] * 8,
    )
    yield "home-extreme", home.view(extreme)
    guest = member("Maya Chen", Role.GUEST)
    asks = asked(PostState.IN_APPROVAL, standing_of(stage(1, 1, (), ("Maya Chen",))))
    yield "home-guest", home.guest_view(guest, [asks], 9, NOW)
    yield "home-guest-nothing-waits", home.guest_view(guest, [], None, NOW)
    yield "home-guest-extreme", home.guest_view(member(NASTY * 5, Role.GUEST), [heavy()] * 30, None, NOW)
    yield "home-outsider", home.only("Pressroom is for members.")


def of_messages() -> dict[str, JSON]:
    """Give every message by its name."""
    return dict(messages())


def of_views() -> dict[str, JSON]:
    """Give every view by its name."""
    return dict(views())


def write() -> None:
    """Write them all down."""
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for name, payload in (of_messages() | of_views()).items():
        path = GOLDEN / f"{name}.json"
        path.write_text(json.dumps(payload, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


if __name__ == "__main__":
    write()

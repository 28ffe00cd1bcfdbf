"""What is said in a card's thread: how an attempt ended on one account, and what people did with the post."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from bot.views import difference
from bot.views.card import Message
from bot.views.outcomes import LONGEST_REASON, is_disconnected, named, see_it
from core import plans
from core.differences import Difference
from core.models import Account, PostState, Publication, PublicationState
from core.posts import PostView

MOST_MENTIONED = 100  # people, in one message
OBJECTIONS = {
    "changes_requested": (":speech_balloon:", "asks for changes"),
    "rejected": (":x:", "rejected this"),
}
EDITABLE = {PostState.IN_APPROVAL, PostState.APPROVED, PostState.SCHEDULED}
LATE_CHOICES = "On the card above, publish it now, choose another time, or cancel it."


def reply(
    post: PostView, account: Account, publication: Publication, ended: PublicationState
) -> Message | None:
    """Say in the thread how an attempt ended on one account, whatever became of it since."""
    author = mrkdwn.person(post.author.slack_user_id)
    reason = f"\n{mrkdwn.fitted(publication.reason, LONGEST_REASON)}" if publication.reason else ""
    match ended:
        case PublicationState.PUBLISHED:
            seen = (
                f" · {mrkdwn.link(publication.permalink, see_it(account))}" if publication.permalink else ""
            )
            text = f":white_check_mark: Published on {named(account)}{late_by(publication)}{seen}"
        case PublicationState.FAILED:
            text = (
                f":x: {author}, this was not published on {named(account)}.{reason}\n"
                "When that is put right, press *Retry* on the card above."
            )
        case PublicationState.NEEDS_REVIEW:
            text = (
                f":warning: {author}, please check {named(account)}: "
                f"I cannot tell whether this is live.{reason}\n"
                "I did not try again, so that nothing is published twice. Have a look, and press *It's live* "
                "or *Publish again* on the card above."
            )
        case PublicationState.LATE:
            text = (
                f":alarm_clock: {author}, this misses its time on {named(account)}.{reason}\n{LATE_CHOICES}"
            )
        case _:
            return None
    return said(text)


def waits_for_login(post: PostView, account: Account, publication: Publication) -> Message | None:
    """Say in the thread that it waits until its account is connected again; nothing once that is done."""
    if not account.trouble or publication.state is not PublicationState.SCHEDULED:
        return None
    author, why = mrkdwn.person(post.author.slack_user_id), mrkdwn.fitted(account.trouble, LONGEST_REASON)
    waits = f"{author}, this waits on {named(account)}.\n{why}"
    return said(
        f":electric_plug: {waits}\nThen it goes out by itself; if it is too late by then, I ask first."
    )


def disconnected(
    post: PostView, account: Account, publication: Publication, payload: Mapping[str, Any]
) -> Message | None:
    """Say in the thread that somebody disconnected one of its accounts; nothing once that is over."""
    if not is_disconnected(account, publication) or post.post.state in plans.AT_REST:
        return None
    author = mrkdwn.person(post.author.slack_user_id)
    to = "" if payload.get("by") == post.author.slack_user_id else f", for {author}"
    return said(
        f":electric_plug: {by(payload)} disconnected {named(account)}{to}: this does not go out there "
        "until somebody connects it again with `/social connect`; if it is too late by then, I ask first.\n"
        f"If it is not to go out there, {instead(post)}."
    )


def instead(post: PostView) -> str:
    """Say how to have a post not go out on one of its accounts: a post needs at least one."""
    if len(post.accounts) > 1 and post.post.state in EDITABLE:
        return "press *Edit* on the card above and take it off"
    return "withdraw it" if post.post.state is PostState.IN_APPROVAL else "cancel it"


def late_by(publication: Publication) -> str:
    """Say how late it was live, if that is worth a word."""
    late = (publication.published_at or publication.due_at) - publication.due_at
    minutes = int(late.total_seconds() // 60)
    return f", {minutes} minute{'s' * (minutes > 1)} after its time" if minutes > 0 else ""


def told(post: PostView, payload: Mapping[str, Any], changes: Sequence[Difference] = ()) -> Message | None:
    """Say in the thread what somebody did with the post, or that it became too late."""
    match payload["kind"]:
        case "changed":
            shown = difference.block(changes)
            return said(changed(post, payload), *([shown] if shown else []))
        case "moved":
            was = f" instead of {moment(payload['was_due_at'])}" if payload.get("was_due_at") else ""
            goes = "is to go out" if post.post.state is PostState.IN_APPROVAL else "goes out"
            return said(f":date: {by(payload)} moved this: it {goes} {moment(payload['due_at'])}{was}.")
        case "sent_now":
            once = "once it is approved" if post.post.state is PostState.IN_APPROVAL else "now"
            return said(f":rocket: {by(payload)} has this published {once}.")
        case "cancelled" | "called_off":
            return said(cancelled(post, payload))
        case "late":
            author = mrkdwn.person(post.author.slack_user_id)
            why = f"What is later than {post.client.late_minutes} minutes does not go out by itself."
            return said(f":alarm_clock: {author}, this could not go out at its time. {why}\n{LATE_CHOICES}")
        case _:
            return of_approval(post, payload)


def cancelled(post: PostView, payload: Mapping[str, Any]) -> str:
    """Say that a post goes out nowhere, or nowhere else, and why."""
    why = f"{mrkdwn.bold(post.client.name)} is being removed. This"
    if payload["kind"] == "cancelled":
        why = f"{by(payload)} cancelled this post. It"
    where = "goes out nowhere" if post.post.state is PostState.CANCELLED else "goes out nowhere else"
    return f":no_entry_sign: {why} {where}."


def of_approval(post: PostView, payload: Mapping[str, Any]) -> Message | None:
    """Say in the thread who is asked, and what they say."""
    match payload["kind"]:
        case "asked" | "lacking":
            return said(asked(payload))
        case "approved" | "changes_requested" | "rejected" | "remark":
            return with_comment(opinion(post, payload), payload)
        case "withdrawn":
            return said(f":leftwards_arrow_with_hook: {by(payload)} withdrew this. Nobody is asked any more.")
        case "taken_back":
            stage = mrkdwn.bold(payload["stage"])
            took = f"{by(payload)} took their approval back. It waits for approval again"
            return said(f":leftwards_arrow_with_hook: {took}: {stage}.")
        case _:
            return of_waiting(post, payload)


def of_waiting(post: PostView, payload: Mapping[str, Any]) -> Message | None:
    """Say in the thread that a post still waits for approval, or does so no longer."""
    whom = people(payload.get("whom") or ())
    match payload["kind"]:
        case "nobody_left" | "joined":
            return said(people_changed(post, payload))
        case "overdue":
            waits = (
                f"The time of this post is over, and it is not approved yet: {mrkdwn.bold(payload['stage'])}"
            )
            then = f"Once it is approved, {writers(post)} can say when it goes out."
            return said(f":alarm_clock: {waits}.\n{please(payload)} {then}")
        case "expired":
            over = f"{writers(post)}, this was not approved by its time, so it does not go out"
            return said(f":alarm_clock: {over}. To ask again, press *Edit* on the card above.")
        case "reminded":
            return said(f":bell: {whom}, this still waits for your approval. Have a look at the card above.")
        case "escalated" | "stuck":
            return said(for_managers(payload))
    return None


def for_managers(payload: Mapping[str, Any]) -> str:
    """Tell the managers of a post that waits for long, or that could wait for ever."""
    whom = people(payload["whom"])
    if payload["kind"] == "stuck":
        return f":warning: {whom}, {stuck(payload)}"
    return f":bell: {whom}, {escalated(payload)}"


def escalated(payload: Mapping[str, Any]) -> str:
    """Tell the managers whose answer is missing."""
    if payload.get("of_client"):
        return "this still waits for the client, who decides by a private link."
    return "this still waits for approval, and those who are asked have not answered."


def stuck(payload: Mapping[str, Any]) -> str:
    """Say that too few people are left at a stage, and what to do."""
    can, needs = payload.get("can"), payload["needs"]
    few = f"this needs {needs} approvals, and can get only {can} now"
    left = few if can else "nobody is left who could approve this"
    return (
        f"{left}: {mrkdwn.bold(payload['stage'])}. Add somebody who may, with `/social clients`. "
        "Or press *Edit* on the card above: then the rules of today count, as `/social approval` shows them."
    )


def people_changed(post: PostView, payload: Mapping[str, Any]) -> str:
    """Say that a post waits for nobody else at its stage, or for somebody who is asked only now."""
    if payload["kind"] == "joined":
        joined = f"Somebody else is asked by now, at {mrkdwn.bold(payload['next'])}"
        return f":raised_hand: {joined}. {please(payload)}"
    left = ":white_check_mark: Nobody else is waited for here any more."
    return f"{left}\n{comes_next(post, payload)}"


def asked(payload: Mapping[str, Any]) -> str:
    """Ask those whose turn it is, or whose word is missing by now, so that they are notified."""
    why = "Not everybody who is asked has approved this by now"
    if payload["kind"] == "asked":
        why = f"{by(payload)} asks for approval"
    return f":raised_hand: {why}: {mrkdwn.bold(payload['stage'])}\n{please(payload)}"


def please(payload: Mapping[str, Any]) -> str:
    """Ask those whose turn it is; it may be the client's alone, or nobody's if they have all left."""
    if payload.get("whom"):
        return f"{people(payload['whom'])}, please have a look at the card above."
    if payload.get("by_link"):
        return by_link(payload)
    return "Nobody is there who could approve it."


def by_link(payload: Mapping[str, Any]) -> str:
    """Ask those who can make the client's link; what is owed from before they were known names none."""
    decides = "The client decides about it, by a private link"
    if not payload.get("makers"):
        return f"{decides}."
    return f"{decides}. {people(payload['makers'])}, please press *Link for the client* on the card above."


def approved(post: PostView, payload: Mapping[str, Any]) -> str:
    """Say who agreed, and what comes next: the next stage, whose people are notified, or its publication."""
    count = f"{payload['given']} of {payload['needs']}"
    done = f":white_check_mark: {by(payload)} approved this: {mrkdwn.bold(payload['stage'])}, {count}."
    return f"{done}\n{following}" if (following := comes_next(post, payload)) else done


def comes_next(post: PostView, payload: Mapping[str, Any]) -> str:
    """Say what follows a stage that has enough: the next one, or its publication."""
    if "next" in payload:
        return f"Next: {mrkdwn.bold(payload['next'])}. {please(payload)}"
    return afterwards(post, payload) if "then" in payload else ""


def afterwards(post: PostView, payload: Mapping[str, Any]) -> str:
    """Say what becomes of a post that everybody approved."""
    if payload.get("held_back") and payload["then"] != PostState.APPROVED:
        return held_back(payload)
    match payload["then"]:
        case PostState.SCHEDULED if payload.get("due_at"):
            return f"Everybody has approved this: it goes out {moment(payload['due_at'])}."
        case PostState.SCHEDULED | PostState.PUBLISHING:
            return "Everybody has approved this: it is published now."
    late = "Everybody has approved this, but its time is over"
    return f"{late}. {writers(post)}, choose on the card above when it goes out."


def held_back(payload: Mapping[str, Any]) -> str:
    """Say that a post that everybody approved waits until publishing is resumed, or for ever."""
    if payload["held_back"] == "leaving":
        return "Everybody has approved this, but the workspace is leaving Pressroom: it is held back."
    goes = f"goes out {moment(payload['due_at'])}" if payload.get("due_at") else "goes out"
    return (
        "Everybody has approved this. Publishing is paused, so it is held back: once somebody resumes it "
        f"with `/social resume`, it {goes}; if it is too late by then, I ask first."
    )


def people(slack_user_ids: Sequence[str]) -> str:
    """Mention people; those who do not fit into a message are counted."""
    more = len(slack_user_ids) - MOST_MENTIONED
    named = [mrkdwn.person(one) for one in slack_user_ids[:MOST_MENTIONED]]
    return mrkdwn.listed([*named, f"{more} more"] if more > 0 else named) if named else "Somebody"


def writers(post: PostView) -> str:
    """Mention whoever wrote the post, and whoever wrote what it says now."""
    both = dict.fromkeys((post.author.slack_user_id, post.editor.slack_user_id))
    return " and ".join(map(mrkdwn.person, both))


def opinion(post: PostView, payload: Mapping[str, Any]) -> str:
    """Say what somebody thinks of a post, above what they typed."""
    match payload["kind"]:
        case "approved":
            return approved(post, payload)
        case "remark":
            return remark(payload)
    return objected(post, payload)


def objected(post: PostView, payload: Mapping[str, Any]) -> str:
    """Tell those who wrote it that somebody is against it."""
    emoji, does = OBJECTIONS[payload["kind"]]
    return f"{emoji} *{by(payload)} {does}*, for {writers(post)}:"


def remark(payload: Mapping[str, Any]) -> str:
    """Say that somebody wrote where the private link led, too late to decide anything."""
    who, about = by(payload), f"version {payload['seen']}"
    return (
        f":speech_balloon: {who} wrote this by the client's private link, about {about}. It decides nothing:"
    )


def with_comment(text: str, payload: Mapping[str, Any]) -> Message:
    """Make a message of a paragraph, and of what was typed, exactly as it was."""
    comment = payload.get("comment")
    if not comment:
        return said(text)
    shown = said(text, blocks.quote(comment))
    return shown | {"text": f"{text} {mrkdwn.fitted(comment, LONGEST_REASON)}"}


def changed(post: PostView, payload: Mapping[str, Any]) -> str:
    """Say what somebody changed, when it goes out now if that is another time, and what that undoes."""
    void = " The approvals so far no longer count." if payload.get("void") else ""
    return f"{change(payload, is_asked=post.post.policy_version is not None)}{void}"


def change(payload: Mapping[str, Any], *, is_asked: bool) -> str:
    """Say what somebody changed, and when it goes out now if that is another time."""
    what, due_at, was = payload.get("what"), payload.get("due_at"), payload.get("was_due_at")
    done = f"changed the {mrkdwn.listed(what)}" if what else "changed this"
    if due_at is None and is_asked:
        return f":pencil2: {by(payload)} {done}."
    if due_at is None:
        return f":pencil2: {by(payload)} {done}, and has this published now."
    if due_at == was:
        return f":pencil2: {by(payload)} {done}."
    instead = f" instead of {moment(was)}" if was else ""
    done = f"changed the {mrkdwn.listed([*(what or []), 'time'])}"
    goes = "is to go out" if is_asked else "goes out"
    return f":pencil2: {by(payload)} {done}: it {goes} {moment(due_at)}{instead}."


def many_late(post: PostView, count: int) -> Message:
    """Ask once about many posts of a client; in the channel, for it is about more than one card."""
    client = str(post.client.id)
    text = (
        f":alarm_clock: *{count} posts* of {mrkdwn.bold(post.client.name)} became too late: they could not "
        "go out at their time, and nothing old goes out by itself. What shall become of them?"
    )
    look = blocks.button("Look through them", ids.SHOW_LATE, client)
    row = blocks.actions(publish_all_button(post, client), look, cancel_all_button(post, client))
    return said(text, row)


def publish_all_button(post: PostView, client_id: str) -> Block:
    """Offer to publish all that is late; it asks first."""
    asked = blocks.confirmation(
        "Publish all of them now?",
        f"Every late post of {mrkdwn.shortened(post.client.name, 80)} goes out, one after another.",
        yes="Publish all now",
    )
    return blocks.button("Publish all now", ids.PUBLISH_ALL_LATE, client_id, confirm=asked)


def cancel_all_button(post: PostView, client_id: str) -> Block:
    """Offer to cancel all that is late; it asks first."""
    asked = blocks.confirmation(
        "Cancel all of them?",
        f"No late post of {mrkdwn.shortened(post.client.name, 80)} goes out any more. This cannot be undone.",
        yes="Cancel all",
        no="Keep them",
        danger=True,
    )
    return blocks.button("Cancel all", ids.CANCEL_ALL_LATE, client_id, style="danger", confirm=asked)


def said(text: str, *more: Block) -> Message:
    """Make a message of a paragraph, and what stands below it."""
    return {
        "text": text,
        "blocks": [blocks.section(text), *more],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def by(payload: Mapping[str, Any]) -> str:
    """Name who did it; somebody who came by a private link is no member."""
    if "by" in payload:
        return mrkdwn.person(payload["by"])
    return f"{mrkdwn.fitted(client_name(payload), 200)} (by the private link)"


def client_name(payload: Mapping[str, Any]) -> str:
    """Give the name that was typed where a private link led."""
    return str(payload.get("by_name") or "Somebody of the client")


def moment(text: str) -> str:
    """Give a time of the payload as each reader's own clock shows it."""
    return mrkdwn.moment(datetime.fromisoformat(text))

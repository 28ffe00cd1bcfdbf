"""What is said in a card's thread: how an attempt ended on one account, and what people did with the post."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from bot.views.card import Message
from bot.views.outcomes import LONGEST_REASON, named, see_it
from core.models import Account, PostState, Publication, PublicationState
from core.posts import PostView

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
            text = f":white_check_mark: Published on {named(account)}{seen}"
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


def told(post: PostView, payload: Mapping[str, Any]) -> Message | None:
    """Say in the thread what somebody did with the post, or that it became too late."""
    match payload["kind"]:
        case "changed":
            return said(changed(payload))
        case "moved":
            was = f" instead of {moment(payload['was_due_at'])}" if payload.get("was_due_at") else ""
            return said(f":date: {by(payload)} moved this: it goes out {moment(payload['due_at'])}{was}.")
        case "sent_now":
            return said(f":rocket: {by(payload)} has this published now.")
        case "cancelled":
            where = "goes out nowhere" if post.post.state is PostState.CANCELLED else "goes out nowhere else"
            return said(f":no_entry_sign: {by(payload)} cancelled this post. It {where}.")
        case "late":
            author = mrkdwn.person(post.author.slack_user_id)
            return said(f":alarm_clock: {author}, this could not go out at its time.\n{LATE_CHOICES}")
    return None


def changed(payload: Mapping[str, Any]) -> str:
    """Say what somebody changed, and when it goes out now if that is another time."""
    what, due_at, was = payload.get("what"), payload.get("due_at"), payload.get("was_due_at")
    done = f"changed the {mrkdwn.listed(what)}" if what else "changed this"
    if due_at is None:
        return f":pencil2: {by(payload)} {done}, and has this published now."
    if due_at == was:
        return f":pencil2: {by(payload)} {done}."
    instead = f" instead of {moment(was)}" if was else ""
    done = f"changed the {mrkdwn.listed([*(what or []), 'time'])}"
    return f":pencil2: {by(payload)} {done}: it goes out {moment(due_at)}{instead}."


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
    """Name who did it."""
    return mrkdwn.person(payload["by"])


def moment(text: str) -> str:
    """Give a time of the payload as each reader's own clock shows it."""
    return mrkdwn.moment(datetime.fromisoformat(text))

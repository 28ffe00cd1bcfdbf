"""Approval: how far a post is on its way to it, who is asked, and the buttons of those who decide."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from bot.views import post_buttons
from core.decisions import Seen
from core.models import Approval, Decision, Member, PostState, PublicationState
from core.posts import PostView
from core.standings import Signature, StageStanding, Standing

MOST_NAMED = 10  # people
BY_LINK = "the client, by a private link"
LONGEST_OBJECTION = 600  # characters on the card; its thread has all of it
HEADLINES = {
    PostState.IN_APPROVAL: "Waiting for approval",
    PostState.CHANGES_REQUESTED: "Changes requested",
    PostState.REJECTED: "Rejected",
    PostState.WITHDRAWN: "Withdrawn",
    PostState.EXPIRED: "Not approved in time",
    PostState.APPROVED: "Approved, but its time is over",
}
# Nobody is asked any more
OVER = {PostState.REJECTED, PostState.WITHDRAWN, PostState.EXPIRED, PostState.APPROVED}
# As long as nothing of it is live, whoever agreed can take that back
MAY_TAKE_BACK = {
    PostState.IN_APPROVAL,
    PostState.APPROVED,
    PostState.SCHEDULED,
    PostState.PUBLISHING,
    PostState.LATE,
}
MAY_BE_LIVE = {PublicationState.PUBLISHED, PublicationState.NEEDS_REVIEW}
OBJECTIONS = {
    PostState.CHANGES_REQUESTED: (Decision.CHANGES_REQUESTED, ":pencil2: {} asks for changes:"),
    PostState.REJECTED: (Decision.REJECTED, ":x: {} rejected this:"),
}


def value(post: PostView) -> str:
    """Say what a decision is about: this version, in this round of asking, at this stage."""
    return dump(Seen.of(post.post))


def dump(seen: Seen) -> str:
    """Write down what somebody had in front of them, as a button carries it."""
    return f"{seen.post_id}:{seen.version}:{seen.round}:{seen.stage or 0}"


def parse(value: str) -> Seen:
    """Read it back; buttons that were drawn before stages were written down have three parts."""
    post_id, version, number, *stage = value.split(":")
    return Seen(UUID(post_id), int(version), int(number), int(stage[0]) or None if stage else None)


# --- how far it is ----------------------------------------------------------------------------------------


def headline(post: PostView) -> str:
    """Say in a few words how far a post is; of one that waits, what its stage has of what it needs."""
    words = HEADLINES[post.post.state]
    stage = post.standing.current if post.standing else None
    if post.post.state is PostState.IN_APPROVAL and stage and post.standing:
        which = f"{stage.name}, " if len(post.standing.stages) > 1 else ""
        return f"{words} · {which}{stage.given} of {stage.needs}"
    return words


def when(post: PostView) -> Iterator[Block]:
    """Say when it goes out, or was to."""
    due_at, state, overdue = post.post.due_at, post.post.state, post.post.overdue_at is not None
    if state is PostState.APPROVED and due_at:
        late = f":alarm_clock: Everybody has approved this, but it was to go out {mrkdwn.moment(due_at)}."
        yield blocks.section(f"{late} Publish it now, or choose another time.")
    elif state is PostState.IN_APPROVAL and due_at and overdue:
        yield blocks.section(
            f":alarm_clock: This was to go out {mrkdwn.moment(due_at)}, and is not approved yet."
        )
    elif state is PostState.EXPIRED and due_at:
        yield blocks.section(
            f":alarm_clock: This was to go out {mrkdwn.moment(due_at)}, if approved by then."
        )
    elif state in (PostState.IN_APPROVAL, PostState.CHANGES_REQUESTED):
        once = "changed and approved" if state is PostState.CHANGES_REQUESTED else "approved"
        said = f"To go out {mrkdwn.moment(due_at)}" if due_at else f"To be published once it is {once}"
        yield blocks.section(f"*{said}*")


def asked_by(post: PostView) -> str:
    """Say who asked: whoever sent it last, or gave it another time."""
    by = post.asked_by or post.editor
    return f"Approval asked for by {mrkdwn.person(by.slack_user_id)}"


def paragraphs(post: PostView) -> Iterator[Block]:
    """Say of each stage who agreed and who is asked, and what was said against it; afterwards who agreed."""
    standing, state = post.standing, post.post.state
    if standing is None:
        return
    if state not in HEADLINES:
        agreed, signed = everybody(standing), [one for stage in standing.stages for one in stage.signed]
        if agreed or signed:
            yield blocks.context(f"Approved by {people(agreed, signatures(signed))}")
        return
    for stage in standing.stages:
        yield blocks.section(stage_words(stage, standing, is_asked=state is PostState.IN_APPROVAL))
    yield from objection(post)


def everybody(standing: Standing) -> list[Member]:
    """Give the members who agreed, each once."""
    return list({one.id: one for stage in standing.stages for one in stage.agreed}.values())


def stage_words(stage: StageStanding, standing: Standing, *, is_asked: bool) -> str:
    """Say of a stage what it has of what it needs, who agreed, and who is asked now or next."""
    approvals = "approval" if stage.needs == 1 else "approvals"
    lines = [f"{mrkdwn.bold(stage.name)} · {stage.given} of {stage.needs} {approvals}"]
    if stage.agreed or stage.signed:
        lines.append(f":white_check_mark: Approved by {people(stage.agreed, signatures(stage.signed))}")
    if is_asked and not stage.is_done and not stage.asked and not stage.by_link:
        lines.append(":warning: Nobody is there who could approve this")
    elif is_asked and not stage.is_done:
        asked = "Asked" if stage == standing.current else "Asked next"
        lines.append(f":hourglass_flowing_sand: {asked}: {people(stage.asked, [BY_LINK] * stage.by_link)}")
    if is_asked and stage.by_link and not stage.is_done and stage == standing.current:
        lines.append(f":link: {link_words(standing)}")
    return "\n".join(lines)


def link_words(standing: Standing) -> str:
    """Say whether the client has a link by which to decide."""
    if standing.link:
        return f"A private link is out. It is good until {mrkdwn.moment(standing.link.expires_at)}."
    return "No private link is out yet: somebody makes it with *Link for the client*, and sends it to them."


def signatures(signed: Sequence[Signature]) -> list[str]:
    """Name who agreed by a private link, and who made it: whoever has a link can use it."""
    return [
        f"{mrkdwn.escape(one.name)} (by the private link"
        + (f" from {mrkdwn.person(one.sent_by.slack_user_id)})" if one.sent_by else ")")
        for one in signed
    ]


def people(members: Sequence[Member], others: Sequence[str] = ()) -> str:
    """Mention members, and name others in mrkdwn; many are counted."""
    all_of_them = [*(mrkdwn.person(one.slack_user_id) for one in members), *others]
    more = len(all_of_them) - MOST_NAMED
    named = [*all_of_them[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return mrkdwn.listed(named) if named else "nobody"


def objection(post: PostView) -> Iterator[Block]:
    """Say who said what against it, exactly as it was typed."""
    standing, (decision, words) = post.standing, OBJECTIONS.get(post.post.state, (None, ""))
    against = standing.objection if standing else None
    if standing is None or against is None or against.decision is not decision:
        return
    yield blocks.section(words.format(objector(standing, against)))
    if against.comment:
        yield blocks.quote(mrkdwn.shortened(against.comment, LONGEST_OBJECTION))


def objector(standing: Standing, against: Approval) -> str:
    """Say who objected: a member, or by the name that was typed where the client's private link led."""
    by = standing.objector
    return mrkdwn.person(by.slack_user_id) if by else mrkdwn.escape(against.reviewer_name or "Somebody")


# --- the buttons ------------------------------------------------------------------------------------------


def rows(post: PostView) -> Iterator[Block]:
    """Offer what can be done with a post that somebody is asked about: first to those who decide."""
    edit, cancel = post_buttons.edit_button(post), post_buttons.cancel_button(post)
    if post.post.state is PostState.IN_APPROVAL:
        current = post.standing.current if post.standing else None
        if current is None or current.asked:
            yield blocks.actions(*decision_buttons(post))
        if post.standing and current and current.by_link:
            yield blocks.actions(*link_buttons(post, post.standing))
        yield blocks.actions(*author_buttons(post), *take_back_buttons(post))
    elif post.post.state is PostState.APPROVED:
        move = post_buttons.move_button(post, "Choose another time")
        yield blocks.actions(post_buttons.now_button(post), move, edit, cancel, *take_back_buttons(post))
    else:
        yield blocks.actions(edit, cancel)


def author_buttons(post: PostView) -> list[Block]:
    """Offer what whoever writes for the client can do with a post that waits for approval."""
    return [post_buttons.edit_button(post), post_buttons.move_button(post), withdraw_button(post)]


def decision_buttons(post: PostView) -> list[Block]:
    """Offer what can be said to a post."""
    return [
        approve_button(post),
        blocks.button("Ask for changes", ids.ASK_CHANGES, value(post)),
        blocks.button("Reject", ids.REJECT, value(post), style="danger"),
    ]


def link_buttons(post: PostView, standing: Standing) -> list[Block]:
    """Offer the private link by which the client decides, and to end the one that is there."""
    if standing.link is None:
        return [blocks.button("Link for the client", ids.MAKE_LINK, value(post))]
    anew = blocks.confirmation(
        "Make another link?",
        "The one that is out no longer works then, whoever has it.",
        yes="Make another",
        no="Leave it",
    )
    made = blocks.button("Another link", ids.MAKE_LINK, value(post), confirm=anew)
    asked = blocks.confirmation(
        "Revoke the link?",
        "Whoever has it can no longer decide with it. You can make another one.",
        yes="Revoke",
        no="Leave it",
        danger=True,
    )
    return [made, blocks.button("Revoke link", ids.REVOKE_LINK, value(post), confirm=asked)]


def approve_button(post: PostView) -> Block:
    """Offer to agree."""
    return blocks.button("Approve", ids.APPROVE, value(post), style="primary")


def withdraw_button(post: PostView) -> Block:
    """Offer to ask nobody any more; it asks first."""
    asked = blocks.confirmation(
        "Withdraw this post?",
        "Nobody is asked to approve it any more, and it does not go out. You can edit it and ask again.",
        yes="Withdraw",
        no="Keep asking",
    )
    return blocks.button("Withdraw", ids.WITHDRAW, value(post), confirm=asked)


def take_back_buttons(post: PostView) -> list[Block]:
    """Offer those who agreed to take that back, where somebody did and it is not too late; it asks first."""
    if post.standing is None or not everybody(post.standing) or post.post.state not in MAY_TAKE_BACK:
        return []
    if any(one.state in MAY_BE_LIVE for one in post.publications):
        return []
    asked = blocks.confirmation(
        "Take your approval back?",
        "This post goes out only once it is approved again.",
        yes="Take it back",
        no="Leave it",
    )
    return [blocks.button("Take back approval", ids.TAKE_BACK, value(post), confirm=asked)]

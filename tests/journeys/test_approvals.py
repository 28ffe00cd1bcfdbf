"""Approval: who is asked, what they say, and what becomes of the post then."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import update
from sqlmodel import col, select, text

from bot import mrkdwn
from core import drafts, overdue, policies, submissions
from core.db import Actor
from core.decisions import OTHER
from core.drafts import Content
from core.models import (
    Approval,
    AuditEntry,
    ClientRole,
    Decision,
    Fit,
    Member,
    Mode,
    Platform,
    Post,
    PostState,
    PostVersion,
    Publication,
    PublicationState,
)
from core.policies import Rules, Stage
from pressroom.schema import Addresses, driver_url
from tests.bot.test_requests import FORM, interaction, knock
from tests.drivers.slack import GENERAL, NORTHWIND, Person, Place, has_field
from tests.journeys.conftest import House, Northwind
from tests.journeys.test_scheduling import in_hours, labels, submit_of
from tests.journeys.waiting import live

WAITS = "Waiting for approval · {} · Northwind Coffee"
MANAGERS = Stage("Brand check", 1, frozenset({ClientRole.MANAGER}))
BOTH = Stage("Brand check", None, frozenset({"admin", ClientRole.MANAGER}))
CLIENT = Stage("Client", 1, frozenset({ClientRole.REVIEWER}))
DECIDE = ["Approve", "Ask for changes", "Reject"]
YES = ["Approve this"]
CARD = [*DECIDE, "Edit", "Move", "Withdraw"]
ASKED_AGAIN = "Not everybody whom its client asks has approved this. They are asked now"
LATER = ["Publish now", "Choose another time", "Edit", "Cancel post"]


async def rules(
    house: House, northwind: Northwind, *stages: Stage, mode: Mode = Mode.REQUIRED, **more: bool
) -> None:
    """Have Northwind's posts approved like this."""
    said = Rules(mode, stages or (MANAGERS,), **more)
    await policies.change(house.services, northwind.dana, client_id=northwind.client.id, rules=said)


async def reviewed_by(house: House, northwind: Northwind, person: Person) -> None:
    """Let somebody from outside be one of the client's reviewers."""
    dana = house.slack.dana
    await dana.says("/social clients", GENERAL)
    await dana.sees_modal(northwind.client.name)
    await dana.clicks("Edit")
    await dana.submits(Reviewers=[person])
    await dana.sees_modal(f"Reviewers: <@{person.id}>")
    await dana.goes_back()


async def asks(
    person: Person,
    caption: str = "Good morning",
    *,
    needs: int = 1,
    due_at: datetime | None = None,
    stage: str = "",
) -> Place:
    """Write a post that must be approved, and find its card."""
    await person.says("/publish", NORTHWIND)
    await person.submits(Accounts=["Facebook"], Caption=caption, When=due_at)
    preview = await person.sees_modal("Approval is asked for first")
    assert submit_of(preview) == "Ask for approval"
    await person.submits()
    await person.sees_no_modal()
    return await person.sees(WAITS.format(f"{stage}0 of {needs}"), NORTHWIND)


async def edits(person: Person, card: Place, caption: str) -> None:
    """Change what a post says, and ask anew."""
    await card.clicks("Edit")
    await person.submits(Caption=caption)
    assert submit_of(await person.sees_modal("Approval is asked for first")) == "Ask for approval"
    await person.submits()
    await person.sees_no_modal()


async def said(person: Person, card: Place, words: str) -> str:
    """Wait for a reply in the card's thread."""
    return (await person.sees(words, NORTHWIND, thread=card.id)).text


async def pressed(
    house: House, http: httpx.AsyncClient, person: Person, card: Place, label: str
) -> httpx.Response:
    """Press a button that still stands on somebody's screen; there is no place to answer but directly."""
    block, button = card.button(label)
    late = interaction(
        type="block_actions",
        user={"id": person.id, "team_id": "T0BRIGHT01"},
        channel={"id": NORTHWIND},
        container={"type": "message", "channel_id": NORTHWIND, "message_ts": card.id},
        actions=[{"block_id": block["block_id"], "action_id": button["action_id"], "value": button["value"]}],
    )
    return await knock(http, late, kind=FORM, house=house.url)


# What the database says


async def decisions(house: House, northwind: Northwind) -> list[tuple[str, Decision, int, int]]:
    """Give what was decided: by whom, what, about which version, in which round; in its order."""
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        both = select(Member.slack_user_id, Approval).join(Member, col(Member.id) == Approval.member_id)
        found = await session.exec(both.order_by(text("number")))
        return [(who, one.decision, one.version, one.round) for who, one in found]


async def deeds(house: House, northwind: Northwind) -> list[tuple[str, str]]:
    """Give who did what with posts, the oldest first."""
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        told = select(AuditEntry).where(col(AuditEntry.post_id).is_not(None))
        found = await session.exec(told.order_by(col(AuditEntry.created_at)))
        return [(entry.user_id, entry.action) for entry in found]


async def states(house: House, northwind: Northwind) -> tuple[PostState, set[PublicationState]]:
    """Give the only post's state, and those of the publications that count."""
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        post = (await session.exec(select(Post))).one()
        theirs = select(Publication.state).where(Publication.version == post.version)
        return post.state, set(await session.exec(theirs))


# --- agreeing -----------------------------------------------------------------------------------------------


async def test_nothing_goes_out_before_it_is_approved(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    card = await asks(lee)
    assert labels(card) == CARD
    assert f"Approval asked for by <@{lee.id}>" in card.text
    assert f"*Brand check* · 0 of 1 approval\n:hourglass_flowing_sand: Asked: <@{dana.id}>" in card.text
    assert "waits for approval" in card.text
    assert f"<@{dana.id}>, please have a look" in await said(dana, card, "asks for approval")
    assert await states(house, northwind) == (PostState.IN_APPROVAL, {PublicationState.HELD})
    assert await live(house) == []

    await card.clicks("Approve")
    await lee.sees("Somebody else decides about what you wrote", NORTHWIND)
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Approve")
    card = await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert f"Approved by <@{dana.id}>" in card.text
    assert "it is published now" in await said(lee, card, "Everybody has approved this")
    assert await live(house) == ["Good morning"]
    assert await decisions(house, northwind) == [(dana.id, Decision.APPROVED, 1, 1)]
    assert await deeds(house, northwind) == [
        (lee.id, "approval_requested"),
        (dana.id, "post_approved"),
        ("pressroom", "post_published"),
    ]


async def test_stage_follows_stage_and_the_client_signs_off_in_the_shared_channel(
    house: House, northwind: Northwind
) -> None:
    ada, dana, lee, otto = house.slack.ada, house.slack.dana, house.slack.lee, house.slack.otto
    await reviewed_by(house, northwind, otto)
    await rules(house, northwind, BOTH, CLIENT)
    due_at = in_hours(3)
    card = await asks(lee, needs=2, due_at=due_at, stage="Brand check, ")
    assert f"To go out {mrkdwn.moment(due_at)}" in card.text
    assert f"Asked next: <@{otto.id}>" in card.text

    await (await otto.sees(WAITS.format("Brand check, 0 of 2"), NORTHWIND)).clicks("Approve")
    refusal = await otto.sees("waits for somebody else", NORTHWIND)
    assert "Ada Lindqvist or Dana Reyes can approve it" in refusal.text
    assert not [one for one in await dana.messages(NORTHWIND) if "somebody else" in one.text]

    await (await ada.sees(WAITS.format("Brand check, 0 of 2"), NORTHWIND)).clicks("Approve")
    card = await dana.sees(WAITS.format("Brand check, 1 of 2"), NORTHWIND)
    assert f"Approved by <@{ada.id}>" in card.text
    assert "1 of 2" in await said(dana, card, f"<@{ada.id}> approved this")
    await card.clicks("Approve")
    card = await otto.sees(WAITS.format("Client, 0 of 1"), NORTHWIND)
    assert f"<@{otto.id}>, please have a look" in await said(otto, card, "Next: *Client*")
    await card.clicks("Approve")
    card = await lee.sees("Scheduled · Northwind Coffee", NORTHWIND)
    assert labels(card)[-1] == "Take back approval"
    assert f"Approved by <@{ada.id}>, <@{dana.id}> and <@{otto.id}>" in card.text
    assert mrkdwn.moment(due_at) in await said(lee, card, "Everybody has approved this: it goes out")
    assert await states(house, northwind) == (PostState.SCHEDULED, {PublicationState.SCHEDULED})
    given = [(one.id, Decision.APPROVED, 1, 1) for one in (ada, dana, otto)]
    assert await decisions(house, northwind) == given
    assert (otto.id, "post_approved") in await deeds(house, northwind)
    card = await otto.sees("Scheduled · Northwind Coffee", NORTHWIND)
    await card.clicks("Edit")  # nothing else is open to him
    refusal = await otto.sees_modal("Pressroom is for the members of the workspace")
    assert "Ask Dana Reyes." in refusal.text


async def test_what_is_approved_too_late_asks_when_it_goes_out(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    await asks(lee, due_at=in_hours(3))
    await its_time_passes(house, northwind)
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Approve")
    card = await lee.sees("Approved, but its time is over", NORTHWIND)
    assert labels(card) == [*LATER, "Take back approval"]
    assert f"<@{lee.id}>, choose on the card" in await said(lee, card, "choose on the card above")
    await card.clicks("Publish now")
    await lee.sees("Published · Northwind Coffee", NORTHWIND)
    assert await live(house) == ["Good morning"]


async def its_time_passes(house: House, northwind: Northwind) -> None:
    """Let its time have been an hour ago."""
    over = datetime.now(UTC) - timedelta(hours=1)
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        await session.exec(update(Post).values(due_at=over))
        await session.exec(update(Publication).values(due_at=over))


async def ada_manages_too(house: House, northwind: Northwind) -> None:
    """Have the agency's admin manage the client beside Dana, so that she is asked where all managers are."""
    dana = house.slack.dana
    await dana.says("/social clients", GENERAL)
    await dana.sees_modal(northwind.client.name)
    await dana.clicks("Edit")
    await dana.submits(Managers=[dana, house.slack.ada])
    await dana.sees_modal(northwind.client.name)
    await dana.goes_back()


@pytest.mark.parametrize("how", ["Publish now", "Choose another time"])
async def test_what_lacks_somebody_s_word_by_now_has_them_asked_for_it(
    house: House, northwind: Northwind, how: str
) -> None:
    ada, dana, lee = house.slack.ada, house.slack.dana, house.slack.lee
    await rules(house, northwind, Stage("Brand check", None, frozenset({ClientRole.MANAGER})))
    await asks(lee, due_at=in_hours(3))
    await its_time_passes(house, northwind)
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Approve")
    card = await lee.sees("Approved, but its time is over", NORTHWIND)
    await ada_manages_too(house, northwind)

    await card.clicks(how)
    if how == "Publish now":
        await lee.sees(ASKED_AGAIN, NORTHWIND)
    else:
        await lee.submits(When=in_hours(5))
        await lee.sees_modal(ASKED_AGAIN)
        await lee.goes_back()
    card = await ada.sees(WAITS.format("1 of 2"), NORTHWIND)
    assert f"Approved by <@{dana.id}>\n:hourglass_flowing_sand: Asked: <@{ada.id}>" in card.text
    told = await said(ada, card, "Not everybody who is asked has approved this by now")
    assert f"<@{ada.id}>, please have a look" in told
    assert await states(house, northwind) == (PostState.IN_APPROVAL, {PublicationState.HELD})
    deed = "post_sent_now" if how == "Publish now" else "post_moved"
    assert (await deeds(house, northwind))[-1] == (lee.id, deed)

    await card.clicks("Approve")
    after = "Published" if how == "Publish now" else "Scheduled"
    await lee.sees(f"{after} · Northwind Coffee", NORTHWIND)
    assert await decisions(house, northwind) == [(one.id, Decision.APPROVED, 1, 1) for one in (dana, ada)]


@pytest.mark.parametrize("expires", [False, True], ids=["asks", "is over"])
async def test_what_is_not_approved_by_its_time_waits_on_or_is_over(
    house: House, northwind: Northwind, *, expires: bool
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind, expires=expires)
    card = await asks(lee, due_at=in_hours(3))
    await its_time_passes(house, northwind)
    await overdue.guard(house.services)
    if not expires:
        reply = await said(dana, card, "The time of this post is over")
        assert f"<@{dana.id}>, please have a look" in reply
        return
    await said(lee, card, "this was not approved by its time")
    card = await lee.sees("Not approved in time · Northwind Coffee", NORTHWIND)
    assert labels(card) == ["Edit", "Cancel post"]


async def test_a_post_that_nobody_could_approve_is_not_asked_about(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await rules(house, northwind)
    await dana.says("/publish", NORTHWIND)
    await dana.submits(Accounts=["Facebook"], Caption="Mine")
    assert "nobody, other than who wrote it" in (await dana.sees_modal("Approval is asked for first")).text
    await dana.submits()
    assert "there is nobody to approve this" in (await dana.sees_modal("Please check")).text
    assert (await states(house, northwind))[0] is PostState.DRAFT


async def test_nobody_approves_their_own_post_and_it_says_who_can(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await rules(house, northwind, Stage("Brand check", 1, BOTH.roles))
    card = await asks(dana)
    for label in DECIDE[1:]:
        await card.clicks(label)
        await dana.sees_modal("Somebody else decides about what you wrote. Ada Lindqvist can approve it.")
        await dana.goes_back()
    await card.clicks("Approve")
    await dana.sees("Somebody else decides about what you wrote. Ada Lindqvist can approve it.", NORTHWIND)
    assert await decisions(house, northwind) == []
    assert (await states(house, northwind))[0] is PostState.IN_APPROVAL


# --- objecting ----------------------------------------------------------------------------------------------


async def test_changes_are_asked_for_made_and_approved(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    await asks(lee, "Good mornin")
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Ask for changes")
    await dana.sees_modal("Good mornin")
    await dana.submits(**{"What should be different?": "   "})
    assert await dana.sees_errors() == {"What should be different?": "Say what should be different."}
    await dana.submits(**{"What should be different?": "The g <!here> & all"})
    await dana.sees_no_modal()
    card = await lee.sees("Changes requested · Northwind Coffee", NORTHWIND)
    assert labels(card) == ["Edit", "Cancel post"]
    assert f"<@{dana.id}> asks for changes:\nThe g <!here> & all" in card.text
    reply = await said(lee, card, "asks for changes")
    assert f"<@{lee.id}>" in reply
    assert "The g <!here> & all" in reply
    assert "Changes requested" in (await lee.home("Needs attention")).text
    await card.clicks("Edit")
    await lee.sees_modal(f"<@{dana.id}> asks for changes:\nThe g <!here> & all")
    await lee.goes_back()

    await edits(lee, card, "Good morning")
    card = await dana.sees(WAITS.format("0 of 1"), NORTHWIND)
    assert "The g" not in card.text
    changed = await said(dana, card, "changed the caption")
    assert "published now" not in changed
    assert "no longer count" not in changed
    await card.clicks("Approve")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await live(house) == ["Good morning"]
    assert await decisions(house, northwind) == [
        (dana.id, Decision.CHANGES_REQUESTED, 1, 1),
        (dana.id, Decision.APPROVED, 2, 2),
    ]
    assert [what for _, what in await deeds(house, northwind)] == [
        "approval_requested",
        "post_changes_requested",
        "approval_requested",
        "post_approved",
        "post_published",
    ]


async def test_a_post_is_rejected_and_called_off(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    await asks(lee)
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Reject")
    await dana.submits(**{"Why should it not go out?": "Not us"})
    card = await lee.sees("Rejected · Northwind Coffee", NORTHWIND)
    assert f"<@{dana.id}> rejected this:\nNot us" in card.text
    assert "does not go out" in card.text
    assert f"<@{lee.id}>" in await said(lee, card, "rejected this")
    await card.clicks("Cancel post")
    await lee.sees("Cancelled · Northwind Coffee", NORTHWIND)
    assert await states(house, northwind) == (PostState.CANCELLED, {PublicationState.CANCELLED})
    assert await decisions(house, northwind) == [(dana.id, Decision.REJECTED, 1, 1)]
    assert (dana.id, "post_rejected") in await deeds(house, northwind)


# --- what changed in the meantime ---------------------------------------------------------------------------


async def test_a_stale_button_says_when_it_changed_and_does_nothing(
    house: House, northwind: Northwind, http: httpx.AsyncClient
) -> None:
    ada, dana, lee = house.slack.ada, house.slack.dana, house.slack.lee
    await rules(house, northwind, BOTH)
    old = await asks(lee, "Old", needs=2)
    await (await ada.sees(WAITS.format("0 of 2"), NORTHWIND)).clicks("Approve")
    card = await lee.sees(WAITS.format("1 of 2"), NORTHWIND)
    await edits(lee, card, "New")
    assert "The approvals so far no longer count." in await said(lee, card, "changed the caption")
    await dana.sees(WAITS.format("0 of 2"), NORTHWIND)

    assert (await pressed(house, http, dana, old, "Approve")).is_success
    told = await dana.sees("changed in the meantime", await dana.direct_messages())
    assert f"It changed {mrkdwn.moment(await changed_at(house, northwind))}." in told.text
    assert await decisions(house, northwind) == [(ada.id, Decision.APPROVED, 1, 1)]
    assert (await states(house, northwind))[0] is PostState.IN_APPROVAL


async def changed_at(house: House, northwind: Northwind) -> datetime:
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        return (await session.exec(select(Post))).one().updated_at


async def test_what_was_typed_stays_when_the_post_changed_meanwhile(
    house: House, northwind: Northwind
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    card = await asks(lee, "Old")
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Reject")
    await dana.enters(**{"Why should it not go out?": "Too long"})
    await edits(lee, card, "New")
    await dana.submits()
    assert "It changed" in (await dana.sees_modal("changed in the meantime")).text
    await dana.goes_back()
    form = await dana.sees_modal("Why should it not go out?")
    assert form.entered_in("Why should it not go out?") == "Too long"
    assert await decisions(house, northwind) == []


async def test_whoever_approved_twice_is_told_so(
    house: House, northwind: Northwind, http: httpx.AsyncClient
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind, BOTH)
    card = await asks(lee, needs=2)
    for _ in range(2):
        assert (await pressed(house, http, dana, card, "Approve")).is_success
    told = await dana.sees("You have approved this already", await dana.direct_messages())
    assert "It changed" not in told.text
    assert await decisions(house, northwind) == [(dana.id, Decision.APPROVED, 1, 1)]


async def test_another_time_asks_anew_where_the_rules_want_that(house: House, northwind: Northwind) -> None:
    ada, dana, lee = house.slack.ada, house.slack.dana, house.slack.lee
    await rules(house, northwind, BOTH, time_counts=True)
    await asks(lee, needs=2, due_at=in_hours(3))
    await (await ada.sees(WAITS.format("0 of 2"), NORTHWIND)).clicks("Approve")
    card = await lee.sees(WAITS.format("1 of 2"), NORTHWIND)
    await card.clicks("Move")
    await lee.sees_modal("So far")
    await lee.submits(When=in_hours(5))
    await lee.sees_modal("It has its new time. Everybody is asked to approve it anew.")
    await lee.goes_back()
    card = await dana.sees(WAITS.format("0 of 2"), NORTHWIND)
    await said(dana, card, f"<@{lee.id}> moved this: it is to go out {mrkdwn.moment(in_hours(5))}")
    assert await states(house, northwind) == (PostState.IN_APPROVAL, {PublicationState.HELD})


async def test_an_edit_of_the_time_alone_keeps_what_was_approved(house: House, northwind: Northwind) -> None:
    ada, lee = house.slack.ada, house.slack.lee
    await rules(house, northwind, BOTH)
    await asks(lee, needs=2, due_at=in_hours(3))
    await (await ada.sees(WAITS.format("0 of 2"), NORTHWIND)).clicks("Approve")
    card = await lee.sees(WAITS.format("1 of 2"), NORTHWIND)
    await card.clicks("Edit")
    await lee.submits(When=in_hours(5))
    await lee.sees_modal("Only its time changes.")
    await lee.submits()
    await lee.sees_no_modal()
    await said(lee, card, f"<@{lee.id}> moved this: it is to go out {mrkdwn.moment(in_hours(5))}")
    await lee.sees(WAITS.format("1 of 2"), NORTHWIND)


# --- people from outside ------------------------------------------------------------------------------------


async def test_a_reviewer_from_outside_reads_all_of_it_and_can_object_with_reasons(
    house: House, northwind: Northwind
) -> None:
    lee, otto = house.slack.lee, house.slack.otto
    await reviewed_by(house, northwind, otto)
    await rules(house, northwind, CLIENT)
    await asks(lee, f"{'Good morning. ' * 60}All at half price!")
    card = await otto.sees(WAITS.format("0 of 1"), NORTHWIND)
    assert "half price" not in card.text
    await card.clicks("Show all")
    await otto.sees_modal("All at half price!")
    await otto.clicks("Ask for changes")
    await otto.submits(**{"What should be different?": "Our new name"})
    await otto.sees_modal("Changes requested")
    card = await lee.sees("Changes requested · Northwind Coffee", NORTHWIND)
    assert f"<@{otto.id}> asks for changes:\nOur new name" in card.text
    assert await decisions(house, northwind) == [(otto.id, Decision.CHANGES_REQUESTED, 1, 1)]


async def test_who_does_not_work_for_the_client_is_told_who_decides(
    house: House, northwind: Northwind
) -> None:
    lee, otto = house.slack.lee, house.slack.otto
    await rules(house, northwind)
    await asks(lee)
    card = await otto.sees(WAITS.format("0 of 1"), NORTHWIND)
    await card.clicks("Approve")
    await otto.sees("This waits for somebody else. Dana Reyes can approve it.", NORTHWIND)
    await card.clicks("Reject")
    await otto.sees_modal("This waits for somebody else. Dana Reyes can approve it.")
    assert await decisions(house, northwind) == []


# --- going back ---------------------------------------------------------------------------------------------


async def test_its_author_withdraws_it_and_asks_anew(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    card = await asks(lee, due_at=in_hours(3))
    await card.clicks("Withdraw")
    card = await lee.sees("Withdrawn · Northwind Coffee", NORTHWIND)
    assert labels(card) == ["Edit", "Cancel post"]
    await said(dana, card, f"<@{lee.id}> withdrew this")
    assert await states(house, northwind) == (PostState.WITHDRAWN, {PublicationState.HELD})
    await edits(lee, card, "Better")
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Approve")
    await dana.sees("Scheduled · Northwind Coffee", NORTHWIND)
    assert (lee.id, "post_withdrawn") in await deeds(house, northwind)


async def test_an_approval_is_taken_back_while_nobody_sees_the_post(
    house: House, northwind: Northwind
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    await asks(lee, due_at=in_hours(3))
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Approve")
    card = await lee.sees("Scheduled · Northwind Coffee", NORTHWIND)
    assert labels(card) == ["Publish now", "Move", "Edit", "Cancel post", "Take back approval"]
    await card.clicks("Take back approval")
    told = await lee.sees("You have not approved this", NORTHWIND)
    assert "It changed" not in told.text
    await (await dana.sees("Scheduled · Northwind Coffee", NORTHWIND)).clicks("Take back approval")
    card = await lee.sees(WAITS.format("0 of 1"), NORTHWIND)
    await said(lee, card, f"<@{dana.id}> took their approval back")
    assert await states(house, northwind) == (PostState.IN_APPROVAL, {PublicationState.HELD})
    assert [what for _, what, _, _ in await decisions(house, northwind)] == [
        Decision.APPROVED,
        Decision.TAKEN_BACK,
    ]
    assert (dana.id, "post_taken_back") in await deeds(house, northwind)


# --- as whoever writes wants --------------------------------------------------------------------------------


async def test_whoever_writes_may_ask_for_approval(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind, mode=Mode.OPTIONAL)
    await lee.says("/publish", NORTHWIND)
    await lee.submits(Accounts=["Facebook"], Caption="Asked about")
    preview = await lee.sees_modal("Published at once")
    assert submit_of(preview) == "Publish now"
    assert "Brand check: one of Dana Reyes." in preview.text
    await lee.enters(Approval=["Ask for approval first"])
    preview = await lee.sees_modal("Published as soon as it is approved")
    assert submit_of(preview) == "Ask for approval"
    await lee.submits()
    card = await dana.sees(WAITS.format("0 of 1"), NORTHWIND)
    await edits(lee, await lee.looks_again(card), "Asked about anew")
    await (await dana.sees("Asked about anew", NORTHWIND)).clicks("Approve")
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    assert await live(house) == ["Asked about anew"]


async def test_whoever_writes_may_leave_it(house: House, northwind: Northwind) -> None:
    lee = house.slack.lee
    await rules(house, northwind, mode=Mode.OPTIONAL)
    await lee.says("/publish", NORTHWIND)
    await lee.submits(Accounts=["Facebook"], Caption="Left")
    await lee.enters(Approval=["Ask for approval first"])
    await lee.sees_modal("Published as soon as it is approved")
    await lee.enters(Approval=[])
    await lee.sees_modal("Published at once")
    await lee.submits()
    card = await lee.sees("Published · Northwind Coffee", NORTHWIND)
    assert "Approved by" not in card.text
    assert [what for _, what in await deeds(house, northwind)] == ["post_submitted", "post_published"]


# --- the rules ----------------------------------------------------------------------------------------------


def always(**more: object) -> dict[str, object]:
    return {"Must somebody approve?": "Always"} | more


@pytest.mark.usefixtures("northwind")
async def test_what_is_scheduled_already_goes_out_as_planned_and_the_manager_is_told(house: House) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await lee.says("/publish", NORTHWIND)
    await lee.submits(Accounts=["Facebook"], Caption="Nobody was asked", When=in_hours(3))
    await lee.sees_modal("Goes out")
    await lee.submits()
    await lee.sees_no_modal()
    card = await lee.sees("Scheduled · Northwind Coffee", NORTHWIND)
    await dana.says("/social approval", NORTHWIND)
    await dana.sees_modal("1 post is scheduled without approval. It goes out as planned")
    await dana.submits(**always(), **{"Name of stage 1": "Check", "Roles at stage 1": ["Managers"]})
    await dana.sees_modal("1 post was scheduled before without approval and goes out as planned.")
    await card.clicks("Publish now")
    await lee.sees(WAITS.format("0 of 1"), NORTHWIND)


async def test_a_manager_says_who_approves(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await dana.says("/social approval", NORTHWIND)
    form = await dana.sees_modal("Must somebody approve?")
    assert "No post waits for approval now." in form.text
    await dana.enters(**{"Name of stage 1": "Final"})
    await form.clicks("Add another stage")
    form = await dana.sees_modal(partial(has_field, "Name of stage 2"))
    assert form.entered_in("Name of stage 1") == "Final"
    await form.clicks("Add another stage")
    await (await dana.sees_modal(partial(has_field, "Name of stage 3"))).clicks("Add another stage")
    form = await dana.sees_modal(partial(has_field, "Name of stage 4"))
    assert "Add another stage" not in form.text
    await dana.submits(**always(), **{"Name of stage 1": ""})
    assert await dana.sees_errors() == {
        "Must somebody approve?": "Say who approves: fill in at least one stage, and at most 4."
    }
    await dana.submits(
        **{"Name of stage 2": "Final", "Name of stage 3": "Client", "People at stage 3": [house.slack.otto]}
    )
    assert await dana.sees_errors() == {
        "Roles at stage 2": policies.NOBODY,
        "People at stage 3": "Otto Brandt cannot approve for Northwind Coffee: add them to the client first.",
    }
    await dana.submits(**{"Roles at stage 2": ["Authors"], "How many at stage 2": "Three"})
    assert (await dana.sees_errors())["How many at stage 2"] == (
        "There is only 1 to ask for 3. Choose more people, or fewer approvals."
    )
    by_link = {"Roles at stage 2": ["The client, by a private link"], "How many at stage 2": "All"}
    await dana.submits(**by_link)
    assert (await dana.sees_errors())["How many at stage 2"] == policies.ONCE
    third = {"Name of stage 3": "", "People at stage 3": []}
    await dana.submits(**third, **{"Roles at stage 2": ["Managers", "Admins"], "How many at stage 2": "All"})
    await dana.sees_modal("None goes out without approval.")
    await dana.goes_back()
    assert await the_rules(house, northwind) == Rules(
        Mode.REQUIRED, (Stage("Final", None, frozenset({"admin", ClientRole.MANAGER})),)
    )

    await asks(lee, needs=2)
    await dana.says("/social clients", GENERAL)
    await (await dana.sees_modal("Northwind Coffee")).clicks("Approval")
    form = await dana.sees_modal("Must somebody approve?")
    assert "1 post waits for approval now. It stays under the rules by which it was asked about." in form.text
    assert form.entered_in("Name of stage 1") == "Final"
    await dana.enters(Remind_those_who_are_asked="Never", How_often_at_most="Once")
    ticks = {
        "What else counts": ["When a post gets another time"],
        "People at stage 1": [dana],
        "How many at stage 1": "One",
    }
    await dana.submits(**ticks)
    await dana.sees_modal("Saved")
    changed = await the_rules(house, northwind)
    assert changed.stages[0].needs == 1
    assert changed.stages[0].member_ids == {northwind.dana.member_id}
    assert (changed.someone_else, changed.time_counts, changed.remind_hours) == (False, True, None)
    assert changed.most_reminders == 1
    assert await lee.sees(WAITS.format("0 of 2"), NORTHWIND)
    assert await changes(house, northwind) == 2


async def the_rules(house: House, northwind: Northwind) -> Rules:
    async with house.services.db.session(northwind.dana) as session:
        return await policies.rules_of(session, northwind.client.id)


async def changes(house: House, northwind: Northwind) -> int:
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        told = select(AuditEntry).where(AuditEntry.action == "policy_changed")
        return len((await session.exec(told)).all())


@pytest.mark.usefixtures("northwind")
async def test_only_managers_and_admins_change_who_approves(house: House) -> None:
    ada, lee = house.slack.ada, house.slack.lee
    await lee.says("/social approval", NORTHWIND)
    await lee.sees_modal("Only the managers of Northwind Coffee and your agency's admins can do this.")
    await ada.says("/social approval nobody", GENERAL)
    listing = await ada.sees_modal("You work for no client called")
    await listing.clicks("Approval")
    await ada.submits()
    await ada.sees_modal("Nobody has to approve them.")


# --- in lists -----------------------------------------------------------------------------------------------


def order(place: Place, words: Sequence[str]) -> list[int]:
    return [place.text.index(one) for one in words]


async def test_home_begins_with_what_waits_for_this_person(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    await asks(lee, "For Dana", due_at=in_hours(3))
    await lee.opens_home()
    assert "Waits for you" not in (await lee.home("Northwind Coffee")).text
    await dana.opens_home()
    home = await dana.home("Waits for you")
    assert order(home, ["Waits for you", "For Dana", "*Clients*"]) == sorted(
        order(home, ["Waits for you", "For Dana", "*Clients*"])
    )
    assert "Brand check, 0 of 1" in home.text
    await home.clicks("Review", beside="For Dana")
    assert labels(await dana.sees_modal("Brand check")) == CARD
    await dana.clicks("Approve")
    await dana.sees_modal("Goes out")
    await dana.goes_back()
    home = await dana.home("Scheduled next")
    assert "Waits for you" not in home.text
    assert await decisions(house, northwind) == [(dana.id, Decision.APPROVED, 1, 1)]


async def test_the_queue_has_the_stage_and_the_buttons(house: House, northwind: Northwind) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind, BOTH)
    await asks(lee, "First", needs=2, due_at=in_hours(3))
    await lee.says("/publish", NORTHWIND)
    await lee.submits(Accounts=["Facebook"], Caption="Second", When=in_hours(4))
    await lee.sees_modal("Approval is asked for first")
    await lee.submits()
    await dana.sees("Second", NORTHWIND)
    await dana.says("/social queue", NORTHWIND)
    queue = await dana.sees_modal("Second")
    assert queue.text.count("Waiting for approval · 0 of 2 (Brand check)") == 2
    assert labels(queue)[:5] == ["Approve several", "Review", "Edit", "Move", "Withdraw"]
    await queue.clicks("Review", beside="First")
    await dana.sees_modal("Brand check")
    await dana.clicks("Approve")
    await dana.sees_modal("1 of 2 approvals")
    await dana.goes_back()
    await queue.clicks("Review", beside="Second")
    await dana.sees_modal("Brand check")
    await dana.clicks("Ask for changes")
    await dana.submits(**{"What should be different?": "More"})
    await dana.sees_modal("Changes requested · Northwind Coffee")
    await dana.goes_back()
    await dana.sees_modal("1 of 2 (Brand check)")
    assert {what for _, what, _, _ in await decisions(house, northwind)} == {
        Decision.APPROVED,
        Decision.CHANGES_REQUESTED,
    }


# --- the client's private link ----------------------------------------------------------------------------


async def test_the_client_decides_on_a_page_that_a_private_link_leads_to(
    house: House, northwind: Northwind
) -> None:
    dana, lee, otto = house.slack.dana, house.slack.lee, house.slack.otto
    await rules(house, northwind, Stage("Client", 1, by_link=True))
    await asks(lee)
    card = await dana.sees(WAITS.format("0 of 1"), NORTHWIND)
    asked = await said(dana, card, "The client decides about it, by a private link")
    assert f"<@{dana.id}>, please press *Link for the client*" in asked
    assert "No private link is out yet" in card.text
    assert labels(card) == ["Link for the client", "Edit", "Move", "Withdraw"]
    await card.clicks("Link for the client")
    first = address_in((await dana.sees_modal("Send this to whoever decides")).text)
    assert "/review?ticket=" in first
    await dana.goes_back()
    assert "/review" not in "".join(one.text for one in await otto.messages(NORTHWIND))

    await (await dana.sees("Revoke link", NORTHWIND)).clicks("Revoke link")
    await dana.sees_no_more("Revoke link", NORTHWIND)
    assert (await house.slack.http.get(first)).status_code == httpx.codes.GONE

    await (await lee.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Link for the client")
    await lee.sees_modal("Dana Reyes can make the link for the client")
    await (await dana.sees("Link for the client", NORTHWIND)).clicks("Link for the client")
    second = address_in((await dana.sees_modal("Send this to whoever decides")).text)
    assert "Good morning" in (await house.slack.http.get(second)).text
    answer = await house.slack.http.post(second.split("?")[0], data=signature(second, "Nadia Okoye"))
    assert answer.is_redirect
    card = await lee.sees("Published · Northwind Coffee", NORTHWIND)
    assert f"Approved by Nadia Okoye (by the private link from <@{dana.id}>)" in card.text
    await said(lee, card, "Nadia Okoye (by the private link) approved this")


def signature(address: str, name: str) -> dict[str, str]:
    """Fill in the page's form: the first version is approved."""
    ticket = address.split("ticket=")[1]
    return {"ticket": ticket, "version": "1", "name": name, "comment": "", "decision": "approved"}


def address_in(shown: str) -> str:
    """Find the link in what somebody sees."""
    return next(word.strip("`") for word in shown.split() if "/review?ticket=" in word)


# --- who has left Slack -----------------------------------------------------------------------------------


async def test_who_is_deactivated_in_slack_is_not_waited_for(house: House, northwind: Northwind) -> None:
    ada, dana, lee = house.slack.ada, house.slack.dana, house.slack.lee
    await rules(house, northwind, BOTH)
    card = await asks(lee, needs=2)
    await (await dana.sees(WAITS.format("0 of 2"), NORTHWIND)).clicks("Approve")
    await said(lee, card, "Brand check*, 1 of 2")
    await house.slack.change("people", ada.id, deleted=True)
    await said(lee, card, "Nobody else is waited for here any more")
    await lee.sees("Published · Northwind Coffee", NORTHWIND)
    assert ("pressroom", "post_nobody_left") in await deeds(house, northwind)


async def test_when_the_last_is_deactivated_the_thread_says_who_can_help(
    house: House, northwind: Northwind
) -> None:
    ada, dana, lee = house.slack.ada, house.slack.dana, house.slack.lee
    await rules(house, northwind)
    card = await asks(lee)
    await house.slack.change("people", dana.id, deleted=True)
    told = await said(ada, card, "nobody is left who could approve this")
    assert f"<@{ada.id}>, nobody is left who could approve this: *Brand check*" in told
    now = await lee.sees("Nobody is there who could approve this", NORTHWIND)
    assert "Asked" not in now.text.replace("Approval asked", "")


# --- several at once --------------------------------------------------------------------------------------


async def test_several_are_looked_through_and_approved_each_by_itself(
    house: House, northwind: Northwind
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    for number in range(1, 4):
        await asks(lee, f"Number {number}", due_at=in_hours(number))
    await dana.says("/social queue", GENERAL)
    await dana.sees_modal("Number 3")
    await dana.clicks("Approve several")
    form = await dana.sees_modal("Look through them")
    assert all(f"Number {number}" in form.text for number in range(1, 4))
    await dana.submits()
    assert "Tick at least one post" in str(await dana.sees_errors())

    card = await lee.sees("Number 2", NORTHWIND)
    await card.clicks("Withdraw")
    await lee.sees("Withdrawn · Northwind Coffee", NORTHWIND)
    await dana.submits(**{"1. Northwind Coffee “Number 1”": YES, "2. Northwind Coffee “Number 2”": YES})
    done = await dana.sees_modal("You have approved 1 post")
    assert "This post was withdrawn in the meantime." in done.text
    assert [one for _, one, _, _ in await decisions(house, northwind)] == [Decision.APPROVED]
    assert [what for _, what in await deeds(house, northwind)].count("post_approved") == 1
    await lee.sees("Scheduled · Northwind Coffee", NORTHWIND)


async def test_of_several_that_are_approved_at_once_one_that_was_changed_meanwhile_is_not(
    house: House, northwind: Northwind
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    for number in range(1, 4):
        await asks(lee, f"Number {number}", due_at=in_hours(number))
    await dana.says("/social queue", NORTHWIND)
    await dana.sees_modal("Number 3")
    await dana.clicks("Approve several")
    await dana.sees_modal("Look through them")
    await edits(lee, await lee.sees("Number 2", NORTHWIND), "Number two, as nobody has seen it")

    await dana.submits(**{f"{one}. Northwind Coffee “Number {one}”": YES for one in range(1, 4)})
    done = await dana.sees_modal("You have approved 2 posts")
    assert f":warning: Northwind Coffee, “Number two, as nobody has seen it”: {OTHER}" in done.text
    assert sorted(await all_posts(house, northwind)) == [
        ("Number 1", PostState.SCHEDULED, PublicationState.SCHEDULED, ["approved"]),
        ("Number 3", PostState.SCHEDULED, PublicationState.SCHEDULED, ["approved"]),
        ("Number two, as nobody has seen it", PostState.IN_APPROVAL, PublicationState.HELD, []),
    ]
    assert [version for _, _, version, _ in await decisions(house, northwind)] == [1, 1]
    assert (await deeds(house, northwind)).count((dana.id, "post_approved")) == 2

    await (await dana.sees("Number two, as nobody has seen it", NORTHWIND)).clicks("Approve")
    await dana.sees("Scheduled · Northwind Coffee", NORTHWIND)


async def test_what_goes_wrong_with_one_of_several_hides_nothing_of_the_others(
    house: House, northwind: Northwind, own_database: Addresses
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind)
    for number in range(1, 4):
        await asks(lee, f"Number {number}", due_at=in_hours(number))
    with psycopg.connect(driver_url(str(own_database.owner)), autocommit=True) as owner:
        owner.execute(FULL)
    await dana.says("/social queue", NORTHWIND)
    await dana.sees_modal("Number 3")
    await dana.clicks("Approve several")
    await dana.sees_modal("Look through them")
    await dana.submits(**{f"{one}. Northwind Coffee “Number {one}”": YES for one in range(1, 4)})
    done = await dana.sees_modal("You have approved 2 posts")
    assert "“Number 2”: Something went wrong at our end. Please try again." in done.text
    assert "tell your agency's admins this number" in done.text
    assert len(await decisions(house, northwind)) == 2


# What PostgreSQL answers to whoever approves the second
FULL = """
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM post_versions v WHERE v.post_id = NEW.post_id AND v.caption = 'Number 2') THEN
        RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION fill();
"""


async def all_posts(
    house: House, northwind: Northwind
) -> list[tuple[str, PostState, PublicationState, list[str]]]:
    """Give of each post what it says, how far it is, its publication, and what its trail says was decided."""
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        theirs = col(PostVersion.version) == Post.version, col(Publication.version) == Post.version
        found = select(Post, PostVersion.caption, Publication.state)
        found = found.join(PostVersion, col(PostVersion.post_id) == Post.id)
        found = found.join(Publication, col(Publication.post_id) == Post.id).where(*theirs)
        told = select(AuditEntry).where(AuditEntry.action == "post_approved")
        said = [one.post_id for one in await session.exec(told)]
        return [
            (caption, post.state, state, ["approved"] * said.count(post.id))
            for post, caption, state in await session.exec(found)
        ]


async def test_the_rest_is_looked_through_without_approving_what_comes_first(
    house: House, northwind: Northwind
) -> None:
    dana = house.slack.dana
    await rules(house, northwind)
    for number in range(1, 13):
        await written(house, northwind, f"Number {number:02}", in_hours(number))
    await dana.says("/social queue", NORTHWIND)
    await dana.sees_modal("Number 01")
    await dana.clicks("Approve several")
    form = await dana.sees_modal("2 more wait for you")
    assert "Number 11" not in form.text
    await form.clicks("Go on without approving these")
    await dana.sees_modal("Number 12")
    await dana.submits(**{"2. Northwind Coffee “Number 12”": YES})
    await dana.sees_modal("You have approved 1 post")
    assert len(await decisions(house, northwind)) == 1


async def written(house: House, northwind: Northwind, caption: str, due_at: datetime) -> None:
    """Have Ada, who decides about nothing here, ask for approval of a post."""
    account = next(one for one in northwind.accounts if one.platform is Platform.FACEBOOK)
    nothing: dict[str, Any] = {"link": None, "media_id": None, "alt_text": None, "fit": Fit.KEEP}
    content = Content(caption=caption, account_ids=(account.id,), **nothing)
    about: dict[str, Any] = {"post_id": uuid4(), "client_id": northwind.client.id}
    view = await drafts.save(house.services, northwind.ada, **about, content=content)
    said: dict[str, Any] = {"post_id": view.post.id, "version": view.version.version, "channel_id": NORTHWIND}
    await submissions.submit(house.services, northwind.ada, **said, due_at=due_at)


async def test_the_client_s_link_is_for_what_one_has_read(
    house: House, northwind: Northwind, http: httpx.AsyncClient
) -> None:
    dana, lee = house.slack.dana, house.slack.lee
    await rules(house, northwind, Stage("Client", 1, by_link=True))
    await asks(lee, "Old")
    await (await dana.sees(WAITS.format("0 of 1"), NORTHWIND)).clicks("Link for the client")
    await dana.sees_modal("Send this to whoever decides")
    old = await lee.sees("Revoke link", NORTHWIND)
    await edits(lee, old, "New")
    assert (await pressed(house, http, lee, old, "Revoke link")).is_success
    await lee.sees("changed in the meantime", await lee.direct_messages())


async def test_who_agreed_first_takes_it_back_while_others_are_still_asked(
    house: House, northwind: Northwind
) -> None:
    ada, dana, lee = house.slack.ada, house.slack.dana, house.slack.lee
    await rules(house, northwind, BOTH)
    await asks(lee, needs=2)
    await (await ada.sees(WAITS.format("0 of 2"), NORTHWIND)).clicks("Approve")
    await (await dana.sees(WAITS.format("1 of 2"), NORTHWIND)).clicks("Take back approval")
    await dana.sees("You have not approved this", NORTHWIND)
    await (await ada.sees(WAITS.format("1 of 2"), NORTHWIND)).clicks("Take back approval")
    await ada.sees(WAITS.format("0 of 2"), NORTHWIND)


async def test_the_thread_shows_what_an_edit_changed(house: House, northwind: Northwind) -> None:
    lee = house.slack.lee
    await rules(house, northwind)
    card = await asks(lee, "Fresh roast today, at the harbour")
    await edits(lee, card, "Fresh roast tomorrow, at the harbour")
    told = await lee.sees("changed the caption", NORTHWIND, thread=card.id)
    quote = told.shape["blocks"][1]["elements"][1]["elements"]
    assert [(one["text"], one.get("style")) for one in quote] == [
        ("Fresh roast ", None),
        ("today,", {"strike": True}),
        ("tomorrow,", {"bold": True}),
        (" at the harbour", None),
    ]

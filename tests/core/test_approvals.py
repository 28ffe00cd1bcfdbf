"""Approvals: who is asked, what they say, and what becomes of the post then."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from sqlmodel import select

from bot.views import card, thread
from bot.views.card import Card
from core import clients, drafts, overdue, pauses, policies, schedule, settling, submissions, withdrawals
from core.clients import Details
from core.decisions import Seen
from core.errors import Changed, Invalid, NotAllowed, NotFound
from core.models import Announcement, Decision, Mode, PostState, PublicationState
from core.policies import Rules, Stage
from core.posts import PostView
from core.services import Services
from tests.conftest import Cast
from tests.core.asking import DECIDE, MANAGERS, act, asked, decided, edits, rule, says, takes_back
from tests.core.desk import Desk, make_desk
from tests.core.timetable import CHANNEL, actions, pass_time, replies, scheduled, soon, trail, work
from tests.drivers.meta import Meta

APPROVED, CHANGES, REJECTED, TAKEN_BACK = Decision
IN_APPROVAL = PostState.IN_APPROVAL
OVER = {
    "changes_requested": "asked for changes already",
    "rejected": "rejected this post already",
    "withdrawn": "was withdrawn",
    "expired": "passed before everybody had approved it",
}


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    """A desk that nobody reaches, whose client requires one approval of somebody else's."""
    made = await make_desk(services, agency, meta)
    await rule(made, MANAGERS)
    return made


async def cards_owed(desk: Desk, post: PostView) -> int:
    """Count how often a post's card was to be drawn."""
    async with desk.services.db.session(desk.cast.program) as session:
        owed = select(Announcement).where(Announcement.post_id == post.post.id, Announcement.kind == "card")
        return len((await session.exec(owed)).all())


# --- one approval -----------------------------------------------------------------------------------------


async def test_what_requires_approval_waits_and_goes_out_once_somebody_else_agreed(desk: Desk) -> None:
    post = await asked(desk)
    assert post.post.state is IN_APPROVAL
    assert {one.state for one in post.publications} == {PublicationState.HELD}
    post = await says(desk, desk.cast.manager, post)
    assert post.post.state is PostState.PUBLISHING
    assert {one.state for one in post.publications} == {PublicationState.QUEUED}
    assert await decided(desk, post) == [("Dana", "approved", 1, 1)]
    assert await actions(desk, post.post.id) == ["approval_requested", "post_approved"]


async def test_what_is_approved_while_paused_is_said_to_be_held_back(desk: Desk) -> None:
    post, boss, client = await asked(desk), desk.cast.actor(desk.cast.manager), desk.cast.client
    await pauses.pause(desk.services.db, boss, client_id=client.id)
    post = await says(desk, desk.cast.manager, post)
    told = thread.told(post, (await replies(desk, post.post.id))[-1])
    assert "Publishing is paused, so it is held back" in str(told)
    assert "published now" not in str(told)
    await work(desk)
    post = await desk.look(post)
    async with desk.services.db.session(desk.actor) as session:
        shown = card.message(Card(post, pause=await pauses.of_client(session, post.client)))
    assert shown["text"].startswith("Held back (0 of 1)")
    assert "publishing is paused" in str(shown)
    cards = await cards_owed(desk, post)
    await pauses.resume(desk.services.db, boss, client_id=client.id)
    assert await cards_owed(desk, post) == cards + 1


async def test_a_scheduled_post_goes_out_at_its_minute_once_approved(desk: Desk) -> None:
    due_at = soon(hours=3)
    post = await scheduled(desk, desk.content(desk.facebook), due_at)
    assert post.post.state is IN_APPROVAL
    post = await says(desk, desk.cast.manager, post)
    assert post.post.state is PostState.SCHEDULED
    assert [one.due_at for one in post.publications] == [due_at]


async def test_approved_after_its_time_a_person_says_when_it_goes_out(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=30))
    await pass_time(desk, hours=2)
    post = await says(desk, desk.cast.manager, await desk.look(post))
    assert post.post.state is PostState.APPROVED
    assert {one.state for one in post.publications} == {PublicationState.HELD}
    post = await schedule.publish_now(desk.services, desk.actor, post_id=post.post.id)
    assert post.post.state is PostState.PUBLISHING


async def test_what_waits_for_approval_is_not_published_now(desk: Desk) -> None:
    post = await asked(desk)
    with pytest.raises(Changed, match=r"waits for approval.* Ada Lindqvist or Dana Reyes can approve it"):
        await schedule.publish_now(desk.services, desk.actor, post_id=post.post.id)


# --- who may ----------------------------------------------------------------------------------------------


async def test_nobody_decides_about_their_own_post_and_hears_who_does(desk: Desk) -> None:
    await rule(desk, Stage("Everybody", 1, roles=frozenset({"author", "manager", "admin"})))
    post = await asked(desk)
    with pytest.raises(NotAllowed) as refused:
        await says(desk, desk.cast.author, post)
    assert refused.value.sentence == (
        "Somebody else decides about what you wrote. Ada Lindqvist or Dana Reyes can approve it."
    )


async def test_who_edits_a_post_does_not_decide_about_it_either(desk: Desk) -> None:
    post = await asked(desk)
    manager = Desk(
        desk.services, desk.cast, desk.cast.actor(desk.cast.manager), desk.instagram, desk.facebook
    )
    post = await edits(manager, post, "Dana's words")
    with pytest.raises(NotAllowed, match="Ada Lindqvist can approve it"):
        await says(desk, desk.cast.manager, post)


async def test_where_the_policy_allows_it_one_decides_about_one_s_own(desk: Desk) -> None:
    await rule(desk, Stage("Everybody", 1, roles=frozenset({"author"})), someone_else=False)
    assert (await says(desk, desk.cast.author, await asked(desk))).post.state is PostState.PUBLISHING


async def test_strangers_do_not_even_find_it(desk: Desk) -> None:
    post = await asked(desk)
    for decision in (APPROVED, CHANGES, REJECTED):
        with pytest.raises(NotFound):
            await says(desk, desk.cast.stranger, post, decision, "No.")


async def test_who_works_for_the_client_and_is_not_asked_is_refused(desk: Desk) -> None:
    await rule(desk, Stage("Boss", 1, roles=frozenset({"admin"})))
    post = await asked(desk)
    for decision in (APPROVED, CHANGES, REJECTED):
        with pytest.raises(NotAllowed, match="Ada Lindqvist can approve it"):
            await says(desk, desk.cast.manager, post, decision, "No.")


async def test_a_post_that_nobody_could_approve_is_not_accepted(desk: Desk) -> None:
    await rule(desk, Stage("Authors", 1, roles=frozenset({"author"})))
    with pytest.raises(Invalid, match="At the stage Authors there is nobody to approve this") as refused:
        await asked(desk)
    assert set(refused.value.fields) == {"approval"}


# --- stages -----------------------------------------------------------------------------------------------


async def test_stages_come_one_after_the_other_and_the_next_hears_of_it(desk: Desk) -> None:
    named = Stage("Boss", 1, member_ids=frozenset({desk.cast.admin.id}))
    await rule(desk, Stage("Agency", 1, roles=frozenset({"manager"})), named)
    post = await asked(desk)
    with pytest.raises(NotAllowed, match="Dana Reyes can"):
        await says(desk, desk.cast.admin, post)
    post = await says(desk, desk.cast.manager, post)
    assert (post.post.state, post.post.stage) == (IN_APPROVAL, 2)
    with pytest.raises(Changed, match=r"You have approved this already.*take your approval back first"):
        await says(desk, desk.cast.manager, post)
    post = await says(desk, desk.cast.admin, post)
    assert post.post.state is PostState.PUBLISHING
    said = await replies(desk, post.post.id)
    assert said[1]["next"] == "Boss"
    assert said[1]["whom"] == [desk.cast.admin.slack_user_id]


async def test_all_means_all_and_two_means_two(desk: Desk) -> None:
    everybody = frozenset({"manager", "admin"})
    for needs in (None, 2):
        await rule(desk, Stage("Both", needs, roles=everybody))
        post = await asked(desk)
        post = await says(desk, desk.cast.manager, post)
        assert post.standing
        assert [(one.given, one.needs) for one in post.standing.stages] == [(1, 2)]
        assert (await says(desk, desk.cast.admin, post)).post.state is PostState.PUBLISHING


# --- no ---------------------------------------------------------------------------------------------------


async def test_changes_are_asked_for_made_and_approved(desk: Desk) -> None:
    post = await asked(desk)
    with pytest.raises(Invalid, match="Say what should be different"):
        await says(desk, desk.cast.manager, post, CHANGES, "  ")
    post = await says(desk, desk.cast.manager, post, CHANGES, "Mention the opening hours.")
    assert post.post.state is PostState.CHANGES_REQUESTED
    assert post.standing
    assert post.standing.objection
    assert post.standing.objection.comment == "Mention the opening hours."
    with pytest.raises(Changed, match="asked for changes already"):
        await says(desk, desk.cast.manager, post)
    post = await edits(desk, post, "Open from 8.")
    assert (post.post.state, post.post.round) == (IN_APPROVAL, 2)
    assert (await says(desk, desk.cast.manager, post)).post.state is PostState.PUBLISHING


async def test_rejected_says_why_and_only_another_version_goes_on(desk: Desk) -> None:
    post = await says(desk, desk.cast.manager, await asked(desk), REJECTED, "Not our tone.")
    assert post.post.state is PostState.REJECTED
    with pytest.raises(Changed, match=r"rejected this post already. To have it go out, press Edit"):
        await schedule.publish_now(desk.services, desk.actor, post_id=post.post.id)
    assert (await edits(desk, post, "Better")).post.state is IN_APPROVAL


async def test_withdrawn_asks_nobody_and_can_be_sent_anew(desk: Desk) -> None:
    post = await asked(desk)
    post = await withdrawals.withdraw(desk.services, desk.actor, Seen.of(post.post))
    assert post.post.state is PostState.WITHDRAWN
    with pytest.raises(Changed, match="was withdrawn"):
        await says(desk, desk.cast.manager, post)
    assert (await edits(desk, post, "Again")).post.state is IN_APPROVAL


@pytest.mark.parametrize("how", OVER)
async def test_once_nobody_is_asked_any_more_another_time_is_refused_and_says_what_to_do(
    desk: Desk, how: str
) -> None:
    await rule(desk, MANAGERS, expires=True)
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=30))
    if how == "withdrawn":
        await withdrawals.withdraw(desk.services, desk.actor, Seen.of(post.post))
    elif how == "expired":
        await pass_time(desk, hours=1)
        await overdue.guard(desk.services)
    else:
        await says(desk, desk.cast.manager, post, Decision(how), "Not our tone.")
    over = await desk.look(post)
    with pytest.raises(Changed, match=f"{OVER[how]}.*Press Edit"):
        await schedule.move(desk.services, desk.actor, post_id=post.post.id, due_at=soon(hours=5))
    assert (await desk.look(post)).post == over.post
    assert over.post.state == how


# --- what a decision is about -----------------------------------------------------------------------------


async def test_an_edit_voids_what_was_approved_and_a_stale_decision_does_nothing(desk: Desk) -> None:
    await rule(desk, Stage("Both", 2, roles=frozenset({"manager", "admin"})))
    first = await asked(desk)
    half = await says(desk, desk.cast.manager, first)
    edited = await edits(desk, half, "Other words")
    assert edited.standing
    assert [one.given for one in edited.standing.stages] == [0]
    with pytest.raises(Changed):
        await says(desk, desk.cast.admin, first)
    changed = [one for one in await replies(desk, first.post.id) if one["kind"] == "changed"]
    assert [one["void"] for one in changed] == [1]
    assert len(await decided(desk, first)) == 1


async def test_an_edit_of_what_was_approved_and_waits_for_its_minute_asks_anew(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    post = await says(desk, desk.cast.manager, post)
    post = await edits(desk, post, "Other words")
    assert post.post.state is IN_APPROVAL
    assert {one.state for one in post.publications} == {PublicationState.HELD}


@pytest.mark.parametrize("time_counts", [False, True])
async def test_another_time_asks_anew_only_where_the_policy_says_so(desk: Desk, *, time_counts: bool) -> None:
    await rule(desk, Stage("Both", 2, roles=frozenset({"manager", "admin"})), time_counts=time_counts)
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    await says(desk, desk.cast.manager, post)
    post = await schedule.move(desk.services, desk.actor, post_id=post.post.id, due_at=soon(hours=5))
    assert post.standing
    assert [one.given for one in post.standing.stages] == [0 if time_counts else 1]
    assert post.post.round == (2 if time_counts else 1)


async def test_what_is_approved_is_asked_anew_for_another_time_where_time_counts(desk: Desk) -> None:
    await rule(desk, MANAGERS, time_counts=True)
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    post = await says(desk, desk.cast.manager, post)
    post = await schedule.publish_now(desk.services, desk.actor, post_id=post.post.id)
    assert post.post.state is IN_APPROVAL
    assert {one.state for one in post.publications} == {PublicationState.HELD}
    assert (await says(desk, desk.cast.manager, post)).post.state is PostState.PUBLISHING


async def test_one_takes_one_s_approval_back_until_it_goes_out(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    post = await says(desk, desk.cast.manager, post)
    post = await takes_back(desk, desk.cast.manager, post)
    assert (post.post.state, post.post.stage) == (IN_APPROVAL, 1)
    assert {one.state for one in post.publications} == {PublicationState.HELD}
    with pytest.raises(Changed, match="have not approved"):
        await takes_back(desk, desk.cast.manager, post)
    assert (await says(desk, desk.cast.manager, post)).post.state is PostState.SCHEDULED
    assert [what for _, what, _, _ in await decided(desk, post)] == ["approved", "taken_back", "approved"]


async def test_each_decision_is_in_the_trail_with_what_it_was_about(desk: Desk) -> None:
    post = await says(desk, desk.cast.manager, await asked(desk))
    entry = (await trail(desk, post.post.id))[-1]
    assert entry.user_id == desk.cast.manager.slack_user_id
    assert entry.details["content_hash"] == post.version.content_hash
    assert (entry.details["version"], entry.details["round"]) == (1, 1)


# --- policies ---------------------------------------------------------------------------------------------


async def test_where_it_is_left_open_who_writes_chooses_and_keeps_to_it(desk: Desk) -> None:
    await rule(desk, MANAGERS, mode=Mode.OPTIONAL)
    assert (await asked(desk)).post.state is PostState.PUBLISHING
    post = await asked(desk, ask=True)
    assert post.post.state is IN_APPROVAL
    assert (await edits(desk, post, "Other words")).post.state is IN_APPROVAL


async def test_what_waits_stays_under_the_rules_by_which_it_was_asked_for(desk: Desk) -> None:
    post = await asked(desk)
    await rule(desk, mode=Mode.NONE)
    assert (await desk.look(post)).post.state is IN_APPROVAL
    assert (await says(desk, desk.cast.manager, post)).post.state is PostState.PUBLISHING
    assert (await asked(desk)).post.state is PostState.PUBLISHING


async def test_only_managers_and_admins_change_who_approves(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        await policies.change(desk.services, desk.actor, client_id=desk.cast.client.id, rules=Rules())


@pytest.mark.parametrize(
    ("stages", "field", "sentence"),
    [
        ((), "mode", "at least one stage"),
        ((Stage("Agency"),), "stage_1:roles", "Choose who approves"),
        (
            (MANAGERS, Stage("Many", 3, roles=frozenset({"manager"}))),
            "stage_2:needs",
            "There is only 1 to ask for 3",
        ),
        (
            (Stage("Client", 1, roles=frozenset({"reviewer"})),),
            "stage_1:needs",
            "There is nobody to ask for 1",
        ),
    ],
)
async def test_rules_that_cannot_work_are_refused(
    desk: Desk, stages: tuple[Stage, ...], field: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        await rule(desk, *stages)
    assert set(refused.value.fields) == {field}


async def test_people_who_do_not_work_for_the_client_are_not_asked(desk: Desk) -> None:
    with pytest.raises(Invalid, match="Noor Haddad cannot approve for Northwind Coffee"):
        await rule(desk, Stage("Agency", 1, member_ids=frozenset({desk.cast.stranger.id})))


async def test_who_left_the_client_no_longer_counts_among_all(desk: Desk) -> None:
    await rule(desk, Stage("Both", None, member_ids=frozenset({desk.cast.admin.id, desk.cast.manager.id})))
    post = await says(desk, desk.cast.admin, await asked(desk))
    boss = desk.cast.actor(desk.cast.admin)
    left = Details(
        "Northwind Coffee", None, frozenset({desk.cast.admin.id}), frozenset({desk.cast.author.id})
    )
    await clients.change(desk.services.db, boss, desk.cast.client.id, left)
    standing = (await desk.look(post)).standing
    assert standing
    assert [(one.given, one.needs) for one in standing.stages] == [(1, 1)]
    with pytest.raises(Changed, match="Everybody has approved"):
        await says(desk, desk.cast.admin, post)
    await settling.settle(desk.services)
    assert (await desk.look(post)).post.state is PostState.PUBLISHING
    assert (await replies(desk, post.post.id))[-1]["kind"] == "nobody_left"


# --- PostgreSQL by itself ---------------------------------------------------------------------------------


async def test_postgresql_itself_refuses_whoever_may_not(desk: Desk, program: Connection[object]) -> None:
    await rule(desk, Stage("Everybody", 1, roles=frozenset({"author", "manager"})))
    post, cast = await asked(desk), desk.cast
    attempts = [
        (cast.author, cast.author, "nobody decides about their own post"),
        (cast.author, cast.manager, "nobody decides for somebody else"),
        (None, cast.manager, "nobody decides for somebody else"),
        (cast.admin, cast.admin, "this member is not asked"),
    ]
    for actor, member, sentence in attempts:
        act(program, desk, actor)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=sentence):
            program.execute(DECIDE, [member.id, post.post.id])
    act(program, desk, cast.stranger)
    assert program.execute(DECIDE, [cast.stranger.id, post.post.id]).rowcount == 0
    assert await decided(desk, post) == []


async def test_postgresql_itself_lets_nothing_go_out_that_is_not_approved(
    desk: Desk, program: Connection[object]
) -> None:
    post = await asked(desk)
    act(program, desk, None)
    for state in ("queued", "scheduled"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not everybody has approved"):
            program.execute(
                "UPDATE publications SET state = %s, next_run_at = CASE WHEN %s = 'scheduled' THEN now() END"
                " WHERE post_id = %s",
                [state, state, post.post.id],
            )
    for refused in (
        "UPDATE approvals SET decision = 'approved'",
        "DELETE FROM approvals",
        "DELETE FROM policies",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            program.execute(refused)


async def test_postgresql_itself_takes_back_only_an_approval_and_only_as_long_as_nothing_is_live(
    desk: Desk, program: Connection[Any]
) -> None:
    post, cast = await asked(desk), desk.cast
    takes_it_back = DECIDE.replace("'approved'", "'taken_back'")
    act(program, desk, cast.manager)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no approval to take back"):
        program.execute(takes_it_back, [cast.manager.id, post.post.id])
    await says(desk, cast.manager, post)
    await work(desk)
    assert (await desk.look(post)).post.state is PostState.PUBLISHED
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is on its way"):
        program.execute(takes_it_back, [cast.manager.id, post.post.id])


# --- a change of the time alone -----------------------------------------------------------------------------


async def edits_time(desk: Desk, view: PostView, due_at: datetime) -> PostView:
    """Send a post on its way with the same words, for another time."""
    base = view.post.version
    about = {"post_id": view.post.id, "base_version": base}
    content = desk.content(desk.facebook)
    changed = await drafts.revise(desk.services, desk.actor, content=content, **about)
    sent = {"version": changed.version.version, "channel_id": CHANNEL, "due_at": due_at}
    return await submissions.submit(desk.services, desk.actor, **about, **sent)


@pytest.mark.parametrize("time_counts", [False, True])
async def test_an_edit_of_the_time_alone_is_a_move_and_makes_nobody_its_author(
    desk: Desk, *, time_counts: bool
) -> None:
    cast, both = desk.cast, Stage("Both", 2, roles=frozenset({"manager", "admin"}))
    await rule(desk, both, time_counts=time_counts)
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    await says(desk, cast.manager, post)
    boss = replace(desk, actor=cast.actor(cast.admin))
    post = await edits_time(boss, await desk.look(post), later := soon(hours=6))
    assert post.standing
    assert [one.given for one in post.standing.stages] == [0 if time_counts else 1]
    assert (post.post.version, post.post.round) == (1, 2 if time_counts else 1)
    assert {one.due_at for one in post.publications} == {later}
    if time_counts:
        post = await says(desk, cast.manager, post)
    post = await says(desk, cast.admin, post)
    assert (post.post.state, post.post.due_at) == (PostState.SCHEDULED, later)
    assert (await actions(desk, post.post.id)).count("approval_requested") == 1


async def test_an_edit_of_the_time_alone_asks_for_what_nobody_is_asked_about_any_more(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    await says(desk, desk.cast.manager, post, REJECTED, "Not so soon.")
    post = await edits_time(desk, await desk.look(post), soon(hours=6))
    assert (post.post.state, post.post.version, post.post.round) == (IN_APPROVAL, 2, 2)


async def test_an_edit_of_the_time_alone_comes_under_other_rules_where_there_are_any(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    await rule(desk, Stage("Boss", 1, roles=frozenset({"admin"})))
    post = await edits_time(desk, post, soon(hours=6))
    assert (post.post.version, post.post.round, post.post.policy_version) == (2, 2, 2)

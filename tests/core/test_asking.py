"""Asking once more: who publishes or moves what lacks somebody's word by now has those asked, and is told."""

import pytest

from core import lateness, posts, reviews, schedule
from core.asking import AskedAgain
from core.errors import Changed, Invalid
from core.models import ClientRole, Member, PostState, PublicationState
from core.policies import Stage
from core.posts import PostView
from core.services import Services
from tests.conftest import Cast, MakeServices, Serving, welcome
from tests.core.asking import MANAGERS, decided, rule, says
from tests.core.desk import Desk, make_desk, served_desk
from tests.core.test_publishing import make_due
from tests.core.test_reviews import in_question
from tests.core.test_settling import kinds, team
from tests.core.timetable import (
    actions,
    hand_over,
    pass_time,
    round_of_the_engine,
    scheduled,
    soon,
    trail,
    work,
)
from tests.drivers.meta import COFFEE, Meta

ALL = Stage("All", None, roles=frozenset({ClientRole.MANAGER}))
BOSS = Stage("Boss", 1, roles=frozenset({"admin"}))
WORDS = "Not everybody whom its client asks has approved this. They are asked now"


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    """A desk that nobody reaches, whose client asks nobody yet."""
    return await make_desk(services, agency, meta)


async def approved_too_late(desk: Desk, *stages: Stage) -> PostView:
    """Have everybody approve a post after its time."""
    await rule(desk, *stages)
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=30))
    await pass_time(desk, hours=2)
    post = await says(desk, desk.cast.manager, await desk.look(post))
    if post.post.state is PostState.IN_APPROVAL:
        post = await says(desk, desk.cast.admin, post)
    assert post.post.state is PostState.APPROVED
    return post


async def olga(desk: Desk) -> Member:
    """Have somebody more manage the client."""
    other = await welcome(desk.services.db, desk.cast.id, "Olga Ros")
    await team(desk, desk.cast.manager, other)
    return other


async def asks_again(desk: Desk, post: PostView, how: str) -> PostView:
    """Publish it now or give it another time, and read that others are asked for that."""
    about = {"services": desk.services, "actor": desk.actor, "post_id": post.post.id}
    with pytest.raises(AskedAgain, match=WORDS) as asked:
        await (schedule.publish_now(**about) if how == "sent_now" else schedule.move(**about, due_at=SOON))  # type: ignore[arg-type]
    now = await desk.look(post)
    assert asked.value.post.post == now.post
    assert now.post.state is PostState.IN_APPROVAL
    assert {one.state for one in now.publications} == {PublicationState.HELD}
    return now


SOON = soon(hours=5)
THEN = {"sent_now": PostState.PUBLISHING, "moved": PostState.SCHEDULED}


@pytest.mark.parametrize("how", THEN)
async def test_those_alone_are_asked_whose_word_is_missing(desk: Desk, how: str) -> None:
    post = await approved_too_late(desk, ALL, BOSS)
    other = await olga(desk)
    post = await asks_again(desk, post, how)
    assert post.standing
    assert post.standing.current
    assert [one.name for one in post.standing.current.asked] == ["Olga Ros"]
    assert [one.given for one in post.standing.stages] == [1, 1]
    assert (post.post.round, post.post.stage, post.post.asked_by) == (1, 1, desk.cast.author.id)
    assert (await kinds(desk, post))[-2:] == [how, "lacking"]
    entry = (await trail(desk, post.post.id))[-1]
    assert (entry.action, entry.details["asked_again"]) == (f"post_{how}", "All")

    post = await says(desk, other, post)
    assert post.post.state is THEN[how]
    assert [who for who, *_ in await decided(desk, post)] == ["Dana", "Ada", "Olga"]


@pytest.mark.parametrize("how", THEN)
async def test_what_nobody_was_asked_about_comes_under_the_rules_that_there_are_by_now(
    desk: Desk, how: str
) -> None:
    post = await too_late(desk)
    await rule(desk, MANAGERS)
    post = await asks_again(desk, post, how)
    assert (post.post.policy_version, post.post.round) == (1, 1)
    assert (await kinds(desk, post))[-2:] == [how, "asked"]
    assert (await says(desk, desk.cast.manager, post)).post.state is THEN[how]


@pytest.mark.parametrize("how", THEN)
async def test_what_is_scheduled_and_nobody_was_asked_about_is_approved_before_it_goes_at_another_time(
    desk: Desk, how: str
) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    await rule(desk, MANAGERS)
    post = await asks_again(desk, post, how)
    assert (post.post.policy_version, post.post.round) == (1, 1)
    assert (await kinds(desk, post))[-2:] == [how, "asked"]
    assert (await says(desk, desk.cast.manager, post)).post.state is THEN[how]


async def test_what_is_scheduled_and_nobody_was_asked_about_goes_out_as_planned_and_is_counted(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> None:
    async with served_desk(make_services, serving, agency, meta) as desk:
        post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=5))
        await rule(desk, MANAGERS)
        await scheduled(desk, desk.content(desk.facebook), soon(minutes=5))
        async with desk.services.db.session(desk.cast.program) as session:
            assert await posts.count_unasked(session, desk.cast.client.id) == 1
        await pass_time(desk, minutes=5, seconds=5)
        await round_of_the_engine(desk)
        assert (await desk.look(post)).post.state is PostState.PUBLISHED


async def too_late(desk: Desk) -> PostView:
    """Have a post that nobody was asked about become too late."""
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=5))
    await pass_time(desk, hours=1)
    await lateness.guard(desk.services)
    post = await desk.look(post)
    assert post.post.state is PostState.LATE
    return post


async def test_of_many_late_ones_those_that_lack_a_word_are_not_counted_as_published(desk: Desk) -> None:
    late = [await too_late(desk) for _ in range(2)]
    await rule(desk, MANAGERS)
    found = await lateness.publish_all(desk.services, desk.actor, client_id=desk.cast.client.id)
    assert found == lateness.Answered(asked=2)
    assert {(await desk.look(post)).post.state for post in late} == {PostState.IN_APPROVAL}


async def test_where_nobody_could_approve_it_nothing_changes(desk: Desk) -> None:
    post, other = await too_late(desk), await too_late(desk)
    rita = await welcome(desk.services.db, desk.cast.id, "Rita Ek")
    await team(desk, desk.cast.manager, reviewers=[rita])
    await rule(desk, Stage("Second", 1, roles=frozenset({ClientRole.REVIEWER})))
    await team(desk, desk.cast.manager)
    before = await actions(desk, post.post.id)
    together = await lateness.publish_all(desk.services, desk.actor, client_id=desk.cast.client.id)
    assert together == lateness.Answered(left=2)
    assert (await desk.look(other)).post.state is PostState.LATE
    with pytest.raises(Invalid, match="there is nobody to approve this"):
        await schedule.publish_now(desk.services, desk.actor, post_id=post.post.id)
    assert (await desk.look(post)).post.state is PostState.LATE
    assert await actions(desk, post.post.id) == before


async def test_what_is_live_in_part_does_not_turn_back(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> None:
    async with served_desk(make_services, serving, agency, meta) as desk:
        content = desk.content(media_id=(await desk.keep()).id)
        post = await scheduled(desk, content, soon(minutes=5))
        await pass_time(desk, minutes=6)
        await hand_over(desk, post, only=desk.facebook)
        await work(desk)
        await pass_time(desk, hours=1)
        await lateness.guard(desk.services)
        await rule(desk, MANAGERS)
        with pytest.raises(Changed, match="part of it is live already"):
            await schedule.publish_now(desk.services, desk.actor, post_id=post.post.id)
        post = await desk.look(post)
        found = {one.account_id: one.state for one in post.publications}
        assert found[desk.instagram.id] is PublicationState.LATE
        assert post.post.state is not PostState.IN_APPROVAL


async def test_what_failed_is_approved_before_it_is_tried_again(desk: Desk, meta: Meta) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=5))
    await pass_time(desk, minutes=6)
    await failing(desk, meta, post)
    await rule(desk, MANAGERS)
    [failed] = post.publications
    with pytest.raises(AskedAgain, match=WORDS):
        await schedule.retry(desk.services, desk.actor, publication_id=failed.id)
    post = await desk.look(post)
    assert (post.post.state, post.publications[0].state) == (PostState.IN_APPROVAL, PublicationState.HELD)
    assert (await kinds(desk, post))[-2:] == ["sent_now", "asked"]
    assert (await says(desk, desk.cast.manager, post)).post.state is PostState.PUBLISHING


async def failing(desk: Desk, meta: Meta, post: PostView) -> PostView:
    """Have a post fail on Facebook."""
    await meta.fault(COFFEE, "error", code=100, message="Invalid parameter", times=None)
    await hand_over(desk, post, only=desk.facebook)
    await work(desk)
    await meta.http.delete(f"{meta.url}/_sim/faults")
    post = await desk.look(post)
    assert PublicationState.FAILED in {one.state for one in post.publications}
    return post


async def test_what_is_in_doubt_and_not_live_is_approved_before_it_is_published_again(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> None:
    async with served_desk(make_services, serving, agency, meta) as desk:
        post = await in_question(desk, meta, kind="drop")
        await rule(desk, MANAGERS)
        [one] = post.publications
        with pytest.raises(AskedAgain, match=WORDS):
            await reviews.publish_again(desk.services, desk.actor, publication_id=one.id)
        post = await desk.look(post)
        assert (post.post.state, post.publications[0].state) == (PostState.IN_APPROVAL, PublicationState.HELD)
        assert (await trail(desk, post.post.id))[-1].details["not_live"] == str(one.id)
        await says(desk, agency.manager, post)
        await work(desk)
        assert (await desk.look(post)).post.state is PostState.PUBLISHED


async def test_what_failed_beside_what_is_live_can_be_called_off(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> None:
    async with served_desk(make_services, serving, agency, meta) as desk:
        post = await scheduled(desk, desk.content(media_id=(await desk.keep()).id), soon(minutes=5))
        await pass_time(desk, minutes=6)
        await hand_over(desk, post, only=desk.instagram)
        await work(desk)
        await failing(desk, meta, post)
        await rule(desk, MANAGERS)
        failed = next(one for one in post.publications if one.account_id == desk.facebook.id)
        with pytest.raises(Changed, match="Cancel what is left"):
            await schedule.retry(desk.services, desk.actor, publication_id=failed.id)
        post = await schedule.cancel(desk.services, desk.actor, post_id=post.post.id)
        found = {one.account_id: one.state for one in post.publications}
        assert found[desk.facebook.id] is PublicationState.CANCELLED
        assert post.post.state is PostState.PUBLISHED


async def test_what_is_in_doubt_beside_what_is_live_has_failed_once_somebody_says_it_is_not_live(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> None:
    async with served_desk(make_services, serving, agency, meta) as desk:
        post = await half_in_question(desk, meta)
        await rule(desk, MANAGERS)
        one = next(one for one in post.publications if one.state is PublicationState.NEEDS_REVIEW)
        post = await reviews.publish_again(desk.services, desk.actor, publication_id=one.id)
        assert post.post.state is PostState.FAILED
        post = await schedule.cancel(desk.services, desk.actor, post_id=post.post.id)
        assert post.post.state is PostState.PUBLISHED


async def half_in_question(desk: Desk, meta: Meta) -> PostView:
    """Give a post that is live on Facebook, and of which nobody can tell whether it is on Instagram."""
    await meta.fault("media_publish", "drop", times=None)
    post = await desk.advance(await desk.publish(desk.content(media_id=(await desk.keep()).id)))
    for _ in desk.services.patience.looks:
        await make_due(desk)
        post = await desk.advance(post)
    await meta.http.delete(f"{meta.url}/_sim/faults")
    assert post.post.state is PostState.NEEDS_REVIEW
    return post


async def test_whose_word_is_there_may_leave_and_other_rules_change_nothing(desk: Desk) -> None:
    post = await approved_too_late(desk, MANAGERS)
    await rule(desk, BOSS)
    await team(desk, await welcome(desk.services.db, desk.cast.id, "Nina Ny"))
    post = await schedule.publish_now(desk.services, desk.actor, post_id=post.post.id)
    assert post.post.state is PostState.PUBLISHING

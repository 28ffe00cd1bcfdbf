"""Posts: what follows from their publications, and how they are found again."""

from dataclasses import replace

import pytest

from core import drafts, posts, schedule, submissions
from core.errors import NotFound
from core.models import PostState, PublicationState
from core.services import Services
from tests.conftest import Cast
from tests.core.desk import Desk, make_desk
from tests.core.timetable import CHANNEL, hand_over, scheduled, soon
from tests.drivers.meta import Meta

S, Q, R = PublicationState.SCHEDULED, PublicationState.QUEUED, PublicationState.RUNNING
LIVE, FAILED, ASKED = PublicationState.PUBLISHED, PublicationState.FAILED, PublicationState.NEEDS_REVIEW
LATE, OFF = PublicationState.LATE, PublicationState.CANCELLED


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    return await make_desk(services, agency, meta)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({LIVE}, PostState.PUBLISHED),
        ({LIVE, Q}, PostState.PUBLISHING),
        ({FAILED, R}, PostState.PUBLISHING),
        ({FAILED, S}, PostState.PUBLISHING),
        ({LATE, R}, PostState.PUBLISHING),
        ({FAILED, LIVE}, PostState.FAILED),
        ({ASKED, FAILED}, PostState.NEEDS_REVIEW),
        ({ASKED, LATE}, PostState.NEEDS_REVIEW),
        ({LATE, FAILED, LIVE}, PostState.LATE),
        ({OFF, LIVE}, PostState.PUBLISHED),
        ({OFF, FAILED}, PostState.FAILED),
        ({OFF}, PostState.CANCELLED),
    ],
)
def test_a_posts_state_follows_from_its_publications(states: set[PublicationState], expected: PostState):
    assert posts.state_of(states, was=PostState.PUBLISHING) is expected


@pytest.mark.parametrize("states", [{S}, {S, Q}, {R}, {R, FAILED}, {S, LATE}])
def test_a_scheduled_post_stays_that_whatever_is_made_ready_for_it(states: set[PublicationState]):
    assert posts.state_of(states, was=PostState.SCHEDULED) is PostState.SCHEDULED


class TestTheQueue:
    async def test_it_is_what_is_still_to_go_out_in_the_order_of_its_time(self, desk: Desk):
        tomorrow = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        tonight = await scheduled(desk, desk.content(desk.facebook), soon(hours=5))
        now = await desk.publish(desk.content(desk.facebook))
        off = await scheduled(desk, desk.content(desk.facebook), soon(hours=1))
        await schedule.cancel(desk.services, desk.actor, post_id=off.post.id)
        live = await desk.publish(desk.content(desk.facebook))
        await hand_over(desk, live)
        await desk.advance(live)
        await desk.draft(desk.content(desk.facebook))
        async with desk.services.db.session(desk.actor) as session:
            found = await posts.queue(session, client_id=desk.cast.client.id)
            assert [one.post.id for one in found] == [now.post.id, tonight.post.id, tomorrow.post.id]
            assert await posts.queue_length(session) == 3
            [second] = await posts.queue(session, most=1, skip=1)
        assert second.post.id == tonight.post.id
        assert (await desk.look(live)).post.state is PostState.PUBLISHED

    async def test_each_sees_only_that_of_their_clients(self, desk: Desk, agency: Cast):
        await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        seen = {}
        for member in (agency.admin, agency.manager, agency.stranger):
            async with desk.services.db.session(agency.actor(member)) as session:
                seen[member.name] = await posts.queue_length(session)
        assert list(seen.values()) == [1, 1, 0]


class TestLooking:
    async def test_what_counts_is_shown_with_who_wrote_it(self, desk: Desk, agency: Cast):
        view = await scheduled(desk, desk.content(desk.facebook, caption="One"), soon(days=1))
        colleague = agency.actor(agency.manager)
        anew = await drafts.revise(
            desk.services,
            colleague,
            post_id=view.post.id,
            base_version=1,
            content=desk.content(desk.facebook, caption="Two"),
        )
        seen = await desk.look(view)
        assert (seen.version.caption, seen.editor.id) == ("One", agency.author.id)
        assert len(seen.publications) == 1
        await submissions.submit(
            desk.services,
            colleague,
            post_id=view.post.id,
            version=anew.version.version,
            channel_id=CHANNEL,
            due_at=soon(days=1),
            base_version=1,
        )
        seen = await desk.look(view)
        assert (seen.version.caption, seen.author.id, seen.editor.id) == (
            "Two",
            agency.author.id,
            agency.manager.id,
        )
        assert [one.version for one in seen.publications] == [2]

    async def test_a_draft_is_among_its_authors_and_not_among_what_was_sent(self, desk: Desk, agency: Cast):
        draft = await desk.draft(desk.content(desk.facebook))
        sent = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        async with desk.services.db.session(desk.actor) as session:
            assert [one.post.id for one in await posts.drafts_of(session, agency.author.id)] == [
                draft.post.id
            ]
            assert await posts.drafts_of(session, agency.manager.id) == []
            assert [one.post.id for one in await posts.recent(session)] == [sent.post.id]

    async def test_a_stranger_finds_nothing(self, desk: Desk, agency: Cast):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(NotFound):
            await replace(desk, actor=agency.actor(agency.stranger)).look(view)

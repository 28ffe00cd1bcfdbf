"""Drafts: writing posts, version by version; and writing anew what is on its way already."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from core import drafts, schedule, submissions
from core.errors import Changed, Invalid, NotFound
from core.models import PostState, PublicationState
from core.posts import PostView
from core.services import Services
from tests.conftest import Cast
from tests.core.desk import Desk, make_desk
from tests.core.timetable import CHANNEL, scheduled, soon
from tests.drivers.meta import Meta


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    return await make_desk(services, agency, meta)


MakeAgency = Callable[[], Awaitable[Cast]]


class TestDrafts:
    async def test_a_second_submission_of_the_same_composer_adds_a_version(self, desk: Desk):
        first = await desk.draft(desk.content(desk.facebook, caption="One"))
        again = await desk.draft(desk.content(desk.facebook, caption="One"), first.post.id)
        changed = await desk.draft(desk.content(desk.facebook, caption="Two"), first.post.id)
        assert (first.version.version, again.version.version, changed.version.version) == (1, 1, 2)
        assert changed.version.content_hash != first.version.content_hash
        assert changed.post.state is PostState.DRAFT

    async def test_everything_wrong_is_said_at_once_each_at_its_field(self, desk: Desk):
        long = desk.content(caption="#a " * 31 + "x" * 2200, alt_text="y" * 1001)
        with pytest.raises(Invalid) as wrong:
            await desk.draft(long)
        assert set(wrong.value.fields) == {"caption", "image", "alt_text"}
        assert "2,200" in wrong.value.fields["caption"]

    async def test_no_account_is_said(self, desk: Desk):
        with pytest.raises(Invalid, match="Choose at least one account"):
            await desk.draft(replace(desk.content(), account_ids=()))

    async def test_an_account_of_another_client_is_refused(
        self, desk: Desk, meta: Meta, make_agency: MakeAgency
    ):
        elsewhere = await make_desk(desk.services, await make_agency(), meta)
        with pytest.raises(Invalid) as wrong:
            await desk.draft(desk.content(elsewhere.facebook))
        assert set(wrong.value.fields) == {"accounts"}

    async def test_a_picture_and_a_link_exclude_each_other(self, desk: Desk):
        kept = await desk.keep()
        with pytest.raises(Invalid) as wrong:
            await desk.draft(desk.content(desk.facebook, media_id=kept.id, link="https://example.com/a"))
        assert set(wrong.value.fields) == {"link"}

    async def test_somebody_who_does_not_work_for_the_client_finds_no_client(self, desk: Desk, agency: Cast):
        outsider = replace(desk, actor=agency.actor(agency.stranger))
        with pytest.raises(NotFound):
            await outsider.draft(desk.content(desk.facebook))

    async def test_a_colleague_cannot_write_into_my_draft(self, desk: Desk, agency: Cast):
        mine = await desk.draft(desk.content(desk.facebook))
        colleague = replace(desk, actor=agency.actor(agency.manager))
        with pytest.raises(Changed):
            await colleague.draft(desk.content(desk.facebook, caption="Mine now"), mine.post.id)

    async def test_a_draft_can_be_begun_anew_for_another_client(self, desk: Desk, agency: Cast):
        begun = await desk.draft(desk.content(desk.facebook))
        boss = agency.actor(agency.admin)
        nowhere = replace(desk.content(), account_ids=())
        mine = await replace(desk, actor=boss).draft(desk.content(desk.facebook, caption="Ada's"))
        with pytest.raises(Changed):
            await replace(desk, actor=boss).draft(desk.content(desk.facebook), begun.post.id)
        with pytest.raises(Invalid):
            await drafts.save(
                desk.services, boss, post_id=mine.post.id, client_id=agency.other_client.id, content=nowhere
            )

    async def test_the_order_of_accounts_does_not_change_the_content(self, desk: Desk):
        there = desk.content(desk.instagram, desk.facebook)
        back = desk.content(desk.facebook, desk.instagram)
        assert there.hash() == back.hash()

    async def test_a_composer_that_is_sent_twice_at_once_makes_one_draft(self, desk: Desk):
        post_id, content = uuid4(), desk.content(desk.facebook)
        one, other = await asyncio.gather(desk.draft(content, post_id), desk.draft(content, post_id))
        assert one.version == other.version
        assert (await desk.look(one)).version.version == 1

    async def test_a_draft_keeps_the_time_that_was_chosen_last(self, desk: Desk):
        view = await desk.draft(desk.content(desk.facebook))
        for due_at in (soon(days=2), soon(days=3), None):
            view = await drafts.save(
                desk.services,
                desk.actor,
                post_id=view.post.id,
                client_id=desk.cast.client.id,
                content=desk.content(desk.facebook),
                due_at=due_at,
            )
            assert (await desk.look(view)).post.due_at == due_at
        assert view.version.version == 1

    async def test_a_guest_may_write_nothing(self, desk: Desk):
        nobody = replace(desk.actor, member_id=uuid4())
        with pytest.raises(NotFound):
            await replace(desk, actor=nobody).draft(desk.content(desk.facebook))


class TestThrowingAway:
    async def test_a_draft_is_gone(self, desk: Desk):
        view = await desk.draft(desk.content(desk.facebook))
        await drafts.discard(desk.services, desk.actor, post_id=view.post.id)
        with pytest.raises(NotFound):
            await desk.look(view)

    async def test_what_was_sent_on_its_way_stays(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(Changed):
            await drafts.discard(desk.services, desk.actor, post_id=view.post.id)
        assert (await desk.look(view)).post.state is PostState.SCHEDULED

    async def test_it_is_its_authors_business(self, desk: Desk, agency: Cast):
        view = await desk.draft(desk.content(desk.facebook))
        with pytest.raises(Changed):
            await drafts.discard(desk.services, agency.actor(agency.manager), post_id=view.post.id)


class TestWritingAnew:
    """`revise`: what somebody makes of a post that was sent on its way counts only once it is submitted."""

    async def test_until_it_is_submitted_nothing_changes(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook, caption="One"), soon(days=1))
        anew = await revise(desk, view.post.id, caption="Two")
        assert (anew.version.version, anew.version.caption) == (2, "Two")
        now = await desk.look(view)
        assert (now.version.version, now.version.caption) == (1, "One")
        assert [one.state for one in now.publications] == [PublicationState.SCHEDULED]

    async def test_a_colleague_may(self, desk: Desk, agency: Cast):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        colleague = replace(desk, actor=agency.actor(agency.manager))
        anew = await revise(colleague, view.post.id, caption="Two")
        assert anew.version.created_by == agency.manager.id
        assert anew.post.author_id == agency.author.id

    async def test_who_does_not_work_for_the_client_finds_no_post(self, desk: Desk, agency: Cast):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(NotFound):
            await revise(replace(desk, actor=agency.actor(agency.stranger)), view.post.id)

    async def test_what_is_wrong_is_said_at_its_field(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(Invalid) as wrong:
            await revise(desk, view.post.id, caption="")
        assert set(wrong.value.fields) == {"caption"}

    async def test_another_version_than_the_one_that_counts_is_refused(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(Changed, match="changed in the meantime"):
            await revise(desk, view.post.id, base_version=2)

    async def test_a_draft_is_not_on_its_way_and_stays_its_authors(self, desk: Desk, agency: Cast):
        view = await desk.draft(desk.content(desk.facebook))
        colleague = replace(desk, actor=agency.actor(agency.manager))
        with pytest.raises(Changed):
            await revise(colleague, view.post.id, caption="Two")
        with pytest.raises(Changed):
            await submissions.submit(
                desk.services,
                colleague.actor,
                post_id=view.post.id,
                version=1,
                channel_id=CHANNEL,
                base_version=1,
            )

    async def test_what_was_called_off_is_composed_anew(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        await schedule.cancel(desk.services, desk.actor, post_id=view.post.id)
        with pytest.raises(Changed, match="called off"):
            await revise(desk, view.post.id, caption="Two")


async def revise(
    desk: Desk, post_id: UUID, *, base_version: int = 1, caption: str = "Fresh roast today."
) -> PostView:
    return await drafts.revise(
        desk.services,
        desk.actor,
        post_id=post_id,
        base_version=base_version,
        content=desk.content(desk.facebook, caption=caption),
    )

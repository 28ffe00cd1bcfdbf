"""Writing posts, and sending them on their way."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlmodel import select

from core import audit, drafts, posts, schedule
from core.errors import Changed, Invalid, NotAllowed, NotFound
from core.models import Announcement, Card, Fit, Kind, PostState, PublicationState
from core.services import Services
from tests.conftest import Cast, Heard
from tests.core.desk import Desk, make_desk, picture
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


class TestSending:
    async def test_a_post_goes_on_its_way_with_everything_that_is_owed_in_one_transaction(self, desk: Desk):
        kept = await desk.keep()
        view = await desk.publish(desk.content(media_id=kept.id))
        assert view.post.state is PostState.PUBLISHING
        assert [one.kind for one in view.publications] == [Kind.INSTAGRAM_PHOTO, Kind.FACEBOOK_PHOTO]
        assert {one.state for one in view.publications} == {PublicationState.QUEUED}
        heard = desk.services.transport
        assert isinstance(heard, Heard)
        assert set(heard.advanced) == {one.id for one in view.publications}
        async with desk.services.db.session(desk.actor) as session:
            card = await session.get_one(Card, view.post.id)
            theirs = select(Announcement).where(Announcement.post_id == view.post.id)
            owed = (await session.exec(theirs)).one()
            entry = (await audit.recent(session, most=1))[0]
        assert (card.channel_id, card.ts, owed.kind) == ("C0NORTHW01", None, "card")
        assert (entry.action, entry.post_id, entry.user_id) == (
            "post_submitted",
            view.post.id,
            desk.actor.user_id,
        )
        assert entry.details["slack"] == {"channel": "C1"}

    async def test_a_second_click_changes_nothing(self, desk: Desk):
        view = await desk.publish(desk.content(desk.facebook))
        with pytest.raises(Changed):
            await schedule.submit(
                desk.services, desk.actor, post_id=view.post.id, version=1, channel_id="C0NORTHW01"
            )
        assert len((await desk.look(view)).publications) == 1

    async def test_an_older_version_is_refused(self, desk: Desk):
        view = await desk.draft(desk.content(desk.facebook, caption="One"))
        await desk.draft(desk.content(desk.facebook, caption="Two"), view.post.id)
        with pytest.raises(Changed, match="changed in the meantime"):
            await schedule.submit(
                desk.services, desk.actor, post_id=view.post.id, version=1, channel_id="C0NORTHW01"
            )

    async def test_a_wrong_ratio_is_never_decided_for_the_person(self, desk: Desk):
        kept = await desk.keep(picture(2000, 500))
        with pytest.raises(Invalid) as wrong:
            await desk.publish(desk.content(media_id=kept.id))
        assert set(wrong.value.fields) == {"fit"}
        view = await desk.publish(desk.content(media_id=kept.id, fit=Fit.CROP))
        assert view.post.state is PostState.PUBLISHING

    async def test_a_wrong_ratio_does_not_matter_to_facebook(self, desk: Desk):
        kept = await desk.keep(picture(2000, 500))
        view = await desk.publish(desk.content(desk.facebook, media_id=kept.id))
        assert view.post.state is PostState.PUBLISHING

    async def test_an_account_that_was_disconnected_meanwhile_is_said(self, desk: Desk):
        view = await desk.draft(desk.content(desk.facebook))
        async with desk.services.db.session(desk.actor) as session:
            account = await session.merge(desk.facebook)
            account.is_active, account.access_token = False, None
        with pytest.raises(Invalid) as wrong:
            await schedule.submit(
                desk.services, desk.actor, post_id=view.post.id, version=1, channel_id="C0NORTHW01"
            )
        assert set(wrong.value.fields) == {"accounts"}

    async def test_a_post_that_nobody_wrote_is_not_found(self, desk: Desk):
        with pytest.raises(NotFound):
            await schedule.submit(
                desk.services, desk.actor, post_id=uuid4(), version=1, channel_id="C0NORTHW01"
            )

    async def test_a_guest_may_do_nothing(self, desk: Desk):
        nobody = replace(desk.actor, member_id=uuid4())
        with pytest.raises((NotAllowed, NotFound)):
            await replace(desk, actor=nobody).draft(desk.content(desk.facebook))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({PublicationState.PUBLISHED}, PostState.PUBLISHED),
        ({PublicationState.PUBLISHED, PublicationState.QUEUED}, PostState.PUBLISHING),
        ({PublicationState.FAILED, PublicationState.RUNNING}, PostState.PUBLISHING),
        ({PublicationState.FAILED, PublicationState.SCHEDULED}, PostState.PUBLISHING),
        ({PublicationState.FAILED, PublicationState.PUBLISHED}, PostState.FAILED),
        ({PublicationState.NEEDS_REVIEW, PublicationState.FAILED}, PostState.NEEDS_REVIEW),
    ],
)
def test_a_posts_state_follows_from_its_publications(states: set[PublicationState], expected: PostState):
    assert posts.state_of(states, was=PostState.PUBLISHING) is expected

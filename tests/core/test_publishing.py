"""Publishing, against the simulated Meta: what the public sees is the proof."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import col, select

from core import audit, publishing, schedule
from core.errors import Changed
from core.models import (
    Account,
    Announcement,
    Ending,
    Fit,
    PostState,
    Publication,
    PublicationState,
    Step,
    StepName,
    StepState,
)
from core.posts import PostView
from tests.conftest import Cast, MakeServices, Serving
from tests.core.desk import Desk, picture, served_desk
from tests.drivers.meta import COFFEE, COFFEE_INSTAGRAM, Meta


@pytest.fixture
async def desk(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> AsyncIterator[Desk]:
    """A desk whose pictures Meta can fetch."""
    async with served_desk(make_services, serving, agency, meta) as served:
        yield served


async def on_instagram(meta: Meta) -> list[Any]:
    return (await meta.public())["instagram"].get("northwind.coffee", [])


async def on_facebook(meta: Meta) -> list[Any]:
    return (await meta.public())["pages"].get(COFFEE, [])


async def steps_of(desk: Desk) -> list[tuple[StepName, StepState]]:
    async with desk.services.db.session(desk.actor) as session:
        steps = await session.exec(select(Step).order_by(col(Step.intent_at)))
        return [(step.name, step.state) for step in steps]


async def unanswered(desk: Desk, meta: Meta, platform: str) -> PostView:
    """Publish a picture whose last call never arrives, and whose answer therefore never comes."""
    kept = await desk.keep()
    account: Account = getattr(desk, platform)
    await meta.fault({"instagram": "media_publish", "facebook": "/feed"}[platform], "drop", times=1)
    view = await desk.advance(await desk.publish(desk.content(account, media_id=kept.id)))
    assert view.post.state is PostState.PUBLISHING
    return view


async def age(desk: Desk, state: StepState, by: timedelta) -> None:
    """Let steps be older than they are."""
    async with desk.services.db.session(desk.cast.program) as session:
        older = update(Step).where(col(Step.state) == state)
        await session.exec(older.values(intent_at=Step.intent_at - by))


async def make_due(desk: Desk) -> None:
    """Let the time pass that a publication waits for."""
    async with desk.services.db.session(desk.cast.program) as session:
        waiting = update(Publication).where(col(Publication.state) == PublicationState.SCHEDULED)
        await session.exec(waiting.values(state="queued", next_run_at=None, queued_at=datetime.now(UTC)))


class TestLive:
    async def test_a_picture_goes_to_both_with_its_alt_text(self, desk: Desk, meta: Meta):
        kept = await desk.keep()
        sent = await desk.publish(desk.content(media_id=kept.id, alt_text="A cup on a table"))
        view = await desk.advance(sent)
        assert view.post.state is PostState.PUBLISHED
        instagram, facebook = view.publications
        [photo] = await on_instagram(meta)
        [post] = await on_facebook(meta)
        assert (photo["caption"], photo["alt_text"]) == ("Fresh roast today.", "A cup on a table")
        assert (instagram.remote_id, instagram.permalink) == (photo["id"], photo["permalink"])
        assert (post["message"], post["photos"][0]["alt_text"]) == ("Fresh roast today.", "A cup on a table")
        assert (facebook.remote_id, facebook.permalink) == (post["id"], post["permalink"])
        assert await steps_of(desk) == [
            (StepName.CONTAINER, StepState.DONE),
            (StepName.PUBLISH, StepState.DONE),
            (StepName.PHOTO, StepState.DONE),
            (StepName.FEED, StepState.DONE),
        ]

    async def test_words_alone_and_a_link_go_to_a_page(self, desk: Desk, meta: Meta):
        await desk.advance(await desk.publish(desk.content(desk.facebook, caption="Only words")))
        link = desk.content(desk.facebook, caption="Read this", link="https://example.com/roast")
        await desk.advance(await desk.publish(link))
        found = {post["message"]: post["link"] for post in await on_facebook(meta)}
        assert found == {"Only words": None, "Read this": "https://example.com/roast"}

    async def test_a_cropped_picture_is_what_instagram_gets(self, desk: Desk, meta: Meta):
        kept = await desk.keep(picture(2000, 500))
        view = await desk.advance(
            await desk.publish(desk.content(desk.instagram, media_id=kept.id, fit=Fit.CROP))
        )
        assert view.post.state is PostState.PUBLISHED
        assert len(await on_instagram(meta)) == 1

    async def test_the_trail_and_the_thread_tell_of_it(self, desk: Desk):
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        async with desk.services.db.session(desk.actor) as session:
            entry = (await audit.recent(session, most=1))[0]
            owed = await session.exec(select(Announcement).where(Announcement.kind == "reply"))
            replies = [one.payload for one in owed]
        assert (entry.action, entry.user_id, entry.account_id) == (
            "post_published",
            "pressroom",
            desk.facebook.id,
        )
        assert entry.details["permalink"] == view.publications[0].permalink
        assert replies == [{"kind": "published", "publication_id": str(view.publications[0].id)}]

    async def test_a_permalink_that_cannot_be_read_fails_nothing(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "drop_after", times=1)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        [live] = await on_facebook(meta)
        await make_due(desk)
        await meta.fault(f"/{live['id']}", "error", code=100, subcode=33, message="hidden", times=None)
        view = await desk.advance(view)
        assert view.post.state is PostState.PUBLISHED
        assert (view.publications[0].remote_id, view.publications[0].permalink) == (live["id"], None)


class TestOnce:
    async def test_a_job_that_comes_twice_publishes_once(self, desk: Desk, meta: Meta):
        view = await desk.publish(desk.content(desk.facebook))
        [one] = view.publications
        await asyncio.gather(
            *(
                publishing.advance(desk.services, agency_id=desk.cast.id, publication_id=one.id)
                for _ in range(8)
            )
        )
        assert len(await on_facebook(meta)) == 1

    async def test_one_publication_at_a_time_for_an_account(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "slow", seconds=0.3, times=None)
        first = await desk.publish(desk.content(desk.facebook, caption="One"))
        second = await desk.publish(desk.content(desk.facebook, caption="Two"))
        await asyncio.gather(desk.advance(first), desk.advance(second))
        states = {(await desk.look(one)).publications[0].state for one in (first, second)}
        assert states == {PublicationState.PUBLISHED, PublicationState.SCHEDULED}
        await make_due(desk)
        await asyncio.gather(desk.advance(first), desk.advance(second))
        assert {post["message"] for post in await on_facebook(meta)} == {"One", "Two"}

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "error_after", "status": 500, "code": 2},
            {"kind": "drop_after"},
        ],
        ids=["500 after the effect", "answer lost after the effect"],
    )
    @pytest.mark.parametrize("platform", ["instagram", "facebook"])
    async def test_an_answer_that_was_lost_is_looked_up(
        self, desk: Desk, meta: Meta, platform: str, fault: dict[str, Any]
    ):
        kept = await desk.keep()
        account: Account = getattr(desk, platform)
        await meta.fault({"instagram": "media_publish", "facebook": "/feed"}[platform], times=1, **fault)
        view = await desk.advance(await desk.publish(desk.content(account, media_id=kept.id)))
        assert view.post.state is PostState.PUBLISHING
        await make_due(desk)
        view = await desk.advance(view)
        assert view.post.state is PostState.PUBLISHED
        live = await on_instagram(meta) if platform == "instagram" else await on_facebook(meta)
        assert [one["id"] for one in live] == [view.publications[0].remote_id]

    async def test_what_the_container_says_is_published_is_live_whatever_else_cannot_be_read(
        self, desk: Desk, meta: Meta
    ):
        await meta.fault("media_publish", "error_after", code=2, times=1)
        kept = await desk.keep()
        view = await desk.advance(await desk.publish(desk.content(desk.instagram, media_id=kept.id)))
        await meta.fault(f"{COFFEE_INSTAGRAM}/media", "error", code=2, times=None)
        await make_due(desk)
        view = await desk.advance(view)
        assert view.post.state is PostState.PUBLISHED
        assert (view.publications[0].remote_id or "").startswith("container:")

    async def test_what_is_live_stays_live_however_often_its_worker_died(self, desk: Desk):
        view = await desk.publish(desk.content(desk.facebook))
        [publication] = view.publications
        its = {"agency_id": publication.agency_id, "client_id": publication.client_id, "fence": 1}
        live = Step(
            publication_id=publication.id,
            name=StepName.FEED,
            generation=1,
            state=StepState.DONE,
            remote_id=f"{COFFEE}_1",
            **its,
        )
        async with desk.services.db.session(desk.cast.program) as session:
            session.add(live)
            often = update(Publication).where(col(Publication.id) == publication.id)
            await session.exec(often.values(crashes=publishing.MOST_CRASHES))
        assert (await desk.advance(view)).post.state is PostState.PUBLISHED

    async def test_what_cannot_be_proven_is_never_sent_again_but_asked(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "drop", times=None)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        await meta.http.delete(f"{meta.url}/_sim/faults")
        for _ in desk.services.patience.looks:
            assert view.post.state is PostState.PUBLISHING
            await make_due(desk)
            view = await desk.advance(view)
        assert view.post.state is PostState.NEEDS_REVIEW
        assert view.publications[0].state is PublicationState.NEEDS_REVIEW
        assert await on_facebook(meta) == []

    async def test_a_step_nobody_sees_is_simply_done_again(self, desk: Desk, meta: Meta):
        kept = await desk.keep()
        await meta.fault("/photos", "drop_after", times=1)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook, media_id=kept.id)))
        assert view.post.state is PostState.PUBLISHING
        await make_due(desk)
        view = await desk.advance(view)
        assert view.post.state is PostState.PUBLISHED
        assert len(await on_facebook(meta)) == 1

    async def test_a_worker_that_lost_its_lease_changes_nothing(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "slow", seconds=0.5, times=1)
        view = await desk.publish(desk.content(desk.facebook))
        slow = asyncio.create_task(desk.advance(view))
        while await steps_of(desk) != [(StepName.FEED, StepState.INTENT)]:
            await asyncio.sleep(0.01)
        async with desk.services.db.session(desk.cast.program) as session:
            await session.exec(update(Publication).values(fence=Publication.fence + 1))
        view = await slow
        assert view.publications[0].state is PublicationState.RUNNING
        assert await steps_of(desk) == [(StepName.FEED, StepState.DONE)]
        assert len(await on_facebook(meta)) == 1


class TestProof:
    """What is proven absent is published after all; what may be live is never called failed."""

    @pytest.mark.parametrize("platform", ["instagram", "facebook"])
    async def test_what_is_proven_absent_is_sent_again_after_the_quiet_period(
        self, desk: Desk, meta: Meta, platform: str
    ):
        view = await unanswered(desk, meta, platform)
        for _ in desk.services.patience.looks[:-1]:
            await make_due(desk)
            view = await desk.advance(view)
            assert view.post.state is PostState.PUBLISHING
        await age(desk, StepState.INTENT, desk.services.patience.quiet)
        await make_due(desk)
        view = await desk.advance(view)
        assert view.post.state is PostState.PUBLISHED
        live = await on_instagram(meta) if platform == "instagram" else await on_facebook(meta)
        assert [one["id"] for one in live] == [view.publications[0].remote_id]
        names = [name for name, _ in await steps_of(desk)]
        assert names.count(StepName.CONTAINER) + names.count(StepName.PHOTO) == 1

    @pytest.mark.parametrize("platform", ["instagram", "facebook"])
    async def test_what_is_absent_is_not_sent_again_before_the_quiet_period(
        self, desk: Desk, meta: Meta, platform: str
    ):
        view = await unanswered(desk, meta, platform)
        for _ in desk.services.patience.looks:
            await make_due(desk)
            view = await desk.advance(view)
        assert view.post.state is PostState.NEEDS_REVIEW
        assert await on_instagram(meta) == []
        assert await on_facebook(meta) == []

    async def test_a_look_that_fails_proves_nothing(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "drop_after", times=1)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        await meta.tokens("password")
        await make_due(desk)
        view = await desk.advance(view)
        assert view.post.state is PostState.NEEDS_REVIEW
        assert len(await on_facebook(meta)) == 1

    async def test_a_disconnected_account_does_not_make_a_lost_answer_a_failure(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "drop_after", times=1)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        async with desk.services.db.session(desk.actor) as session:
            account = await session.merge(desk.facebook)
            account.is_active, account.access_token = False, None
        await make_due(desk)
        view = await desk.advance(view)
        assert view.post.state is PostState.NEEDS_REVIEW

    async def test_somebody_elses_post_of_the_same_words_is_not_taken_for_ours(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "drop", times=None)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook, caption="Good morning")))
        await meta.http.delete(f"{meta.url}/_sim/faults")
        phone = {"account": COFFEE, "text": "Good morning"}
        (await meta.http.post(f"{meta.url}/_sim/posts", json=phone)).raise_for_status()
        await make_due(desk)
        view = await desk.advance(view)
        assert view.post.state is PostState.PUBLISHING

    async def test_our_other_post_of_the_same_words_is_not_taken_for_this_one(self, desk: Desk, meta: Meta):
        first = await desk.advance(await desk.publish(desk.content(desk.facebook, caption="Open today")))
        await meta.fault("/feed", "drop", times=1)
        second = await desk.advance(await desk.publish(desk.content(desk.facebook, caption="Open today")))
        await make_due(desk)
        second = await desk.advance(second)
        assert first.post.state is PostState.PUBLISHED
        assert second.post.state is PostState.PUBLISHING

    async def test_a_photo_that_was_staged_too_long_ago_is_staged_anew(self, desk: Desk, meta: Meta):
        kept = await desk.keep()
        await meta.fault("/feed", "error", code=200, message="no permission", times=1)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook, media_id=kept.id)))
        assert view.post.state is PostState.FAILED
        await meta.pass_time(25 * 3600)
        await age(desk, StepState.DONE, timedelta(hours=25))
        view = await schedule.retry(desk.services, desk.actor, publication_id=view.publications[0].id)
        view = await desk.advance(view)
        assert view.post.state is PostState.PUBLISHED
        assert len(await on_facebook(meta)) == 1

    async def test_waiting_for_meta_holds_no_transaction(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "slow", seconds=0.5, times=1)
        view = await desk.publish(desk.content(desk.facebook))
        under_way = asyncio.create_task(desk.advance(view))
        while await steps_of(desk) != [(StepName.FEED, StepState.INTENT)]:
            await asyncio.sleep(0.01)
        async with desk.services.db.engine.connect() as connection:
            open_ones = await connection.execute(
                text("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")
            )
            assert open_ones.scalar() == 0
        assert (await under_way).post.state is PostState.PUBLISHED


class TestTrouble:
    async def test_a_page_that_is_hidden_from_a_token_once_does_not_condemn_the_account(
        self, desk: Desk, meta: Meta
    ):
        await meta.fault("/feed", "error", code=100, subcode=33, message="does not exist", times=1)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        assert view.post.state is PostState.FAILED
        async with desk.services.db.session(desk.actor) as session:
            assert (await session.get_one(Account, desk.facebook.id)).trouble is None

    async def test_a_dead_token_marks_the_account_and_the_post_waits(self, desk: Desk, meta: Meta):
        await meta.tokens("password")
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        assert view.post.state is PostState.PUBLISHING
        assert view.publications[0].state is PublicationState.SCHEDULED
        async with desk.services.db.session(desk.actor) as session:
            account = await session.get_one(Account, desk.facebook.id)
        assert account.ending is Ending.PASSWORD
        assert "connect the account again" in (account.trouble or "")

    async def test_a_failed_one_can_be_tried_again(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "error", code=100, message="Invalid parameter", times=1)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook)))
        assert view.post.state is PostState.FAILED
        view = await schedule.retry(desk.services, desk.actor, publication_id=view.publications[0].id)
        assert view.post.state is PostState.PUBLISHING
        with pytest.raises(Changed):
            await schedule.retry(desk.services, desk.actor, publication_id=view.publications[0].id)
        view = await desk.advance(view)
        assert view.post.state is PostState.PUBLISHED
        assert len(await on_facebook(meta)) == 1

    async def test_a_busy_meta_is_tried_again_after_a_pause(self, desk: Desk, meta: Meta):
        kept = await desk.keep()
        await meta.fault("/photos", "rate_limit", times=1)
        before = datetime.now(UTC)
        view = await desk.advance(await desk.publish(desk.content(desk.facebook, media_id=kept.id)))
        [one] = view.publications
        assert one.state is PublicationState.SCHEDULED
        assert one.next_run_at is not None
        assert one.next_run_at > before + timedelta(seconds=4)

    async def test_one_account_that_fails_does_not_hold_the_other_back(self, desk: Desk, meta: Meta):
        kept = await desk.keep()
        await meta.fault("/feed", "error", code=200, message="no permission", times=None)
        view = await desk.advance(await desk.publish(desk.content(media_id=kept.id)))
        assert [one.state for one in view.publications] == [
            PublicationState.PUBLISHED,
            PublicationState.FAILED,
        ]
        assert view.post.state is PostState.FAILED

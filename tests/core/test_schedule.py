"""The schedule: posts go out at once or at their minute, and what people do to them until then."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection
from sqlalchemy import event
from sqlmodel import select

from bot import mrkdwn
from core import agencies, audit, checkups, drafts, lateness, pauses, schedule, submissions
from core.agencies import Person
from core.db import Database
from core.errors import Changed, Invalid, NotAllowed, NotFound
from core.models import (
    Account,
    Announcement,
    Card,
    Fit,
    Kind,
    PostState,
    PublicationState,
    StepName,
    StepState,
)
from core.posts import PostView
from core.services import Services
from pressroom.schema import Addresses
from tests.conftest import Cast, Heard, MakeServices, Serving
from tests.core.desk import Desk, make_desk, picture, served_desk
from tests.core.timetable import (
    CHANNEL,
    actions,
    hand_over,
    pass_time,
    replies,
    round_of_the_engine,
    scheduled,
    soon,
    steps,
    trail,
    work,
)
from tests.drivers.meta import COFFEE, Meta

SCHEDULED, QUEUED, CANCELLED, FAILED, LATE, PUBLISHED = (
    PublicationState.SCHEDULED,
    PublicationState.QUEUED,
    PublicationState.CANCELLED,
    PublicationState.FAILED,
    PublicationState.LATE,
    PublicationState.PUBLISHED,
)


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    """A desk that nobody reaches: for what people do, before Meta is called."""
    return await make_desk(services, agency, meta)


@pytest.fixture
async def served(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> AsyncIterator[Desk]:
    """A desk whose pictures Meta can fetch."""
    async with served_desk(make_services, serving, agency, meta) as desk:
        yield desk


async def with_picture(desk: Desk, *accounts: Account, **more: Any) -> Any:
    return desk.content(*accounts, media_id=(await desk.keep()).id, **more)


async def public(meta: Meta) -> list[Any]:
    """Give everything of ours that the public sees."""
    seen = await meta.public()
    return [*seen["instagram"]["northwind.coffee"], *seen["pages"][COFFEE]]


async def asked(meta: Meta, what: str) -> list[Any]:
    """Give the calls that changed something at Meta at an address that ends so."""
    return [one for one in await meta.requests() if one["method"] == "POST" and one["path"].endswith(what)]


def states(view: PostView) -> list[PublicationState]:
    return [one.state for one in view.publications]


def minutes_to(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - datetime.now(UTC)).total_seconds() / 60


class TestAtOnce:
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
            await submissions.submit(
                desk.services, desk.actor, post_id=view.post.id, version=1, channel_id="C0NORTHW01"
            )
        assert len((await desk.look(view)).publications) == 1

    async def test_an_older_version_is_refused(self, desk: Desk):
        view = await desk.draft(desk.content(desk.facebook, caption="One"))
        await desk.draft(desk.content(desk.facebook, caption="Two"), view.post.id)
        with pytest.raises(Changed, match="changed in the meantime"):
            await submissions.submit(
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
            await submissions.submit(
                desk.services, desk.actor, post_id=view.post.id, version=1, channel_id="C0NORTHW01"
            )
        assert set(wrong.value.fields) == {"accounts"}

    async def test_a_post_that_nobody_wrote_is_not_found(self, desk: Desk):
        with pytest.raises(NotFound):
            await submissions.submit(
                desk.services, desk.actor, post_id=uuid4(), version=1, channel_id="C0NORTHW01"
            )


class TestWithATime:
    async def test_everything_is_written_down_in_one_transaction_and_nothing_is_handed_over(self, desk: Desk):
        due_at = soon(hours=3)
        view = await scheduled(desk, await with_picture(desk), due_at)
        assert (view.post.state, view.post.due_at) == (PostState.SCHEDULED, due_at)
        assert states(view) == [SCHEDULED, SCHEDULED]
        assert {one.due_at for one in view.publications} == {due_at}
        assert isinstance(desk.services.transport, Heard)
        assert desk.services.transport.advanced == []
        [entry] = await trail(desk, view.post.id)
        assert (entry.action, entry.user_id) == ("post_scheduled", desk.actor.user_id)
        assert entry.details["due_at"] == due_at.isoformat()
        assert entry.details["version"] == 1
        async with desk.services.db.session(desk.actor) as session:
            assert (await session.get_one(Card, view.post.id)).channel_id == CHANNEL
        assert await replies(desk, view.post.id) == []  # the card itself is enough

    async def test_a_picture_is_made_ready_ten_minutes_before_and_words_go_straight_at_their_minute(
        self, desk: Desk
    ):
        due_at = soon(hours=3)
        pictures = await scheduled(desk, await with_picture(desk), due_at)
        words = await scheduled(desk, desk.content(desk.facebook), due_at)
        link = await scheduled(desk, desk.content(desk.facebook, link="https://example.com/a"), due_at)
        assert {one.next_run_at for one in pictures.publications} == {due_at - timedelta(minutes=10)}
        assert [one.publications[0].next_run_at for one in (words, link)] == [due_at, due_at]

    async def test_what_is_due_in_less_than_that_is_made_ready_now(self, desk: Desk):
        view = await scheduled(desk, await with_picture(desk), soon(minutes=4))
        assert all(abs(minutes_to(one.next_run_at)) < 1 for one in view.publications)

    @pytest.mark.parametrize(
        ("away", "word"),
        [(timedelta(seconds=-1), "over"), (timedelta(days=-400), "over"), (timedelta(days=366), "a year")],
    )
    async def test_a_time_that_will_not_do_is_said_at_its_field_and_changes_nothing(
        self, desk: Desk, away: timedelta, word: str
    ):
        with pytest.raises(Invalid) as wrong:
            await scheduled(desk, desk.content(desk.facebook), datetime.now(UTC) + away)
        assert set(wrong.value.fields) == {"time"}
        assert word in wrong.value.fields["time"]
        waits = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(Invalid):
            await move(desk, waits, datetime.now(UTC) + away)
        assert (await desk.look(waits)).post.due_at == waits.post.due_at
        assert await actions(desk, waits.post.id) == ["post_scheduled"]

    async def test_while_its_client_is_paused_it_may_be_scheduled_and_not_sent(self, desk: Desk):
        await pause(desk)
        with pytest.raises(pauses.Paused, match="resume"):
            await desk.publish(desk.content(desk.facebook))
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        assert view.post.state is PostState.SCHEDULED


class TestAhead:
    @pytest.mark.parametrize(
        ("platform", "made", "seen"),
        [("instagram", "/media", "/media_publish"), ("facebook", "/photos", "/feed")],
    )
    async def test_what_nobody_sees_is_made_ahead_and_the_rest_not_a_moment_early(
        self, served: Desk, meta: Meta, platform: str, made: str, seen: str
    ):
        await meta.settings(container_seconds=0)
        account: Account = getattr(served, platform)
        view = await scheduled(served, await with_picture(served, account), soon(minutes=9))
        await round_of_the_engine(served)
        ready = await served.look(view)
        assert (ready.post.state, states(ready)) == (PostState.SCHEDULED, [SCHEDULED])
        assert ready.publications[0].next_run_at == ready.publications[0].due_at
        assert (len(await asked(meta, made)), len(await asked(meta, seen))) == (1, 0)
        assert await public(meta) == []

        await pass_time(served, minutes=9, seconds=-1.5)
        due_at = (await served.look(view)).publications[0].due_at
        await round_of_the_engine(served)
        live = await served.look(view)
        assert live.post.state is PostState.PUBLISHED
        [call] = await asked(meta, seen)
        assert due_at.timestamp() <= call["at"] < due_at.timestamp() + 1.5
        assert len(await asked(meta, made)) == 1
        assert len(await public(meta)) == 1

    async def test_nothing_is_handed_over_before_there_is_something_to_do(self, served: Desk, meta: Meta):
        await scheduled(served, await with_picture(served), soon(minutes=11))
        await scheduled(served, served.content(served.facebook), soon(minutes=2))
        await round_of_the_engine(served)
        assert await asked(meta, "") == []

    async def test_a_worker_that_gets_one_far_too_early_lets_go_of_it(self, served: Desk, meta: Meta):
        view = await scheduled(served, served.content(served.facebook), soon(minutes=2))
        await hand_over(served, view)
        await work(served)
        view = await served.look(view)
        assert states(view) == [SCHEDULED]
        assert view.publications[0].next_run_at == view.publications[0].due_at
        assert await asked(meta, "") == []

    async def test_a_slow_container_is_not_waited_for_while_there_is_time(self, served: Desk, meta: Meta):
        await meta.settings(container_seconds=600)
        view = await scheduled(served, await with_picture(served, served.instagram), soon(minutes=9))
        await round_of_the_engine(served)
        [one] = (await served.look(view)).publications
        assert one.state is SCHEDULED
        assert minutes_to(one.next_run_at) < 0.5

    async def test_a_dead_token_is_known_ahead_and_once_connected_anew_it_waits_for_its_minute(
        self, served: Desk, meta: Meta
    ):
        view = await scheduled(served, await with_picture(served, served.facebook), soon(minutes=9))
        await meta.tokens("password")
        await round_of_the_engine(served)
        known = await served.look(view)
        assert (known.post.state, states(known)) == (PostState.SCHEDULED, [SCHEDULED])
        assert "again" in (known.accounts[0].trouble or "")
        assert [one["kind"] for one in await replies(served, view.post.id)] == ["waits_for_login"]
        await round_of_the_engine(served)
        assert [one["kind"] for one in await replies(served, view.post.id)] == ["waits_for_login"]
        await meta.tokens("valid")
        ids = {"agency_id": served.cast.id, "connection_id": served.facebook.connection_id}
        await checkups.look(served.services, **ids)
        waits = await served.look(view)
        assert (waits.post.state, states(waits)) == (PostState.SCHEDULED, [SCHEDULED])
        assert waits.publications[0].due_at == view.post.due_at
        await round_of_the_engine(served)
        assert await public(meta) == []
        await pass_time(served, minutes=9)
        await round_of_the_engine(served)
        assert (await served.look(view)).post.state is PostState.PUBLISHED

    async def test_a_picture_that_is_refused_is_known_ahead(self, served: Desk, meta: Meta):
        await meta.fault("/media", "error", code=36003, subcode=2207009, message="aspect ratio")
        view = await scheduled(served, await with_picture(served, served.instagram), soon(minutes=9))
        await round_of_the_engine(served)
        failed = await served.look(view)
        assert failed.post.state is PostState.FAILED
        assert "tall" in (failed.publications[0].reason or "")

    async def test_a_container_that_grew_too_old_is_made_anew(self, served: Desk, meta: Meta):
        view = await scheduled(served, await with_picture(served, served.instagram), soon(minutes=9))
        await round_of_the_engine(served)
        await move(served, view, soon(hours=24))
        await pass_time(served, hours=23, minutes=55)
        await meta.pass_time(23.9 * 3600)
        await round_of_the_engine(served)
        await pass_time(served, minutes=5)
        await round_of_the_engine(served)
        assert (await served.look(view)).post.state is PostState.PUBLISHED
        made = [(one.name, one.state) for one in await steps(served, view.post.id)]
        assert made == [
            (StepName.CONTAINER, StepState.VOID),
            (StepName.CONTAINER, StepState.DONE),
            (StepName.PUBLISH, StepState.DONE),
        ]
        assert len(await public(meta)) == 1

    async def test_a_container_that_is_not_too_old_is_used(self, served: Desk, meta: Meta):
        view = await scheduled(served, await with_picture(served, served.instagram), soon(minutes=9))
        await round_of_the_engine(served)
        await move(served, view, soon(hours=3))
        await pass_time(served, hours=3)
        await round_of_the_engine(served)
        assert (await served.look(view)).post.state is PostState.PUBLISHED
        assert len(await asked(meta, "/media")) == 1


class TestMoving:
    @pytest.mark.parametrize("to", [timedelta(hours=1), timedelta(days=3)], ids=["earlier", "later"])
    async def test_it_goes_out_at_the_other_minute(self, desk: Desk, to: timedelta):
        view = await scheduled(desk, await with_picture(desk), soon(days=1))
        due_at = datetime.now(UTC) + to
        moved = await move(desk, view, due_at)
        assert (moved.post.state, moved.post.due_at) == (PostState.SCHEDULED, due_at)
        assert {one.due_at for one in moved.publications} == {due_at}
        assert {one.next_run_at for one in moved.publications} == {due_at - timedelta(minutes=10)}
        entry = (await trail(desk, view.post.id))[-1]
        assert view.post.due_at
        said = {"due_at": due_at.isoformat(), "was_due_at": view.post.due_at.isoformat()}
        assert (entry.action, entry.user_id) == ("post_moved", desk.actor.user_id)
        assert entry.details.items() >= said.items()
        assert await replies(desk, view.post.id) == [
            {"kind": "moved", "by": desk.cast.author.slack_user_id, **said}
        ]

    async def test_what_was_ready_and_waited_is_looked_after_anew(self, served: Desk, meta: Meta):
        view = await scheduled(served, await with_picture(served, served.facebook), soon(minutes=9))
        await round_of_the_engine(served)
        await move(served, view, soon(hours=2))
        await pass_time(served, minutes=15)  # its first minute is over
        await round_of_the_engine(served)
        assert (await served.look(view)).post.state is PostState.SCHEDULED
        assert await public(meta) == []

    async def test_a_post_that_goes_out_at_once_may_still_get_a_time(self, desk: Desk):
        view = await desk.publish(desk.content(desk.facebook))
        moved = await move(desk, view, soon(days=1))
        assert (moved.post.state, states(moved)) == (PostState.SCHEDULED, [SCHEDULED])
        assert moved.publications[0].queued_at is None
        assert "was_due_at" not in (await replies(desk, view.post.id))[0]

    async def test_one_that_failed_ahead_goes_with_the_others_time_once_it_is_tried_again(
        self, desk: Desk, meta: Meta
    ):
        view = await scheduled(desk, await with_picture(desk), soon(minutes=9))
        await meta.fault(f"{COFFEE}/photos", "error", code=100, message="Invalid parameter", times=1)
        await hand_over(desk, view, only=desk.facebook)
        await work(desk)
        assert FAILED in states(await desk.look(view))
        moved = await move(desk, view, soon(days=2))
        await pass_time(desk, hours=1)  # the first minute is over
        failed = next(one for one in moved.publications if one.state is FAILED)
        again = await schedule.retry(desk.services, desk.actor, publication_id=failed.id)
        assert again.post.state is PostState.SCHEDULED
        assert {one.due_at for one in again.publications} == {again.post.due_at}

    async def test_what_is_live_already_stays_and_only_what_became_late_gets_another_time(
        self, served: Desk, meta: Meta
    ):
        view = await half_late(served, meta)
        moved = await move(served, view, soon(days=1))
        assert moved.post.state is PostState.PUBLISHING
        assert sorted(states(moved)) == [PUBLISHED, SCHEDULED]


class TestPublishingNow:
    async def test_it_is_due_now_and_handed_over(self, desk: Desk):
        view = await scheduled(desk, await with_picture(desk), soon(days=1))
        now = await schedule.publish_now(desk.services, desk.actor, post_id=view.post.id)
        assert (now.post.state, now.post.due_at, states(now)) == (
            PostState.PUBLISHING,
            None,
            [QUEUED, QUEUED],
        )
        assert all(abs(minutes_to(one.due_at)) < 1 for one in now.publications)
        assert isinstance(desk.services.transport, Heard)
        assert set(desk.services.transport.advanced) == {one.id for one in now.publications}
        assert await actions(desk, view.post.id) == ["post_scheduled", "post_sent_now"]
        said = {"kind": "sent_now", "by": desk.cast.author.slack_user_id}
        assert await replies(desk, view.post.id) == [said]

    async def test_it_is_live(self, served: Desk, meta: Meta):
        view = await scheduled(served, await with_picture(served), soon(days=1))
        await schedule.publish_now(served.services, served.actor, post_id=view.post.id)
        await round_of_the_engine(served)
        assert (await served.look(view)).post.state is PostState.PUBLISHED
        assert len(await public(meta)) == 2

    async def test_a_second_click_changes_nothing(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        answers = await asyncio.gather(
            *(schedule.publish_now(desk.services, desk.actor, post_id=view.post.id) for _ in range(3)),
            return_exceptions=True,
        )
        assert sorted(isinstance(one, Changed) for one in answers) == [False, True, True]
        assert await actions(desk, view.post.id) == ["post_scheduled", "post_sent_now"]

    async def test_what_is_just_being_made_ready_goes_out_too(self, desk: Desk):
        view = await scheduled(desk, await with_picture(desk), soon(minutes=9))
        await hand_over(desk, view, only=desk.facebook)
        now = await schedule.publish_now(desk.services, desk.actor, post_id=view.post.id)
        assert all(minutes_to(one.due_at) < 1 for one in now.publications)

    async def test_while_it_is_paused_it_waits(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        await pause(desk)
        with pytest.raises(pauses.Paused):
            await schedule.publish_now(desk.services, desk.actor, post_id=view.post.id)
        assert (await desk.look(view)).post == view.post

    async def test_what_became_late_beside_what_is_live_goes_out_too(self, served: Desk, meta: Meta):
        view = await half_late(served, meta)
        await schedule.publish_now(served.services, served.actor, post_id=view.post.id)
        await round_of_the_engine(served)
        assert (await served.look(view)).post.state is PostState.PUBLISHED
        assert len(await public(meta)) == 2


class TestCallingOff:
    async def test_nothing_goes_out(self, served: Desk, meta: Meta):
        view = await scheduled(served, await with_picture(served), soon(minutes=9))
        await round_of_the_engine(served)  # it is ready
        off = await schedule.cancel(served.services, served.actor, post_id=view.post.id)
        assert (off.post.state, states(off)) == (PostState.CANCELLED, [CANCELLED, CANCELLED])
        await pass_time(served, minutes=9)
        await round_of_the_engine(served)
        assert await public(meta) == []
        assert await actions(served, view.post.id) == ["post_scheduled", "post_cancelled"]
        said = {"kind": "cancelled", "by": served.cast.author.slack_user_id}
        assert await replies(served, view.post.id) == [said]

    async def test_partly_live_only_the_rest(self, served: Desk, meta: Meta):
        view = await half_late(served, meta)
        off = await schedule.cancel(served.services, served.actor, post_id=view.post.id)
        assert (off.post.state, sorted(states(off))) == (PostState.PUBLISHED, [CANCELLED, PUBLISHED])
        assert len(await public(meta)) == 1

    async def test_what_nobody_can_tell_about_stays_a_question(self, served: Desk, meta: Meta):
        view = await served.publish(await with_picture(served))
        await meta.fault("/feed", "drop", times=None)
        await hand_over(served, view, only=served.facebook)
        await work(served)
        off = await schedule.cancel(served.services, served.actor, post_id=view.post.id)
        by_account = {one.account_id: one.state for one in off.publications}
        assert by_account == {served.instagram.id: CANCELLED, served.facebook.id: SCHEDULED}
        assert off.post.state is PostState.PUBLISHING

    async def test_what_failed_ahead_is_called_off_with_the_rest(self, desk: Desk, meta: Meta):
        view = await scheduled(desk, await with_picture(desk), soon(minutes=9))
        await meta.fault(f"{COFFEE}/photos", "error", code=100, message="Invalid parameter", times=1)
        await hand_over(desk, view, only=desk.facebook)
        await work(desk)
        off = await schedule.cancel(desk.services, desk.actor, post_id=view.post.id)
        assert (off.post.state, states(off)) == (PostState.CANCELLED, [CANCELLED, CANCELLED])
        with pytest.raises(Changed):
            await schedule.retry(desk.services, desk.actor, publication_id=view.publications[1].id)

    async def test_what_is_live_cannot_be(self, served: Desk):
        view = await served.publish(served.content(served.facebook))
        await round_of_the_engine(served)
        with pytest.raises(Changed, match="live"):
            await schedule.cancel(served.services, served.actor, post_id=view.post.id)

    async def test_what_failed_has_nothing_to_call_off(self, desk: Desk, meta: Meta):
        await meta.fault("/feed", "error", code=100, message="Invalid parameter", times=1)
        view = await desk.publish(desk.content(desk.facebook))
        await round_of_the_engine(desk)
        with pytest.raises(Changed, match="waits"):
            await schedule.cancel(desk.services, desk.actor, post_id=view.post.id)

    async def test_a_second_click_is_told_so(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        await schedule.cancel(desk.services, desk.actor, post_id=view.post.id)
        for again in (schedule.cancel, schedule.publish_now):
            with pytest.raises(Changed, match="called off"):
                await again(desk.services, desk.actor, post_id=view.post.id)
        with pytest.raises(Changed, match="called off"):
            await move(desk, view, soon(days=1))
        assert await actions(desk, view.post.id) == ["post_scheduled", "post_cancelled"]


class TestEditing:
    async def test_caption_accounts_and_picture_are_the_new_ones(self, served: Desk, meta: Meta):
        due_at = soon(minutes=9)
        view = await scheduled(served, await with_picture(served), due_at)
        await round_of_the_engine(served)  # the old one is ready on both
        anew = await edit(
            served, view, await with_picture(served, served.facebook, caption="Anew"), due_at=due_at
        )
        assert (anew.version.version, anew.post.version, states(anew)) == (2, 2, [SCHEDULED])
        assert [one.account_id for one in anew.publications] == [served.facebook.id]
        await pass_time(served, minutes=9)
        await round_of_the_engine(served)
        [seen] = await public(meta)
        assert seen["message"] == "Anew"
        photos = await asked(meta, "/photos")
        assert len(photos) == 2  # the picture of the first version is not the one that was published
        assert seen["photos"][0]["id"] == photos[-1]["answer"]["id"]

    async def test_the_thread_and_the_trail_tell_what_was_changed_and_by_whom(self, desk: Desk, agency: Cast):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        later = soon(days=2)
        colleague = replace(desk, actor=agency.actor(agency.manager))
        await edit(colleague, view, desk.content(desk.facebook, caption="Anew"), due_at=later)
        [said] = await replies(desk, view.post.id)
        assert view.post.due_at
        assert (
            said.items()
            >= {
                "kind": "changed",
                "by": agency.manager.slack_user_id,
                "was_version": 1,
                "version": 2,
                "was_due_at": view.post.due_at.isoformat(),
                "due_at": later.isoformat(),
            }.items()
        )
        entry = (await trail(desk, view.post.id))[-1]
        assert (entry.action, entry.user_id) == ("post_scheduled", agency.manager.slack_user_id)
        assert entry.details["version"] == 2

    async def test_another_time_and_nothing_else(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        later = soon(days=2)
        anew = await edit(desk, view, desk.content(desk.facebook), due_at=later)
        assert (anew.post.due_at, states(anew)) == (later, [SCHEDULED])

    async def test_two_editors_and_the_first_one_wins(self, desk: Desk, agency: Cast):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        colleague = replace(desk, actor=agency.actor(agency.manager))
        mine = await revise(desk, view, desk.content(desk.facebook, caption="Mine"))
        theirs = await revise(colleague, view, desk.content(desk.facebook, caption="Theirs"))
        assert (mine.version.version, theirs.version.version) == (2, 3)
        await resubmit(colleague, theirs, base_version=1, due_at=soon(days=1))
        with pytest.raises(Changed, match="in the meantime"):
            await resubmit(desk, mine, base_version=1, due_at=soon(days=1))
        now = await desk.look(view)
        assert (now.version.version, now.version.caption, states(now)) == (3, "Theirs", [SCHEDULED])

    async def test_a_version_that_nobody_wrote_is_refused(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(NotFound):
            await resubmit(desk, view, version=7, base_version=1, due_at=soon(days=1))
        assert states(await desk.look(view)) == [SCHEDULED]

    async def test_the_version_that_counts_is_no_edit(self, desk: Desk):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(Changed):
            await resubmit(desk, view, version=1, base_version=1, due_at=soon(days=1))

    async def test_a_failed_post_goes_out_once_it_is_mended(self, served: Desk, meta: Meta):
        await meta.fault("/feed", "error", code=100, message="Invalid parameter", times=1)
        view = await served.publish(served.content(served.facebook, caption="Wrong"))
        await round_of_the_engine(served)
        assert (await served.look(view)).post.state is PostState.FAILED
        anew = await edit(served, view, served.content(served.facebook, caption="Right"), due_at=None)
        assert (anew.post.state, states(anew)) == (PostState.PUBLISHING, [QUEUED])
        await round_of_the_engine(served)
        assert (await served.look(view)).post.state is PostState.PUBLISHED
        assert [one["message"] for one in await public(meta)] == ["Right"]
        with pytest.raises(Changed):
            await schedule.retry(served.services, served.actor, publication_id=view.publications[0].id)

    async def test_what_is_live_anywhere_stays_as_it_is(self, served: Desk, meta: Meta):
        view = await half_late(served, meta)
        with pytest.raises(Changed, match="on its way"):
            await revise(served, view, served.content(served.facebook, caption="Anew"))

    async def test_what_nobody_can_tell_about_stays_as_it_is(self, served: Desk, meta: Meta):
        await meta.fault("/feed", "drop", times=None)
        view = await served.publish(served.content(served.facebook))
        await round_of_the_engine(served)
        with pytest.raises(Changed, match="on its way"):
            await revise(served, view, served.content(served.facebook, caption="Anew"))


class TestWhoMay:
    """Everybody who works for the client, and the agency's admins; nobody else."""

    WAYS: tuple[Callable[[Desk, PostView], Awaitable[object]], ...] = (
        lambda desk, view: move(desk, view, soon(days=2)),
        lambda desk, view: schedule.publish_now(desk.services, desk.actor, post_id=view.post.id),
        lambda desk, view: schedule.cancel(desk.services, desk.actor, post_id=view.post.id),
        lambda desk, view: schedule.retry(desk.services, desk.actor, publication_id=view.publications[0].id),
        lambda desk, view: revise(desk, view, desk.content(desk.facebook, caption="Anew")),
        lambda desk, view: resubmit(desk, view, base_version=1, due_at=None),
    )
    NAMES = ("move", "publish_now", "cancel", "retry", "revise", "submit")

    @pytest.mark.parametrize("way", WAYS, ids=NAMES)
    async def test_somebody_of_another_client_finds_no_post(self, desk: Desk, agency: Cast, way: Any):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        with pytest.raises(NotFound):
            await way(replace(desk, actor=agency.actor(agency.stranger)), view)
        assert await actions(desk, view.post.id) == ["post_scheduled"]

    @pytest.mark.parametrize("way", WAYS, ids=NAMES)
    async def test_a_guest_who_was_a_member_may_not(self, desk: Desk, agency: Cast, way: Any):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        guest = Person(agency.author.slack_user_id, "Lee", "Europe/Stockholm", is_admin=False, is_guest=True)
        await agencies.welcome(desk.services.db, agency.id, guest)
        with pytest.raises(NotAllowed):
            await way(desk, view)
        assert await actions(desk, view.post.id) == ["post_scheduled"]

    async def test_a_colleague_and_an_admin_may(self, desk: Desk, agency: Cast):
        view = await scheduled(desk, desk.content(desk.facebook), soon(days=1))
        await move(replace(desk, actor=agency.actor(agency.manager)), view, soon(days=2))
        await schedule.cancel(desk.services, agency.actor(agency.admin), post_id=view.post.id)
        said = [(entry.action, entry.user_id) for entry in await trail(desk, view.post.id)]
        assert said == [
            ("post_scheduled", agency.author.slack_user_id),
            ("post_moved", agency.manager.slack_user_id),
            ("post_cancelled", agency.admin.slack_user_id),
        ]


class TestClocks:
    """Only the database's clock counts: this machine's may be wrong."""

    @pytest.mark.parametrize("hours", [1, -1], ids=["slow", "fast"])
    async def test_what_goes_out_at_once_does_so(
        self, served: Desk, owner: Connection[Any], addresses: Addresses, meta: Meta, hours: int
    ):
        other_time = schema_with_a_clock(owner, hours)
        async with database_with(addresses, search_path=f"{other_time},pg_catalog,public,jobs") as db:
            desk = replace(served, services=replace(served.services, db=db))
            sent = await desk.publish(await with_picture(desk, desk.facebook, caption="Sent"))
            waited = await scheduled(desk, desk.content(desk.facebook, caption="Waited"), soon(days=2))
            await schedule.publish_now(desk.services, desk.actor, post_id=waited.post.id)
            await desk.advance(sent)
            await desk.advance(waited)
        assert (await served.look(sent)).post.state is PostState.PUBLISHED
        assert (await served.look(waited)).post.state is PostState.PUBLISHED
        assert len(await public(meta)) == 2


def schema_with_a_clock(owner: Connection[Any], hours: int) -> str:
    """Make a schema whose clock is by so many hours ahead of all others."""
    name = f"other_time_{uuid4().hex[:8]}"
    owner.execute(
        f"CREATE SCHEMA {name}; GRANT USAGE ON SCHEMA {name} TO PUBLIC;"
        f"CREATE FUNCTION {name}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE"
        f" RETURN pg_catalog.clock_timestamp() + {hours} * interval '1 hour'"
    )
    return name


@asynccontextmanager
async def database_with(addresses: Addresses, *, search_path: str) -> AsyncIterator[Database]:
    """Connect as the program does, but look for names in another order."""
    db = Database(addresses.program, pool_size=3)

    @event.listens_for(db.engine.sync_engine, "connect")
    def look_elsewhere(connection: Any, _: object) -> None:
        connection.cursor().execute(f"SET search_path = {search_path}")
        connection.commit()

    yield db
    await db.close()


class TestZones:
    """A time is an instant, whichever clock somebody read it from."""

    @pytest.mark.parametrize(
        ("which", "wall", "away"),
        [
            ("forward", time(1, 59), -1),
            ("forward", time(2, 30), 30),  # there is no such time that day
            ("forward", time(3, 5), 5),
            ("back", time(2, 30), -30),
            ("back", time(2, 30, fold=1), 30),
        ],
        ids=["before the gap", "in the gap", "just after the gap", "the first of two", "the second of two"],
    )
    async def test_it_survives_the_change_of_clocks(self, desk: Desk, which: str, wall: time, away: int):
        changes_at, zone = next_change(which)
        there = datetime.combine(changes_at.astimezone(zone).date(), wall, tzinfo=zone)
        at = changes_at + timedelta(minutes=away)
        content = await with_picture(desk)
        view = await scheduled(desk, content, there)
        moved = await scheduled(desk, content, soon(hours=1))
        await move(desk, moved, there)
        for one in (await desk.look(view), await desk.look(moved)):
            assert one.post.due_at == at
            assert {publication.due_at for publication in one.publications} == {at}
            ahead = at - timedelta(minutes=10)
            assert {publication.next_run_at for publication in one.publications} == {ahead}
        assert (await trail(desk, view.post.id))[0].details["due_at"] == at.isoformat()
        assert (await replies(desk, moved.post.id))[0]["due_at"] == at.isoformat()
        assert mrkdwn.moment(there).startswith(f"<!date^{int(at.timestamp())}^")

    async def test_a_member_who_travels_changes_no_time(self, desk: Desk, agency: Cast):
        due_at = soon(days=1)
        view = await scheduled(desk, desk.content(desk.facebook), due_at)
        abroad = Person(
            agency.author.slack_user_id, "Lee", "Pacific/Auckland", is_admin=False, is_guest=False
        )
        await agencies.welcome(desk.services.db, agency.id, abroad)
        now = await desk.look(view)
        assert (now.post.due_at, now.publications[0].due_at) == (due_at, due_at)


def next_change(which: str) -> tuple[datetime, ZoneInfo]:
    """Give the next moment at which clocks go forward or back, somewhere: in both places at two or three."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    while True:
        for zone in (ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Sydney")):
            before, after = ((hour + timedelta(hours=n)).astimezone(zone).utcoffset() for n in (-1, 0))
            assert before is not None
            assert after is not None
            if (after > before) if which == "forward" else (after < before):
                return hour, zone
        hour += timedelta(hours=1)


# --- what happens here and there ------------------------------------------------------------------


async def move(desk: Desk, view: PostView, due_at: datetime) -> PostView:
    return await schedule.move(desk.services, desk.actor, post_id=view.post.id, due_at=due_at)


async def edit(desk: Desk, view: PostView, content: drafts.Content, *, due_at: datetime | None) -> PostView:
    """Change a post: write it anew, and submit that."""
    anew = await revise(desk, view, content)
    return await resubmit(desk, anew, base_version=view.post.version, due_at=due_at)


async def revise(desk: Desk, view: PostView, content: drafts.Content) -> PostView:
    return await drafts.revise(
        desk.services,
        desk.actor,
        post_id=view.post.id,
        base_version=view.post.version,
        content=content,
    )


async def resubmit(
    desk: Desk, anew: PostView, *, base_version: int, due_at: datetime | None, version: int | None = None
) -> PostView:
    return await submissions.submit(
        desk.services,
        desk.actor,
        post_id=anew.post.id,
        version=version or anew.version.version,
        channel_id=CHANNEL,
        due_at=due_at,
        base_version=base_version,
    )


async def pause(desk: Desk) -> None:
    cast = desk.cast
    await pauses.pause(desk.services.db, cast.actor(cast.manager), client_id=cast.client.id)


async def half_late(desk: Desk, meta: Meta) -> PostView:
    """Give a post that is live on Facebook, and became too late on Instagram."""
    view = await scheduled(desk, await with_picture(desk), soon(minutes=9))
    await pass_time(desk, minutes=9)
    await hand_over(desk, view, only=desk.facebook)
    await work(desk)
    await pass_time(desk, minutes=16)
    await lateness.guard(desk.services)
    view = await desk.look(view)
    assert (view.post.state, set(states(view))) == (PostState.LATE, {PUBLISHED, LATE})
    assert len(await public(meta)) == 1
    return view

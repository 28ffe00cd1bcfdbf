"""What was to go out on an account that is disconnected: it waits, and its thread is told, once."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from core import accounts, announcements, jobs, lateness, schedule, withdrawals
from core.decisions import Seen
from core.models import Account, Announcement, PostState, PublicationState
from core.posts import PostView
from tests.conftest import Cast, Heard, MakeServices, Serving
from tests.core.asking import MANAGERS, asked, rule
from tests.core.desk import Desk, served_desk
from tests.core.recorder import Recorder
from tests.core.timetable import pass_time, replies, round_of_the_engine, scheduled, soon
from tests.drivers.connecting import connect
from tests.drivers.meta import COFFEE, Meta

PAGE = f"facebook_page:{COFFEE}"


@pytest.fixture
async def desk(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> AsyncIterator[Desk]:
    async with served_desk(make_services, serving, agency, meta) as desk:
        yield desk


class Thread(Recorder):
    """Stands for Slack, and writes down the kinds of what it took."""

    async def reply(self, agency_id: UUID, post_id: UUID, payload: dict[str, Any]) -> None:
        await super().reply(agency_id, post_id, {"word": payload["kind"]})


async def disconnected(desk: Desk, account: Account) -> int:
    """Disconnect an account; give how many threads are told."""
    done = await accounts.disconnect(desk.services, desk.cast.actor(desk.cast.manager), account.id)
    return done.planned if done else 0


async def kinds(desk: Desk, view: PostView) -> list[str]:
    return [one["kind"] for one in await replies(desk, view.post.id)]


def states(view: PostView) -> list[PublicationState]:
    return [one.state for one in view.publications]


async def test_each_thread_is_told_once_however_often_it_is_clicked(desk: Desk) -> None:
    both = await scheduled(desk, desk.content(media_id=(await desk.keep()).id), soon(hours=3))
    only = await scheduled(desk, desk.content(desk.facebook), soon(minutes=5))
    assert [await disconnected(desk, desk.facebook) for _ in range(2)] == [2, 0]
    for view in (both, only):
        [told] = await replies(desk, view.post.id)
        mine = next(one for one in view.publications if one.account_id == desk.facebook.id)
        assert told == {
            "kind": "account_disconnected",
            "publication_id": str(mine.id),
            "by": desk.cast.manager.slack_user_id,
        }
    assert await disconnected(desk, desk.instagram) == 1
    assert len(await replies(desk, both.post.id)) == 2


@pytest.mark.parametrize("more", [0, 1])
async def test_of_many_posts_no_thread_is_told_and_every_card_is_drawn(desk: Desk, more: int) -> None:
    of = desk.content(desk.facebook)
    views = [await scheduled(desk, of, soon(hours=3)) for _ in range(accounts.FEW + more)]
    before = [await cards(desk, one) for one in views]
    assert await disconnected(desk, desk.facebook) == len(views)
    assert [await cards(desk, one) - was for one, was in zip(views, before, strict=True)] == [1] * len(views)
    told = [] if more else ["account_disconnected"]
    assert [await kinds(desk, one) for one in views] == [told] * len(views)


async def test_it_is_owed_with_the_deed_or_not_at_all_and_paid_once_whoever_dies(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    heard, slack = desk.services.transport, Thread()
    assert isinstance(heard, Heard)

    async def dies(*_: Any, **__: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(heard, "announce", dies)
    with pytest.raises(ConnectionError):
        await disconnected(desk, desk.facebook)
    monkeypatch.undo()
    assert await kinds(desk, view) == []
    async with desk.services.db.session(desk.cast.program) as session:
        assert (await session.get_one(Account, desk.facebook.id)).is_active
    await disconnected(desk, desk.facebook)
    heard.announced.clear()  # the process died over it: the sweep finds what is owed
    await jobs.announce(desk.services)
    assert view.post.id in heard.announced
    for _ in range(2):
        await announcements.deliver(desk.services, slack, agency_id=desk.cast.id, post_id=view.post.id)
    assert slack.said.count("account_disconnected") == 1


async def test_it_waits_asks_when_it_is_too_late_and_goes_out_once_it_is_connected_again(
    desk: Desk, meta: Meta
) -> None:
    view = await scheduled(desk, desk.content(desk.facebook), soon(minutes=9))
    late = await scheduled(desk, desk.content(desk.facebook, caption="Late"), soon(minutes=1))
    await disconnected(desk, desk.facebook)
    await pass_time(desk, minutes=9)
    await round_of_the_engine(desk)
    assert states(await desk.look(view)) == [PublicationState.SCHEDULED]
    await pass_time(desk, minutes=10)
    await lateness.guard(desk.services)
    asks = await desk.look(late)
    assert asks.post.state is PostState.LATE
    assert asks.publications[0].reason == "Its account was disconnected."  # true once it is connected again
    assert await kinds(desk, late) == ["account_disconnected", "late"]
    manager = desk.cast.actor(desk.cast.manager)
    await connect(desk.services, meta, manager, desk.cast.client.id, PAGE)
    await round_of_the_engine(desk)
    assert states(await desk.look(view)) == [PublicationState.PUBLISHED]
    assert await kinds(desk, view) == ["account_disconnected", "published"]


async def test_published_now_it_waits_too_and_says_no_more(desk: Desk, meta: Meta) -> None:
    view = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    await disconnected(desk, desk.facebook)
    await schedule.publish_now(desk.services, desk.actor, post_id=view.post.id)
    for _ in range(2):
        await round_of_the_engine(desk)
    assert states(await desk.look(view)) == [PublicationState.SCHEDULED]
    assert await kinds(desk, view) == ["account_disconnected", "sent_now"]
    manager = desk.cast.actor(desk.cast.manager)
    await connect(desk.services, meta, manager, desk.cast.client.id, PAGE)
    await round_of_the_engine(desk)
    assert states(await desk.look(view)) == [PublicationState.PUBLISHED]


async def test_connected_again_every_card_is_drawn_anew(desk: Desk, meta: Meta) -> None:
    view = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    await rule(desk, MANAGERS)
    held = await asked(desk, "Held")
    await disconnected(desk, desk.facebook)
    before = {one.post.id: await cards(desk, one) for one in (view, held)}
    manager = desk.cast.actor(desk.cast.manager)
    await connect(desk.services, meta, manager, desk.cast.client.id, PAGE)
    for one in (view, held):
        assert await cards(desk, one) == before[one.post.id] + 1


async def test_who_is_asked_about_it_no_more_is_not_told(desk: Desk) -> None:
    await rule(desk, MANAGERS)
    held = await asked(desk)
    await withdrawals.withdraw(desk.services, desk.actor, Seen.of(held.post))
    assert await disconnected(desk, desk.facebook) == 0
    assert "account_disconnected" not in await kinds(desk, held)


async def cards(desk: Desk, view: PostView) -> int:
    """Count how often a card was owed."""
    theirs = select(Announcement).where(Announcement.post_id == view.post.id, Announcement.kind == "card")
    async with desk.services.db.session(desk.cast.program) as session:
        return len((await session.exec(theirs)).all())

"""A person's word on what nobody can tell."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core import audit, reviews
from core.errors import Changed, Invalid, NotFound
from core.models import PostState, PublicationState
from core.posts import PostView
from tests.conftest import Cast, MakeServices, Serving
from tests.core.desk import Desk, served_desk
from tests.core.test_publishing import make_due, on_facebook, on_instagram
from tests.core.timetable import steps
from tests.drivers.meta import COFFEE, Meta


@pytest.fixture
async def desk(
    make_services: MakeServices, serving: Serving, agency: Cast, meta: Meta
) -> AsyncIterator[Desk]:
    async with served_desk(make_services, serving, agency, meta) as served:
        yield served


async def in_question(desk: Desk, meta: Meta, *, kind: str, match: str = "/feed") -> PostView:
    """Give a post of which nobody can tell whether it is live."""
    await meta.fault(match, kind, times=None)
    if match == "/feed":
        content = desk.content(desk.facebook)
    else:
        content = desk.content(desk.instagram, media_id=(await desk.keep()).id)
    view = await desk.advance(await desk.publish(content))
    for _ in desk.services.patience.looks:
        await make_due(desk)
        view = await desk.advance(view)
    await meta.http.delete(f"{meta.url}/_sim/faults")
    assert view.post.state is PostState.NEEDS_REVIEW
    return view


async def test_it_is_live_with_its_address(desk: Desk, meta: Meta):
    view = await in_question(desk, meta, kind="drop")
    permalink = "https://www.facebook.com/northwind/posts/1"
    view = await reviews.confirm_live(
        desk.services, desk.actor, publication_id=view.publications[0].id, permalink=f" {permalink} "
    )
    assert (view.post.state, view.publications[0].permalink) == (PostState.PUBLISHED, permalink)
    async with desk.services.db.session(desk.actor) as session:
        entry = (await audit.recent(session, most=1))[0]
    assert (entry.action, entry.user_id) == ("publication_confirmed_live", desk.actor.user_id)


@pytest.mark.parametrize(
    "permalink",
    [
        "https://example.com/p/1",
        "http://www.facebook.com/1",
        "https://facebook.com.example.com/1",
        "facebook",
    ],
)
async def test_an_address_of_elsewhere_is_refused_under_its_field(desk: Desk, meta: Meta, permalink: str):
    view = await in_question(desk, meta, kind="drop")
    with pytest.raises(Invalid) as wrong:
        await reviews.confirm_live(
            desk.services, desk.actor, publication_id=view.publications[0].id, permalink=permalink
        )
    assert set(wrong.value.fields) == {"permalink"}
    assert (await desk.look(view)).post.state is PostState.NEEDS_REVIEW


@pytest.mark.parametrize("match", ["/feed", "media_publish"])
async def test_published_again_it_is_live_once(desk: Desk, meta: Meta, match: str):
    view = await in_question(desk, meta, kind="drop", match=match)
    view = await reviews.publish_again(desk.services, desk.actor, publication_id=view.publications[0].id)
    assert view.post.state is PostState.PUBLISHING
    view = await desk.advance(view)
    assert view.post.state is PostState.PUBLISHED
    assert len(await on_facebook(meta)) + len(await on_instagram(meta)) == 1


@pytest.mark.parametrize("second_publish", ["duplicate", "refused"])
async def test_a_container_that_was_live_after_all_is_not_published_twice(
    desk: Desk, meta: Meta, second_publish: str
):
    await meta.settings(second_publish=second_publish, container_seconds=0.05)
    kept = await desk.keep()
    await meta.fault("media_publish", "drop_after", times=1)
    view = await desk.advance(await desk.publish(desk.content(desk.instagram, media_id=kept.id)))
    await meta.tokens("checkpoint")
    await make_due(desk)
    view = await desk.advance(view)
    assert view.post.state is PostState.NEEDS_REVIEW
    await meta.tokens("valid")
    view = await reviews.publish_again(desk.services, desk.actor, publication_id=view.publications[0].id)
    view = await desk.advance(view)
    assert view.post.state is PostState.PUBLISHED
    assert len(await on_instagram(meta)) == 1


@pytest.mark.parametrize("platform", ["instagram", "facebook"])
async def test_while_nobody_can_look_a_persons_word_waits(desk: Desk, meta: Meta, platform: str):
    """The person was wrong, and Meta would publish it once more: a last look tells, once Meta answers."""
    await meta.settings(second_publish="duplicate", container_seconds=0)
    seen = {"instagram": "media_publish", "facebook": "/feed"}[platform]
    await meta.fault(seen, "drop_after", times=1)
    account = {"instagram": desk.instagram, "facebook": desk.facebook}[platform]
    view = await desk.advance(await desk.publish(desk.content(account, media_id=(await desk.keep()).id)))
    await meta.tokens("checkpoint")
    await make_due(desk)
    view = await desk.advance(view)
    assert view.post.state is PostState.NEEDS_REVIEW
    await meta.tokens("valid")
    [made] = [one.remote_id for one in await steps(desk, view.post.id) if not one.name.visible]
    view = await reviews.publish_again(desk.services, desk.actor, publication_id=view.publications[0].id)
    passed = {"instagram": 1, "facebook": 0}[platform]  # the container is looked at before it is looked for
    await meta.fault(f"/{made}", "status", status=503, times=None, after=passed)
    view = await desk.advance(view)
    assert view.publications[0].state is PublicationState.SCHEDULED
    await meta.http.delete(f"{meta.url}/_sim/faults")
    await make_due(desk)
    view = await desk.advance(view)
    assert view.post.state is PostState.PUBLISHED
    assert len(await on_facebook(meta)) + len(await on_instagram(meta)) == 1


async def test_where_a_look_can_never_tell_a_persons_word_counts(desk: Desk, meta: Meta):
    """Words alone cannot be proven absent: somebody else may write them too."""
    view = await in_question(desk, meta, kind="drop")
    await meta.http.post(f"{meta.url}/_sim/posts", json={"account": COFFEE, "text": view.version.caption})
    view = await reviews.publish_again(desk.services, desk.actor, publication_id=view.publications[0].id)
    view = await desk.advance(view)
    assert view.post.state is PostState.PUBLISHED


async def test_only_the_first_answer_counts(desk: Desk, meta: Meta):
    view = await in_question(desk, meta, kind="drop")
    [one] = view.publications
    await reviews.confirm_live(desk.services, desk.actor, publication_id=one.id, permalink=None)
    with pytest.raises(Changed):
        await reviews.publish_again(desk.services, desk.actor, publication_id=one.id)
    assert (await desk.look(view)).publications[0].state is PublicationState.PUBLISHED


async def test_somebody_who_does_not_work_for_the_client_is_not_asked(desk: Desk, meta: Meta, agency: Cast):
    view = await in_question(desk, meta, kind="drop")
    outsider = replace(desk, actor=agency.actor(agency.stranger))
    with pytest.raises(NotFound):
        await reviews.publish_again(outsider.services, outsider.actor, publication_id=view.publications[0].id)

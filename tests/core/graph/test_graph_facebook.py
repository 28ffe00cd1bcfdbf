import json
from datetime import UTC, datetime

import httpx
import pytest

from core.errors import OutcomeUnknown, Refused, TryAgainLater
from core.graph import facebook
from core.graph.api import GraphAPI
from core.graph.facebook import PagePost, RecentPost
from core.vault import Token
from tests.core.graph.wire import Meta, refusal

TOKEN = Token("EAAB-page-token")
PAGE = "1353269864728879"


async def test_a_photo_is_staged_where_nobody_sees_it(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "555"})
    photo = await facebook.stage_photo(
        graph, token=TOKEN, page_id=PAGE, image_url="https://m/1.jpg", alt_text="A cat"
    )
    assert photo == "555"
    assert meta.request.url.path == f"/v25.0/{PAGE}/photos"
    form = meta.form()
    del form["appsecret_proof"]
    assert form == {"url": "https://m/1.jpg", "published": "false", "alt_text_custom": "A cat"}


async def test_a_post_takes_its_staged_photos_and_tells_its_address(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": f"{PAGE}_9", "permalink_url": "https://www.facebook.com/9"})
    post = await facebook.publish(graph, token=TOKEN, page_id=PAGE, message="Hi", photo_ids=["555", "556"])
    assert post == PagePost(f"{PAGE}_9", "https://www.facebook.com/9")
    assert meta.request.url.path == f"/v25.0/{PAGE}/feed"
    assert meta.query() == {"fields": "id,permalink_url"}
    form = meta.form()
    assert json.loads(form["attached_media"]) == [{"media_fbid": "555"}, {"media_fbid": "556"}]
    assert set(form) == {"message", "attached_media", "appsecret_proof"}


async def test_a_link_goes_without_photos_and_an_address_may_be_missing(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": f"{PAGE}_9"})
    post = await facebook.publish(graph, token=TOKEN, page_id=PAGE, link="https://northwind.example/")
    assert post == PagePost(f"{PAGE}_9", None)
    assert set(meta.form()) == {"link", "appsecret_proof"}


@pytest.mark.parametrize(
    "answer", [refusal(1), refusal(32), refusal(100, 1366051), refusal(506), httpx.ReadTimeout("…"), {}]
)
async def test_publishing_can_end_without_anybody_knowing_how(graph: GraphAPI, meta: Meta, answer: object):
    meta.answers_with(answer)
    with pytest.raises(OutcomeUnknown):
        await facebook.publish(graph, token=TOKEN, page_id=PAGE, message="Hi")
    assert len(meta.requests) == 1


async def test_an_empty_post_is_refused(graph: GraphAPI, meta: Meta):
    meta.answers_with(refusal(197))
    with pytest.raises(Refused, match="empty"):
        await facebook.publish(graph, token=TOKEN, page_id=PAGE)


async def test_a_photo_tells_the_post_that_took_it(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "555", "page_story_id": f"{PAGE}_9"}, {"id": "555"}, {})
    assert await facebook.photo_story(graph, token=TOKEN, photo_id="555") == f"{PAGE}_9"
    assert await facebook.photo_story(graph, token=TOKEN, photo_id="555") is None
    with pytest.raises(TryAgainLater):
        await facebook.photo_story(graph, token=TOKEN, photo_id="555")


async def test_recent_posts_tell_what_sets_them_apart(graph: GraphAPI, meta: Meta):
    album = {
        "type": "album",
        "url": "https://www.facebook.com/album",
        "target": {"id": "555", "url": "…"},
        "subattachments": {"data": [{"type": "photo", "target": {"id": "556"}}, {"type": "photo"}]},
    }
    meta.answers_with(
        {
            "data": [
                {
                    "id": f"{PAGE}_9",
                    "message": "Hi",
                    "created_time": "2026-11-22T10:00:00+0000",
                    "permalink_url": "https://www.facebook.com/9",
                    "application": {"id": "1234567890123456", "name": "Pressroom"},
                    "attachments": {"data": [album]},
                },
                {"id": f"{PAGE}_8", "created_time": "2026-11-22T09:59:00+0000"},
            ]
        }
    )
    since = datetime(2026, 11, 22, 9, 58, tzinfo=UTC)
    posts = await facebook.recent_posts(graph, token=TOKEN, page_id=PAGE, since=since)
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert posts == [
        RecentPost(
            f"{PAGE}_9",
            "https://www.facebook.com/9",
            "Hi",
            at,
            "1234567890123456",
            ("555", "556"),
            ("https://www.facebook.com/album",),
        ),
        RecentPost(f"{PAGE}_8", None, "", datetime(2026, 11, 22, 9, 59, tzinfo=UTC), None, (), ()),
    ]
    assert meta.request.url.path == f"/v25.0/{PAGE}/published_posts"
    assert meta.query()["since"] == str(int(since.timestamp()))


async def test_a_permalink_is_read(graph: GraphAPI, meta: Meta):
    meta.answers_with({"permalink_url": "https://www.facebook.com/9", "id": "9"})
    assert await facebook.permalink(graph, token=TOKEN, post_id="9") == "https://www.facebook.com/9"


async def test_a_staged_photo_is_deleted(graph: GraphAPI, meta: Meta):
    meta.answers_with({"success": True})
    await facebook.delete_photo(graph, token=TOKEN, photo_id="555")
    assert (meta.request.method, meta.request.url.path) == ("DELETE", "/v25.0/555")

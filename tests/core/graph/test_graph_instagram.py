from datetime import UTC, datetime, timedelta

import pytest

from core.errors import OutcomeUnknown, Refused, TryAgainLater
from core.graph import instagram
from core.graph.api import GraphAPI
from core.graph.instagram import ContainerState, ContainerStatus, Media, PublishingLimit
from core.vault import Token
from tests.core.graph.wire import Meta, refusal

TOKEN = Token("EAAB-page-token")
IG = "17841405822304914"


async def test_a_container_is_made_of_a_picture_and_its_words(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "17889455560051444"})
    container = await instagram.create_photo(
        graph, token=TOKEN, ig_id=IG, image_url="https://m/1.jpg", caption="Hi", alt_text="A cat"
    )
    assert container == "17889455560051444"
    assert meta.request.url.path == f"/v25.0/{IG}/media"
    form = meta.form()
    del form["appsecret_proof"]
    assert form == {"image_url": "https://m/1.jpg", "caption": "Hi", "alt_text": "A cat"}


async def test_what_was_not_written_is_not_sent(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "1"})
    await instagram.create_photo(graph, token=TOKEN, ig_id=IG, image_url="https://m/1.jpg", caption="")
    assert set(meta.form()) == {"image_url", "appsecret_proof"}


@pytest.mark.parametrize("code", ["IN_PROGRESS", "FINISHED", "PUBLISHED", "EXPIRED"])
async def test_a_container_stands_where_meta_says(graph: GraphAPI, meta: Meta, code: str):
    meta.answers_with({"status_code": code, "status": "…", "id": "1"})
    status = await instagram.container_status(graph, token=TOKEN, container_id="1")
    assert status == ContainerStatus(ContainerState(code))
    assert meta.query()["fields"] == "status_code,status"


async def test_a_failed_container_says_why(graph: GraphAPI, meta: Meta):
    status = "Error: Media upload has failed with error code 2207009"
    meta.answers_with({"status_code": "ERROR", "status": status, "id": "1"})
    found = await instagram.container_status(graph, token=TOKEN, container_id="1")
    assert found.code is ContainerState.ERROR
    assert isinstance(found.reason, Refused)
    assert "too tall or too wide" in found.reason.sentence


async def test_a_status_that_nobody_knows_is_not_taken_for_one_that_is_known(graph: GraphAPI, meta: Meta):
    meta.answers_with({"status_code": "ARCHIVED", "id": "1"})
    with pytest.raises(TryAgainLater):
        await instagram.container_status(graph, token=TOKEN, container_id="1")


async def test_publishing_sends_the_container_and_nothing_else(graph: GraphAPI, meta: Meta):
    meta.answers_with({"id": "17920238422030506"})
    media = await instagram.publish(graph, token=TOKEN, ig_id=IG, container_id="17889455560051444")
    assert media == "17920238422030506"
    assert meta.request.url.path == f"/v25.0/{IG}/media_publish"
    assert set(meta.form()) == {"creation_id", "appsecret_proof"}


@pytest.mark.parametrize(
    "answer", [refusal(4, 2207051), refusal(-1, 2207001), refusal(2, status=500), {}, []]
)
async def test_publishing_can_end_without_anybody_knowing_how(graph: GraphAPI, meta: Meta, answer: object):
    meta.answers_with(answer)
    with pytest.raises(OutcomeUnknown):
        await instagram.publish(graph, token=TOKEN, ig_id=IG, container_id="1")
    assert len(meta.requests) == 1


async def test_a_container_that_is_not_ready_is_not_published(graph: GraphAPI, meta: Meta):
    meta.answers_with(refusal(9007, 2207027))
    with pytest.raises(TryAgainLater):
        await instagram.publish(graph, token=TOKEN, ig_id=IG, container_id="1")


async def test_a_permalink_is_metas(graph: GraphAPI, meta: Meta):
    meta.answers_with({"permalink": "https://www.instagram.com/p/Cxyz/", "id": "1"}, {"id": "1"})
    assert await instagram.permalink(graph, token=TOKEN, media_id="1") == "https://www.instagram.com/p/Cxyz/"
    with pytest.raises(TryAgainLater):
        await instagram.permalink(graph, token=TOKEN, media_id="1")


async def test_recent_media_is_all_there_is_since_then(graph: GraphAPI, meta: Meta):
    first = {
        "id": "2",
        "caption": "Hi",
        "permalink": "https://www.instagram.com/p/2/",
        "timestamp": "2026-11-22T10:00:01+0000",
        "media_type": "IMAGE",
        "media_product_type": "FEED",
    }
    meta.answers_with(
        {"data": [first], "paging": {"next": f"https://graph.facebook.com/v25.0/{IG}/media?after=x"}},
        {"data": [{"id": "1", "timestamp": "2026-11-22T10:00:00+0000"}]},
    )
    since = datetime(2026, 11, 22, 9, 59, 30, 900_000, tzinfo=UTC)
    media = await instagram.recent_media(graph, token=TOKEN, ig_id=IG, since=since)
    at = datetime(2026, 11, 22, 10, 0, 1, tzinfo=UTC)
    assert media == [
        Media("2", "Hi", "https://www.instagram.com/p/2/", at, "IMAGE", "FEED"),
        Media("1", "", None, at - timedelta(seconds=1), "", ""),
    ]
    assert meta.query(0)["since"] == str(int(since.timestamp()))


async def test_a_time_that_is_none_is_not_guessed(graph: GraphAPI, meta: Meta):
    meta.answers_with({"data": [{"id": "1", "timestamp": "yesterday"}]})
    with pytest.raises(TryAgainLater):
        await instagram.recent_media(graph, token=TOKEN, ig_id=IG, since=datetime.now(UTC))


async def test_the_limit_is_read_and_not_known_beforehand(graph: GraphAPI, meta: Meta):
    config = {"quota_total": 50, "quota_duration": 86400}
    meta.answers_with({"data": [{"quota_usage": 2, "config": config}]}, {"data": []})
    limit = await instagram.publishing_limit(graph, token=TOKEN, ig_id=IG)
    assert limit == PublishingLimit(2, 50, timedelta(days=1))
    with pytest.raises(TryAgainLater):
        await instagram.publishing_limit(graph, token=TOKEN, ig_id=IG)

import time
from typing import Any

import httpx
import pytest

from tests.drivers.meta import COFFEE_INSTAGRAM, ROASTERY_INSTAGRAM, Meta
from tests.simulator.meta.conftest import Caller, Host, picture, refused

MEDIA = f"{COFFEE_INSTAGRAM}/media"


async def status(maya: Caller, container: Any):
    return (await maya.get(container, fields="status_code,status")).json()


async def test_a_picture_becomes_a_post(maya: Caller, host: Host, sim: Meta):
    url = host.put("post.jpg", picture(1080, 1350))

    container = await maya.container(url, caption="Good morning #coffee", alt_text="A cup of coffee")
    assert (await status(maya, container))["status_code"] == "FINISHED"
    media_id = (await maya.publish(container)).json()["id"]

    fields = (
        "id,permalink,shortcode,media_type,media_product_type,timestamp,caption,alt_text,media_url,username"
    )
    media = (await maya.get(media_id, fields=fields)).json()
    assert container.startswith("178")
    assert media_id.startswith("179")
    assert len(media_id) == 17
    assert media["permalink"] == f"{sim.url}/p/{media['shortcode']}/"
    assert (media["media_type"], media["media_product_type"]) == ("IMAGE", "FEED")
    assert (media["caption"], media["alt_text"]) == ("Good morning #coffee", "A cup of coffee")
    assert media["timestamp"].endswith("+0000")
    assert (await sim.http.get(media["media_url"])).content == picture(1080, 1350)
    [seen] = (await sim.public())["instagram"]["northwind.coffee"]
    assert (seen["id"], seen["container_id"]) == (media_id, container)


async def test_a_container_takes_its_time(sim: Meta, maya: Caller, host: Host):
    await sim.settings(container_seconds=60)
    container = await maya.container(f"{host.url}/square.jpg")

    assert (await status(maya, container))["status_code"] == "IN_PROGRESS"
    refused(await maya.publish(container), 9007, 2207027)
    await sim.pass_time(61)
    assert (await status(maya, container))["status_code"] == "FINISHED"
    assert (await maya.publish(container)).status_code == 200


async def test_a_container_can_take_a_number_of_looks(sim: Meta, maya: Caller, host: Host):
    await sim.settings(container_polls=2)
    container = await maya.container(f"{host.url}/square.jpg")

    looks = [(await status(maya, container))["status_code"] for _ in range(3)]

    assert looks == ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]


async def test_a_container_expires_after_a_day(sim: Meta, maya: Caller, host: Host):
    container = await maya.container(f"{host.url}/square.jpg")
    await sim.pass_time(86_401)

    assert (await status(maya, container))["status_code"] == "EXPIRED"
    refused(await maya.publish(container), 24, 2207008)


async def test_only_the_documented_fields_of_a_container_can_be_read(maya: Caller, host: Host):
    container = await maya.container(f"{host.url}/square.jpg")

    error = refused(await maya.get(container, fields="status_code,permalink"), 100)

    assert "nonexisting field (permalink)" in error["message"]


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (picture(kind="PNG"), "image/png", (36001, 2207005)),
        (picture(kind="WEBP"), "image/webp", (36001, 2207005)),
        (picture(100, 126), "image/jpeg", (36003, 2207009)),
        (picture(200, 100), "image/jpeg", (36003, 2207009)),
        (picture()[:-80], "image/jpeg", (36001, 2207005)),
        (picture() + b"\0" * 8 * 1024 * 1024, "image/jpeg", (36000, 2207004)),
        (b"<html>", "text/html", (9004, 2207052)),
    ],
    ids=["png", "webp", "tall", "wide", "broken", "heavy", "page"],
)
async def test_a_picture_that_instagram_does_not_take(
    maya: Caller, host: Host, content: bytes, kind: str, expected: tuple[int, int]
):
    refused(await maya.post(MEDIA, image_url=host.put("a", content, kind)), *expected)


@pytest.mark.parametrize("name", ["missing.jpg", "moved.jpg"])
async def test_a_picture_that_is_not_there(maya: Caller, host: Host, name: Any):
    refused(await maya.post(MEDIA, image_url=f"{host.url}/{name}"), 9004, 2207052)


async def test_the_widest_and_the_tallest_are_taken(maya: Caller, host: Host):
    assert await maya.container(host.put("tall.jpg", picture(1080, 1350)))
    assert await maya.container(host.put("wide.jpg", picture(1200, 628)))


async def test_other_formats_pass_when_told_so(sim: Meta, maya: Caller, host: Host):
    await sim.settings(jpeg_only=False)

    assert await maya.container(host.put("a.png", picture(kind="PNG"), "image/png"))


async def test_a_wrong_picture_can_be_noticed_afterwards(sim: Meta, maya: Caller, host: Host):
    await sim.settings(image_check="afterwards")
    container = await maya.container(host.put("wide.jpg", picture(300, 100)))

    assert await status(maya, container) == {
        "status_code": "ERROR",
        "status": "Error: Media upload has failed with error code 2207009",
        "id": container,
    }
    refused(await maya.publish(container), 9007, 2207027)


async def test_an_address_can_ask_for_an_error(maya: Caller, host: Host):
    container = await maya.container(f"{host.url}/error-2207076.jpg")

    assert (await status(maya, container))["status"].endswith("2207076")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"caption": "x" * 2201}, (36004, 2207010)),
        ({"caption": "#a " * 31}, (36004, 2207010)),
        ({"caption": "@someone " * 21}, (100, 2207040)),
        ({"alt_text": "x" * 1001}, (100, None)),
        ({"media_type": "REELS"}, (100, 2207023)),
        ({"image_url": ""}, (100, None)),
    ],
    ids=["long", "hashtags", "mentions", "alt", "reel", "nothing"],
)
async def test_what_a_container_may_not_have(maya: Caller, host: Host, params: Any, expected: Any):
    refused(await maya.post(MEDIA, **{"image_url": f"{host.url}/square.jpg", **params}), *expected)


async def test_containers_are_counted(sim: Meta, maya: Caller, host: Host):
    await sim.settings(container_total=2)
    for _ in range(2):
        await maya.container(f"{host.url}/square.jpg")

    refused(await maya.post(MEDIA, image_url=f"{host.url}/square.jpg"), 9, 2207042)
    await sim.pass_time(86_401)
    assert await maya.container(f"{host.url}/square.jpg")


async def test_a_second_publish_is_refused_or_doubles(sim: Meta, maya: Caller, host: Host):
    container = await maya.container(f"{host.url}/square.jpg")
    await maya.publish(container)

    refused(await maya.publish(container), 24, 2207006)
    await sim.settings(second_publish="duplicate")
    assert (await maya.publish(container)).status_code == 200
    assert len((await sim.public())["instagram"]["northwind.coffee"]) == 2


async def test_the_quota_is_enforced_and_told(sim: Meta, maya: Caller, host: Host):
    await sim.settings(quota_total=1)
    await maya.publish(await maya.container(f"{host.url}/square.jpg"))

    refused(await maya.publish(await maya.container(f"{host.url}/square.jpg")), 9, 2207042)
    limit = f"{COFFEE_INSTAGRAM}/content_publishing_limit"
    assert (await maya.get(limit)).json() == {"data": [{"quota_usage": 1}]}
    assert (await maya.get(limit, fields="config,quota_usage")).json()["data"] == [
        {"config": {"quota_total": 1, "quota_duration": 86_400}, "quota_usage": 1}
    ]
    await sim.pass_time(86_401)
    assert (await maya.get(limit)).json() == {"data": [{"quota_usage": 0}]}


async def test_containers_of_another_account_are_not_published(maya: Caller, host: Host):
    container = await maya.container(f"{host.url}/square.jpg")

    answer = await maya.post(f"{ROASTERY_INSTAGRAM}/media_publish", creation_id=container)

    refused(answer, 24, 2207006)


async def test_media_are_listed_newest_first_from_a_moment_on(sim: Meta, maya: Caller, host: Host):
    before = int(time.time()) - 5
    await sim.http.post(f"{sim.url}/_sim/posts", json={"account": COFFEE_INSTAGRAM, "text": "From my phone"})
    await maya.publish(await maya.container(f"{host.url}/square.jpg", caption="By app"))

    listed = (await maya.get(MEDIA, fields="caption,timestamp", since=before)).json()["data"]

    assert [media["caption"] for media in listed] == ["By app", "From my phone"]
    assert len((await maya.get(MEDIA, limit=3)).json()["data"]) == 3


async def test_new_media_can_be_late_in_the_listing(sim: Meta, maya: Caller, host: Host):
    await sim.settings(visibility_seconds=60)
    media_id = (await maya.publish(await maya.container(f"{host.url}/square.jpg"))).json()["id"]

    def ids(answer: Any) -> list[str]:
        return [media["id"] for media in answer.json()["data"]]

    assert media_id not in ids(await maya.get(MEDIA))
    await sim.pass_time(61)
    assert media_id in ids(await maya.get(MEDIA))


async def test_a_container_can_be_late_to_say_that_it_is_published(sim: Meta, maya: Caller, host: Host):
    await sim.settings(visibility_seconds=60)
    container = await maya.container(f"{host.url}/square.jpg")
    await maya.publish(container)

    assert (await maya.get(container, fields="status_code")).json()["status_code"] == "FINISHED"
    refused(await maya.publish(container), 24, 2207006)
    await sim.pass_time(61)
    assert (await maya.get(container, fields="status_code")).json()["status_code"] == "PUBLISHED"


async def test_page_tokens_can_be_refused_for_reading(sim: Meta, maya: Caller, coffee: Caller, host: Host):
    container = await maya.container(f"{host.url}/square.jpg")
    await sim.settings(page_reads="refused")

    refused(await coffee.get(container, fields="status_code"), 100, 33)
    assert (await maya.get(container, fields="status_code")).status_code == 200


async def test_a_page_token_publishes_too(coffee: Caller, host: Host):
    container = await coffee.container(f"{host.url}/square.jpg")

    assert (await coffee.publish(container)).status_code == 200


async def test_publishing_needs_its_permission(sim: Meta, http: httpx.AsyncClient, host: Host):
    login = await sim.login(scopes=["instagram_basic", "pages_show_list", "pages_read_engagement"])
    caller = Caller(sim.url, http, login["access_token"])

    refused(await caller.post(MEDIA, image_url=f"{host.url}/square.jpg"), 10)


async def test_the_account_has_a_face(maya: Caller):
    fields = "id,username,name,profile_picture_url,followers_count,follows_count,media_count"
    account = (await maya.get(COFFEE_INSTAGRAM, fields=fields)).json()

    assert account["username"] == "northwind.coffee"
    assert account["media_count"] == 9
    assert account["profile_picture_url"].startswith("http")

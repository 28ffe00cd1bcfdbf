import json
import time
from typing import Any

import httpx
import pytest

from tests.drivers.meta import BOOKS, COFFEE, Meta
from tests.simulator.meta.conftest import Caller, Host, picture, refused

FEED, PHOTOS, POSTS = f"{COFFEE}/feed", f"{COFFEE}/photos", f"{COFFEE}/published_posts"


async def staged(coffee: Caller, host: Host, **more: Any):
    answer = await coffee.post(PHOTOS, url=f"{host.url}/square.jpg", published="false", **more)
    assert set(answer.json()) == {"id"}, answer.text
    return answer.json()["id"]


def attached(*photo_ids: Any):
    return json.dumps([{"media_fbid": photo_id} for photo_id in photo_ids])


async def test_text_becomes_a_post(sim: Meta, coffee: Caller):
    post_id = (await coffee.post(FEED, message="Open from seven")).json()["id"]

    fields = "id,message,created_time,permalink_url,is_published,application,from,status_type"
    post = (await coffee.get(post_id, fields=fields)).json()
    assert post_id.startswith(f"{COFFEE}_")
    assert post["message"] == "Open from seven"
    assert post["application"]["id"] == "1234567890123456"
    assert (await sim.http.get(post["permalink_url"])).status_code == 200
    [seen] = (await sim.public())["pages"][COFFEE]
    assert (seen["id"], seen["message"], seen["permalink"]) == (
        post_id,
        "Open from seven",
        post["permalink_url"],
    )


async def test_the_writing_call_may_read(coffee: Caller):
    post = (await coffee.post(f"{FEED}?fields=id,permalink_url", message="Read me")).json()

    assert set(post) == {"id", "permalink_url"}


@pytest.mark.parametrize(
    "body", [{}, {"message": ""}, {"message": None}, {"message": None, "link": "https://a.example"}]
)
async def test_an_empty_post_is_refused(coffee: Caller, body: Any):
    refused(await coffee.call("POST", FEED, json=body), 197)


async def test_duplicates_can_be_refused(sim: Meta, coffee: Caller):
    await sim.settings(duplicates="refused")
    await coffee.post(FEED, message="Once")

    refused(await coffee.post(FEED, message="Once"), 506)
    assert (await coffee.post(FEED, message="Twice")).status_code == 200


async def test_staged_photos_become_one_post(sim: Meta, coffee: Caller, host: Host):
    photos = [await staged(coffee, host, alt_text_custom=f"Picture {number}") for number in (1, 2)]
    assert "page_story_id" not in (await coffee.get(photos[0], fields="page_story_id")).json()

    post_id = (await coffee.post(FEED, message="Two", attached_media=attached(*photos))).json()["id"]

    photo = (await coffee.get(photos[0], fields="page_story_id,link,images,alt_text_custom")).json()
    assert photo["page_story_id"] == post_id
    assert photo["alt_text_custom"] == "Picture 1"
    [seen] = (await sim.public())["pages"][COFFEE]
    assert [one["alt_text"] for one in seen["photos"]] == ["Picture 1", "Picture 2"]
    album = (await coffee.get(post_id, fields="attachments{type,subattachments}")).json()["attachments"][
        "data"
    ][0]
    assert album["type"] == "album"
    assert [one["target"]["id"] for one in album["subattachments"]["data"]] == photos


async def test_numbered_parameters_attach_too(coffee: Caller, host: Host):
    photo = await staged(coffee, host)

    answer = await coffee.post(FEED, **{"attached_media[0]": json.dumps({"media_fbid": photo})})

    assert answer.status_code == 200


async def test_a_second_post_with_one_photo_is_refused_or_made(sim: Meta, coffee: Caller, host: Host):
    photo = await staged(coffee, host)
    await coffee.post(FEED, attached_media=attached(photo))

    refused(await coffee.post(FEED, attached_media=attached(photo)), 100, 1366051)
    await sim.settings(second_publish="duplicate")
    assert (await coffee.post(FEED, attached_media=attached(photo))).status_code == 200
    assert len((await sim.public())["pages"][COFFEE]) == 2


async def test_staged_photos_are_gone_after_a_day(sim: Meta, coffee: Caller, host: Host):
    photo = await staged(coffee, host)
    await sim.pass_time(86_401)

    refused(await coffee.get(photo), 100, 33)
    refused(await coffee.post(FEED, attached_media=attached(photo)), 100, 33)


async def test_a_photo_can_be_published_at_once(coffee: Caller, host: Host):
    photo = (await coffee.post(PHOTOS, url=f"{host.url}/square.jpg", caption="Look")).json()

    assert photo["post_id"].startswith(f"{COFFEE}_")
    assert (await coffee.get(photo["post_id"])).json()["message"] == "Look"


async def test_a_photo_can_be_uploaded(sim: Meta, coffee: Caller):
    files = {"source": ("a.png", picture(kind="PNG"), "image/png")}

    answer = await coffee.call("POST", PHOTOS, data={"published": "false"}, files=files)

    images = (await coffee.get(answer.json()["id"], fields="images")).json()["images"]
    assert (images[0]["width"], images[0]["height"]) == (108, 108)
    shown = await sim.http.get(images[0]["source"])
    assert (shown.content, shown.headers["content-type"]) == (picture(kind="PNG"), "image/png")


async def test_what_is_no_photo_is_refused(sim: Meta, coffee: Caller, host: Host):
    refused(await coffee.post(PHOTOS), 324)
    refused(await coffee.post(PHOTOS, url=f"{host.url}/missing.jpg"), 324, 2069019)
    refused(await coffee.post(PHOTOS, url=host.put("a.jpg", b"no picture")), 324, 2069019)
    refused(
        await coffee.post(PHOTOS, url=host.put("a.webp", picture(kind="WEBP"), "image/webp")), 324, 1366046
    )
    await sim.settings(photo_megabytes=0.0001)
    refused(await coffee.post(PHOTOS, url=f"{host.url}/square.jpg"), 324, 1366046)


async def test_temporary_photos_are_unpublished(coffee: Caller, host: Host):
    refused(await coffee.post(PHOTOS, url=f"{host.url}/square.jpg", temporary="true"), 100)
    assert await staged(coffee, host, temporary="true")


async def test_what_was_deleted_is_gone(sim: Meta, coffee: Caller, host: Host):
    post_id = (await coffee.post(FEED, message="Oops")).json()["id"]
    photo = await staged(coffee, host)

    assert (await coffee.delete(post_id)).json() == {"success": True}
    assert (await coffee.delete(photo)).json() == {"success": True}
    refused(await coffee.get(post_id), 100, 33)
    refused(await coffee.get(photo), 100, 33)
    assert (await sim.public())["pages"][COFFEE] == []


async def test_posts_are_listed_newest_first_and_in_pages(coffee: Caller):
    for number in range(3):
        await coffee.post(FEED, message=f"Post {number}")

    first = (await coffee.get(POSTS, fields="message", limit=2)).json()
    after = first["paging"]["cursors"]["after"]
    second = (await coffee.get(POSTS, fields="message", limit=2, after=after)).json()

    assert [post["message"] for post in first["data"]] == ["Post 2", "Post 1"]
    assert second["data"][0]["message"] == "Post 0"
    refused(await coffee.get(POSTS, limit=101), 100)


async def test_posts_can_be_late_in_the_listing(sim: Meta, coffee: Caller):
    await sim.settings(visibility_seconds=30)
    since = int(time.time()) - 5
    await coffee.post(FEED, message="Soon")

    assert (await coffee.get(POSTS, since=since)).json()["data"] == []
    await sim.pass_time(31)
    assert len((await coffee.get(POSTS, since=since)).json()["data"]) == 1


async def test_a_photo_can_be_late_to_say_which_post_it_is_in(sim: Meta, coffee: Caller, host: Host):
    await sim.settings(visibility_seconds=30)
    photo = await staged(coffee, host)
    post_id = (await coffee.post(FEED, attached_media=attached(photo))).json()["id"]

    assert "page_story_id" not in (await coffee.get(photo, fields="page_story_id")).json()
    await sim.pass_time(31)
    assert (await coffee.get(photo, fields="page_story_id")).json()["page_story_id"] == post_id


async def test_posts_from_a_phone_have_no_application(sim: Meta, coffee: Caller):
    await sim.http.post(f"{sim.url}/_sim/posts", json={"account": COFFEE, "text": "By hand"})

    [post, *_] = (await coffee.get(POSTS, fields="message,application")).json()["data"]

    assert post["message"] == "By hand"
    assert "application" not in post


async def test_unpublished_and_scheduled_posts_are_not_public(sim: Meta, coffee: Caller):
    at = int(time.time()) + 3600
    await coffee.post(FEED, message="Never", published="false")
    post = await coffee.post(FEED, message="Later", published="false", scheduled_publish_time=str(at))
    refused(
        await coffee.post(FEED, message="Too soon", published="false", scheduled_publish_time=str(at - 3300)),
        100,
    )

    assert [one["message"] for one in (await coffee.get(f"{COFFEE}/scheduled_posts")).json()["data"]] == [
        "Later"
    ]
    assert (await sim.public())["pages"][COFFEE] == []
    await sim.pass_time(3700)
    assert [one["id"] for one in (await sim.public())["pages"][COFFEE]] == [post.json()["id"]]


async def test_a_link_gets_its_preview_afterwards(sim: Meta, coffee: Caller, host: Host):
    page = b'<meta property="og:title" content="Ten books"><meta property="og:image" content="/square.jpg">'
    link = host.put("list.html", page, "text/html")
    before = (await sim.http.get(f"{sim.url}/_sim/live")).json()["changes"]

    post = (await coffee.post(f"{FEED}?fields=id,permalink_url", message="Read", link=link)).json()
    while (await sim.http.get(f"{sim.url}/_sim/live")).json()["changes"] < before + 2:
        pass

    assert "Ten books" in (await sim.http.get(post["permalink_url"])).text
    shared = (await coffee.get(post["id"], fields="attachments")).json()["attachments"]["data"][0]
    assert (shared["type"], shared["title"], shared["url"]) == ("share", "Ten books", link)


@pytest.mark.parametrize(("link", "code"), [("harbor", 100), ("https://www.facebook.com/x", 1609008)])
async def test_links_that_are_refused(coffee: Caller, link: Any, code: Any):
    refused(await coffee.post(FEED, link=link), code)


async def test_only_the_page_itself_posts_and_lists(maya: Caller, coffee: Caller):
    refused(await maya.post(FEED, message="Hello"), 200)
    refused(await maya.get(POSTS), 210)
    refused(await coffee.post(f"{BOOKS}/feed", message="Hello"), 100, 33)


async def test_the_feed_needs_one_permission_more(sim: Meta, http: httpx.AsyncClient):
    login = await sim.login(scopes=["pages_show_list", "pages_read_engagement"])
    page = Caller(sim.url, http, login["page_tokens"][COFFEE])

    refused(await page.get(FEED), 200)
    refused(await page.post(FEED, message="Hello"), 200)
    assert (await page.get(POSTS)).status_code == 200

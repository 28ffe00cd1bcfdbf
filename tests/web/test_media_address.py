import io
import time
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from core import media, signatures
from core.models import Fit, Media, Platform
from tests.conftest import Cast
from tests.web.conftest import Site

VARIANT = f"{Platform.INSTAGRAM.value}-{Fit.KEEP.value}"


@pytest.fixture
async def picture(site: Site, agency: Cast) -> Media:
    data = io.BytesIO()
    Image.new("RGB", (1080, 1080), "teal").save(data, "PNG")
    author = agency.actor(agency.author)
    return await media.keep(
        site.services, author, client_id=agency.client.id, data=data.getvalue(), filename="teal.png"
    )


async def test_meta_gets_a_jpeg_from_a_plain_address(site: Site, picture: Media, http: httpx.AsyncClient):
    address = media.address(site.services, picture.id, VARIANT)
    assert address.isascii()
    assert urlsplit(address).query == ""
    assert address.endswith(".jpg")
    answer = await http.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert Image.open(io.BytesIO(answer.content)).format == "JPEG"


async def test_the_head_says_the_same_without_the_picture(
    site: Site, picture: Media, http: httpx.AsyncClient
):
    address = media.address(site.services, picture.id, VARIANT)
    whole, head = await http.get(address), await http.head(address)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]


async def test_slack_gets_the_thumbnail(site: Site, picture: Media, http: httpx.AsyncClient):
    answer = await http.get(media.address(site.services, picture.id, media.THUMBNAIL))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"


async def test_any_other_address_leads_nowhere(site: Site, picture: Media, http: httpx.AsyncClient):
    good = media.address(site.services, picture.id, VARIANT)
    token = good.split("/")[-3]
    over = signatures.media_path(
        str(picture.id), VARIANT, expires_at=int(time.time()) - 1, key=site.services.signing_key
    )
    for address in (
        good.replace(VARIANT, "facebook_page-keep"),
        good.replace(str(picture.id), str(uuid4())),
        good.replace(token, "x" + token[1:]),
        good.replace(token, token[:-1]),
        good.removesuffix(".jpg") + ".png",
        f"{site.url}/media/x/y/z.jpg",
        site.url + over,
    ):
        answer = await http.get(address)
        assert answer.status_code == 404, address
        assert answer.headers["content-type"].startswith("text/html")

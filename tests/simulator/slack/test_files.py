import io
from typing import Any

import pytest
from PIL import Image

from tests.simulator.slack.blockkit_samples import field, modal
from tests.simulator.slack.hands import DANA, GENERAL, LEE, QUIET, Simulated

BEARER = {"authorization": "Bearer xoxb-simulator-bot"}


async def uploaded(simulated: Simulated, content: bytes, **more: Any) -> dict[str, Any]:
    web = simulated.web()
    asked = await web.files_getUploadURLExternal(filename="a.png", length=len(content))
    sent = await simulated.http.post(asked["upload_url"], content=content)
    assert sent.text == f"OK - {len(content)}"
    done = await web.files_completeUploadExternal(files=[{"id": asked["file_id"], "title": "A"}], **more)
    return dict(done["files"][0])


def slack_file(file_id: str) -> list[dict[str, Any]]:
    return [{"type": "image", "slack_file": {"id": file_id}, "alt_text": "A"}]


async def test_an_upload_is_processed_before_it_is_a_picture(simulated: Simulated, picture: bytes) -> None:
    simulated.slack.settings.processing_seconds = 5.0
    file = await uploaded(simulated, picture, channel_id=GENERAL)
    assert (file["title"], file["mimetype"]) == ("A", "")
    early = await simulated.call("chat.postMessage", channel=GENERAL, text="x", blocks=slack_file(file["id"]))
    assert early["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]
    await simulated.http.post("/_sim/clock", json={"advance": 5})
    known = (await simulated.read("files.info", file=file["id"]))["file"]
    assert (known["mimetype"], known["original_w"], known["channels"]) == ("image/png", 640, [GENERAL])
    late = await simulated.call("chat.postMessage", channel=GENERAL, text="x", blocks=slack_file(file["id"]))
    assert late["ok"]


async def test_an_upload_stands_only_where_the_app_is(simulated: Simulated, picture: bytes) -> None:
    asked = await simulated.web().files_getUploadURLExternal(filename="a.png", length=len(picture))
    named = [{"id": asked["file_id"]}]
    empty = await simulated.call("files.completeUploadExternal", files=named, channel_id=GENERAL)
    assert empty["error"] == "file_not_found"
    await simulated.http.post(asked["upload_url"], content=picture)
    quiet = await simulated.call("files.completeUploadExternal", files=named, channel_id=QUIET)
    assert quiet["error"] == "not_in_channel"
    await simulated.call("files.completeUploadExternal", files=named)
    address = f"/_sim/ui/files/{asked['file_id']}"
    assert (await simulated.http.get(address, params={"as": DANA})).status_code == 403
    blocks = slack_file(asked["file_id"])
    assert (await simulated.call("chat.postMessage", channel=GENERAL, text="x", blocks=blocks))["ok"]
    assert (await simulated.http.get(address, params={"as": DANA})).status_code == 200


async def test_an_upload_is_warned_of_with_a_token_or_with_other_bytes(
    simulated: Simulated, picture: bytes
) -> None:
    asked = await simulated.web().files_getUploadURLExternal(filename="a.png", length=len(picture))
    await simulated.http.post(asked["upload_url"], content=picture[:-1], headers=BEARER)
    warnings = (await simulated.http.get("/_sim/warnings")).json()
    assert {one["kind"] for one in warnings} == {"token_in_upload", "wrong_length"}


async def test_a_private_address_wants_the_right_token(simulated: Simulated) -> None:
    file = (await simulated.read("files.info", file="F0LATTE0001"))["file"]
    for headers in ({}, {"authorization": "Bearer xoxb-other"}):
        page = await simulated.http.get(file["url_private_download"], headers=headers)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    content = await simulated.http.get(file["url_private_download"], headers=BEARER)
    assert (content.headers["content-type"], len(content.content)) == ("image/jpeg", file["size"])
    thumb = await simulated.http.get(file["thumb_360"], headers=BEARER)
    assert Image.open(io.BytesIO(thumb.content)).size == (360, 360)
    await simulated.http.post("/_sim/files/F0LATTE0001", json={"mode": "tombstone"})
    assert (await simulated.read("files.info", file="F0LATTE0001"))["error"] == "file_deleted"


async def test_a_file_given_in_a_form_is_the_apps_to_read(simulated: Simulated, picture: bytes) -> None:
    file_id = (await simulated.upload(DANA, picture))["id"]
    assert (await simulated.read("files.info", file=file_id))["error"] == "file_not_found"
    slack = simulated.slack
    trigger = slack.triggers.issue(slack.ids, user=DANA, team_id="T0BRIGHT01", now=slack.now())
    view = modal(field({"type": "file_input", "action_id": "field"}))
    opened = (await simulated.call("views.open", trigger_id=trigger, view=view))["view"]
    where = {"as": DANA, "view_id": opened["id"], "block_id": "field_b", "action_id": "field"}
    await simulated.post("actions", **where, files=[file_id])
    await simulated.post(f"views/{opened['id']}/submit", **{"as": DANA})
    submitted = slack.deliveries[-1]["payload"]["view"]["state"]["values"]["field_b"]["field"]
    assert submitted["files"][0]["mimetype"] == "image/png"
    assert (await simulated.read("files.info", file=file_id))["ok"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/none.png", "https://nowhere.invalid/a.png"])
async def test_an_address_that_cannot_be_fetched_refuses_the_message(
    simulated: Simulated, address: str
) -> None:
    blocks = [{"type": "image", "image_url": address, "alt_text": "A"}]
    answer = await simulated.call("chat.postMessage", channel=GENERAL, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == ["downloading image failed [json-pointer:/blocks/0/image_url]"]


async def test_a_local_address_works_and_is_warned_of(simulated: Simulated, picture: bytes) -> None:
    file_id = (await simulated.upload(LEE, picture))["id"]
    address = f"{simulated.address}/_sim/ui/files/{file_id}?as={LEE}"
    blocks = [{"type": "image", "image_url": address, "alt_text": "A"}]
    assert (await simulated.call("chat.postMessage", channel=GENERAL, text="x", blocks=blocks))["ok"]
    assert simulated.warned() == ["image_not_public"]

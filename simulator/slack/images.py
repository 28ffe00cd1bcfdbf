"""Pictures in blocks: Slack fetches every image_url, and wants its own files to be ready."""

import asyncio
import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from simulator.slack import file_shape, files
from simulator.slack.platform import Slack
from simulator.slack.seed import BOT_USERS
from simulator.slack.world import JSON, File

SECONDS = 5.0
USABLE = ("image/png", "image/jpeg", "image/gif")


async def wrong_images(slack: Slack, blocks: list[JSON], team_id: str, root: str = "") -> list[str]:
    """Return what is wrong with the pictures of these (valid) blocks, in Slack's words.

    An address on this machine works here and is written down as a warning.
    """
    found = list(_images(blocks, f"{root}/blocks"))
    if not found:
        return []
    wrong = [f"[ERROR] {words}" for item, at in found if (words := _file_trouble(slack, item, at, team_id))]
    fetched = await asyncio.gather(
        *(_fetch(slack, item["image_url"]) for item, _ in found if "image_url" in item)
    )
    places = [at for item, at in found if "image_url" in item]
    for at, fine in zip(places, fetched, strict=True):
        if not fine:
            wrong.append(f"[ERROR] downloading image failed [json-pointer:{at}/image_url]")
    return wrong


def _images(item: Any, at: str) -> Iterator[tuple[JSON, str]]:
    if isinstance(item, list):
        for index, one in enumerate(item):
            yield from _images(one, f"{at}/{index}")
    elif isinstance(item, dict) and item.get("type") == "image":
        yield item, at
    elif isinstance(item, dict) and item.get("type") in ("section", "context"):
        yield from _images(item.get("accessory"), f"{at}/accessory")
        yield from _images(item.get("elements"), f"{at}/elements")


def _file_trouble(slack: Slack, item: JSON, at: str, team_id: str) -> str | None:
    reference = item.get("slack_file")
    if reference is None:
        return None
    file = _referred(slack, reference)
    usable = (
        file is not None
        and file_shape.is_ready(slack, file)
        and file.mode == "hosted"
        and file.mimetype in USABLE
        and files.app_sees(slack, file, team_id)
    )
    if usable and file is not None:
        _place(slack, file, team_id)
    return None if usable else f"invalid slack file [json-pointer:{at}/slack_file]"


def _place(slack: Slack, file: File, team_id: str) -> None:
    if file.user == BOT_USERS[team_id]:
        file.in_blocks = True
    elif not file.channels:
        text = f"{file.name} is between its person and the app; others would not see it in these blocks."
        slack.record.warn("private_picture", text, file=file.id)


def _referred(slack: Slack, reference: JSON) -> File | None:
    if "id" in reference:
        return slack.world.files.get(reference["id"])
    shown = ("url_private", "url_private_download", "permalink")
    for file in slack.world.files.values():
        addresses = file_shape.file(slack, file)
        if reference["url"] in [addresses.get(name) for name in shown]:
            return file
    return None


async def _fetch(slack: Slack, address: str) -> bool:
    if not slack.settings.fetch_images:
        return True
    try:
        response = await slack.http.get(address, timeout=SECONDS, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL) as trouble:
        slack.record.warn("image_failed", f"Slack could not fetch a picture: {type(trouble).__name__}.")
        return False
    fine = response.status_code == 200 and response.headers.get("content-type", "").startswith("image/")
    if not fine:
        slack.record.warn("image_failed", f"Slack got status {response.status_code} instead of a picture.")
    elif not _public(address):
        text = "This picture is on a private address: the real Slack could not fetch it and would refuse."
        slack.record.warn("image_not_public", text, host=urlsplit(address).hostname)
    return fine


def _public(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal"))

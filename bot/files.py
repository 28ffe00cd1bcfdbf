"""Reading a file that somebody uploaded to Slack, with the bot's own token.

Slack answers 200 with a sign-in page where it should refuse, so only what really is the file is believed. The
token goes to Slack's own addresses and nowhere else, whatever a redirect says.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import SlackSettings
from bot.slack_errors import code_of
from core import kinds
from core.errors import BadMedia
from core.media import LARGEST

TIMEOUT = httpx.Timeout(20.0, connect=5.0)
MOST_REDIRECTS = 3
GONE = {"tombstone", "hidden_by_limit"}
UNREADABLE = {"file_not_found", "not_visible", "access_denied"}


class CannotRead(BadMedia):
    """I cannot read that picture. Invite me to its channel with /invite, or upload it here instead."""


class FileGone(BadMedia):
    """This file was deleted in Slack. Upload the picture again."""


async def look_up(slack: AsyncWebClient, file_id: str) -> dict[str, Any]:
    """Give Slack's description of a file. Raise CannotRead when the bot may not see it, FileGone."""
    try:
        found: dict[str, Any] = (await slack.files_info(file=file_id))["file"]
    except SlackApiError as error:
        if code_of(error) == "file_deleted":
            raise FileGone from error
        if code_of(error) in UNREADABLE:
            raise CannotRead from error
        raise
    refuse(found)
    return found


def refuse(file: Mapping[str, Any]) -> None:
    """Raise for a file that cannot be had, whoever asks."""
    if file.get("mode") in GONE:
        raise FileGone
    if file.get("file_access") == "access_denied":
        raise CannotRead
    if file.get("is_external"):
        raise BadMedia("This file is stored outside Slack. Download it and upload the picture itself.")
    if int(file.get("size") or 0) > LARGEST:
        raise BadMedia(f"This file is larger than {LARGEST // 1_000_000} MB. Make it smaller and try again.")


async def read(slack: AsyncWebClient, settings: SlackSettings, file: Mapping[str, Any]) -> bytes:
    """Give the bytes of a file. Raise BadMedia with the reason when they cannot be had."""
    if file.get("file_access") == "check_file_info" or not address(file):
        file = await look_up(slack, str(file["id"]))
    refuse(file)
    data = await download(settings, address(file), str(slack.token))
    if kinds.of(data).words == kinds.of(b"<html>").words or (file.get("size") and len(data) != file["size"]):
        raise CannotRead
    return data


def address(file: Mapping[str, Any]) -> str:
    """Give the private address of a file's bytes."""
    return str(file.get("url_private_download") or file.get("url_private") or "")


async def download(settings: SlackSettings, url: str, token: str) -> bytes:
    """Fetch with the token, as far as Slack's own addresses lead."""
    async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as browser:
        for _ in range(MOST_REDIRECTS + 1):
            if not settings.may_see_token(url):
                raise CannotRead
            async with response(browser, url, token) as got:
                if not got.is_redirect:
                    return await body(got)
                url = str(got.url.join(got.headers.get("location", "")))
    raise CannotRead


@asynccontextmanager
async def response(browser: httpx.AsyncClient, url: str, token: str) -> AsyncIterator[httpx.Response]:
    """Ask for one address; what goes wrong on the way is said in words."""
    try:
        async with browser.stream("GET", url, headers={"Authorization": f"Bearer {token}"}) as got:
            yield got
    except httpx.HTTPError as error:
        raise BadMedia("Slack did not hand out this file. Please try again in a moment.") from error


async def body(got: httpx.Response) -> bytes:
    """Read the bytes, and stop where there are too many."""
    if got.status_code != HTTPStatus.OK or got.headers.get("content-type", "").startswith("text/html"):
        raise CannotRead
    data = bytearray()
    async for part in got.aiter_bytes():
        data += part
        if len(data) > LARGEST:
            raise BadMedia(
                f"This file is larger than {LARGEST // 1_000_000} MB. Make it smaller and try again."
            )
    return bytes(data)

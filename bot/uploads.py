"""Handing somebody a file by direct message, with a message there that says how far it is.

Slack takes a file in three steps: an address for so many bytes, the bytes (without the token: the address is
its own key), and where it shall be seen. So it is written to a temporary file first, however long it is.
https://docs.slack.dev/messaging/working-with-files
"""

import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO

import httpx
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import complaints
from bot.afterwards import afterwards
from bot.settings import SlackSettings
from bot.slack_errors import code_of
from bot.turn import Turn
from bot.views import exports as view
from core.errors import PressroomError

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
LARGEST = 1_000_000_000  # bytes, of one file in Slack
CHUNK = 1 << 20
TOLD_EVERY = 2.0  # seconds
REFUSALS = {
    "missing_scope": "I may not send files here yet. An admin of this workspace must install me once more.",
    "file_uploads_disabled": "Files are switched off in this workspace, so I cannot send it.",
    "file_uploads_except_images_disabled": "This workspace takes pictures only, so I cannot send it.",
    "file_type_not_allowed": "This workspace does not take files of this kind. Try the other format.",
    "storage_limit_reached": "This workspace has no room left for files.",
    "file_upload_size_restricted": "This is larger than the files that this workspace takes.",
}


class CannotSend(PressroomError):
    """Slack did not take the file. Please try again in a moment."""


@dataclass(frozen=True)
class Handed:
    """A file: its name, what it is in words (mrkdwn), and its lines."""

    name: str
    what: str
    lines: AsyncIterator[str]


@dataclass
class Progress:
    """The message that says how far it is."""

    slack: AsyncWebClient
    channel: str
    ts: str
    what: str
    told_at: float = field(default_factory=time.monotonic)

    async def reached(self, lines: int) -> None:
        """Say how many lines there are by now, every few seconds."""
        if time.monotonic() - self.told_at >= TOLD_EVERY:
            self.told_at = time.monotonic()
            with afterwards("how far a file is"):
                await self.says(view.underway(self.what, lines))

    async def says(self, text: str) -> None:
        """Say something in its place."""
        await self.slack.chat_update(channel=self.channel, ts=self.ts, text=text)


async def by_direct_message(turn: Turn, handed: Handed) -> None:
    """Hand a file to whoever asked; what goes wrong is said in the message that told of it."""
    turn.end()
    posted = await turn.slack.chat_postMessage(channel=turn.user_id, text=view.underway(handed.what, 0))
    progress = Progress(turn.slack, str(posted["channel"]), str(posted["ts"]), handed.what)
    try:
        lines = await hand_over(turn, handed, progress)
    except Exception as error:  # noqa: BLE001 every one of them is answered
        await progress.says(f":warning: {complaints.words(complaints.understand(turn, error))}")
        return
    await progress.says(view.is_there(handed.what, lines))


async def hand_over(turn: Turn, handed: Handed, progress: Progress) -> int:
    """Write the lines down and send them; give how many. Raise CannotSend."""
    with tempfile.TemporaryFile() as file:
        lines = 0
        async for line in handed.lines:
            file.write(line.encode())
            lines += 1
            await progress.reached(lines)
        await send(turn.slack, turn.desk.slack, file, handed.name, progress.channel)
    return lines


async def send(
    slack: AsyncWebClient, settings: SlackSettings, file: IO[bytes], name: str, channel: str
) -> None:
    """Give Slack a file, to be seen in one channel; raise CannotSend."""
    size = file.tell()
    if not size:
        raise CannotSend("There is nothing in it.")
    if size > LARGEST:
        raise CannotSend(
            "It is too large for Slack. Whoever runs Pressroom can export it: pressroom audit export"
        )
    try:
        place = await slack.files_getUploadURLExternal(filename=name, length=size)
        await put(settings, str(place["upload_url"]), file, size)
        named = [{"id": str(place["file_id"]), "title": name}]
        await slack.files_completeUploadExternal(files=named, channel_id=channel)  # type: ignore[arg-type]
    except SlackApiError as error:
        if code_of(error) in REFUSALS:
            raise CannotSend(REFUSALS[code_of(error)]) from error
        raise


async def put(settings: SlackSettings, url: str, file: IO[bytes], size: int) -> None:
    """Send the bytes to the address that Slack gave, if that is Slack's own; raise CannotSend."""
    if not settings.may_see_token(url):
        raise CannotSend
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as browser:
            answer = await browser.post(url, content=chunks(file), headers=headers)
    except httpx.HTTPError as error:
        raise CannotSend from error
    if answer.status_code != HTTPStatus.OK:
        raise CannotSend


async def chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Give a file's bytes from its beginning, a piece at a time."""
    file.seek(0)
    while piece := file.read(CHUNK):
        yield piece

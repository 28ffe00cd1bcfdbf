"""Pictures: fetched from where the app says, or uploaded; looked at, and kept."""

import asyncio
import hashlib
import io
from dataclasses import dataclass

import httpx
from PIL import Image, ImageOps

from simulator.meta.world import Picture
from simulator.state_file import Blobs

SHOWABLE = ("JPEG", "MPO", "PNG", "GIF", "WEBP")
"""What a browser can show; anything else is kept as JPEG."""
KEPT_LOOKS = 256


@dataclass(frozen=True)
class Look:
    """What was found out about some bytes: kept as `picture`, and what they were."""

    picture: Picture
    format: str
    size: int
    """In bytes."""


class Unfetchable(Exception):
    """The address did not give a picture."""


class TooSlow(Unfetchable):
    """The address did not answer in time."""


class NotAPicture(Exception):
    """The bytes are none that can be read."""


class Pictures:
    """Fetches, looks at and keeps pictures; the looking happens in a thread."""

    def __init__(self, http: httpx.AsyncClient, blobs: Blobs) -> None:
        self.http = http
        self.blobs = blobs
        self._looks: dict[str, Look] = {}

    async def fetch(self, url: str) -> bytes:
        """Return what is at this address. Redirects are not followed. Raises `Unfetchable`."""
        try:
            answer = await self.http.get(url)
        except httpx.TimeoutException as slow:
            raise TooSlow(url) from slow
        except (httpx.HTTPError, httpx.InvalidURL) as lost:
            raise Unfetchable(url) from lost
        kind = answer.headers.get("content-type", "")
        if answer.status_code != httpx.codes.OK or not kind.startswith(("image/", "video/")):
            raise Unfetchable(f"{answer.status_code} {kind}")
        return answer.content

    async def keep(self, content: bytes) -> Look:
        """Look at these bytes and keep them. Raises `NotAPicture`."""
        name = hashlib.sha256(content).hexdigest()[:32]
        look = self._looks.get(name)
        if look is None:
            look = await asyncio.to_thread(self._look_at, name, content)
            if len(self._looks) >= KEPT_LOOKS:
                self._looks.clear()
            self._looks[name] = look
        return look

    def forget(self) -> None:
        """Forget what was looked at."""
        self._looks.clear()

    def _look_at(self, name: str, content: bytes) -> Look:
        try:
            with Image.open(io.BytesIO(content)) as image:
                kind = image.format or ""
                width, height = _upright(image)
                image.draft(
                    "RGB", (width // 8, height // 8)
                )  # decodes a JPEG at an eighth: enough to see that it is whole
                image.load()
                kept = content if kind in SHOWABLE else _as_jpeg(content)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as wrong:
            raise NotAPicture(str(wrong)) from wrong
        self.blobs.put(name, kept)
        return Look(Picture(blob=name, width=width, height=height), kind, len(content))


def _upright(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


def _as_jpeg(content: bytes) -> bytes:
    written = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        ImageOps.exif_transpose(image).convert("RGB").save(written, "JPEG", quality=90)
    return written.getvalue()

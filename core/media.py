"""Media: a picture as the person gave it, and what each platform gets of it."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from core import clients, framing, images, limits, permissions, signatures
from core.db import Actor
from core.errors import NotFound
from core.framing import RatioProblem
from core.images import Prepared
from core.models import Fit, Media, Platform
from core.services import Services

LARGEST = 30_000_000  # bytes; what people's phones make is below it
THUMBNAIL = "thumbnail"
THUMBNAIL_SIDE = 720  # pixels
# Few at a time: a large picture takes most of a gigabyte while it is worked on.
STUDIO = ThreadPoolExecutor(max_workers=2, thread_name_prefix="studio")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Variant:
    """What is made of a picture: for a platform and a fit."""

    platform: Platform
    fit: Fit

    def __str__(self) -> str:
        """Name it as it stands in addresses and keys."""
        return f"{self.platform.value}-{self.fit.value}"


async def keep(services: Services, actor: Actor, *, client_id: UUID, data: bytes, filename: str) -> Media:
    """Keep a picture for a client. Raise BadMedia for other bytes, NotAllowed for somebody else's client."""
    picture = await in_studio(images.look, data)
    async with services.db.session(actor) as session:
        member = await permissions.require_author(session, actor, await clients.get(session, client_id))
    media = Media(
        agency_id=actor.agency_id,
        client_id=client_id,
        sha256=hashlib.sha256(data).hexdigest(),
        content_type=f"image/{picture.format.lower()}",
        filename=filename[:200],
        width=picture.width,
        height=picture.height,
        size_bytes=len(data),
        created_by=member.id,
    )
    await services.store.put(key(media, "original"), data)
    async with services.db.session(actor) as session:
        session.add(media)
    return media


async def keep_from_address(services: Services, actor: Actor, *, client_id: UUID, url: str) -> Media:
    """Fetch a picture from an address that a person typed, and keep it. Raise UnsafeAddress or BadMedia."""
    data = await services.downloader.fetch_picture(url, limit_bytes=LARGEST)
    filename = urlsplit(url).path.rpartition("/")[2] or "picture"
    return await keep(services, actor, client_id=client_id, data=data, filename=filename)


def ratio_problem(media: Media, platform: Platform) -> RatioProblem | None:
    """Say when this picture is too tall or too wide for a platform; the person chooses crop or pad."""
    return framing.ratio_problem(media.width, media.height, limits.of(platform))


async def prepared(services: Services, media: Media, *, platform: Platform, fit: Fit) -> Prepared:
    """Give what a platform gets of this picture; made once, then read from the store.

    Raise BadMedia when it cannot be made, as for a wrong ratio that nobody decided about.
    """
    variant = str(Variant(platform, fit))
    try:
        facts = json.loads(await services.store.get(key(media, f"{variant}.json")))
        jpeg = await services.store.get(key(media, f"{variant}.jpg"))
    except NotFound:
        return await prepare(services, media, platform=platform, fit=fit)
    return Prepared(jpeg=jpeg, width=facts["width"], height=facts["height"], changes=tuple(facts["changes"]))


async def prepare(services: Services, media: Media, *, platform: Platform, fit: Fit) -> Prepared:
    """Make it, and keep it; the facts last, so that what has them is whole."""
    original = await services.store.get(key(media, "original"))
    made = await in_studio(images.prepare, original, platform=platform.value, fit=fit.value)
    variant = str(Variant(platform, fit))
    facts = {"width": made.width, "height": made.height, "changes": made.changes}
    await services.store.put(key(media, f"{variant}.jpg"), made.jpeg)
    await services.store.put(key(media, f"{variant}.json"), json.dumps(facts).encode())
    return made


def address(services: Services, media_id: UUID, variant: Variant | str, *, seconds: int = 3600) -> str:
    """Give a public address of a variant, which works for so many seconds."""
    expires_at = int(time.time()) + seconds
    path = signatures.media_path(str(media_id), str(variant), expires_at=expires_at, key=services.signing_key)
    return services.public_url + path


async def serve(services: Services, *, token: str, media_id: UUID, variant: str) -> bytes:
    """Give the JPEG behind such an address. Raise NotFound for a forged or expired one."""
    keys = (services.signing_key, *services.former_signing_keys)
    signatures.verify(token, str(media_id), variant, now=int(time.time()), keys=keys)
    media = await find(services, media_id)
    if variant == THUMBNAIL:
        return await thumbnail(services, media)
    platform, _, fit = variant.partition("-")
    return (await prepared(services, media, platform=Platform(platform), fit=Fit(fit))).jpeg


async def find(services: Services, media_id: UUID) -> Media:
    """Give the media whose address was signed, whichever agency's it is."""
    rows = await services.db.ids("find_media", media_id=media_id)
    if not rows or rows[0][0] is None:
        raise NotFound("That picture is no longer there.")
    async with services.db.session(Actor.program(rows[0][0])) as session:
        media = await session.get(Media, media_id)
    assert media is not None
    return media


async def thumbnail(services: Services, media: Media) -> bytes:
    """Give the small picture for cards; made once."""
    try:
        return await services.store.get(key(media, "thumbnail.jpg"))
    except NotFound:
        original = await services.store.get(key(media, "original"))
        made = await in_studio(images.thumbnail, original, THUMBNAIL_SIDE)
        await services.store.put(key(media, "thumbnail.jpg"), made)
        return made


async def in_studio(work: Callable[..., Made], *arguments: object, **options: object) -> Made:
    """Work on a picture away from the event loop."""
    return await asyncio.get_running_loop().run_in_executor(STUDIO, partial(work, *arguments, **options))


def key(media: Media, name: str) -> str:
    """Say where a picture's bytes are kept."""
    return f"{media.agency_id}/{media.id}/{name}"

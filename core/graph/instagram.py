"""Publishing to Instagram: a container is made, waited for, and published.

https://developers.facebook.com/docs/instagram-platform/content-publishing
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.errors import MetaError
from core.graph.answers import listed, lost, moment, wanted
from core.graph.api import GraphAPI, Values
from core.graph.errors import in_container
from core.vault import Token


class ContainerState(StrEnum):
    """Meta's `status_code` of a container."""

    IN_PROGRESS = "IN_PROGRESS"
    """Meta is fetching and preparing it: wait."""
    FINISHED = "FINISHED"
    """It can be published."""
    PUBLISHED = "PUBLISHED"
    """It is live. A container does not tell as which media."""
    ERROR = "ERROR"
    """It will never be published; the reason says why."""
    EXPIRED = "EXPIRED"
    """It was not published within 24 hours."""


@dataclass(frozen=True)
class ContainerStatus:
    """Where a container stands; with ERROR, also why."""

    code: ContainerState
    reason: MetaError | None = None


@dataclass(frozen=True)
class Media:
    """A post that is live on Instagram."""

    id: str
    caption: str
    permalink: str | None
    published_at: datetime
    kind: str
    product: str


@dataclass(frozen=True)
class PublishingLimit:
    """How many posts of the rolling duration are used. Meta's pages disagree on the total, so it is read."""

    used: int
    total: int
    duration: timedelta


async def create_photo(
    graph: GraphAPI,
    *,
    token: Token,
    ig_id: str,
    image_url: str,
    caption: str | None = None,
    alt_text: str | None = None,
) -> str:
    """Make a container that nobody sees, and give its id. Meta fetches the JPEG from the address."""
    form = {"image_url": image_url, "caption": caption, "alt_text": alt_text}
    answer = await graph.post(f"{ig_id}/media", token=token, data=form, effect="invisible")
    return wanted(answer, "id", str, effect="invisible")


async def container_status(graph: GraphAPI, *, token: Token, container_id: str) -> ContainerStatus:
    """Say where a container stands. A failed one is an answer too, not an exception."""
    answer = await graph.get(container_id, token=token, params={"fields": "status_code,status"})
    code = wanted(answer, "status_code", str, effect="read")
    try:
        state = ContainerState(code)
    except ValueError:
        raise lost("read", f"Meta has a new status for containers: {code}") from None
    failed = state is ContainerState.ERROR
    return ContainerStatus(state, in_container(str(answer.get("status", ""))) if failed else None)


async def publish(graph: GraphAPI, *, token: Token, ig_id: str, container_id: str) -> str:
    """Publish a finished container, and give the media's id. OutcomeUnknown: read the container first."""
    form = {"creation_id": container_id}
    answer = await graph.post(f"{ig_id}/media_publish", token=token, data=form, effect="visible")
    return wanted(answer, "id", str, effect="visible")


async def permalink(graph: GraphAPI, *, token: Token, media_id: str) -> str:
    """Give the public address. It cannot be built from the id."""
    answer = await graph.get(media_id, token=token, params={"fields": "permalink"})
    return wanted(answer, "permalink", str, effect="read")


async def recent_media(graph: GraphAPI, *, token: Token, ig_id: str, since: datetime) -> list[Media]:
    """Give what was published since then, newest first. Stories are not among it."""
    params: Values = {
        "fields": "id,caption,permalink,timestamp,media_type,media_product_type",
        "since": int(since.timestamp()),
        "limit": 50,
    }
    pages = graph.pages(f"{ig_id}/media", token=token, params=params)
    return [_media(entry) async for entries in pages for entry in entries]


async def publishing_limit(graph: GraphAPI, *, token: Token, ig_id: str) -> PublishingLimit:
    """Say how much of Instagram's quota for this account is used."""
    params = {"fields": "quota_usage,config"}
    answer = await graph.get(f"{ig_id}/content_publishing_limit", token=token, params=params)
    limit = next(iter(listed(answer)), {})
    config = wanted(limit, "config", dict, effect="read")
    return PublishingLimit(
        used=wanted(limit, "quota_usage", int, effect="read"),
        total=wanted(config, "quota_total", int, effect="read"),
        duration=timedelta(seconds=wanted(config, "quota_duration", int, effect="read")),
    )


def _media(entry: Mapping[str, Any]) -> Media:
    return Media(
        id=wanted(entry, "id", str, effect="read"),
        caption=entry.get("caption") or "",
        permalink=entry.get("permalink"),
        published_at=moment(wanted(entry, "timestamp", str, effect="read")),
        kind=entry.get("media_type", ""),
        product=entry.get("media_product_type", ""),
    )

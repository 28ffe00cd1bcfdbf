"""Publishing to a Facebook Page: photos are staged, then one post takes them.

Photos are never published directly: a staged photo's id is known beforehand, and tells afterwards, when an
answer was lost, whether a post took it.

https://developers.facebook.com/docs/pages-api/posts
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.graph.answers import listed, moment, part, wanted
from core.graph.api import GraphAPI, Values
from core.vault import Token

RECENT_FIELDS = (
    "id,message,created_time,permalink_url,application,attachments{type,target,url,subattachments}"
)


@dataclass(frozen=True)
class PagePost:
    """A post on a Page, and its public address when Meta told it."""

    id: str
    permalink: str | None = None


@dataclass(frozen=True)
class RecentPost:
    """A post as the Page shows it, with what tells one from another."""

    id: str
    permalink: str | None
    message: str
    created_at: datetime
    app_id: str | None
    photo_ids: tuple[str, ...]
    links: tuple[str, ...]


async def stage_photo(
    graph: GraphAPI, *, token: Token, page_id: str, image_url: str, alt_text: str | None = None
) -> str:
    """Hand Meta a photo that nobody sees, and give its id. Unused, it is gone after about a day."""
    form: Values = {"url": image_url, "published": False, "alt_text_custom": alt_text}
    answer = await graph.post(f"{page_id}/photos", token=token, data=form, effect="invisible")
    return wanted(answer, "id", str, effect="invisible")


async def publish(
    graph: GraphAPI,
    *,
    token: Token,
    page_id: str,
    message: str | None = None,
    link: str | None = None,
    photo_ids: Sequence[str] = (),
) -> PagePost:
    """Publish a post with its staged photos. OutcomeUnknown: look for it first."""
    form: Values = {
        "message": message,
        "link": link,
        "attached_media": [{"media_fbid": photo_id} for photo_id in photo_ids],
    }
    answer = await graph.post(
        f"{page_id}/feed", token=token, data=form, params={"fields": "id,permalink_url"}, effect="visible"
    )
    return PagePost(wanted(answer, "id", str, effect="visible"), answer.get("permalink_url"))


async def photo_story(graph: GraphAPI, *, token: Token, photo_id: str) -> str | None:
    """Give the id of the post that a staged photo became part of, if any."""
    answer = await graph.get(photo_id, token=token, params={"fields": "id,page_story_id"})
    wanted(answer, "id", str, effect="read")
    story: str | None = answer.get("page_story_id") or None
    return story


async def recent_posts(graph: GraphAPI, *, token: Token, page_id: str, since: datetime) -> list[RecentPost]:
    """Give what the Page itself published since then, newest first."""
    params: Values = {"fields": RECENT_FIELDS, "since": int(since.timestamp()), "limit": 25}
    pages = graph.pages(f"{page_id}/published_posts", token=token, params=params)
    return [_post(entry) async for entries in pages for entry in entries]


async def permalink(graph: GraphAPI, *, token: Token, post_id: str) -> str:
    """Give the public address of a post."""
    answer = await graph.get(post_id, token=token, params={"fields": "permalink_url"})
    return wanted(answer, "permalink_url", str, effect="read")


async def delete_photo(graph: GraphAPI, *, token: Token, photo_id: str) -> None:
    """Delete a staged photo. Only after a proven failure: otherwise it may be part of a live post."""
    await graph.delete(photo_id, token=token)


def _post(entry: Mapping[str, Any]) -> RecentPost:
    attached = list(_attachments(entry))
    return RecentPost(
        id=wanted(entry, "id", str, effect="read"),
        permalink=entry.get("permalink_url"),
        message=entry.get("message") or "",
        created_at=moment(wanted(entry, "created_time", str, effect="read")),
        app_id=part(entry, "application").get("id"),
        photo_ids=tuple(part(one, "target")["id"] for one in attached if "id" in part(one, "target")),
        links=tuple(one["url"] for one in attached if one.get("url")),
    )


def _attachments(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give each attachment, and for an album also what is in it."""
    for attachment in listed(part(entry, "attachments")):
        yield attachment
        yield from listed(part(attachment, "subattachments"))

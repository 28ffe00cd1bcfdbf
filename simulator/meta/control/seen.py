"""What the public sees, as JSON; and what is different here, as a page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.meta.control.body import meta_of
from simulator.meta.meta import Meta
from simulator.meta.public import media_of, photos_of, posts_of
from simulator.meta.templates import page
from simulator.meta.world import Media, Post


async def public(request: Request) -> Response:
    """Return what the public sees, newest first; without what was there before, unless `?old=true`."""
    meta = meta_of(request)
    old = request.query_params.get("old") == "true"
    return JSONResponse(
        {
            "instagram": {
                account.username: [_media(meta, one) for one in media_of(meta, account) if old or not one.old]
                for account in meta.world.instagrams.values()
            },
            "pages": {
                shown.id: [_post(meta, one) for one in posts_of(meta, shown) if old or not one.old]
                for shown in meta.world.pages.values()
            },
        }
    )


async def not_simulated(request: Request) -> Response:
    """Say honestly what is different here."""
    return page("not_simulated.html", changes=meta_of(request).changes)


def _media(meta: Meta, media: Media) -> dict[str, Any]:
    return {
        "id": media.id,
        "shortcode": media.shortcode,
        "caption": media.caption,
        "alt_text": media.alt_text,
        "image": meta.at(f"/media/{media.picture.blob}.jpg"),
        "permalink": meta.at(f"/p/{media.shortcode}/"),
        "timestamp": media.created_at.isoformat(),
        "container_id": media.container_id,
        "app_id": media.app_id,
    }


def _post(meta: Meta, post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "message": post.message,
        "link": post.link,
        "photos": [
            {"id": photo.id, "alt_text": photo.alt_text, "image": meta.at(f"/media/{photo.picture.blob}.jpg")}
            for photo in photos_of(meta, post)
        ],
        "permalink": meta.at(f"/facebook/{post.page_id}/posts/{post.id}"),
        "created_time": post.created_at.isoformat(),
        "app_id": post.app_id,
    }

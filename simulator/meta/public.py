"""What the public sees: profiles, Pages and posts, as HTML, and their pictures."""

from datetime import datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.meta.drawn import art
from simulator.meta.meta import Meta
from simulator.meta.pages import posts
from simulator.meta.templates import page
from simulator.meta.world import Instagram, Media, Page, Photo, Post

STATIC = Path(__file__).parent / "static"
FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
FRESH = {"cache-control": "no-cache"}
KINDS = ((b"\x89PNG", "image/png"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))


def routes() -> list[Route]:
    """Return everything under `/` that is for people."""
    return [
        Route("/", directory),
        Route("/instagram/{username}", instagram),
        Route("/instagram/{username}/", instagram),
        Route("/p/{shortcode}", instagram_post),
        Route("/p/{shortcode}/", instagram_post),
        Route("/facebook/{page_id}", facebook),
        Route("/facebook/{page_id}/", facebook),
        Route("/facebook/{page_id}/posts/{post_id}", facebook_post),
        Route("/media/{name}.jpg", picture),
        Route("/art/{name}/{which}.jpg", drawing),
        Route("/static/{name}", static),
        Route("/_sim/live", live),
    ]


async def directory(request: Request) -> Response:
    """Show everything there is."""
    meta: Meta = request.app.state.meta
    accounts = [(account, media_of(meta, account)[:3]) for account in meta.world.instagrams.values()]
    pages = [(one, posts_of(meta, one)) for one in meta.world.pages.values()]
    return _page(meta, "directory.html", accounts=accounts, pages=pages)


async def instagram(request: Request) -> Response:
    """Show one Instagram profile."""
    meta: Meta = request.app.state.meta
    for account in meta.world.instagrams.values():
        if account.username == request.path_params["username"]:
            return _page(meta, "instagram.html", account=account, media=media_of(meta, account))
    return _missing(meta)


async def instagram_post(request: Request) -> Response:
    """Show one Instagram post."""
    meta: Meta = request.app.state.meta
    for media in meta.world.media.values():
        if media.shortcode == request.path_params["shortcode"]:
            account = meta.world.instagrams[media.instagram_id]
            others = [other for other in media_of(meta, account) if other.id != media.id][:6]
            return _page(meta, "instagram_post.html", account=account, one=media, others=others)
    return _missing(meta)


async def facebook(request: Request) -> Response:
    """Show one Facebook Page."""
    meta: Meta = request.app.state.meta
    shown = meta.world.pages.get(request.path_params["page_id"])
    if shown is None:
        return _missing(meta)
    public = posts_of(meta, shown)
    photos = [photo for post in public for photo in photos_of(meta, post)][:9]
    return _page(meta, "facebook.html", shown=shown, posts=public, photos=photos, alone=False)


async def facebook_post(request: Request) -> Response:
    """Show one post of a Page."""
    meta: Meta = request.app.state.meta
    post = meta.world.posts.get(request.path_params["post_id"])
    if post is None or not posts.public(meta.world, post):
        return _missing(meta)
    shown = meta.world.pages[post.page_id]
    return _page(meta, "facebook.html", shown=shown, posts=[post], photos=[], alone=True)


async def picture(request: Request) -> Response:
    """Serve a picture that was published, or drawn for the seed."""
    meta: Meta = request.app.state.meta
    name: str = request.path_params["name"]
    read = art.photo if name.startswith(art.PREFIX) else meta.blobs.get
    content = await run_in_threadpool(read, name) if name.replace("-", "").isalnum() else None
    if content is None:
        return PlainTextResponse("There is no such picture.", 404)
    kind = next((kind for start, kind in KINDS if content.startswith(start)), "image/jpeg")
    return Response(content, headers=FOR_EVER, media_type=kind)


async def drawing(request: Request) -> Response:
    """Serve an avatar or a cover."""
    name, which = request.path_params["name"], request.path_params["which"]
    content = await run_in_threadpool(art.cover if which == "cover" else art.avatar, name)
    return Response(content, headers=FOR_EVER, media_type="image/jpeg")


async def static(request: Request) -> Response:
    """Serve a style sheet or the script."""
    path = STATIC / request.path_params["name"]
    if path.parent != STATIC or not path.is_file():
        return PlainTextResponse("There is no such file.", 404)
    return Response(path.read_bytes(), headers=FRESH, media_type=guess_type(path.name)[0])


async def live(request: Request) -> Response:
    """Say how often something changed, for the pages that follow it."""
    meta: Meta = request.app.state.meta
    return JSONResponse({"changes": meta.changes}, headers=FRESH)


def media_of(meta: Meta, account: Instagram) -> list[Media]:
    """Return an account's posts, newest first."""
    return [meta.world.media[media_id] for media_id in reversed(account.media_ids)]


def posts_of(meta: Meta, shown: Page) -> list[Post]:
    """Return a Page's public posts, newest first."""
    return [post for post in posts.newest_first(meta.world, shown) if posts.public(meta.world, post)]


def photos_of(meta: Meta, post: Post) -> list[Photo]:
    """Return a post's photos, in their order."""
    return [meta.world.photos[photo_id] for photo_id in post.photo_ids]


def _page(meta: Meta, name: str, **values: Any) -> Response:
    now: datetime = meta.world.now()
    return page(
        name,
        FRESH,
        now=now,
        world=meta.world,
        photos_of=lambda post: photos_of(meta, post),
        changes=meta.changes,
        **values,
    )


def _missing(meta: Meta) -> Response:
    return page("missing.html", FRESH, status=404, changes=meta.changes)

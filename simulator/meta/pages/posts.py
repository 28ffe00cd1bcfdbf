"""A Page's posts, as things: made, found again, taken away. No HTTP here."""

from bisect import insort
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from simulator.meta import ids
from simulator.meta.world import Page, Photo, Post, World


def add(
    world: World,
    page: Page,
    message: str,
    *,
    link: str | None = None,
    photos: Sequence[Photo] = (),
    published: bool = True,
    scheduled_at: datetime | None = None,
    by_app: bool = True,
    created_at: datetime | None = None,
) -> Post:
    """Add a post to the Page, and its photos to the post."""
    post = Post(
        id=f"{page.id}_{ids.digits('122', 18)}",
        page_id=page.id,
        message=message,
        link=link,
        photo_ids=[photo.id for photo in photos],
        created_at=created_at or world.now(),
        published=published,
        scheduled_at=scheduled_at,
        app_id=world.app.id if by_app else None,
    )
    for photo in photos:
        photo.post_id = post.id
    world.posts[post.id] = post
    insort(page.post_ids, post.id, key=lambda post_id: world.posts[post_id].created_at)
    return post


def remove(world: World, post: Post) -> None:
    """Take a post away, and its photos with it."""
    for photo_id in post.photo_ids:
        world.photos.pop(photo_id, None)
    world.pages[post.page_id].post_ids.remove(post.id)
    del world.posts[post.id]


def newest_first(world: World, page: Page, *, most: int | None = None) -> list[Post]:
    """Return a Page's posts, also those that are not public: all of them, or the newest so many."""
    return [world.posts[post_id] for post_id in islice(reversed(page.post_ids), most)]


def public(world: World, post: Post) -> bool:
    """Say whether the public sees it: published, or its scheduled time has come."""
    return post.published or (post.scheduled_at is not None and post.scheduled_at <= world.now())

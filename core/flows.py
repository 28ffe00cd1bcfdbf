"""What is done for each kind of publication: which steps, in which order."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from core import ledger, looking, media, quotas, steps
from core.errors import PressroomError, TryAgainLater
from core.graph import facebook, instagram
from core.graph.instagram import ContainerState
from core.models import Kind, Platform, StepName, StepState
from core.work import Work

FIRST_POLL, GROWTH, LONGEST_POLL, PATIENCE = 0.25, 1.5, 5.0, 45.0  # seconds; GROWTH from pause to pause
FETCHABLE = 3600  # seconds for which Meta may fetch a picture
STAGED = timedelta(hours=20)  # Meta drops containers and staged photos that nobody used after about a day
AGAIN = timedelta(seconds=20)  # from one look to the next at a container that is made ahead
AGAIN_SLOWLY = timedelta(minutes=1)  # while Meta's limits slow us down

Published = tuple[str, str | None]  # Meta's id of what is live, and its permalink if it could be read


async def instagram_photo(work: Work) -> Published:
    """Make a container, wait until it is ready, publish it."""
    await drop_stale(work, StepName.CONTAINER, StepName.PUBLISH)
    if not steps.is_begun(work, StepName.CONTAINER):
        await room(work)
    container = await steps.hidden(work, StepName.CONTAINER, lambda: make_container(work))
    if not steps.is_begun(work, StepName.PUBLISH):
        await ready(work, container)
    media_id = await steps.visible(
        work,
        StepName.PUBLISH,
        lambda: publish_container(work, container),
        look=looking.for_container,
        reference=container,
    )
    return media_id, await instagram_permalink(work, media_id)


async def facebook_photo(work: Work) -> Published:
    """Stage the photo, which nobody sees, then publish a post with it."""
    await drop_stale(work, StepName.PHOTO, StepName.FEED)
    photo = await steps.hidden(work, StepName.PHOTO, lambda: stage_photo(work))
    return await facebook_post(work, photo=photo)


async def facebook_text(work: Work) -> Published:
    """Publish a post of words, or of a link."""
    return await facebook_post(work, photo=None)


FLOWS: dict[Kind, Callable[[Work], Awaitable[Published]]] = {
    Kind.INSTAGRAM_PHOTO: instagram_photo,
    Kind.FACEBOOK_PHOTO: facebook_photo,
    Kind.FACEBOOK_TEXT: facebook_text,
    Kind.FACEBOOK_LINK: facebook_text,
}


async def drop_stale(work: Work, hidden: StepName, visible: StepName) -> None:
    """Forget a container or a photo that was made too long ago, unless it may be part of a live post."""
    made = work.steps.get(hidden)
    if made is None or made.state is not StepState.DONE or steps.is_begun(work, visible):
        return
    if work.now - made.intent_at > STAGED:
        await ledger.void(work.services.db, work.lease, made)


# --- Instagram --------------------------------------------------------------------------------------------


async def room(work: Work) -> None:
    """Raise TryAgainLater when Instagram takes no more posts today; whether it does at its minute, Meta says.

    There is time to ask only while the post is made ready.
    """
    if work.seconds_left <= steps.HEAD_START.total_seconds():
        return
    quota = await quotas.left(work.services, work.account)
    if quota and not quota.left:
        raise TryAgainLater(
            f"Instagram takes {quota.total} posts in 24 hours for {work.account.label}, and has had them.",
            after=timedelta(seconds=work.seconds_left),
        )


async def make_container(work: Work) -> str:
    """Make Instagram's container from the prepared picture."""
    return await instagram.create_photo(
        work.services.graph,
        token=work.token,
        ig_id=work.account.platform_account_id,
        image_url=await picture_address(work, Platform.INSTAGRAM),
        caption=work.version.caption,
        alt_text=work.version.alt_text,
    )


async def ready(work: Work, container: str) -> None:
    """Wait until Instagram has taken the picture in, asking with growing pauses.

    Raise what Instagram says of a picture that it cannot use, TryAgainLater when it takes longer than one
    worker should wait, TooEarly when there is time: its account may have other things to do.
    """
    pause, waited = FIRST_POLL, 0.0
    while waited < PATIENCE:
        status = await instagram.container_status(
            work.services.graph, token=work.reading_token, container_id=container
        )
        if status.code in (ContainerState.FINISHED, ContainerState.PUBLISHED):
            return
        if status.code is not ContainerState.IN_PROGRESS:
            await ledger.void(work.services.db, work.lease, work.steps[StepName.CONTAINER])
            raise status.reason or TryAgainLater("Instagram let the picture expire. It is sent again.")
        if work.seconds_left > AGAIN.total_seconds():
            is_slow = work.services.pace.is_slow(work.account)
            raise steps.TooEarly(AGAIN_SLOWLY if is_slow else AGAIN)
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * GROWTH, LONGEST_POLL)
    raise TryAgainLater("Instagram is still taking the picture in.", after=timedelta(seconds=15))


async def publish_container(work: Work, container: str) -> str:
    """Publish a container, unless a look has just shown that it never can be."""
    if work.steps[StepName.CONTAINER].state is StepState.VOID:
        raise TryAgainLater("Instagram let the picture expire. It is sent again.")
    return await instagram.publish(
        work.services.graph,
        token=work.token,
        ig_id=work.account.platform_account_id,
        container_id=container,
    )


async def instagram_permalink(work: Work, media_id: str) -> str | None:
    """Read where it is to be seen. What is live stays live, whatever comes of this."""
    with suppress(PressroomError):
        return await instagram.permalink(work.services.graph, token=work.reading_token, media_id=media_id)
    return None


# --- Facebook ---------------------------------------------------------------------------------------------


async def stage_photo(work: Work) -> str:
    """Hand the Page its photo, unpublished."""
    return await facebook.stage_photo(
        work.services.graph,
        token=work.token,
        page_id=work.account.platform_account_id,
        image_url=await picture_address(work, Platform.FACEBOOK),
        alt_text=work.version.alt_text,
    )


async def facebook_post(work: Work, *, photo: str | None) -> Published:
    """Publish a Page's post; the permalink comes with the answer, or is read."""
    permalinks: list[str | None] = []

    async def publish() -> str:
        post = await facebook.publish(
            work.services.graph,
            token=work.token,
            page_id=work.account.platform_account_id,
            message=work.version.caption or None,
            link=work.version.link,
            photo_ids=[photo] if photo else [],
        )
        permalinks.append(post.permalink)
        return post.id

    post_id = await steps.visible(work, StepName.FEED, publish, look=looking.for_post, reference=photo)
    return post_id, next(iter(permalinks), None) or await facebook_permalink(work, post_id)


async def facebook_permalink(work: Work, post_id: str) -> str | None:
    """Read where it is to be seen. What is live stays live, whatever comes of this."""
    with suppress(PressroomError):
        return await facebook.permalink(work.services.graph, token=work.token, post_id=post_id)
    return None


async def picture_address(work: Work, platform: Platform) -> str:
    """Prepare the picture, and give the address from which Meta may fetch it for a while."""
    assert work.media is not None
    await media.prepared(work.services, work.media, platform=platform, fit=work.version.fit)
    variant = media.Variant(platform, work.version.fit)
    return media.address(work.services, work.media.id, variant, seconds=FETCHABLE)

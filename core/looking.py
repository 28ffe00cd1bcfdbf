"""Looking for what may be live, after Meta's answer was lost.

Only positive evidence counts: a read that fails proves nothing, and somebody else's post is not ours.
https://developers.facebook.com/docs/instagram-platform/content-publishing#troubleshooting
"""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlmodel import col, select

from core import ledger
from core.errors import OutcomeUnknown, PressroomError
from core.graph import facebook, instagram
from core.graph.facebook import RecentPost
from core.graph.instagram import ContainerState
from core.models import Publication, Step, StepName
from core.work import Work

CLOCKS = timedelta(seconds=60)  # by which Meta's clock may be behind ours
SPENT = (ContainerState.ERROR, ContainerState.EXPIRED)


async def for_container(work: Work, attempt: Step) -> str | None:
    """Ask the container itself whether it was published. One that never can be any more is let go of."""
    container = str(attempt.reference)
    status = await instagram.container_status(
        work.services.graph, token=work.reading_token, container_id=container
    )
    if status.code is ContainerState.PUBLISHED:
        return await published_media(work, attempt, container)
    newest = work.steps[StepName.CONTAINER]
    if status.code in SPENT and newest.remote_id == container:
        await ledger.void(work.services.db, work.lease, newest)
    return None


async def published_media(work: Work, attempt: Step, container: str) -> str:
    """Find the media of a published container: exactly one of our words and time that is nobody else's.

    A container does not tell its media; when that is not certain, the container's own id stands for it. It is
    live, whatever comes of this.
    """
    with suppress(PressroomError):
        recent = await instagram.recent_media(
            work.services.graph,
            token=work.reading_token,
            ig_id=work.account.platform_account_id,
            since=just_before(attempt),
        )
        taken = await known_ids(work)
        ours = [one for one in recent if one.caption == work.version.caption and one.id not in taken]
        if len(ours) == 1:
            return ours[0].id
    return f"container:{container}"


async def for_post(work: Work, attempt: Step) -> str | None:
    """Look for a Page's post: by its photo's story, else among the Page's newest.

    Without a photo nothing but its words would tell it from another, so absence is never proven.
    """
    photo = attempt.reference
    if photo and (story := await facebook.photo_story(work.services.graph, token=work.token, photo_id=photo)):
        return story
    recent = await facebook.recent_posts(
        work.services.graph,
        token=work.token,
        page_id=work.account.platform_account_id,
        since=just_before(attempt),
    )
    taken = await known_ids(work)
    ours = [one for one in recent if one.id not in taken and is_ours(work, one, photo)]
    if len(ours) == 1:
        return ours[0].id
    if photo and not ours:
        return None
    raise OutcomeUnknown("Facebook did not say whether this post is live.")


def is_ours(work: Work, post: RecentPost, photo: str | None) -> bool:
    """Say whether a post is the one that we may have published: our app's, with our photo, or our words."""
    if post.app_id != work.services.graph.app_id:
        return False
    if photo:
        return photo in post.photo_ids
    link = work.version.link
    return post.message == work.version.caption and (link is None or link in post.links)


async def known_ids(work: Work) -> set[str | None]:
    """Give what other publications of this account are known to be."""
    others = select(Publication.remote_id).where(
        Publication.account_id == work.account.id, col(Publication.id) != work.publication.id
    )
    async with work.services.db.session(work.lease.actor) as session:
        return set(await session.exec(others))


def just_before(attempt: Step) -> datetime:
    """Give the earliest time at which the call can have had its effect, by Meta's clock."""
    return attempt.intent_at - CLOCKS

"""The plan of a publication: held until its post is approved, at its minute, or at once.

Whoever changes a post, and the worker that publishes it, meet at the publication's row: a change is refused
from the moment when the intent of a call that the public sees is committed, and before that it wins.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import rounds
from core.errors import Invalid
from core.models import Account, Kind, Platform, Post, PostState, PostVersion, Publication, PublicationState
from core.post_views import PostView
from core.services import Services

AHEAD = timedelta(minutes=10)  # so long before its minute everything is made ready that nobody sees
OPEN = {
    PublicationState.HELD,
    PublicationState.SCHEDULED,
    PublicationState.QUEUED,
    PublicationState.RUNNING,
    PublicationState.LATE,
}
AT_REST = rounds.HELD - {PostState.IN_APPROVAL}  # nobody is asked any more, and nothing of it goes out
FARTHEST = timedelta(days=365)
UNSENT = OPEN | {PublicationState.FAILED}  # what may be held: the public saw nothing of it
NOT_AGREED = "Not everybody whom its client asks has approved this. Edit it, and they are asked."
PARTLY_LIVE = (
    "Not everybody whom its client asks has approved this, and part of it is live already. Cancel what is"
    " left, or have it approved as a post of its own."
)
STILL = (PublicationState.HELD, PublicationState.LATE)  # nothing goes out from there without everybody's word
AFRESH = {"attempts": 0, "crashes": 0}
LET_GO = {"next_run_at": None, "queued_at": None, "lease_until": None, "reason": None, "reason_code": None}


def require_ahead(due_at: datetime) -> None:
    """Raise Invalid for a time that is over or too far away."""
    left = due_at - datetime.now(UTC)
    if left <= timedelta(0):
        raise Invalid({"time": "That time is over. Choose a later one."})
    if left > FARTHEST:
        raise Invalid({"time": "That is more than a year away. Choose an earlier time."})


def publication_of(view: PostView, account: Account, due_at: datetime | None, at: datetime) -> Publication:
    """Make the publication of a post on one account: due now and handed to the engine, or at its minute."""
    kind = kind_of(view.version, account.platform)
    publication = Publication(
        agency_id=view.post.agency_id,
        client_id=view.post.client_id,
        post_id=view.post.id,
        version=view.version.version,
        account_id=account.id,
        kind=kind,
        state=PublicationState.QUEUED,
        due_at=due_at or at,
        queued_at=at,
    )
    if due_at:
        wait_for(publication, due_at, at)
    return publication


def wait_for(publication: Publication, due_at: datetime, at: datetime) -> None:
    """Have a publication wait for its minute, and be made ready before, as far as its kind can be."""
    ahead = AHEAD if publication.kind.is_prepared_ahead else timedelta(0)
    publication.sqlmodel_update(LET_GO | AFRESH | {"state": PublicationState.SCHEDULED, "due_at": due_at})
    publication.next_run_at = max(due_at - ahead, min(due_at, at))


def plan(publication: Publication, post: Post, due_at: datetime, at: datetime) -> None:
    """Give a publication its minute; one that waits for approval goes on waiting for that."""
    if post.state in rounds.HELD:
        publication.due_at = due_at
    else:
        wait_for(publication, due_at, at)


def hold(publication: Publication, due_at: datetime) -> None:
    """Have a publication wait for its post's approval; nothing is made ready before."""
    publication.sqlmodel_update(LET_GO | AFRESH | {"state": PublicationState.HELD, "due_at": due_at})


def go_at_once(publication: Publication, at: datetime) -> None:
    """Have a publication go out now, by the database's clock; the engine is told by `wake`."""
    publication.sqlmodel_update(LET_GO | AFRESH | {"state": PublicationState.QUEUED})
    publication.queued_at, publication.due_at = at, at


def is_going(publication: Publication, now: datetime) -> bool:
    """Say whether a publication is at the engine, and due."""
    at_work = publication.state in (PublicationState.QUEUED, PublicationState.RUNNING)
    return at_work and publication.due_at <= now


def kind_of(version: PostVersion, platform: Platform) -> Kind:
    """Say what is published of this version on a platform."""
    if platform is Platform.INSTAGRAM:
        return Kind.INSTAGRAM_PHOTO
    if version.media_id:
        return Kind.FACEBOOK_PHOTO
    return Kind.FACEBOOK_LINK if version.link else Kind.FACEBOOK_TEXT


async def still_open(session: AsyncSession, post: Post) -> list[Publication]:
    """Give the publications that have not come to an end, locked."""
    return [one for one in await locked_publications(session, post) if one.state in OPEN]


async def hold_all(session: AsyncSession, post: Post) -> None:
    """Have everything of a post wait for approval that the public saw nothing of, what failed too."""
    for publication in await locked_publications(session, post):
        if publication.state in UNSENT:
            hold(publication, post.due_at or publication.due_at)
    await session.flush()


async def locked_publications(session: AsyncSession, post: Post) -> Sequence[Publication]:
    """Give those of the version that counts; no worker goes on with one until this transaction ends."""
    theirs = select(Publication).where(Publication.post_id == post.id, Publication.version == post.version)
    found = theirs.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.exec(found)).all()


async def may_go(session: AsyncSession, post: Post, publications: Sequence[Publication]) -> bool:
    """Say whether nobody's word is missing for these publications of a post to go out when a person says so.

    What was let go is agreed to, however many are asked by now; what nobody was asked about is not.
    """
    if post.policy_version is not None and not any(one.state in STILL for one in publications):
        return True
    return await is_agreed(session, post)


async def is_agreed(session: AsyncSession, post: Post) -> bool:
    """Say whether everybody has agreed to a post by now who has to, as PostgreSQL has it."""
    await session.flush()
    return bool((await session.exec(select(func.may_go(post.id, post.version)))).one())


async def wake(session: AsyncSession, services: Services, post: Post) -> None:
    """Hand what is queued of a post to the engine."""
    found = await locked_publications(session, post)
    queued = [one.id for one in found if one.state is PublicationState.QUEUED]
    await services.transport.advance(session, queued, agency_id=post.agency_id)

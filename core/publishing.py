"""Publishing: takes one publication forward, step by step, as far as it goes now.

Every call to Meta that changes something is a step of the ledger. A step that nobody can see is simply done
again when its outcome was lost. One that the public sees is looked up, and what cannot be proven waits for a
person.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import col, select

from core import announcements, audit, ledger, media, posts
from core.errors import (
    OutcomeUnknown,
    PressroomError,
    ReconnectNeeded,
    Refused,
    TryAgainLater,
)
from core.graph import facebook, instagram
from core.graph.errors import is_hidden
from core.graph.instagram import ContainerState
from core.ledger import Lease, LostLease
from core.models import (
    Account,
    Connection,
    Kind,
    Media,
    Platform,
    PostVersion,
    Publication,
    PublicationState,
    Step,
    StepName,
    StepState,
)
from core.services import Services
from core.vault import Token

log = structlog.get_logger()

MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
LOOK_AGAIN = (timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=120))
FIRST_POLL, LONGEST_POLL, PATIENCE = 0.25, 5.0, 45.0  # seconds
RENEW_EVERY = ledger.LEASE.total_seconds() / 4
TOLD = ("remote_id", "permalink", "reason", "reason_code")  # what the audit entry says of an outcome
FETCHABLE = 3600  # seconds for which Meta may fetch a picture


@dataclass(frozen=True)
class Work:
    """A publication in hand, with all that its steps need."""

    services: Services
    lease: Lease
    publication: Publication
    version: PostVersion
    media: Media | None
    account: Account
    token: Token
    reading_token: Token
    steps: dict[StepName, Step]  # the newest attempt at each


async def advance(services: Services, *, agency_id: UUID, publication_id: UUID) -> None:
    """Take a queued publication as far as it goes; do nothing for one that is not queued."""
    lease = await ledger.claim(services.db, agency_id=agency_id, publication_id=publication_id)
    if lease is None:
        return
    with suppress(LostLease):
        async with renewed(services, lease):
            await attempt(services, lease)


@asynccontextmanager
async def renewed(services: Services, lease: Lease) -> AsyncIterator[None]:
    """Keep the lease alive while the work lasts."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            await ledger.renew(services.db, lease)

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def attempt(services: Services, lease: Lease) -> None:
    """Run the publication's flow, and write down how it ended."""
    try:
        work = await take_up(services, lease)
        remote_id, permalink = await FLOWS[work.publication.kind](work)
    except TryAgainLater as later:
        await postpone(services, lease, later)
    except OutcomeUnknown as unknown:
        await look_again(services, lease, unknown)
    except PressroomError as error:
        await fail(services, lease, error)
    except LostLease:
        raise
    except Exception:
        log.exception("publishing_broke", publication_id=str(lease.publication_id))
        await postpone(services, lease, TryAgainLater(PressroomError.__doc__))
    else:
        await succeed(services, lease, remote_id, permalink)


async def take_up(services: Services, lease: Lease) -> Work:
    """Load what the steps need, and open the account's token. Raise ReconnectNeeded when there is none."""
    async with services.db.session(lease.actor) as session:
        in_hand = (
            select(Publication, PostVersion, Account, Connection)
            .join(Account, col(Account.id) == Publication.account_id)
            .join(Connection, col(Connection.id) == Account.connection_id)
            .join(PostVersion, col(PostVersion.post_id) == Publication.post_id)
            .where(PostVersion.version == Publication.version, Publication.id == lease.publication_id)
        )
        publication, version, account, connection = (await session.exec(in_hand)).one()
        picture = await session.get_one(Media, version.media_id) if version.media_id else None
        steps = await ledger.steps(session, lease)
    if not account.is_active or account.access_token is None:
        raise ReconnectNeeded(f"{account.label} is disconnected. Connect it again, then retry.")
    token = services.vault.open(account.access_token, row=account.token_row)
    reading = connection.access_token
    return Work(
        services=services,
        lease=lease,
        publication=publication,
        version=version,
        media=picture,
        account=account,
        token=token,
        reading_token=services.vault.open(reading, row=connection.token_row) if reading else token,
        steps=steps,
    )


# --- what is done for each kind: which steps, in which order --------------------------------------

Published = tuple[str, str | None]  # Meta's id of what is live, and its permalink if it could be read


async def instagram_photo(work: Work) -> Published:
    """Make a container, wait until it is ready, publish it."""
    graph, ig_id = work.services.graph, work.account.platform_account_id
    container = await step(work, StepName.CONTAINER, lambda: make_container(work))
    if not is_begun(work, StepName.PUBLISH):
        await ready(work, container)
    media_id = await step(
        work,
        StepName.PUBLISH,
        lambda: instagram.publish(graph, token=work.token, ig_id=ig_id, container_id=container),
        reference=container,
        look=published_container,
    )
    return media_id, await instagram_permalink(work, media_id)


async def facebook_photo(work: Work) -> Published:
    """Stage the photo, which nobody sees, then publish a post with it."""
    photo = await step(work, StepName.PHOTO, lambda: stage_photo(work))
    return await facebook_post(work, photo_ids=[photo])


async def facebook_text(work: Work) -> Published:
    """Publish a post of words, or of a link."""
    return await facebook_post(work, photo_ids=[])


FLOWS: dict[Kind, Callable[[Work], Awaitable[Published]]] = {
    Kind.INSTAGRAM_PHOTO: instagram_photo,
    Kind.FACEBOOK_PHOTO: facebook_photo,
    Kind.FACEBOOK_TEXT: facebook_text,
    Kind.FACEBOOK_LINK: facebook_text,
}


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


async def stage_photo(work: Work) -> str:
    """Hand the Page its photo, unpublished."""
    return await facebook.stage_photo(
        work.services.graph,
        token=work.token,
        page_id=work.account.platform_account_id,
        image_url=await picture_address(work, Platform.FACEBOOK),
        alt_text=work.version.alt_text,
    )


async def facebook_post(work: Work, *, photo_ids: list[str]) -> Published:
    """Publish a Page's post; the permalink comes with the answer, or is read."""

    async def publish() -> str:
        post = await facebook.publish(
            work.services.graph,
            token=work.token,
            page_id=work.account.platform_account_id,
            message=work.version.caption or None,
            link=work.version.link,
            photo_ids=photo_ids,
        )
        permalinks.append(post.permalink)
        return post.id

    permalinks: list[str | None] = []
    reference = photo_ids[0] if photo_ids else None
    post_id = await step(work, StepName.FEED, publish, reference=reference, look=published_post)
    return post_id, (permalinks[0] if permalinks else None) or await facebook_permalink(work, post_id)


async def picture_address(work: Work, platform: Platform) -> str:
    """Prepare the picture, and give the address from which Meta may fetch it for a while."""
    assert work.media is not None
    await media.prepared(work.services, work.media, platform=platform, fit=work.version.fit)
    variant = media.Variant(platform, work.version.fit)
    return media.address(work.services, work.media.id, variant, seconds=FETCHABLE)


async def instagram_permalink(work: Work, media_id: str) -> str | None:
    """Read where it is to be seen. What is live stays live, whatever comes of this."""
    with suppress(PressroomError):
        return await instagram.permalink(work.services.graph, token=work.reading_token, media_id=media_id)
    return None


async def facebook_permalink(work: Work, post_id: str) -> str | None:
    """Read where it is to be seen. What is live stays live, whatever comes of this."""
    with suppress(PressroomError):
        return await facebook.permalink(work.services.graph, token=work.token, post_id=post_id)
    return None


# --- steps ----------------------------------------------------------------------------------------


async def step(
    work: Work,
    name: StepName,
    call: Callable[[], Awaitable[str]],
    *,
    reference: str | None = None,
    look: Callable[[Work, Step], Awaitable[str]] | None = None,
) -> str:
    """Give Meta's id for a step: the one that we know, the one that a look finds, or that of a new call."""
    db, last = work.services.db, work.steps.get(name)
    if last and last.state is StepState.DONE:
        return str(last.remote_id)
    if last and last.state is StepState.INTENT:
        if look is not None:
            found = await look(work, last)
            await ledger.done(db, work.lease, last, found)
            return found
        await ledger.void(db, work.lease, last)
    number = last.generation + 1 if last else 1
    intent = ledger.attempt(work.publication, work.lease, name, number=number, reference=reference)
    await ledger.intend(db, work.lease, intent)
    work.steps[name] = intent
    return await make(work, intent, call)


async def make(work: Work, intent: Step, call: Callable[[], Awaitable[str]]) -> str:
    """Make the call whose intent is committed, and commit what is known of it afterwards."""
    db = work.services.db
    try:
        remote_id = await call()
    except OutcomeUnknown as error:
        await ledger.unknown(db, work.lease, intent, error)
        raise
    except PressroomError as error:
        await ledger.void(
            db, work.lease, intent, error if isinstance(error, TryAgainLater | Refused) else None
        )
        raise
    await ledger.done(db, work.lease, intent, remote_id)
    return remote_id


def is_begun(work: Work, name: StepName) -> bool:
    """Say whether a step has been begun already, so that what comes before it need not be awaited."""
    last = work.steps.get(name)
    return last is not None and last.state is not StepState.VOID


async def ready(work: Work, container: str) -> None:
    """Wait until Instagram has taken the picture in, asking with growing pauses.

    Raise Refused when it cannot use it, TryAgainLater when it takes longer than one worker should wait.
    """
    pause, waited = FIRST_POLL, 0.0
    while waited < PATIENCE:
        status = await instagram.container_status(
            work.services.graph, token=work.reading_token, container_id=container
        )
        if status.code is not ContainerState.IN_PROGRESS:
            return await check_container(work, status)
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * 1.5, LONGEST_POLL)
    raise TryAgainLater("Instagram is still taking the picture in.", after=timedelta(seconds=15))


async def check_container(work: Work, status: instagram.ContainerStatus) -> None:
    """Let a container pass that can be published; for a spent one, raise what became of it."""
    if status.code in (ContainerState.FINISHED, ContainerState.PUBLISHED):
        return
    await ledger.void(work.services.db, work.lease, work.steps[StepName.CONTAINER])
    raise status.reason or TryAgainLater("Instagram let the picture expire. It is sent again.")


# --- looking, after an outcome was lost -----------------------------------------------------------


async def published_container(work: Work, open_step: Step) -> str:
    """Find what became of a container that we may have published; raise OutcomeUnknown if nobody can say."""
    graph, container = work.services.graph, str(open_step.reference)
    status = await instagram.container_status(graph, token=work.reading_token, container_id=container)
    if status.code is not ContainerState.PUBLISHED:
        raise OutcomeUnknown("Instagram did not say whether this post is live.")
    found = await instagram.recent_media(
        graph, token=work.reading_token, ig_id=work.account.platform_account_id, since=just_before(open_step)
    )
    same = [one for one in found if one.caption == work.version.caption]
    return same[0].id if len(same) == 1 else f"container:{container}"


async def published_post(work: Work, open_step: Step) -> str:
    """Find a post that we may have published: by its photo's story, else by exact words and time."""
    graph, page = work.services.graph, work.account.platform_account_id
    if open_step.reference:
        story = await facebook.photo_story(graph, token=work.token, photo_id=open_step.reference)
        if story:
            return story
    found = await facebook.recent_posts(graph, token=work.token, page_id=page, since=just_before(open_step))
    same = [one for one in found if one.message == work.version.caption]
    if len(same) == 1:
        return same[0].id
    raise OutcomeUnknown("Facebook did not say whether this post is live.")


def just_before(open_step: Step) -> datetime:
    """Give the earliest time at which the call can have had its effect, by Meta's clock."""
    return open_step.intent_at - timedelta(seconds=60)


# --- how an attempt ends --------------------------------------------------------------------------


async def succeed(services: Services, lease: Lease, remote_id: str, permalink: str | None) -> None:
    """Write down that it is live."""
    await finish(
        services,
        lease,
        PublicationState.PUBLISHED,
        action="post_published",
        remote_id=remote_id,
        permalink=permalink,
        published_at=datetime.now(UTC),
        reason=None,
        reason_code=None,
    )


async def fail(services: Services, lease: Lease, error: PressroomError) -> None:
    """Write down that it is not live, and that a person must act."""
    if isinstance(error, ReconnectNeeded) and not is_hidden(error):
        await condemn(services, lease, error)
    await finish(
        services,
        lease,
        PublicationState.FAILED,
        action="post_failed",
        reason=error.sentence,
        reason_code=code_of(error),
    )


async def condemn(services: Services, lease: Lease, error: ReconnectNeeded) -> None:
    """Write on the account what is wrong with it, so that everybody sees it before the next post."""
    async with services.db.session(lease.actor) as session:
        publication = await session.get_one(Publication, lease.publication_id)
        account = await session.get_one(Account, publication.account_id)
        account.trouble = error.sentence


async def look_again(services: Services, lease: Lease, unknown: OutcomeUnknown) -> None:
    """Look for it a few times, with growing pauses; then ask a person."""
    async with services.db.session(lease.actor) as session:
        attempts = (await session.get_one(Publication, lease.publication_id)).attempts
    if attempts < len(LOOK_AGAIN):
        await schedule(services, lease, LOOK_AGAIN[attempts], attempts + 1)
        return
    await finish(
        services,
        lease,
        PublicationState.NEEDS_REVIEW,
        action="post_outcome_unknown",
        reason=unknown.sentence,
        reason_code=code_of(unknown),
    )


async def postpone(services: Services, lease: Lease, later: TryAgainLater) -> None:
    """Try again after as long as Meta asks, and longer each time; give up in the end, and say so."""
    async with services.db.session(lease.actor) as session:
        attempts = (await session.get_one(Publication, lease.publication_id)).attempts
    if attempts + 1 >= MOST_ATTEMPTS:
        given_up = f"{later.sentence} It was tried {MOST_ATTEMPTS} times; now it is up to you."
        await fail(services, lease, PressroomError(given_up))
        return
    await schedule(services, lease, max(later.after, pause_after(attempts)), attempts + 1)


def pause_after(attempts: int) -> timedelta:
    """Give the pause before the next attempt, in full, by how many there were."""
    return min(FIRST_PAUSE * float(2**attempts), LONGEST_PAUSE)


async def schedule(services: Services, lease: Lease, pause: timedelta, attempts: int) -> None:
    """Let go of the publication until its next attempt."""
    async with services.db.session(lease.actor) as session:
        await ledger.hold(
            session,
            lease,
            state=PublicationState.SCHEDULED,
            next_run_at=datetime.now(UTC) + pause,
            lease_until=None,
            attempts=attempts,
        )


async def finish(
    services: Services, lease: Lease, state: PublicationState, *, action: str, **values: Any
) -> None:
    """End an attempt: publication, post, audit entry and what Slack is owed, in one transaction."""
    async with services.db.session(lease.actor) as session:
        publication = await session.get_one(Publication, lease.publication_id)
        post = await posts.locked(session, publication.post_id)
        await ledger.hold(session, lease, state=state, lease_until=None, **values)
        await posts.settle(session, post)
        audit.record(
            session,
            lease.actor,
            action,
            client_id=publication.client_id,
            account_id=publication.account_id,
            post_id=publication.post_id,
            version=publication.version,
            **{name: values[name] for name in TOLD if values.get(name)},
        )
        reply = {"kind": state.value, "publication_id": str(publication.id)}
        await announcements.owe_card(session, services, post, reply=reply)


def code_of(error: PressroomError) -> str | None:
    """Give Meta's code and subcode as one word, for the record."""
    code, subcode = getattr(error, "code", None), getattr(error, "subcode", None)
    return "/".join(str(part) for part in (code, subcode) if part is not None) or None

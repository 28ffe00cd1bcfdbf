"""The steps by which a client leaves; each may be done again, and then does what is left of it."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import IO, Any
from uuid import UUID

import structlog
from sqlalchemy import func, update
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import (
    access,
    accounts,
    announcements,
    checkups,
    client_exports,
    deeds,
    departures,
    holds,
    ledger,
    plans,
    posts,
)
from core.db import Actor, clock
from core.departures import EXPORT, KEEP_EXPORT, MOST_AT_ONCE, Overtaken, folder, record, turn, wait
from core.errors import CannotOpen, NotFound, PressroomError, ReconnectNeeded, TryAgainLater
from core.graph import oauth
from core.models import (
    Account,
    Announcement,
    Card,
    Client,
    Connection,
    Departure,
    DepartureStep,
    Ending,
    Media,
    Post,
    PostState,
    Publication,
    PublicationState,
)
from core.services import Announcer, Services

log = structlog.get_logger()

SOON = timedelta(seconds=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
PATIENCE = timedelta(days=3)  # with Meta, until a login stays there; with Slack, until nobody gets the export
LAST_WORDS = timedelta(minutes=10)  # that the cards have to say that their posts go out no more
AGAIN = timedelta(minutes=5)
MOST_CARDS = 200  # that lose their buttons: those first with which something could be done, then the newest

Step = Callable[[Services, Departure], Awaitable[None]]


async def carry_on(services: Services) -> None:
    """Take every departure as far as it goes now. May run in any number of processes at once."""
    for agency_id, departure_id in await services.db.ids("due_departures", most=MOST_AT_ONCE):
        try:
            while departure := await departures.take(services, agency_id, departure_id):
                await have_channel_told(services, departure)
                await STEPS[departure.step](services, departure)
        except Overtaken:
            log.info("departure_overtaken", departure_id=str(departure_id))
        except Exception:
            log.exception("departure_broke", departure_id=str(departure_id))


# --- what is planned --------------------------------------------------------------------------------------


async def cancel(services: Services, departure: Departure) -> None:
    """Call off what is planned; what the public may see by now comes to its end first, or is looked up."""
    actor = Actor.program(departure.agency_id)
    for post_id in await planned(services, departure):
        async with services.db.session(actor) as session:
            await call_off(session, services, actor, await posts.locked(session, post_id))
    if await planned(services, departure):
        await wait(services, departure, SOON)
        return
    async with services.db.session(actor) as session:
        await turn(session, departure, DepartureStep.EXPORT, action="client_posts_cancelled")
        await take_buttons_away(session, services, departure)


async def take_buttons_away(session: AsyncSession, services: Services, departure: Departure) -> None:
    """Have the client's cards drawn a last time: without buttons, for what they are about is going."""
    theirs = select(Post).join(Card, col(Card.post_id) == Post.id)
    theirs = theirs.where(Post.client_id == departure.client_id)
    is_over = col(Post.state).in_((PostState.PUBLISHED, PostState.CANCELLED))
    newest = theirs.order_by(is_over, col(Post.updated_at).desc()).limit(MOST_CARDS)
    for post in await session.exec(newest):
        await announcements.owe_card(session, services, post)


async def planned(services: Services, departure: Departure) -> list[UUID]:
    """Give the client's posts of which something may still happen."""
    going = (
        select(Post.id)
        .where(Post.client_id == departure.client_id)
        .where(
            select(Publication.id)
            .where(Publication.post_id == Post.id, Publication.version == Post.version)
            .where(col(Publication.state).in_(plans.OPEN))
            .exists()
        )
    )
    async with services.db.session(Actor.program(departure.agency_id)) as session:
        return list(await session.exec(going))


async def call_off(session: AsyncSession, services: Services, actor: Actor, post: Post) -> None:
    """Call off what the public cannot have seen of a post."""
    found, begun = await plans.still_open(session, post), await ledger.begun(session, post)
    unseen = [one for one in found if one.id not in begun]
    for publication in unseen:
        publication.sqlmodel_update({"state": PublicationState.CANCELLED, **plans.LET_GO})
    if unseen:
        await session.flush()
        await posts.settle(session, post)
        await deeds.tell(session, services, actor, post, deeds.said("called_off"))


# --- the export -------------------------------------------------------------------------------------------


async def export(services: Services, departure: Departure) -> None:
    """Write the posts and the audit trail down, for whoever asked; the trail keeps what stood in there."""
    actor = Actor.program(departure.agency_id)
    with tempfile.TemporaryFile() as file:  # without a name: however we end, nothing of it stays
        await client_exports.make(services.db, actor, departure.client_id, file)
        what = await asyncio.to_thread(measured, file)
        await services.store.put(f"{folder(departure)}/{EXPORT}", file)
    async with services.db.session(actor) as session:
        await departures.move(session, departure, expires_at=func.clock_timestamp() + KEEP_EXPORT)
        await turn(session, departure, DepartureStep.REVOKE, action="client_exported", **what)


def measured(file: IO[bytes]) -> dict[str, Any]:
    """Say how large a file is, and what it comes to; it is then at its beginning again."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any file will do
    file.seek(0)
    return {"size_bytes": size, "sha256": digest}


# --- logins and tokens ------------------------------------------------------------------------------------


async def revoke(services: Services, departure: Departure) -> None:
    """Give each login back at Meta; what Meta does not take just now is tried again, for some days."""
    actor = Actor.program(departure.agency_id)
    async with services.db.session(actor) as session:
        now = await clock(session)
        theirs = select(Connection).where(Connection.client_id == departure.client_id)
        sealed = list(await session.exec(theirs.where(col(Connection.access_token).is_not(None))))
    is_last = now - departure.step_since >= PATIENCE
    done = [await give_back(services, departure, one, is_last=is_last) for one in sealed]
    if not all(done):
        await wait(services, departure, min(FIRST_PAUSE * 2 ** min(departure.attempts, 10), LONGEST_PAUSE))
        return
    async with services.db.session(actor) as session:
        await turn(session, departure, DepartureStep.SHRED, action="client_logins_ended", logins=len(sealed))


async def give_back(
    services: Services, departure: Departure, connection: Connection, *, is_last: bool
) -> bool:
    """Have Meta forget a login, unless another client needs it, and shred it; say whether that is done."""
    action, why = "login_revoked", {}
    if (await services.db.ids("login_is_used", connection=connection.id))[0][0]:
        action = "login_kept_at_meta"
    else:
        try:
            token = services.vault.open(str(connection.access_token), row=connection.token_row)
            await oauth.revoke(services.graph, token=token)
            await end_others(services, connection)
        except (ReconnectNeeded, CannotOpen) as error:
            action, why = "login_not_revoked", {"reason": error.sentence}
        except PressroomError as error:
            if not is_last:
                log.warning("login_not_revoked", connection_id=str(connection.id), trouble=error.sentence)
                return False
            action, why = "login_not_revoked", {"reason": error.sentence}
    await shred_login(services, departure, connection, action, why)
    return True


async def end_others(services: Services, given_back: Connection) -> None:
    """End what was connected with the same person while their login was given back, if Meta ended it too.

    So whoever connected it hears the true reason, and not that they removed Pressroom.
    """
    if not (await services.db.ids("login_is_used", connection=given_back.id))[0][0]:
        return
    found = await services.db.ids("connections_of", meta_user=given_back.meta_user_id)
    for agency_id, connection_id in found:
        if connection_id != given_back.id:
            await end_other(services, Actor.program(agency_id), connection_id)


async def end_other(services: Services, actor: Actor, connection_id: UUID) -> None:
    """End one, unless Meta honours it; when Meta does not tell, the daily look finds out."""
    async with services.db.session(actor) as session:
        other = await session.get(Connection, connection_id)
    try:
        if other is None or other.access_token is None or await checkups.is_honoured(services, other):
            return
    except PressroomError as error:
        log.warning("login_not_checked", connection_id=str(connection_id), trouble=error.sentence)
        return
    async with services.db.session(actor) as session:
        connection, theirs = await holds.locked(session, other)
        if connection.access_token == other.access_token:
            await access.end(session, services, actor, connection, theirs, ending=Ending.GIVEN_BACK)


async def shred_login(
    services: Services, departure: Departure, connection: Connection, action: str, why: dict[str, str]
) -> None:
    """Shred a login's tokens, and its accounts'; nothing when somebody was faster."""
    actor = Actor.program(departure.agency_id)
    async with services.db.session(actor) as session:
        found, theirs = await holds.locked(session, connection)
        if found.access_token is None:
            return
        found.sqlmodel_update({"access_token": None, "is_active": False, "lease_until": None})
        for account in theirs:
            accounts.shred(account)
            accounts.record(session, actor, accounts.DISCONNECTED, account)
        record(session, departure, action, connection_id=str(connection.id), **why)


async def shred(services: Services, departure: Departure) -> None:
    """Shred what tokens there still are, and delete the pictures from the store."""
    actor = Actor.program(departure.agency_id)
    async with services.db.session(actor) as session:
        for one in await session.exec(select(Connection).where(Connection.client_id == departure.client_id)):
            one.sqlmodel_update({"access_token": None, "is_active": False, "lease_until": None})
        active = select(Account).where(Account.parent_id == departure.client_id, col(Account.is_active))
        for account in await session.exec(active):
            accounts.shred(account)
            accounts.record(session, actor, accounts.DISCONNECTED, account)
        pictures = list(await session.exec(select(Media.id).where(Media.client_id == departure.client_id)))
    for media_id in pictures:
        await services.store.clear(f"{departure.agency_id}/{media_id}")
    async with services.db.session(actor) as session:
        step, count = DepartureStep.DELETE, len(pictures)
        await turn(session, departure, step, action="client_shredded", pictures=count)


# --- rows, and the end ------------------------------------------------------------------------------------


async def remove(services: Services, departure: Departure) -> None:
    """Delete the client's rows, once its cards have said what became of their posts; not its trail."""
    actor = Actor.program(departure.agency_id)
    async with services.db.session(actor) as session:
        owed = select(Announcement.id).where(Announcement.client_id == departure.client_id)
        unsaid = (await session.exec(owed.where(col(Announcement.done_at).is_(None)).limit(1))).first()
        is_early = await clock(session) - departure.step_since < LAST_WORDS
    if unsaid and is_early:
        await wait(services, departure, SOON)
        return
    async with services.db.session(actor) as session:
        await session.exec(delete(Client).where(col(Client.id) == departure.client_id))
        step, name = DepartureStep.TELL, departure.client_name
        await turn(session, departure, step, action="client_removed", name=name)


async def tell(services: Services, departure: Departure) -> None:
    """Have whoever asked for it told, with the export; for as long as that makes sense."""
    async with services.db.session(Actor.program(departure.agency_id)) as session:
        if departure.asked_by is None or await clock(session) - departure.step_since >= PATIENCE:
            await end_telling(session, departure, "client_export_kept")
            return
        await departures.move(session, departure, next_run_at=func.clock_timestamp() + AGAIN)
        await services.transport.say_goodbye(session, departure.id, agency_id=departure.agency_id)


async def have_channel_told(services: Services, departure: Departure) -> None:
    """Have the client's channel told that it is being removed, if that is still to be said."""
    if departure.tell_at and departure.step is not DepartureStep.EXPIRE:
        async with services.db.session(Actor.program(departure.agency_id)) as session:
            await services.transport.say_goodbye(session, departure.id, agency_id=departure.agency_id)


async def tell_channel(services: Services, announcer: Announcer, agency_id: UUID, departure_id: UUID) -> None:
    """Tell the client's channel, if that is due and nobody else is at it; it is tried again until it is.

    What no waiting changes, as a channel that is gone, is given up: whoever asked would wait for it, too.
    """
    now, this = func.clock_timestamp(), col(Departure.id) == departure_id
    is_due = col(Departure.tell_at) <= now, col(Departure.step) != DepartureStep.EXPIRE
    taking = update(Departure).where(this, *is_due).values(tell_at=now + AGAIN)
    async with services.db.session(Actor.program(agency_id)) as session:
        if (await session.exec(taking.returning(col(Departure.id)))).scalar_one_or_none() is None:
            return
    try:
        await announcer.departing(agency_id, departure_id)
    except PressroomError as error:
        log.warning("channel_not_told", departure_id=str(departure_id), trouble=error.sentence)
        if isinstance(error, TryAgainLater):
            return
    async with services.db.session(Actor.program(agency_id)) as session:
        await session.exec(update(Departure).where(this).values(tell_at=None))


async def deliver(services: Services, announcer: Announcer, *, agency_id: UUID, departure_id: UUID) -> None:
    """Tell whoever asked that their client is gone, and where the export is; it may come twice, never not.

    Before that, the client's channel: until it was told, this comes again, for as long as it makes sense.
    """
    await tell_channel(services, announcer, agency_id, departure_id)
    try:
        departure = await departures.load(services, agency_id, departure_id)
    except NotFound:  # a late job: it was told, and is over
        return
    if departure.step is not DepartureStep.TELL or departure.tell_at:
        return
    try:
        await announcer.departed(agency_id, departure_id)
    except PressroomError as error:
        log.warning("departure_not_told", departure_id=str(departure_id), trouble=error.sentence)
        return
    async with services.db.session(Actor.program(agency_id)) as session:
        await end_telling(session, departure, "client_export_handed_over")


async def end_telling(session: AsyncSession, departure: Departure, action: str) -> None:
    """Have the export kept until its time is over."""
    whom, at = departure.asked_by, departure.expires_at
    await turn(session, departure, DepartureStep.EXPIRE, action=action, at=at, whom=whom)


async def expire(services: Services, departure: Departure) -> None:
    """Delete the export, and what is left of the departure."""
    await services.store.clear(folder(departure))
    async with services.db.session(Actor.program(departure.agency_id)) as session:
        gone = delete(Departure).where(col(Departure.id) == departure.id).returning(col(Departure.id))
        if (await session.exec(gone)).scalar_one_or_none():
            record(session, departure, "client_export_deleted")


STEPS: dict[DepartureStep, Step] = {
    DepartureStep.CANCEL: cancel,
    DepartureStep.EXPORT: export,
    DepartureStep.REVOKE: revoke,
    DepartureStep.SHRED: shred,
    DepartureStep.DELETE: remove,
    DepartureStep.TELL: tell,
    DepartureStep.EXPIRE: expire,
}

"""A year in the life of many logins, each of which dies in some way: nothing is lost, nothing comes twice.

`--connections 200` is the long one. Its seed, and how each login died, are printed.
"""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import col, select
from starlette.applications import Starlette

import web.media
from core import clients
from core.clients import Details
from core.db import Database
from core.downloads import Downloader
from core.graph.api import GraphAPI
from core.models import (
    Account,
    Announcement,
    AuditEntry,
    Client,
    Ending,
    Member,
    Platform,
    PostVersion,
    Publication,
    PublicationState,
)
from core.pace import Pace
from core.reminders import working
from core.services import Services
from core.stores import MediaStore
from core.vault import Vault
from pressroom.schema import Addresses
from simulator.meta import app as simulated_meta
from simulator.meta.meta import Meta as Simulated
from tests.conftest import Cast, Heard, new_agency, welcome
from tests.core.lives import LAPSED, WAYS, Life, Login, fate, settle
from tests.core.moved_clock import moved_clock
from tests.core.year import Planned, Said, Told, Year, next_monday
from tests.drivers.meta import APP_ID, APP_SECRET, Meta
from tests.pressroom.conftest import own_database

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ZONES = ["Europe/Stockholm", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"]
AT_META = "http://meta.example"
MANY = 50  # logins, from which on each is looked at more often; each day, as in earnest, would take hours
OF_A_CLIENT = 8
WEEKEND = timedelta(days=3.5)  # by which a warning may wait for somebody's working hours


@pytest.fixture(scope="module")
def own(postgres: Addresses) -> Iterator[Addresses]:
    with own_database(postgres) as addresses:
        yield addresses


@pytest.fixture
async def year(own: Addresses, vault: Vault, tmp_path: Path, connections: int) -> AsyncIterator[Year]:
    """Give a year that has not begun: an agency with clients, managers, and people at Meta."""
    db, app = Database(own.program), simulated_meta.build(address=AT_META)
    simulated: Simulated = app.state.meta
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        services = services_of(db, vault, http, tmp_path)
        await fetches_from(simulated, services)
        with moved_clock(own, db, simulated) as clock:
            cast = await new_agency(db)
            yield Year(
                services=services,
                meta=Meta(AT_META, http),
                simulated=simulated,
                clock=clock,
                cast=cast,
                slack=Told(services=services, clock=clock),
                lives=await lives_of(db, cast, simulated, random.Random(connections), connections),
                start=next_monday(datetime.now(UTC)),
                looks_each=(4 if connections >= MANY else 12) * DAY,
            )
    await simulated.close()
    await db.close()


async def fetches_from(simulated: Simulated, services: Services) -> None:
    """Have Meta fetch pictures from Pressroom, without a network between."""
    await simulated.http.aclose()
    pictures = httpx.ASGITransport(Starlette(routes=web.media.routes(services)))
    simulated.http = simulated.pictures.http = httpx.AsyncClient(transport=pictures)
    simulated.world.settings.container_seconds = 0


def services_of(db: Database, vault: Vault, http: httpx.AsyncClient, folder: Path) -> Services:
    pace = Pace()
    graph = GraphAPI(
        http,
        base_url=AT_META,
        version="v25.0",
        app_id=APP_ID,
        app_secret=SecretStr(APP_SECRET),
        on_usage=pace.hear,
    )
    return Services(
        db=db,
        graph=graph,
        pace=pace,
        vault=vault,
        store=MediaStore.at(folder.as_uri()),
        downloader=Downloader(),
        transport=Heard(),
        public_url="http://pressroom.example",
        facebook_url=AT_META,
        facebook_config_id=None,
        signing_key=b"a key of 32 bytes, for the tests",
    )


async def lives_of(
    db: Database, cast: Cast, simulated: Simulated, dice: random.Random, count: int
) -> list[Life]:
    """Make the clients, each with two managers of its own, and say what is to become of each login."""
    made: list[Life] = []
    for first in range(0, count, OF_A_CLIENT):
        managers = [await manager(db, cast, first + number) for number in range(2)]
        details = Details(
            f"Client {first}", None, frozenset(one.id for one in managers), frozenset({cast.author.id})
        )
        client = await clients.add(db, cast.actor(cast.admin), details)
        theirs = range(first, min(first + OF_A_CLIENT, count))
        made += [life_of(simulated, dice, number, client, managers) for number in theirs]
    return made


async def manager(db: Database, cast: Cast, number: int) -> Member:
    """Have a manager join, somewhere in the world."""
    member = await welcome(db, cast.id, f"Manager {number}")
    member.timezone = ZONES[number % len(ZONES)]
    async with db.session(cast.program) as session:
        return await session.merge(member)


def life_of(
    simulated: Simulated, dice: random.Random, number: int, client: Client, managers: list[Member]
) -> Life:
    """Say what is to become of one login."""
    way = WAYS[number % len(WAYS)]
    instagram = way.name == LAPSED or number % 3 != 0
    person, page, linked = settle(simulated.world, number, instagram=instagram)
    heeds, answers_after = fate(dice, way)
    return Life(
        number=number,
        person=person,
        page=page,
        instagram=linked,
        client=client,
        managers=(managers[0], managers[1]),
        connector=managers[dice.randrange(2)],
        way=way,
        dies_after=timedelta(minutes=dice.randint(15 * 24 * 60, 330 * 24 * 60)),
        heeds=heeds,
        answers_after=answers_after,
    )


# --- the year ---------------------------------------------------------------------------------------------


async def test_everything_is_published_once_or_waits_and_the_right_person_is_told(
    year: Year, record_property: Callable[[str, object], None]
) -> None:
    await year.begin()
    await year.pass_by()
    record_property("said", summary(year))
    await must_be_public_once_or_wait(year)
    for life in year.lives:
        for login in life.logins:
            must_be_warned(year, life, login)
            must_hear_of_the_end(year, life, login)
        await must_be_itself(year, life)
    must_be_all(year)
    await must_stay_private(year)


# --- what became of the posts -----------------------------------------------------------------------------


async def must_be_public_once_or_wait(year: Year) -> None:
    """Compare every publication with what the public saw, and with what Meta would have taken then."""
    seen, asked = await public(year), await posts_asked_about(year)
    lives = {account: life for life in year.lives for account in life.accounts.values()}
    planned = {one.post_id: one for one in year.posts}
    found = await publications(year)
    assert len(found) == sum(
        one.platform in life.accounts
        for one in year.posts
        for life in year.lives
        if life.client == one.client
    )
    for publication, caption in found:
        life, post = lives[publication.account_id], planned[publication.post_id]
        where = life.page if post.platform is Platform.FACEBOOK else life.instagram
        times = seen.pop((where, caption), [])
        must_be_right(life, post, publication, times, asked=asked)
    assert seen == {}, "the public saw what nobody wrote"


def must_be_right(
    life: Life,
    post: Planned,
    publication: Publication,
    times: list[datetime],
    *,
    asked: set[UUID],
) -> None:
    """Fail unless it went out once, at its minute or after the next login, or waits for a person."""
    due_at, back_at = post.due_at, life.back_after(post.due_at)
    about = (life.number, life.way.name, post.platform, due_at, publication.state, publication.reason, times)
    if life.works(post.platform, due_at):
        assert publication.state is PublicationState.PUBLISHED, about
        assert len(times) == 1, about
        assert due_at <= times[0] <= due_at + MINUTE, about
    elif back_at:
        assert publication.state is PublicationState.PUBLISHED, about
        assert len(times) == 1, about
        assert times[0] >= back_at, about
    else:
        assert publication.state is PublicationState.LATE, about
        assert times == [], about
        assert publication.post_id in asked, about
        assert publication.reason, about


async def public(year: Year) -> dict[tuple[str | None, str], list[datetime]]:
    """Give when the public saw what, on which account, by the simulator's own record."""
    shown = await year.meta.public()
    accounts = {one.username: one.id for one in year.simulated.world.instagrams.values()}
    everything = [
        (accounts[name], one["caption"], one["timestamp"])
        for name, media in shown["instagram"].items()
        for one in media
    ]
    everything += [
        (page, one["message"], one["created_time"]) for page, posts in shown["pages"].items() for one in posts
    ]
    seen: dict[tuple[str | None, str], list[datetime]] = {}
    for where, words, at in everything:
        seen.setdefault((where, words), []).append(datetime.fromisoformat(at))
    return seen


async def posts_asked_about(year: Year) -> set[UUID]:
    """Give the posts whose thread was asked what is to become of them."""
    kind = col(Announcement.payload)["kind"].astext
    async with year.services.db.session(year.cast.program) as session:
        asked = select(Announcement.post_id).where(kind.in_(("late", "many_late")))
        return set(await session.exec(asked))


async def publications(year: Year) -> list[tuple[Publication, str]]:
    """Give every publication, with its words."""
    async with year.services.db.session(year.cast.program) as session:
        written = select(Publication, PostVersion.caption).join(
            PostVersion, col(PostVersion.post_id) == Publication.post_id
        )
        return [(one, words) for one, words in await session.exec(written)]


# --- who was told -----------------------------------------------------------------------------------------


def told(year: Year, login: Login, days: int | None) -> list[Said]:
    """Give what was said of a login, of one kind, until the next took its place."""
    until = login.until or year.end
    return [
        one
        for one in year.slack.messages
        if one.connection_id == login.connection_id and one.days == days and login.at <= one.at < until
    ]


def must_be_warned(year: Year, life: Life, login: Login) -> None:
    """Fail unless each warning came in time, once, to whom it concerns, and none without a reason."""
    for days in (14, 7, 1):
        said = told(year, login, days)
        about = (life.number, life.way.name, days, login, said)
        if login.lapses_at is None:
            assert said == [], about
            continue
        planned = login.lapses_at - days * DAY
        first = planned - (WEEKEND if days == 1 else MINUTE)  # the last one comes before a weekend
        last = min(planned + WEEKEND, login.lapses_at)
        whom = {login.connector.id} if days == 14 else {one.id for one in life.managers}
        if last < over(year, life, login, known=False):
            assert Counter(one.member_id for one in said) == Counter(whom), about
        if first > over(year, life, login, known=True):
            assert said == [], about
        assert set(Counter(one.member_id for one in said).values()) <= {1}, about
        for one in said:
            assert one.member_id in whom, about
            assert first <= one.at <= last + HOUR, about
            assert is_working_time(life, one), about


def over(year: Year, life: Life, login: Login, *, known: bool) -> datetime:
    """Give when nobody needs to be warned any more: at an end, or when that must be known; or a new login."""
    ends = [login.until or year.end, year.end]
    if login.died_at and life.way.whole:
        ends.append(login.died_at + (year.notices_in if known else 0 * DAY))
    elif login.died_at and not known:
        ends.append(login.died_at)
    return min(ends)


def is_working_time(life: Life, said: Said) -> bool:
    """Say whether somebody heard it in their working hours, or within the hour after them."""
    member = next(one for one in life.managers if one.id == said.member_id)
    return any(working(at, member.zone) == at for at in (said.at, said.at - HOUR))


def must_hear_of_the_end(year: Year, life: Life, login: Login) -> None:
    """Fail unless everybody whom it concerns heard of an end, once, soon after it, and of nothing else."""
    said = told(year, login, None)
    about = (life.number, life.way.name, login, said)
    ended_at = min((one for one in (login.end_of(each) for each in life.accounts) if one), default=None)
    until = login.until or year.end
    if ended_at is None or ended_at >= until:
        assert said == [], about
        return
    assert all(ended_at <= one.at <= ended_at + year.notices_in for one in said), about
    counted = Counter(one.member_id for one in said)
    assert not said or counted == Counter(one.id for one in life.managers), about
    assert said or until <= ended_at + year.notices_in, about


def must_be_all(year: Year) -> None:
    """Fail when something was said to anybody of a login that is none of theirs."""
    theirs = {
        (login.connection_id, one.id) for life in year.lives for login in life.logins for one in life.managers
    }
    assert {(one.connection_id, one.member_id) for one in year.slack.messages} <= theirs


# --- what stays as it was ---------------------------------------------------------------------------------


async def must_be_itself(year: Year, life: Life) -> None:
    """Fail when an account is another one after a new login, or has lost its history, or ended otherwise."""
    async with year.services.db.session(year.cast.program) as session:
        ids = [life.page, life.instagram]
        found = list(await session.exec(select(Account).where(col(Account.platform_account_id).in_(ids))))
        connected = select(AuditEntry.account_id).where(
            AuditEntry.action == "account_connected", col(AuditEntry.account_id).in_(life.accounts.values())
        )
        counted = Counter(await session.exec(connected))
    assert {one.platform: one.id for one in found} == life.accounts
    assert counted.keys() == set(life.accounts.values())
    assert max(counted.values()) <= len(life.logins)  # a login in time connects nothing anew
    login = life.logins[-1]
    for account in found:
        about = (life.number, life.way.name, account.platform, account.ending, login)
        assert account.is_active, about
        assert account.connection_id == login.connection_id, about
        end = login.end_of(account.platform)
        if end is None or end > year.end:
            assert account.ending is None, about
        elif end < year.end - year.notices_in:
            assert account.ending in endings(life, login, account.platform), about


def endings(life: Life, login: Login, platform: Platform) -> set[Ending | None]:
    """Give why an account may have ended by now: how it died, or that its access to data was over."""
    lapses = login.lapses_at if platform is Platform.INSTAGRAM else None
    if login.died_at and life.way.whole and (lapses is None or login.died_at < lapses):
        return {life.way.ending}
    return {*([life.way.ending] if login.died_at else []), *([Ending.DATA_ACCESS] if lapses else [])}


async def must_stay_private(year: Year) -> None:
    """Fail when a private link is to be read anywhere but with whom it was made for."""
    async with year.services.db.session(year.cast.program) as session:
        said = [str(one) for one in await session.exec(select(Announcement.payload))]
        said += [str(one) for one in await session.exec(select(AuditEntry.details))]
    assert year.links
    assert not any(link in one for link in year.links for one in said)


def summary(year: Year) -> str:
    """Say what happened."""
    died = Counter(one.way.name for one in year.lives if one.has_died)
    states = Counter(f"{one.days} days ahead" if one.days else "of the end" for one in year.slack.messages)
    logins = sum(len(one.logins) for one in year.lives)
    return (
        f"a year from {year.start:%Y-%m-%d}, {len(year.lives)} connections (the seed), {logins} logins, "
        f"{len(year.posts)} posts; told: {dict(states)}; died: {dict(died)}"
    )

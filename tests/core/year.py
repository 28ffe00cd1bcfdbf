"""A year of an agency: its clients' posts, their logins that come to an end, and Pressroom's own sweeps."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from core import (
    alerts,
    checkups,
    drafts,
    housekeeping,
    jobs,
    lateness,
    media,
    publishing,
    refresh,
    submissions,
)
from core.db import Actor
from core.drafts import Content
from core.models import Client, Fit, Platform
from core.services import Services
from simulator.meta.meta import Meta as Simulated
from tests.conftest import Cast, Heard
from tests.core.desk import picture
from tests.core.lives import DATA_ACCESS, HIDDEN, HIDDEN_FOR, LAPSED, Life, Login, another_person
from tests.core.moved_clock import MovedClock
from tests.core.recorder import Recorder
from tests.drivers.connecting import open_link
from tests.drivers.meta import Meta

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BETWEEN_POSTS = timedelta(days=35)
AROUND = [timedelta(minutes=minutes) for minutes in (-10, 0, 1, 16, 17)]  # of a post's minute
AFTERWARDS = [timedelta(minutes=minutes) for minutes in (1, 2, 17, 18)]  # after somebody came back
NEXT = """
SELECT min(at) FROM (
    SELECT min(refresh_at) AS at FROM connections WHERE is_active AND ending IS NULL
    UNION ALL SELECT min(warn_at) FROM connections WHERE is_active
    UNION ALL SELECT min(check_at) FROM connections WHERE is_active AND %(looks)s
    UNION ALL SELECT min(next_run_at) FROM alerts WHERE said_at IS NULL
) found
"""


@dataclass(frozen=True)
class Said:
    """Something that a member was told of a login, by direct message."""

    at: datetime
    member_id: UUID
    connection_id: UUID
    days: int | None


@dataclass
class Told(Recorder):
    """Stands for Slack, and writes down who was told what, and when."""

    services: Services | None = None
    clock: MovedClock | None = None
    messages: list[Said] = field(default_factory=list)
    taken: set[UUID] = field(default_factory=set)

    async def alert(self, agency_id: UUID, alert_id: UUID) -> None:
        assert alert_id not in self.taken, "it was said before"
        self.taken.add(alert_id)
        assert self.services
        assert self.clock
        async with self.services.db.session(Actor.program(agency_id)) as session:
            told = await alerts.load(session, alert_id)
        said = Said(self.clock.now, told.member.id, told.connection.id, told.alert.days)
        self.messages.append(said)


@dataclass(frozen=True)
class Planned:
    """A post that was written on the first day."""

    post_id: UUID
    due_at: datetime
    platform: Platform
    client: Client


@dataclass
class Year:
    """Everything that happens in it, moment by moment."""

    services: Services
    meta: Meta
    simulated: Simulated
    clock: MovedClock
    cast: Cast
    slack: Told
    lives: list[Life]
    start: datetime
    looks_each: timedelta
    posts: list[Planned] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    moments: set[datetime] = field(default_factory=set)
    looked_at: datetime | None = None
    tidied_at: datetime | None = None

    @property
    def end(self) -> datetime:
        """Give its last moment."""
        return self.start + timedelta(days=365)

    @property
    def notices_in(self) -> timedelta:
        """Give in how long Pressroom must have noticed an end, and said so: by the next look."""
        return self.looks_each * 1.1 + DAY

    # --- before it begins ---------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Have everybody log in, and all posts of the year written."""
        self.clock.move_to(self.start)
        for life in self.lives:
            await self.log_in(life)
        for number, client in enumerate({one.client.id: one.client for one in self.lives}.values()):
            await self.write_posts(client, self.start + timedelta(days=9 + number % 21, hours=number % 24))
        self.moments |= {self.start + one.dies_after for one in self.lives}

    async def write_posts(self, client: Client, first: datetime) -> None:
        """Write a client's posts: in turn words for all Pages, and a picture for all Instagram accounts."""
        theirs = [one for one in self.lives if one.client.id == client.id]
        author = self.cast.actor(self.cast.author)
        data = picture(400, 400)
        shown = await media.keep(
            self.services, author, client_id=client.id, data=data, filename="morning.png"
        )
        due_at, platform = first, Platform.FACEBOOK
        for life in theirs:
            if life.way.name == HIDDEN:
                life.dies_after = first + BETWEEN_POSTS * (life.number % 9) + DAY - self.start
        while due_at < self.end - 8 * DAY:  # further away, nothing can be scheduled today
            chosen = tuple(one.accounts[platform] for one in theirs if platform in one.accounts)
            photo = shown.id if platform is Platform.INSTAGRAM else None
            if chosen:
                content = Content(f"Post {uuid4()}", None, photo, None, Fit.KEEP, chosen)
                await self.write(author, client, content, due_at, platform)
            due_at += BETWEEN_POSTS
            platform = Platform.FACEBOOK if platform is Platform.INSTAGRAM else Platform.INSTAGRAM

    async def write(
        self, author: Actor, client: Client, content: Content, due_at: datetime, platform: Platform
    ) -> None:
        """Write a post, and schedule it."""
        view = await drafts.save(self.services, author, post_id=uuid4(), client_id=client.id, content=content)
        post = {"post_id": view.post.id, "version": view.version.version}
        await submissions.submit(self.services, author, **post, channel_id="C1", due_at=due_at)
        self.posts.append(Planned(view.post.id, due_at, platform, client))
        self.moments |= {due_at + around for around in AROUND}

    # --- moment by moment ---------------------------------------------------------------------------------

    async def pass_by(self) -> None:
        """Let it pass: at each moment, what happens in the world, and then whatever Pressroom does."""
        while (moment := self.next_moment()) < self.end:
            self.clock.move_to(moment)
            for life in self.lives:
                await self.live(life, moment)
            await self.sweep(moment)
        self.clock.move_to(self.end)

    def next_moment(self) -> datetime:
        """Give the next moment at which something is to happen: planned, or the next hour with work to do."""
        now = self.clock.now
        self.moments = {one for one in self.moments if one > now}
        found = self.clock.ask(NEXT, {"looks": self.looks_each <= DAY})
        coming = [*self.moments, self.end]
        if found:
            coming.append(full_hour(max(found, now)))
        if self.looked_at:
            coming.append(full_hour(self.looked_at + self.looks_each))
        return min(one for one in coming if one > now)

    async def live(self, life: Life, moment: datetime) -> None:
        """Do what is to happen to a login now."""
        if self.start + life.dies_after <= moment and not life.has_died:
            await self.die(life)
        if life.hidden_until and life.hidden_until <= moment:
            life.hidden_until = None
            await self.put_right(life)
        if life.back_at and life.back_at <= moment:
            life.back_at = None
            await self.come_back(life, moment)

    async def die(self, life: Life) -> None:
        """Have a login die in its way; or only be out of sight for some days, which is no end."""
        life.has_died = True
        await life.way.do(self.meta, life)
        if life.way.name == HIDDEN:
            life.hidden_until = self.clock.now + HIDDEN_FOR
            self.moments.add(life.hidden_until)
        elif life.way.name != LAPSED:
            life.logins[-1].died_at = self.clock.now

    async def put_right(self, life: Life) -> None:
        """Give back what was taken away at Meta, as far as it was."""
        if life.way.undo:
            await life.way.undo(self.meta, life)

    async def come_back(self, life: Life, moment: datetime) -> None:
        """Put right what was done at Meta, log in anew, and have what became late go out."""
        await self.put_right(life)
        if life.number % 3 == 0 and life.logins[-1].died_at:
            life.person = another_person(self.simulated.world, life)
            life.connector = next(one for one in life.managers if one.id != life.connector.id)
        await self.log_in(life)
        author = self.cast.actor(self.cast.author)
        await lateness.publish_all(self.services, author, client_id=life.client.id)
        self.moments |= {moment + after for after in AFTERWARDS}

    async def log_in(self, life: Life) -> None:
        """Have whoever is to do it follow a private link, and log in."""
        link = await open_link(self.services, self.meta, self.cast.actor(life.connector), life.client.id)
        self.links.append(link.ticket)
        instagram = (life.instagram,) if life.instagram else ()
        dialog = await link.start()
        assert "auth_type=" in dialog or not life.lapses_within(self.clock.now, 14 * DAY)
        said = await link.decide(dialog, person=life.person, pages=(life.page,), instagram=instagram)
        connection, now = await link.come_back(said), self.clock.now
        assert connection.refresh_at
        assert connection.refresh_at > now + 20 * DAY
        accounts = await link.choose(*life.values)
        if life.logins:
            life.logins[-1].until = now
        lapses_at = now + DATA_ACCESS if life.instagram else None
        life.logins.append(Login(now, life.connector, accounts[0].connection_id, lapses_at))
        found = {one.platform: one.id for one in accounts}
        assert life.accounts in ({}, found), "an account is another one after a new login"
        life.accounts = found

    # --- what Pressroom does ------------------------------------------------------------------------------

    async def sweep(self, moment: datetime) -> None:
        """Run the program's own sweeps, and what they hand over, until nothing is left to do."""
        if self.looked_at is None or moment >= self.looked_at + self.looks_each:
            self.looked_at = moment
            await checkups.check(self.services)
        if self.tidied_at is None or moment >= self.tidied_at + 7 * DAY:
            self.tidied_at = moment
            await housekeeping.tidy(self.services)
        await refresh.renew(self.services)
        await alerts.warn(self.services)
        while await self.hand_over():
            pass

    async def hand_over(self) -> bool:
        """Hand over what is due, and do it; say whether there was anything."""
        heard = self.services.transport
        assert isinstance(heard, Heard)
        await jobs.dispatch(self.services)
        await lateness.guard(self.services)
        await alerts.hand_over(self.services)
        todo, heard.advanced = heard.advanced, []
        told, heard.alerted = heard.alerted, []
        ids = {"agency_id": self.cast.id}
        await at_once(lambda one: publishing.advance(self.services, publication_id=one, **ids), todo)
        said = len(self.slack.messages)
        await at_once(lambda one: alerts.deliver(self.services, self.slack, alert_id=one, **ids), told)
        for one in self.slack.messages[said:]:
            self.hear(one)
        return bool(todo or told)

    def hear(self, said: Said) -> None:
        """Have whoever connected a login do something about what they heard, if that is how they are."""
        life = next(one for one in self.lives if one.logins[-1].connection_id == said.connection_id)
        if said.member_id != life.connector.id or life.back_at:
            return
        pause = life.answers_after if said.days is None else None
        if said.days is not None and said.days == life.heeds:
            pause = 2 * HOUR if said.days == 1 else DAY
        if pause is not None:
            life.back_at = said.at + pause
            self.moments.add(life.back_at)


async def at_once(work: Callable[[UUID], Awaitable[object]], ids: list[UUID]) -> None:
    """Do this for all of these, ten at once."""
    free = asyncio.Semaphore(10)

    async def one(each: UUID) -> None:
        async with free:
            await work(each)

    await asyncio.gather(*(one(each) for each in ids))


def full_hour(moment: datetime) -> datetime:
    """Give the first full hour after a moment."""
    return moment.replace(minute=0, second=0, microsecond=0) + HOUR


def next_monday(moment: datetime) -> datetime:
    """Give the next Monday's first moment."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + (7 - moment.weekday()) * DAY

"""Whatever people and the engine do, in whatever order: a post stays within its diagram, is public once, and
goes out only as it was approved.

PostgreSQL keeps the diagram itself, and refuses everything else (migrations/versions/0002_on_time.sql), so
each change below is held against it. What else must hold is looked at after each step.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from psycopg import Connection as Psycopg
from psycopg.errors import RaiseException
from pydantic import SecretStr

from core import (
    approvals,
    decisions,
    drafts,
    jobs,
    lateness,
    media,
    pauses,
    plans,
    policies,
    posts,
    publishing,
    reviews,
    rounds,
    schedule,
    submissions,
    withdrawals,
)
from core.asking import AskedAgain
from core.db import Actor, Database
from core.downloads import Downloader
from core.drafts import Content
from core.errors import Changed, Invalid, NotAllowed
from core.graph.api import GraphAPI
from core.models import (
    Connection,
    Decision,
    Fit,
    Kind,
    Media,
    Mode,
    Platform,
    PostState,
    PublicationState,
)
from core.patience import Patience
from core.policies import Rules, Stage
from core.services import Services
from core.stores import MediaStore
from core.vault import Token, Vault
from pressroom.schema import Addresses
from tests.conftest import ROOT, Cast, Heard, new_agency
from tests.core.desk import Desk, account_of, picture
from tests.core.little_meta import APP_ID, Killed, LittleMeta, Mood
from tests.core.timetable import CHANNEL, soon

EXAMPLES = settings(
    max_examples=30,
    stateful_step_count=16,
    deadline=None,
    derandomize=True,  # the same examples every time
    database=None,
    suppress_health_check=list(HealthCheck),
)
Result = TypeVar("Result")

BAD = ["later", "refused", "dead", "lost", "unheard", "killed before", "killed after"]
MOODS = st.sampled_from(
    [
        *[Mood()] * 6,
        *(Mood(hidden=bad) for bad in BAD),
        *(Mood(visible=bad) for bad in BAD),
        *[Mood(visible="lost"), Mood(visible="unheard"), Mood(visible="killed after")] * 2,
        *[Mood(read="later"), Mood(read="dead"), Mood(visible="lost", read="later")] * 2,
    ]
)
HOW_LONG = st.sampled_from([*["until it is due"] * 6, "no time", "no time", "until it is late", "a day"])
WHEN = st.sampled_from([None, None, 5, 8, 30, 1500])  # minutes
KINDS = st.sampled_from(["picture", *["picture on both"] * 2, "words", "link"])
WHICH = st.integers(-3, -1)  # post, of the newest
MOSTLY = st.sampled_from([True, True, False])
THEN = st.sampled_from(
    [*[("move", -1, 40)] * 2, ("publish_now", -1), ("take_back", True), ("take_back", False), ("retry",)]
)
SAYS = st.sampled_from([Decision.APPROVED, Decision.CHANGES_REQUESTED, Decision.REJECTED])
GROUPS = {  # in the README's words
    "on_its_way": ["scheduled", "publishing"],
    "sent_back": ["changes_requested", "rejected", "withdrawn", "expired"],
}
NOWHERE = (
    PublicationState.HELD,
    PublicationState.FAILED,
    PublicationState.CANCELLED,
    PublicationState.LATE,
)


EVENTS: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "work": (HOW_LONG, MOODS),
    "compose": (KINDS, WHEN),
    "save": (KINDS,),
    "submit": (WHICH, WHEN),
    "edit": (WHICH, KINDS, WHEN),
    "move": (WHICH, WHEN),
    "publish_now": (WHICH,),
    "cancel": (WHICH,),
    "retry": (),
    "answer": (st.booleans(),),
    "answer_all": (st.sampled_from([lateness.publish_all, lateness.cancel_all]),),
    "pause_or_resume": (),
    "connect_again": (),
    "change_policy": (st.booleans(),),
    "agree": (),
    "decide": (WHICH, SAYS, st.booleans()),
    "take_back": (st.booleans(),),
    "withdraw": (WHICH,),
    "stumble": (THEN,),
    "advance": (MOODS,),
    "lose_jobs": (),
    "guard": (HOW_LONG,),
}
OFTEN = ["work"] * 10 + ["connect_again", "move", "answer"] * 2 + ["cancel"]
OFTEN += ["agree"] * 4 + ["take_back", "retry"] * 3 + ["stumble"]


@st.composite
def events(draw: st.DrawFn) -> tuple[Any, ...]:
    """Draw what happens: a method of Lives, and what it is called with."""
    name = draw(st.sampled_from([*OFTEN, *EVENTS]))
    return name, *(draw(one) for one in EVENTS[name])


@dataclass
class House:
    """One agency with one client, on a loop of its own: what all examples have in common."""

    loop: asyncio.AbstractEventLoop
    desk: Desk
    meta: LittleMeta
    picture: Media
    owner: Psycopg[Any]

    def afresh(self) -> None:
        """Leave nothing on its way, nobody paused, and nobody asked."""
        desk = self.desk
        client_id, manager = desk.cast.client.id, desk.cast.actor(desk.cast.manager)
        self.owner.execute(AFRESH, {"client": client_id})
        self.run(policies.change(desk.services, manager, client_id=client_id, rules=Rules()))

    def run(self, what: Awaitable[Result]) -> Result:
        """Do it."""
        return self.loop.run_until_complete(what)


@pytest.fixture(scope="module")
def house(
    addresses: Addresses, owner: Psycopg[Any], vault: Vault, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    loop, meta = asyncio.new_event_loop(), LittleMeta()
    db = Database(addresses.program, pool_size=2)
    store = MediaStore.at(tmp_path_factory.mktemp("media").as_uri())
    services = services_of(db, meta, vault, store)
    desk, kept = loop.run_until_complete(furnished(services))
    yield House(loop, desk, meta, kept, owner)
    loop.run_until_complete(db.close())
    loop.close()


def services_of(db: Database, meta: LittleMeta, vault: Vault, store: MediaStore) -> Services:
    graph = GraphAPI(
        httpx.AsyncClient(transport=meta),
        base_url="https://graph.example",
        version="v25.0",
        app_id=APP_ID,
        app_secret=SecretStr("secret"),
        sleep=lambda _: asyncio.sleep(0),
    )
    return Services(
        db=db,
        graph=graph,
        vault=vault,
        store=store,
        downloader=Downloader(),
        transport=Heard(),
        public_url="https://pressroom.example",
        facebook_url="https://www.facebook.com",
        facebook_config_id=None,
        signing_key=b"a key of 32 bytes, for the tests",
        patience=Patience(looks=(timedelta(seconds=5),)),  # so that people are asked soon
    )


async def furnished(services: Services) -> tuple[Desk, Media]:
    """Give a desk with both accounts, and a picture that is prepared."""
    desk = await connected(services, await new_agency(services.db))
    kept = await desk.keep(picture(600, 500))
    for platform in Platform:
        await media.prepared(services, kept, platform=platform, fit=Fit.KEEP)
    return desk, kept


async def connected(services: Services, cast: Cast) -> Desk:
    login = Connection(
        agency_id=cast.id,
        client_id=cast.client.id,
        member_id=cast.manager.id,
        meta_user_id="1",
        meta_user_name="Maya Chen",
    )
    login.access_token = services.vault.seal(Token("login"), row=login.token_row)
    accounts = [
        account_of(services, login, Token("page"), platform, platform.value, "northwind")
        for platform in (Platform.INSTAGRAM, Platform.FACEBOOK)
    ]
    async with services.db.session(cast.program) as session:
        session.add(login)
        await session.flush()
        session.add_all(accounts)
    return Desk(services, cast, cast.actor(cast.author), *accounts)


# `missing` finds, without PostgreSQL's own functions, the posts of which too few agreed, or somebody said no.
EVERYTHING = """
WITH said AS (
    SELECT DISTINCT ON (a.post_id, a.stage, a.member_id) a.post_id, a.stage, a.decision
    FROM approvals a JOIN posts p ON (p.id, p.version, p.round) = (a.post_id, a.version, a.round)
    WHERE p.id = ANY (%(ids)s)
    ORDER BY a.post_id, a.stage, a.member_id, a.number DESC
), missing AS (
    SELECT p.id
    FROM posts p JOIN policy_stages s ON (s.client_id, s.version) = (p.client_id, p.policy_version)
    LEFT JOIN said ON (said.post_id, said.stage) = (p.id, s.position)
    WHERE p.id = ANY (%(ids)s)
    GROUP BY p.id, s.position, s.needs
    HAVING count(*) FILTER (WHERE decision = 'approved') < s.needs
        OR bool_or(decision IN ('changes_requested', 'rejected'))
)
SELECT p.id, p.state, p.version, p.due_at, p.round, p.id NOT IN (SELECT id FROM missing),
    u.id, u.version, u.account_id, u.kind, u.state, v.caption,
    EXISTS (SELECT FROM steps s WHERE s.publication_id = u.id AND s.name IN ('publish', 'feed')
                AND s.state <> 'void')
FROM posts p LEFT JOIN publications u ON u.post_id = p.id
LEFT JOIN post_versions v ON v.post_id = u.post_id AND v.version = u.version WHERE p.id = ANY (%(ids)s)
"""
BY_PEOPLE = """
SELECT count(*) FROM audit_logs WHERE agency_id = %s AND user_id <> 'pressroom' AND created_at > %s
"""
PAUSED = "SELECT paused_at IS NOT NULL FROM clients WHERE id = %s"
LEFT = """
SELECT min(coalesce(next_run_at, lease_until, queued_at)) - now() FROM publications
WHERE post_id = ANY (%s) AND state IN ('scheduled', 'queued', 'running')
"""
# Everything of the agency is so much older.
OLDER = """
WITH gone AS (SELECT %(by)s AS by, %(agency)s::uuid AS agency),
a AS (UPDATE posts SET due_at = due_at - by FROM gone WHERE agency_id = agency),
b AS (UPDATE publications SET due_at = due_at - by, next_run_at = next_run_at - by,
      queued_at = queued_at - by, lease_until = lease_until - by FROM gone WHERE agency_id = agency),
c AS (UPDATE steps SET intent_at = intent_at - by, ended_at = ended_at - by FROM gone
      WHERE agency_id = agency)
UPDATE clients_social_platforms SET blocked_until = blocked_until - by FROM gone WHERE agency_id = agency
"""
AFRESH = """
WITH b AS (UPDATE clients_social_platforms SET ending = NULL, ended_at = NULL, trouble = NULL
           WHERE parent_id = %(client)s),
     a AS (UPDATE publications SET state = 'cancelled', next_run_at = NULL, queued_at = NULL,
           lease_until = NULL
           WHERE client_id = %(client)s AND state IN ('held', 'scheduled', 'queued', 'running', 'late'))
UPDATE clients SET paused_at = NULL, paused_by = NULL WHERE id = %(client)s
"""

ACCESS_AGAIN = """
UPDATE clients_social_platforms SET ending = NULL, ended_at = NULL, trouble = NULL
WHERE parent_id = %(client)s
"""


TWO_STAGES = (
    Stage("Agency", 1, roles=frozenset({"manager"})),
    Stage("Boss", 1, roles=frozenset({"admin"})),
)


@dataclass(frozen=True)
class SeenPost:
    """A post, as the database has it."""

    id: UUID
    state: PostState
    version: int
    due_at: datetime | None
    round: int
    is_agreed: bool  # or nobody was asked


def seen(post: SeenPost) -> decisions.Seen:
    """Give what a post's card shows."""
    return decisions.Seen(post.id, post.version, post.round)


@dataclass(frozen=True)
class Seen:
    """A publication, as the database has it."""

    post: SeenPost
    id: UUID
    version: int
    account_id: UUID
    kind: Kind
    state: PublicationState
    caption: str
    is_begun: bool


class Lives(RuleBasedStateMachine):
    """A few posts of one client, and all that may happen to them."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house, self.desk = house, house.desk
        self.ids: list[UUID] = []
        self.misjudged: set[str] = set()  # captions of what somebody called absent that was live
        self.heard.advanced.clear()
        house.meta.mood = Mood()
        house.afresh()
        self.began, self.by_people = datetime.now(UTC), 0
        self.posts: list[SeenPost] = []
        self.publications: list[Seen] = []
        self.is_paused = self.is_ruled = False

    @initialize(is_ruled=MOSTLY, time_counts=MOSTLY, then=THEN)
    def begins(self, is_ruled: bool, time_counts: bool, then: tuple[Any, ...]) -> None:  # noqa: FBT001
        """Mostly, people must agree from the beginning, and preparing what they agreed to fails."""
        if is_ruled:
            self.change_policy(time_counts)
            self.stumble(then)

    @rule(event=events(), kind=KINDS, when=WHEN)
    def happens(self, event: tuple[Any, ...], kind: str, when: int | None) -> None:
        """One thing after the other, with something on its way at all times.

        In one rule: of several, Hypothesis leaves some out.
        """
        if not any(one.state in plans.OPEN for one in self.publications):
            self.compose(kind, when)
            self.look()
        name, *about = event
        getattr(self, name)(*about)

    # --- what people do ---------------------------------------------------------------------------

    def compose(self, kind: str, when: int | None) -> None:
        """Somebody writes something, and sends it on its way."""
        self.save(kind)
        self.submit(-1, when)

    def save(self, kind: str) -> None:
        """Somebody begins to write."""
        self.ids.append(uuid4())
        saving = drafts.save(**self.of(-1), client_id=self.client_id, content=self.content(kind))
        self.does(saving, entries=0)

    def submit(self, which: int, when: int | None) -> None:
        self.does(self.submitting(which, 1, when))

    def edit(self, which: int, kind: str, when: int | None) -> None:
        self.does(self.editing(which, self.content(kind), when))

    def move(self, which: int, when: int | None) -> None:
        self.does(schedule.move(**self.of(which), due_at=soon(minutes=when or 10)))

    def publish_now(self, which: int) -> None:
        self.does(schedule.publish_now(**self.of(which)))

    def cancel(self, which: int) -> None:
        self.does(schedule.cancel(**self.of(which)))

    def retry(self) -> None:
        """Somebody presses *Retry* on every card, wherever that stands."""
        for one in self.shown():
            self.does(schedule.retry(self.services, self.author, publication_id=one.id))

    def answer(self, is_careless: bool) -> None:  # noqa: FBT001
        """Somebody looks whether it is live, and says so; or does not look well, and says that it is not."""
        for one in self.shown():
            is_live = self.times_public(one) > 0
            careless = is_careless and one.kind.is_prepared_ahead  # of words alone, a look may never tell
            asked: dict[str, Any] = {"services": self.services, "actor": self.author}
            asked["publication_id"] = one.id
            if is_live and not careless:
                self.does(reviews.confirm_live(**asked, permalink=None))
            elif self.does(reviews.publish_again(**asked)) and is_live:
                self.misjudged.add(one.caption)

    def answer_all(self, how: Callable[..., Awaitable[int]]) -> None:
        """Somebody answers for all that became late."""
        late = sum(post.state is PostState.LATE for post in self.posts)
        self.does(how(self.services, self.author, client_id=self.client_id), entries=late)

    def pause_or_resume(self) -> None:
        change = pauses.resume if self.is_paused else pauses.pause
        self.does(change(self.services.db, self.manager, client_id=self.client_id))

    def connect_again(self) -> None:
        """Somebody logs in anew, so that what waits for that goes on."""
        self.house.owner.execute(ACCESS_AGAIN, {"client": self.client_id})

    def change_policy(self, time_counts: bool) -> None:  # noqa: FBT001
        """A manager says that two people must agree from now on, or that nobody has to."""
        self.is_ruled = not self.is_ruled
        rules = Rules(Mode.REQUIRED, TWO_STAGES, time_counts=time_counts) if self.is_ruled else Rules()
        self.does(policies.change(self.services, self.manager, client_id=self.client_id, rules=rules))

    def agree(self) -> None:
        """Everybody who is asked agrees to all that waits."""
        for post in self.posts:
            if post.state is PostState.IN_APPROVAL:
                for is_boss in (False, True):
                    self.does(
                        approvals.decide(self.services, self.asked(is_boss), seen(post), Decision.APPROVED)
                    )

    def decide(self, which: int, decision: Decision, is_boss: bool) -> None:  # noqa: FBT001
        """Somebody who is asked, now or at the other stage, decides."""
        post_id = self.of(which)["post_id"]
        [saw] = [seen(one) for one in self.posts if one.id == post_id]
        self.does(approvals.decide(self.services, self.asked(is_boss), saw, decision, comment="Because."))

    def take_back(self, is_boss: bool) -> None:  # noqa: FBT001
        """Somebody takes back that they agreed, to whatever they did."""
        for post in self.posts:
            self.does(withdrawals.take_back(self.services, self.asked(is_boss), seen(post)))

    def withdraw(self, which: int) -> None:
        post_id = self.of(which)["post_id"]
        [post] = [one for one in self.posts if one.id == post_id]
        self.does(withdrawals.withdraw(self.services, self.author, seen(post)))

    # --- what the engine does ---------------------------------------------------------------------

    def work(self, how_long: str, mood: Mood) -> None:
        """Some time later, the clock hands over what is due, and workers go on with it."""
        self.time_passes(how_long)
        self.house.run(jobs.recover(self.services))
        self.house.run(jobs.dispatch(self.services))
        self.advance(mood)

    def advance(self, mood: Mood) -> None:
        """Workers go on with what was handed over; each job comes twice."""
        todo, self.heard.advanced = self.heard.advanced, []
        self.house.meta.mood = mood
        for publication_id in todo * 2:
            self.house.run(self.advancing(publication_id))

    def stumble(self, then: tuple[Any, ...]) -> None:
        """Of a new post for two accounts, one refuses what is made ready for it; somebody sees to that."""
        self.compose("picture on both", 8)  # soon enough to be made ready now
        self.look()
        self.agree()
        self.house.run(jobs.dispatch(self.services))
        theirs = [one.id for one in self.publications if one.post.id == self.ids[-1]]
        for publication_id, how in zip(theirs, ("refused", "ok"), strict=False):
            self.house.meta.mood = Mood(hidden=how)
            self.house.run(self.advancing(publication_id))
        self.look()
        getattr(self, then[0])(*then[1:])

    def lose_jobs(self) -> None:
        self.heard.advanced.clear()

    def guard(self, how_long: str) -> None:
        self.time_passes(how_long)
        self.house.run(lateness.guard(self.services))

    # --- what must hold ---------------------------------------------------------------------------

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        self.look()
        self.each_post_follows_from_its_publications()
        self.each_publication_is_public_once_or_never()
        self.what_goes_out_was_approved()
        busy = [one.account_id for one in self.publications if one.state is PublicationState.RUNNING]
        assert len(busy) == len(set(busy))

    def each_post_follows_from_its_publications(self) -> None:
        for post in self.posts:
            theirs = [one for one in self.shown() if one.post == post]
            if post.state is PostState.DRAFT:
                assert not theirs
                continue
            assert post.state is posts.state_of({one.state for one in theirs}, was=post.state)
            held = {one.state is PublicationState.HELD for one in theirs}
            assert held == {post.state in rounds.HELD | {PostState.APPROVED}}
            if post.state is PostState.SCHEDULED:
                assert post.due_at
                assert not any(one.is_begun for one in theirs)

    def each_publication_is_public_once_or_never(self) -> None:
        for one in self.publications:
            times = self.times_public(one)
            assert times <= 1
            if one.state is PublicationState.PUBLISHED:
                assert times == 1
            if one.state in NOWHERE:
                assert not one.is_begun
                assert times == 0 or one.caption in self.misjudged

    def what_goes_out_was_approved(self) -> None:
        """Whatever is on its way, or live, was approved by everybody in this version, if they were asked.

        What was live when somebody called it absent may have been changed since.
        """
        for one in self.publications:
            is_live = self.times_public(one) > 0 and one.caption not in self.misjudged
            if is_live or one.state in posts.ON_ITS_WAY:
                assert one.version == one.post.version
                assert one.post.is_agreed

    # --- what happens here and there --------------------------------------------------------------

    @property
    def services(self) -> Services:
        return self.desk.services

    @property
    def author(self) -> Actor:
        return self.desk.actor

    @property
    def client_id(self) -> UUID:
        return self.desk.cast.client.id

    @property
    def manager(self) -> Actor:
        return self.desk.cast.actor(self.desk.cast.manager)

    @property
    def heard(self) -> Heard:
        assert isinstance(self.desk.services.transport, Heard)
        return self.desk.services.transport

    def content(self, kind: str) -> Content:
        accounts = [self.desk.facebook]
        more: dict[str, Any] = {}
        if kind.startswith("picture"):
            more["media_id"] = self.house.picture.id
            accounts = [self.desk.instagram, self.desk.facebook][: 2 if kind.endswith("both") else 1]
        if kind == "link":
            more["link"] = "https://example.com/a"
        return self.desk.content(*accounts, caption=str(uuid4()), **more)

    def asked(self, is_boss: bool) -> Actor:  # noqa: FBT001
        """Give who is asked at the second stage, or at the first."""
        return self.desk.cast.actor(self.desk.cast.admin) if is_boss else self.manager

    def does(self, what: Awaitable[object], *, entries: int = 1) -> bool:
        """Do it, or be told that it cannot be done; what was done stands in the trail, and nothing else."""
        try:
            self.house.run(what)
        except AskedAgain:
            done = True
        except (Changed, Invalid, NotAllowed):
            entries = 0
            done = False
        else:
            done = True
        self.by_people += entries
        asked = [self.desk.cast.id, self.began]
        assert self.house.owner.execute(BY_PEOPLE, asked).fetchone() == (self.by_people,)
        return done

    def of(self, which: int) -> dict[str, Any]:
        """Say which post something is done to, where and by whom; there is always one."""
        post_id = self.ids[which % len(self.ids)]
        return {"services": self.services, "actor": self.author, "post_id": post_id}

    async def submitting(
        self, which: int, version: int, when: int | None, base_version: int | None = None
    ) -> None:
        due_at = soon(minutes=when) if when else None
        sent = {"version": version, "base_version": base_version, "due_at": due_at}
        await submissions.submit(**self.of(which), **sent, channel_id=CHANNEL)

    async def editing(self, which: int, content: Content, when: int | None) -> None:
        post = self.of(which)
        [counts] = [one.version for one in self.posts if one.id == post["post_id"]]
        anew = await drafts.revise(**post, base_version=counts, content=content)
        await self.submitting(which, anew.version.version, when, counts)

    async def advancing(self, publication_id: UUID) -> None:
        with suppress(Killed):
            await publishing.advance(
                self.services, agency_id=self.desk.cast.id, publication_id=publication_id
            )

    def time_passes(self, how_long: str) -> None:
        """Let no time pass, or so much until there is something to do for somebody, or more, or a day."""
        [left] = self.house.owner.execute(LEFT, [self.ids]).fetchone() or [None]
        waits = max(left or timedelta(0), timedelta(0))
        by = {
            "no time": timedelta(0),
            "until it is due": waits,
            "until it is late": waits + timedelta(minutes=20),
            "a day": timedelta(days=1),
        }[how_long]
        self.house.owner.execute(OLDER, {"by": by, "agency": self.desk.cast.id})

    def look(self) -> None:
        """See how everything is now."""
        rows = self.house.owner.execute(EVERYTHING, {"ids": self.ids}).fetchall()
        found = {row[0]: SeenPost(row[0], PostState(row[1]), *row[2:6]) for row in rows}
        self.posts = list(found.values())
        [self.is_paused] = self.house.owner.execute(PAUSED, [self.client_id]).fetchone() or [False]
        self.publications = [
            Seen(found[row[0]], *row[6:9], Kind(row[9]), PublicationState(row[10]), *row[11:])
            for row in rows
            if row[6]
        ]

    def shown(self) -> list[Seen]:
        """Give the publications that the cards show."""
        return [one for one in self.publications if one.version == one.post.version]

    def times_public(self, one: Seen) -> int:
        """Count how often the public sees a publication."""
        platform = Platform.INSTAGRAM if one.account_id == self.desk.instagram.id else Platform.FACEBOOK
        return self.house.meta.times(platform.value, one.caption)


def test_no_order_of_things_leads_anywhere_else(house: House):
    run_state_machine_as_test(lambda: Lives(house), settings=EXAMPLES)


def test_the_readme_draws_the_diagram_that_postgresql_keeps(owner: Psycopg[Any]):
    found = owner.execute("SELECT tgargs FROM pg_trigger WHERE tgname = 'posts_diagram'").fetchone()
    assert found is not None
    kept = {tuple(edge.decode().split(" > ")) for edge in found[0].split(b"\0") if edge}
    drawn = re.findall(r"^ +(\w+) --> (\w+):", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert {
        (was, now)
        for pair in drawn
        for was in GROUPS.get(pair[0], [pair[0]])
        for now in GROUPS.get(pair[1], [pair[1]])
    } == kept
    assert {state for edge in kept for state in edge} == set(PostState)


@pytest.mark.parametrize(("table", "state"), [("posts", "draft"), ("publications", "published")])
def test_what_is_not_in_the_diagram_is_refused_whoever_asks(
    house: House, owner: Psycopg[Any], table: str, state: str
):
    house.afresh()
    view = house.run(house.desk.publish(house.desk.content(house.desk.facebook)))
    with pytest.raises(RaiseException, match="is not a way"):
        owner.execute(f"UPDATE {table} SET state = %s WHERE client_id = %s", [state, view.client.id])

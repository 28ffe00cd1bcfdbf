"""Who is served first: what is due before what is prepared, and nobody at the cost of somebody else."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection
from sqlalchemy import update
from sqlmodel import col

from core import jobs
from core.graph.usage import Usage
from core.models import Publication, PublicationState
from core.pace import Pace
from core.services import Services
from tests.conftest import Cast, Heard
from tests.core.desk import Desk, make_desk
from tests.drivers.meta import Meta

LATE, SOON, FAR = timedelta(minutes=-1), timedelta(minutes=5), timedelta(days=2)


@dataclass
class Town:
    """Agencies with clients with accounts, on paper: all of it is gone after the test."""

    owner: Connection[Any]

    def agency(self) -> UUID:
        made = uuid4()
        self.owner.execute(
            "INSERT INTO agencies (id, slack_team_id, name) VALUES (%s, %s, 'an agency')", [made, made.hex]
        )
        return made

    def client(self, agency: UUID) -> tuple[UUID, UUID]:
        made = uuid4()
        self.owner.execute(
            "INSERT INTO clients (id, agency_id, name, late_minutes) VALUES (%s, %s, %s, 90)",
            [made, agency, made.hex],
        )
        return agency, made

    def account(self, client: tuple[UUID, UUID]) -> UUID:
        return self.accounts(client, 1)[0]

    def accounts(self, client: tuple[UUID, UUID], count: int) -> list[UUID]:
        """Add accounts of a client; no connection is behind them."""
        rows = self.owner.execute(
            "INSERT INTO clients_social_platforms (id, agency_id, parent_id, connection_id, platform,"
            " platform_account_id, platform_account_name)"
            " SELECT gen_random_uuid(), %s, %s, gen_random_uuid(), 'facebook_page', gen_random_uuid()::text,"
            " 'an account' FROM generate_series(1, %s) RETURNING id",
            [*client, count],
        )
        return [row[0] for row in rows.fetchall()]

    def posts(self, account: UUID, count: int = 1, *, due: timedelta = LATE, **values: Any) -> list[UUID]:
        """Add publications of an account that wait; each is due a second after the one before."""
        given = {"state": "scheduled", "run": due, "due": due, "account": account, "count": count}
        rows = self.owner.execute(
            "INSERT INTO publications (id, agency_id, client_id, post_id, version, account_id, kind, state,"
            " due_at, next_run_at, queued_at, lease_until)"
            " SELECT gen_random_uuid(), agency_id, parent_id, gen_random_uuid(), 1, a.id, 'facebook_photo',"
            " %(state)s, now() + %(due)s + n * interval '1 second',"
            " CASE WHEN %(state)s = 'scheduled' THEN now() + %(run)s + n * interval '1 second' END,"
            " CASE WHEN %(state)s = 'queued' THEN now() END,"
            " CASE WHEN %(state)s = 'running' THEN now() + interval '1 minute' END"
            " FROM clients_social_platforms a, generate_series(0, %(count)s - 1) n WHERE a.id = %(account)s"
            " RETURNING id",
            given | values,
        )
        return [row[0] for row in rows.fetchall()]

    def ahead(self, account: UUID, count: int = 1) -> list[UUID]:
        """Add publications that may be prepared by now, and are not due yet."""
        return self.posts(account, count, due=SOON, run=LATE)

    def change(self, table: str, row: UUID, change: str) -> None:
        self.owner.execute(f"UPDATE {table} SET {change} WHERE id = %s", [row])  # type: ignore[arg-type]

    def due(self, most: int = 100, *, most_ahead: int = 100) -> list[UUID]:
        """Ask what is to be handed out now."""
        rows = self.owner.execute("SELECT id FROM due_publications(%s, '2 s', %s)", [most, most_ahead])
        return [row[0] for row in rows.fetchall()]

    def scans(self) -> int:
        """Count how often somebody read all publications."""
        counted = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'publications'"
        found = self.owner.execute(counted).fetchone()
        assert found
        return int(found[0])

    def hand_out(self, publications: list[UUID]) -> None:
        """Let these be at work."""
        self.owner.execute(
            "UPDATE publications SET state = 'queued', next_run_at = NULL WHERE id = ANY (%s)", [publications]
        )

    def begin(self, publications: list[UUID]) -> None:
        """Let a call have been made for these that the public may see."""
        self.owner.execute(
            "INSERT INTO steps (publication_id, name, generation, agency_id, client_id, state, fence)"
            " SELECT id, 'feed', 1, agency_id, client_id, 'intent', 1 FROM publications WHERE id = ANY (%s)",
            [publications],
        )

    def finish(self, publications: list[UUID]) -> None:
        self.owner.execute("UPDATE publications SET state = 'published' WHERE id = ANY (%s)", [publications])


@pytest.fixture
def town(owner: Connection[Any]) -> Iterator[Town]:
    """An empty one. What else the tests left in the tables is back after the test."""
    with owner.transaction(force_rollback=True):
        owner.execute("SET LOCAL session_replication_role = replica")  # no post stands behind a publication
        owner.execute("DELETE FROM publications")
        yield Town(owner)


class TestTurns:
    def test_one_publication_an_account_and_the_oldest(self, town: Town):
        account = town.account(town.client(town.agency()))
        first, *_ = town.posts(account, 1000)
        assert town.due() == [first]

    def test_an_account_with_a_thousand_due_holds_nobody_back(self, town: Town):
        client = town.client(town.agency())
        hog, *others = town.accounts(client, 200)
        town.posts(hog, 1000, due=timedelta(hours=-1))
        waiting = {town.posts(one)[0] for one in others}
        served: set[UUID] = set()
        for _ in range(4):
            now = town.due(50)
            town.hand_out(now)
            town.finish(now)
            served |= set(now)
        assert len(served - waiting) == 4
        assert len(served & waiting) == 196

    def test_an_agency_with_much_to_do_lets_the_others_take_turns(self, town: Town):
        big, *small = (town.client(town.agency()) for _ in range(10))
        for account in town.accounts(big, 300):
            town.posts(account, due=timedelta(hours=-1))
        theirs = [town.posts(town.account(client))[0] for client in small]
        assert set(theirs) <= set(town.due(20))

    def test_a_turn_that_somebody_has_already_counts(self, town: Town):
        """With room for one at a time, the agency that waits longest would otherwise always be the next."""
        big, small = town.client(town.agency()), town.client(town.agency())
        for account in town.accounts(big, 30):
            town.posts(account, due=timedelta(hours=-1))
        [theirs] = town.posts(town.account(small))
        [first] = town.due(1)
        town.hand_out([first])
        assert first != theirs
        assert town.due(1) == [theirs]

    def test_so_do_the_clients_of_an_agency(self, town: Town):
        agency = town.agency()
        big, small = town.client(agency), town.client(agency)
        for account in town.accounts(big, 30):
            town.posts(account, due=timedelta(hours=-1))
        [theirs] = town.posts(town.account(small))
        assert theirs in town.due(2)
        town.hand_out([one for one in town.due(1) if one != theirs])
        assert town.due(1) == [theirs]


class TestBeforeTheirMinute:
    def test_what_is_due_comes_before_what_is_prepared(self, town: Town):
        client = town.client(town.agency())
        for account in town.accounts(client, 20):
            town.ahead(account)
        due = [town.posts(account)[0] for account in town.accounts(client, 5)]
        handed_out = town.due(10)
        assert set(handed_out[:5]) == set(due)
        assert len(handed_out) == 10

    def test_an_account_does_what_is_due_before_it_prepares(self, town: Town):
        account = town.account(town.client(town.agency()))
        town.posts(account, due=SOON, run=timedelta(minutes=-4))
        due = town.posts(account)
        assert town.due() == due

    def test_no_more_is_prepared_than_may_be(self, town: Town):
        client = town.client(town.agency())
        for account in town.accounts(client, 10):
            town.ahead(account)
        due = [town.posts(account)[0] for account in town.accounts(client, 5)]
        assert len(town.due(most_ahead=3)) == 8
        assert set(town.due(most_ahead=0)) == set(due)

    def test_an_account_near_its_limit_is_not_prepared_for_but_does_what_is_due(self, town: Town):
        client = town.client(town.agency())
        busy, long_ago = town.accounts(client, 2)
        for account in (busy, long_ago):
            town.ahead(account)
        near = "usage_percent = 95, usage_seen_at = now()"
        town.change("clients_social_platforms", busy, near)
        town.change("clients_social_platforms", long_ago, f"{near} - interval '2 hours'")
        assert len(town.due()) == 1
        due = town.posts(busy)
        assert due[0] in town.due()


class TestLeftOut:
    def test_what_waits_for_its_time(self, town: Town):
        town.posts(town.account(town.client(town.agency())), due=FAR)
        assert town.due() == []

    def test_what_is_too_late_and_it_hides_nothing_that_is_not(self, town: Town):
        account = town.account(town.client(town.agency()))
        town.posts(account, due=timedelta(hours=-2))
        due = town.posts(account)
        assert town.due() == due

    @pytest.mark.parametrize("state", ["queued", "running"])
    def test_an_account_that_is_at_work(self, town: Town, state: str):
        account = town.account(town.client(town.agency()))
        town.posts(account, 3)
        town.posts(account, state=state)
        assert town.due() == []

    def test_a_paused_client_and_a_paused_agency(self, town: Town):
        running, paused = town.client(town.agency()), town.client(town.agency())
        agency = town.agency()
        for client in (running, paused, town.client(agency)):
            town.posts(town.account(client))
        town.change("clients", paused[1], "paused_at = now()")
        town.change("agencies", agency, "paused_at = now()")
        assert len(town.due()) == 1

    def test_an_account_that_meta_wants_to_be_left_alone(self, town: Town):
        open_again, closed = town.accounts(town.client(town.agency()), 2)
        waiting = town.posts(open_again) + town.posts(closed)
        for account, until in ((open_again, "now()"), (closed, "now() + interval '1 minute'")):
            town.change("clients_social_platforms", account, f"blocked_until = {until}")
        assert town.due() == waiting[:1]

    def test_but_for_a_look_for_what_may_be_live(self, town: Town):
        account = town.account(town.client(town.agency()))
        town.posts(account, due=timedelta(hours=-1))
        looking = town.posts(account)
        town.begin(looking)
        town.change("clients_social_platforms", account, "blocked_until = now() + interval '1 hour'")
        assert town.due() == looking

    def test_which_a_pause_does_not_hold_back_either(self, town: Town):
        client = town.client(town.agency())
        looking, _ = town.posts(town.account(client)), town.posts(town.account(client))
        town.begin(looking)
        town.change("clients", client[1], "paused_at = now()")
        assert town.due() == looking


class TestHandingOut:
    @pytest.fixture
    async def desk(self, services: Services, agency: Cast, meta: Meta) -> Desk:
        return await make_desk(services, agency, meta)

    async def waiting(self, desk: Desk, **values: Any) -> set[UUID]:
        """Give publications that wait, one an account."""
        view = await desk.publish(desk.content(desk.facebook))
        waits = {"state": PublicationState.SCHEDULED, "next_run_at": datetime.now(UTC), "queued_at": None}
        async with desk.services.db.session(desk.cast.program) as session:
            theirs = update(Publication).where(col(Publication.post_id) == view.post.id)
            await session.exec(theirs.values(**waits | values))
        return {one.id for one in view.publications}

    async def handed_out(self, desk: Desk, **parts: Any) -> list[UUID]:
        engine = parts.pop("transport", Heard())
        await jobs.dispatch(replace(desk.services, transport=engine, **parts))
        return engine.advanced

    async def test_two_sweeps_at_once_hand_out_each_once(
        self, desk: Desk, services: Services, make_agency: Any, meta: Meta
    ):
        desks = [desk, *[await make_desk(services, await make_agency(), meta) for _ in range(5)]]
        waiting = set().union(*[await self.waiting(one) for one in desks])
        engine = Heard()
        both = replace(desk.services, transport=engine)
        await asyncio.gather(jobs.dispatch(both), jobs.dispatch(both))
        count = Counter(engine.advanced)
        assert {count[one] for one in waiting} == {1}

    async def test_the_engine_gets_no_more_than_it_will_get_to_soon(self, desk: Desk):
        await self.waiting(desk)
        assert await self.handed_out(desk, transport=Heard(jobs=jobs.MOST_WAITING)) == []
        assert len(await self.handed_out(desk, transport=Heard(jobs=jobs.MOST_WAITING - 1))) == 1

    async def test_what_is_prepared_ahead_fills_only_a_part_of_the_engine(self, desk: Desk):
        ahead = await self.waiting(desk, due_at=datetime.now(UTC) + SOON)
        assert ahead.isdisjoint(await self.handed_out(desk, transport=Heard(jobs=jobs.MOST_AHEAD)))
        assert ahead <= set(await self.handed_out(desk))

    async def test_close_to_the_app_s_limit_only_what_is_due_is_handed_out(self, desk: Desk):
        ahead, pace = await self.waiting(desk, due_at=datetime.now(UTC) + SOON), Pace()
        pace.hear(Usage(app=95))
        assert ahead.isdisjoint(await self.handed_out(desk, pace=pace))
        pace.hear(Usage(app=94))
        assert ahead <= set(await self.handed_out(desk, pace=pace))


def test_what_waits_for_later_costs_nothing(town: Town):
    """With 20,000 publications waiting and as many done, what is due is found by an index each time."""
    client = town.client(town.agency())
    for account in town.accounts(client, 20):
        town.posts(account, 1000, due=FAR)
        town.posts(account, 1000, state="published")
    due = {town.posts(account)[0] for account in town.accounts(client, 20)}
    town.owner.execute("ANALYZE publications")
    seen = town.scans()
    for _ in range(10):  # a server that keeps plans makes a general one after a few calls
        assert set(town.due()) == due
    assert town.scans() == seen

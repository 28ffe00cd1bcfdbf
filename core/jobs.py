"""What the engine runs and what the clock starts: each a few lines around a use-case.

Procrastinate is the transport: it runs work soon, on some process. Its jobs may be lost, doubled or late;
nothing depends on them, because each sweep below finds again in our own tables what is still to be done.
"""

from uuid import UUID

import procrastinate
from procrastinate.jobs import JobDeferrer
from procrastinate.types import JSONDict
from sqlalchemy import Update, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import alerts, announcements, audit_heads, grace, leaving, publishing, summaries
from core.db import Actor
from core.models import Publication, PublicationState
from core.rows import by_agency
from core.services import Announcer, Services
from core.steps import HEAD_START

ADVANCE, ANNOUNCE = "advance", "announce"  # each a queue of its own: a Slack outage holds nothing else back
SUMMARIZE, WITNESS, ALERT = "summarize", "witness", "alert"
GOODBYE, FAREWELL = "say_goodbye", "say_farewell"
MOST_AT_ONCE = 200  # announcements
MOST_WAITING = 100  # jobs of the engine, which takes them in turn: who comes last must not wait for many
MOST_AHEAD = 20  # of these, when more is prepared ahead: what comes due now must not wait behind it for long
WAITING = """
SELECT count(*) AS waiting FROM procrastinate_jobs WHERE queue_name = %(queue)s AND status = 'todo'
"""
STILL_WAITING = """
SELECT args->>'publication_id' AS id FROM procrastinate_jobs
WHERE queue_name = %(queue)s AND status = 'todo' AND args->>'publication_id' = ANY(%(ids)s)
"""


class Engine:
    """The transport, over the program's own database."""

    def __init__(self, database_url: str) -> None:
        """Take the database's address as psycopg takes it."""
        connector = procrastinate.PsycopgConnector(
            conninfo=database_url, kwargs={"options": "-c search_path=jobs,public"}, min_size=1, max_size=6
        )
        self.app = procrastinate.App(connector=connector)

    async def advance(self, session: AsyncSession, publication_ids: list[UUID], *, agency_id: UUID) -> None:
        """Go on with these publications once the session commits."""
        jobs: list[JSONDict] = [
            {"agency_id": str(agency_id), "publication_id": str(one)} for one in publication_ids
        ]
        await self._task(ADVANCE, await raw(session)).batch_defer_async(*jobs)

    async def announce(self, session: AsyncSession, post_id: UUID, *, agency_id: UUID) -> None:
        """Tell Slack what is owed of this post once the session commits."""
        job = self._task(ANNOUNCE, await raw(session))
        await job.defer_async(agency_id=str(agency_id), post_id=str(post_id))

    async def summarize(self, session: AsyncSession, member_id: UUID, *, agency_id: UUID) -> None:
        """Send a member their summary once the session commits."""
        job = self.app.configure_task(SUMMARIZE, queue=ANNOUNCE, connection=await raw(session))
        await job.defer_async(agency_id=str(agency_id), member_id=str(member_id))

    async def witness(self, session: AsyncSession, *, agency_id: UUID) -> None:
        """Post an agency's newest head once the session commits."""
        job = self.app.configure_task(WITNESS, queue=ANNOUNCE, connection=await raw(session))
        await job.defer_async(agency_id=str(agency_id))

    async def alert(self, session: AsyncSession, alert_id: UUID, *, agency_id: UUID) -> None:
        """Send somebody an alert once the session commits."""
        job = self.app.configure_task(ALERT, queue=ANNOUNCE, connection=await raw(session))
        await job.defer_async(agency_id=str(agency_id), alert_id=str(alert_id))

    async def say_goodbye(self, session: AsyncSession, departure_id: UUID, *, agency_id: UUID) -> None:
        """Tell whoever had a client removed once the session commits."""
        job = self.app.configure_task(GOODBYE, queue=ANNOUNCE, connection=await raw(session))
        await job.defer_async(agency_id=str(agency_id), departure_id=str(departure_id))

    async def say_farewell(self, session: AsyncSession, *, agency_id: UUID) -> None:
        """Tell whoever had an agency leave that everything is gone, once the session commits.

        One at a time: each process asks for it until it is said, and the first who says it is the last.
        """
        turns, connection = f"{FAREWELL} {agency_id}", await raw(session)
        job = self.app.configure_task(FAREWELL, queue=ANNOUNCE, lock=turns, connection=connection)
        await job.defer_async(agency_id=str(agency_id))

    async def waiting(self, queue: str = ADVANCE) -> int:
        """Count what waits for a free worker: publications, or posts to speak of ("announce")."""
        found = await self.app.connector.execute_query_one_async(WAITING, queue=queue)
        return int(found["waiting"])

    async def still_waiting(self, publication_ids: list[UUID]) -> set[UUID]:
        """Give those of these publications that wait for a free worker."""
        ids = [str(one) for one in publication_ids]
        found = await self.app.connector.execute_query_all_async(STILL_WAITING, queue=ADVANCE, ids=ids)
        return {UUID(row["id"]) for row in found}

    def _task(self, name: str, connection: object) -> JobDeferrer:
        return self.app.configure_task(name, queue=name, connection=connection)

    def serve(self, services: Services, announcer: Announcer) -> None:
        """Say what each job does. Without retries: the ledger has the only ones."""

        @self.app.task(name=ADVANCE, queue=ADVANCE)
        async def advance(agency_id: str, publication_id: str) -> None:
            await publishing.advance(services, agency_id=UUID(agency_id), publication_id=UUID(publication_id))

        @self.app.task(name=ANNOUNCE, queue=ANNOUNCE)
        async def announce(agency_id: str, post_id: str) -> None:
            await announcements.deliver(services, announcer, agency_id=UUID(agency_id), post_id=UUID(post_id))

        @self.app.task(name=SUMMARIZE, queue=ANNOUNCE)
        async def summarize(agency_id: str, member_id: str) -> None:
            ids = {"agency_id": UUID(agency_id), "member_id": UUID(member_id)}
            await summaries.deliver(services, announcer, **ids)

        @self.app.task(name=WITNESS, queue=ANNOUNCE)
        async def witness(agency_id: str) -> None:
            await audit_heads.deliver(services, announcer, agency_id=UUID(agency_id))

        @self.app.task(name=ALERT, queue=ANNOUNCE)
        async def alert(agency_id: str, alert_id: str) -> None:
            await alerts.deliver(services, announcer, agency_id=UUID(agency_id), alert_id=UUID(alert_id))

        @self.app.task(name=GOODBYE, queue=ANNOUNCE)
        async def say_goodbye(agency_id: str, departure_id: str) -> None:
            ids = {"agency_id": UUID(agency_id), "departure_id": UUID(departure_id)}
            await leaving.deliver(services, announcer, **ids)

        @self.app.task(name=FAREWELL, queue=ANNOUNCE)
        async def say_farewell(agency_id: str) -> None:
            await grace.deliver(services, announcer, agency_id=UUID(agency_id))


async def raw(session: AsyncSession) -> object:
    """Give psycopg's own connection under a session, so that a job is a row of the same transaction."""
    connection = await (await session.connection()).get_raw_connection()
    return connection.driver_connection


# --- sweeps: each may run in any number of processes at once, and does its work once --------------


async def dispatch(services: Services) -> None:
    """Hand what is due to the engine: a little early, for a worker waits for the very moment.

    Only as much as the engine will get to soon, so that agencies and accounts take turns here and not there.
    How much is prepared ahead depends on what Meta says of our limits.
    """
    waiting = await services.transport.waiting()
    if waiting >= MOST_WAITING:
        return
    due = await services.db.ids(
        "due_publications",
        most=MOST_WAITING - waiting,
        head_start=HEAD_START,
        most_ahead=services.pace.ahead(MOST_AHEAD - waiting),
    )
    for agency_id, ids in by_agency(due).items():
        async with services.db.session(Actor.program(agency_id)) as session:
            taking = move(ids, PublicationState.SCHEDULED).values(
                state=PublicationState.QUEUED, next_run_at=None, queued_at=func.clock_timestamp()
            )
            taken = (await session.exec(taking.returning(col(Publication.id)))).scalars()
            if now_ours := list(taken):
                await services.transport.advance(session, now_ours, agency_id=agency_id)


async def recover(services: Services) -> None:
    """Take back what a worker died over, and what the engine lost: it is due again, now.

    What is queued and still has a job is not lost: it only waits for a free worker.
    """
    queued_for = services.patience.lost_after
    lost = await services.db.ids("lost_publications", queued_for=queued_for)
    waiting = await services.transport.still_waiting([one.id for one in lost]) if lost else set()
    for agency_id, ids in by_agency(lost).items():
        async with services.db.session(Actor.program(agency_id)) as session:
            again = {"state": PublicationState.SCHEDULED, "next_run_at": func.clock_timestamp()}
            lapsed = col(Publication.lease_until) < func.clock_timestamp()
            stale = col(Publication.queued_at) < func.clock_timestamp() - queued_for
            running = move(ids, PublicationState.RUNNING).where(lapsed)
            counted = Publication.crashes + 1  # a picture that takes its worker down must not do so for ever
            await session.exec(running.values(lease_until=None, crashes=counted, **again))
            gone = [one for one in ids if one not in waiting]
            queued = move(gone, PublicationState.QUEUED).where(stale)
            await session.exec(queued.values(queued_at=None, **again))


async def announce(services: Services) -> None:
    """Hand what is still owed to Slack to the engine, unless it waits there already: Slack may be slow."""
    room = MOST_AT_ONCE - await services.transport.waiting(ANNOUNCE)
    due = await services.db.ids("due_announcements", most=max(0, room))
    for agency_id, post_ids in by_agency(due).items():
        async with services.db.session(Actor.program(agency_id)) as session:
            for post_id in post_ids:
                await services.transport.announce(session, post_id, agency_id=agency_id)


def move(ids: list[UUID], state: PublicationState) -> Update:
    """Change these publications, as far as they are still in this state.

    Those that somebody is changing are left for the next sweep: two who wait for each other's rows would
    both have to begin anew, and one of them may be a person.
    """
    theirs = select(col(Publication.id)).where(col(Publication.id).in_(ids), col(Publication.state) == state)
    free = theirs.with_for_update(skip_locked=True, key_share=True)
    return update(Publication).where(col(Publication.id).in_(free))

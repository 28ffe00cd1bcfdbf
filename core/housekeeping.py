"""Housekeeping: what nobody will ask for again is deleted. Each sweep may run in any number of processes."""

from contextlib import suppress
from datetime import timedelta

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from sqlalchemy import delete, func
from sqlmodel import col, select

from core import clients, connections
from core.apart import apart
from core.db import Actor
from core.models import Account, Alert, Announcement, Client, Connection, ConnectTicket, Post, PostState
from core.services import Services

KEEP_SAID = timedelta(days=30)
KEEP_TICKETS = timedelta(days=7)  # after their time was over
KEEP_DRAFTS = timedelta(days=30)  # since somebody last wrote
SILENT_FOR = timedelta(minutes=10)  # after which a worker of the engine is taken for dead

OVER = (
    delete(Announcement).where(col(Announcement.done_at) < func.now() - KEEP_SAID),
    delete(Alert).where(col(Alert.said_at) < func.now() - KEEP_SAID),
    delete(ConnectTicket).where(col(ConnectTicket.expires_at) < func.now() - KEEP_TICKETS),
    delete(Post).where(col(Post.state) == PostState.DRAFT, col(Post.updated_at) < func.now() - KEEP_DRAFTS),
)


async def tidy(services: Services) -> None:
    """Delete what is over, agency by agency; a draft goes with all of its versions."""
    for (agency_id,) in await services.db.ids("every_agency"):
        with apart(agency_id, "not_tidied"):
            async with services.db.session(Actor.program(agency_id)) as session:
                for what_is_over in OVER:
                    await session.exec(what_is_over)


async def abandon(services: Services) -> None:
    """Shred the logins after which nobody chose an account, once their links are over, client by client."""
    for (agency_id,) in await services.db.ids("every_agency"):
        with apart(agency_id, "abandoned_logins_not_shredded"):
            await shred_abandoned(services, Actor.program(agency_id))


async def shred_abandoned(services: Services, actor: Actor) -> None:
    """Do so for one agency's clients that stay, each in a transaction of its own; others are not locked."""
    chosen = select(Account.id).where(Account.connection_id == Connection.id, col(Account.is_active))
    logged_in = col(Connection.client_id) == Client.id, col(Connection.is_active)
    unused = select(Connection.id).where(*logged_in, ~chosen.exists())
    async with services.db.session(actor) as session:
        found = list(await session.exec(select(Client.id).where(clients.STAYS, unused.exists())))
    for client_id in found:
        async with services.db.session(actor) as session:
            if await session.get(Client, client_id, with_for_update=clients.LOCK):
                await connections.shred_unused(session, actor, client_id)


async def bury(engine: procrastinate.App) -> None:
    """Delete jobs whose worker died over them. Never run them again: the sweeps find their work anew."""
    jobs = engine.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=SILENT_FOR.total_seconds()):
        assert job.id is not None
        with suppress(ConnectorException):  # another process was faster
            await jobs.finish_job_by_id_async(job.id, status=Status.FAILED, delete_job=True)

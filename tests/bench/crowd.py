"""Many Pages and many scheduled posts of words, made at once: by hand they would take hours."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Interval, Uuid, bindparam, text
from sqlmodel import col, func, select

from core import clients
from core.db import Actor
from core.models import Account, Platform, Publication, PublicationState
from core.vault import Token
from tests.bench.stage import CHANNEL, Stage, connection_of

WHILE = (PublicationState.SCHEDULED, PublicationState.QUEUED, PublicationState.RUNNING)

SCHEDULED = text(
    """
    WITH made AS (
        SELECT gen_random_uuid() AS id, (:accounts)[1 + n % cardinality(:accounts)] AS account_id,
            CAST(:first AS timestamptz) + n * :every AS due_at
        FROM generate_series(0, :count - 1) AS n
    ), post AS (
        INSERT INTO posts (id, agency_id, client_id, author_id, state, version, due_at)
        SELECT id, :agency_id, :client_id, :author_id, 'scheduled', 1, due_at FROM made
    ), version AS (
        INSERT INTO post_versions (post_id, version, agency_id, client_id, caption, account_ids, content_hash,
            created_by)
        SELECT id, 1, :agency_id, :client_id, 'Bench ' || id, jsonb_build_array(account_id), '', :author_id
        FROM made
    )
    INSERT INTO cards (post_id, agency_id, client_id, channel_id)
    SELECT id, :agency_id, :client_id, :channel_id FROM made
    """
).bindparams(bindparam("accounts", type_=ARRAY(Uuid)), bindparam("every", type_=Interval))
# By itself: what is published must already be a post that everybody has approved.
PUBLICATIONS = text(
    """
    INSERT INTO publications (id, agency_id, client_id, post_id, version, account_id, kind, state, due_at,
        next_run_at)
    SELECT gen_random_uuid(), p.agency_id, p.client_id, p.id, 1, (v.account_ids ->> 0)::uuid, 'facebook_text',
        'scheduled', p.due_at, p.due_at
    FROM posts p JOIN post_versions v ON v.post_id = p.id
    WHERE p.client_id = :client_id AND p.state = 'scheduled'
        AND NOT EXISTS (SELECT FROM publications made WHERE made.post_id = p.id)
    """
)


async def lift_limits(stage: Stage) -> None:
    """Have Slack take as much as comes: its limits are a workspace's, and so many posts are many's."""
    await stage.http.post(f"{stage.slack}/_sim/settings", json={"rate_limits": False})


async def pages(stage: Stage, count: int, name: str) -> list[UUID]:
    """Make so many Pages at Meta, and connect them to the client; give the accounts' ids."""
    await stage.http.post(f"{stage.meta}/_sim/accounts", json={"name": name, "count": count})
    login = (await stage.http.post(f"{stage.meta}/_sim/login", json={})).json()
    listed = (await stage.http.get(f"{stage.meta}/_sim/accounts")).json()["pages"]
    async with stage.services.db.session(stage.actor) as session:
        [client] = await clients.visible(session)
        connection = await connection_of(stage, client, login["access_token"])
        session.add(connection)
        await session.flush()
        made = []
        for page in (one for one in listed if one["name"].startswith(name)):
            account = Account(
                agency_id=client.agency_id,
                parent_id=client.id,
                connection_id=connection.id,
                platform=Platform.FACEBOOK,
                platform_account_id=page["id"],
                platform_account_name=page["name"],
            )
            token = Token(login["page_tokens"][page["id"]])
            account.access_token = stage.services.vault.seal(token, row=account.token_row)
            made.append(account)
        session.add_all(made)
    return [account.id for account in made]


async def scheduled(
    stage: Stage, accounts: Sequence[UUID], *, count: int, first: datetime, every: timedelta
) -> None:
    """Schedule so many posts of words: the accounts take turns, and one is due after another."""
    async with stage.services.db.session(stage.actor) as session:
        [client] = await clients.visible(session)
    said = {
        "accounts": list(accounts),
        "first": first,
        "every": every,
        "count": count,
        "agency_id": client.agency_id,
        "client_id": client.id,
        "author_id": stage.actor.member_id,
        "channel_id": CHANNEL,
    }
    async with stage.services.db.session(Actor.program(client.agency_id)) as session:
        connection = await session.connection()
        await connection.execute(SCHEDULED, said)
        await connection.execute(PUBLICATIONS, {"client_id": client.id})


async def published(
    stage: Stage, accounts: Sequence[UUID], *, count: int, between: tuple[datetime, datetime]
) -> list[float]:
    """Wait until so many posts that were due then are live; give how many seconds late each was."""
    due = col(Publication.account_id).in_(accounts), col(Publication.due_at).between(*between)
    live = (*due, col(Publication.state) == PublicationState.PUBLISHED)
    counted = select(func.count()).select_from(Publication).where(*live)
    while True:
        async with stage.services.db.session(stage.actor) as session:
            if (await session.exec(counted)).one() >= count:
                moments = select(Publication.published_at, Publication.due_at).where(*live)
                found = (await session.exec(moments)).all()
                return [(at - due_at).total_seconds() for at, due_at in found if at]
        await asyncio.sleep(0.5)


async def forget(stage: Stage) -> None:
    """Call off all that still waits, so that the next measurement has the engine for itself."""
    waiting = {"states": [state.value for state in WHILE]}
    calling_off = text(
        "UPDATE publications SET state = 'cancelled', next_run_at = NULL, queued_at = NULL,"
        " lease_until = NULL WHERE state = ANY(:states)"
    )
    async with stage.services.db.session(Actor.program(stage.actor.agency_id)) as session:
        await (await session.connection()).execute(calling_off, waiting)
    await hush(stage)


async def hush(stage: Stage) -> None:
    """Take for said what is still owed to Slack: it takes its time, and is not what is measured."""
    async with stage.services.db.session(Actor.program(stage.actor.agency_id)) as session:
        await (await session.connection()).execute(text("UPDATE outbox SET done_at = now()"))


def soon(seconds: float) -> datetime:
    """Give the moment in so many seconds."""
    return datetime.now(UTC) + timedelta(seconds=seconds)

"""Heads of the audit trail: taken down once a day, and told to the channel that the agency chose."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from core import audit_heads
from core.errors import NotAllowed, TryAgainLater
from core.models import AuditHead
from core.services import Services
from core.verification import Head, Kind
from tests.conftest import Cast, Heard
from tests.core.recorder import Recorder, failing
from tests.core.tampering import Trail

CHANNEL = "C0WITNESS1"


@pytest.fixture
async def trail(services: Services, agency: Cast, owner: Connection[Any]) -> Trail:
    """Give a trail that is sealed."""
    made = Trail(services, agency, owner)
    await made.seal()
    return made


async def choose(trail: Trail, channel_id: str | None = CHANNEL) -> None:
    await audit_heads.choose_channel(trail.services, trail.cast.actor(trail.cast.admin), channel_id)
    await trail.seal()


async def newest(trail: Trail) -> AuditHead:
    async with trail.services.db.session(trail.cast.program) as session:
        found = await audit_heads.newest(session)
    assert found is not None
    return found


async def deliver(trail: Trail, slack: Recorder) -> None:
    await audit_heads.deliver(trail.services, slack, agency_id=trail.cast.id)


def heard(trail: Trail) -> int:
    transport = trail.services.transport
    assert isinstance(transport, Heard)
    return transport.witnessed.count(trail.cast.id)


def put_back(trail: Trail, *, days: int) -> None:
    """Have what is known of today be so many days old."""
    move = "UPDATE audit_heads SET day = day - %s, next_run_at = next_run_at - %s WHERE agency_id = %s"
    trail.owner.execute(move, [days, timedelta(days=days), trail.cast.id])


async def test_a_head_is_taken_down_once_a_day_and_posted_once(trail: Trail) -> None:
    await choose(trail)
    slack, head = Recorder(), trail.head
    for _ in range(2):
        await audit_heads.witness(trail.services)
    assert heard(trail) == 2  # the engine may be told again, as long as it is not posted
    await asyncio.gather(*(deliver(trail, slack) for _ in range(4)))
    assert slack.said == [str(head)] == [str(await newest(trail))]
    assert (await newest(trail)).posted_at
    await trail.write()
    await trail.seal()
    await audit_heads.witness(trail.services)
    await deliver(trail, slack)
    assert slack.said == [str(head)]
    put_back(trail, days=1)
    await audit_heads.witness(trail.services)
    await deliver(trail, slack)
    assert slack.said == [str(head), str(trail.head)]
    assert await trail.faults() == []


async def test_nothing_new_is_no_news(trail: Trail) -> None:
    await choose(trail)
    await audit_heads.witness(trail.services)
    put_back(trail, days=1)
    before = await newest(trail)
    await audit_heads.witness(trail.services)
    assert await newest(trail) == before


async def test_without_a_channel_it_is_taken_down_and_posted_once_one_is_chosen(trail: Trail) -> None:
    slack = Recorder()
    await audit_heads.witness(trail.services)
    assert heard(trail) == 0
    await deliver(trail, slack)
    await choose(trail)
    await audit_heads.witness(trail.services)
    assert heard(trail) == 1
    await choose(trail, None)
    await deliver(trail, slack)
    assert slack.said == []
    await choose(trail)
    await deliver(trail, slack)
    assert slack.said == [str(await newest(trail))]


async def test_while_slack_is_away_it_waits_and_of_several_only_the_newest_is_posted(trail: Trail) -> None:
    await choose(trail)
    await audit_heads.witness(trail.services)
    slack = Recorder(meanwhile={str(trail.head): failing(TryAgainLater("Slack is away."))})
    await deliver(trail, slack)
    await deliver(trail, slack)
    assert slack.said == []
    assert (await newest(trail)).posted_at is None
    put_back(trail, days=1)
    await trail.write()
    await trail.seal()
    await audit_heads.witness(trail.services)
    await deliver(trail, slack)
    await deliver(trail, slack)
    assert slack.said == [str(trail.head)]


async def test_the_channel_is_the_admins_to_choose(trail: Trail) -> None:
    with pytest.raises(NotAllowed, match="admins"):
        await audit_heads.choose_channel(trail.services, trail.cast.actor(trail.cast.manager), CHANNEL)


async def test_every_head_that_was_taken_down_is_held_against_the_chain(trail: Trail) -> None:
    await audit_heads.witness(trail.services)
    head = await newest(trail)
    assert Head.parse(str(head)).number == head.number
    await trail.write()
    await trail.seal()
    with trail.by_force() as owner:
        owner.execute("UPDATE audit_heads SET hash = sha256('') WHERE agency_id = %s", [trail.cast.id])
    [fault] = await trail.faults()
    assert (fault.kind, fault.number) == (Kind.BROKEN, head.number)
    assert f"the head of {head.day}" in fault.sentence

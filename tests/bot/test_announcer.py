"""What is told in Slack: each message once, whatever becomes of Slack's answer."""

from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bot.announcer import SlackAnnouncer
from bot.settings import SlackSettings
from core import agencies, clients
from core.agencies import Person
from core.clients import Details
from core.db import Actor, Origin
from core.errors import TryAgainLater
from core.models import Agency, AuditHead
from core.services import Services
from tests.bot.conftest import BOT

DANA = Person("U0DANA0001", "Dana Reyes", "America/New_York", is_admin=True, is_guest=False)


@pytest.mark.parametrize(
    "fault",
    [{"kind": "drop_after"}, {"kind": "error_after", "status": 503}],
    ids=["lost answer", "503 after"],
)
async def test_a_message_whose_answer_was_lost_is_not_sent_again_at_once(
    slack: str, services: Services, fault: dict[str, Any]
) -> None:
    """Trying again is the outbox's business, which knows what it owes."""
    agency_id = await agencies.ensure(services.db, slack_team_id="T0BRIGHT01", name="Brightside")
    dana = await agencies.welcome(services.db, agency_id, DANA)
    boss = agencies.actor_of(dana, Origin())
    client = await clients.add(
        services.db, boss, Details(f"Client {uuid4()}", None, frozenset({dana.id}), frozenset())
    )
    announcer = SlackAnnouncer(services, slack=SlackSettings(f"{slack}/api/", bot_token=BOT))
    async with httpx.AsyncClient(base_url=slack) as simulator:
        await simulator.post("/_sim/faults", json={"match": "chat.postMessage", "times": 1, **fault})
        with pytest.raises(TryAgainLater):
            await announcer.accounts_connected(
                agency_id, client_id=client.id, member_id=dana.id, account_ids=[]
            )
        asked = [one["path"] for one in (await simulator.get("/_sim/requests")).json()]
    await announcer.close()
    assert asked.count("/api/chat.postMessage") == 1


async def test_a_head_goes_to_the_channel_that_was_chosen_and_nowhere_without_one(
    slack: str, services: Services
) -> None:
    agency_id = await agencies.ensure(services.db, slack_team_id="T0BRIGHT01", name="Brightside")
    announcer = SlackAnnouncer(services, slack=SlackSettings(f"{slack}/api/", bot_token=BOT))
    head = AuditHead(agency_id=agency_id, day=date(2026, 11, 22), number=1234, hash=bytes(32))
    async with httpx.AsyncClient(base_url=slack) as simulator:
        await announcer.witness(agency_id, head)
        assert posted(await simulator.get("/_sim/requests")) == []
        async with services.db.session(Actor.program(agency_id)) as session:
            agency = await session.get_one(Agency, agency_id)
            agency.audit_channel_id = "C0NORTHW01"
        await announcer.witness(agency_id, head)
        [said] = posted(await simulator.get("/_sim/requests"))
    async with services.db.session(Actor.program(agency_id)) as session:
        (await session.get_one(Agency, agency_id)).audit_channel_id = None
    await announcer.close()
    assert str(head) in said


def posted(calls: httpx.Response) -> list[str]:
    return [str(one["body"]) for one in calls.json() if one["path"].endswith("chat.postMessage")]

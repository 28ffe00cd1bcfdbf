"""What waits for one member: found among all that waits for somebody, whoever comes first."""

import pytest

from core import posts
from core.models import ClientRole
from core.policies import Stage
from core.services import Services
from tests.conftest import Cast
from tests.core.asking import rule
from tests.core.desk import Desk, make_desk
from tests.core.timetable import scheduled, soon
from tests.drivers.meta import Meta

BOSS = Stage("Boss", 1, roles=frozenset({"admin"}))
MANAGER = Stage("Manager", 1, roles=frozenset({ClientRole.MANAGER}))


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    return await make_desk(services, agency, meta)


async def waits(desk: Desk, stage: Stage, *, hours: int) -> str:
    """Have a post wait at a stage, and give its caption."""
    await rule(desk, stage)
    caption = f"{stage.name} in {hours} hours"
    await scheduled(desk, desk.content(desk.facebook, caption=caption), soon(hours=hours))
    return caption


async def test_what_waits_for_others_does_not_hide_what_waits_for_oneself(desk: Desk) -> None:
    for hours in (1, 2, 3):
        await waits(desk, MANAGER, hours=hours)
    later, sooner = await waits(desk, BOSS, hours=9), await waits(desk, BOSS, hours=8)
    async with desk.services.db.session(desk.cast.actor(desk.cast.admin)) as session:
        found = await posts.waiting_for(session, desk.cast.admin, most=2)
        assert [post.version.caption for post in found] == [sooner, later]
        of_other = desk.cast.other_client.id
        assert await posts.waiting_for(session, desk.cast.admin, client_id=of_other) == []
        assert len(await posts.waiting_for(session, desk.cast.admin, client_id=desk.cast.client.id)) == 2
    async with desk.services.db.session(desk.actor) as session:
        assert await posts.waiting_for(session, desk.cast.author) == []

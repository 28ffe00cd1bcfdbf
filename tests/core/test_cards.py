"""Where a post's card stands: in one place, whatever Slack tells, and however late."""

from core import cards
from core.models import Card
from core.services import Services
from tests.conftest import Cast
from tests.core.desk import make_desk
from tests.drivers.meta import Meta

CHANNEL = "C0NORTHW01"


async def test_what_is_heard_late_of_a_card_that_is_gone_does_not_make_it_the_card_again(
    services: Services, agency: Cast, meta: Meta
) -> None:
    desk = await make_desk(services, agency, meta)
    post_id = (await desk.publish(desk.content(desk.facebook))).post.id

    async def stands(ts: str) -> bool:
        return await cards.stands(services.db, agency.id, post_id, channel_id=CHANNEL, ts=ts)

    assert await stands("1.1")
    await cards.fell(services.db, agency.id, post_id, ts="1.1")
    assert not await stands("1.1")
    assert await stands("2.2")
    await cards.fell(services.db, agency.id, post_id, ts="2.2")
    assert not await stands("1.1")
    assert not await stands("2.2")
    async with services.db.session(desk.actor) as session:
        card = await session.get_one(Card, post_id)
    assert (card.ts, card.fallen) == (None, ["1.1", "2.2"])

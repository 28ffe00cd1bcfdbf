"""Posts that wait: scheduled through the core, for tests that are about what comes afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import col

from core import clients, drafts, media, submissions
from core.clients import Details
from core.db import Actor
from core.drafts import Content
from core.models import Fit, Platform, Post, Publication, PublicationState
from core.posts import PostView
from tests.drivers.connecting import connect
from tests.drivers.meta import BOOKS, COFFEE
from tests.drivers.pictures import picture
from tests.drivers.slack import HARBOR
from tests.journeys.conftest import House, Northwind

LATE = timedelta(hours=1)  # more than a client tolerates, unless it says otherwise


async def schedules(
    house: House,
    at: Northwind,
    caption: str = "Good morning",
    *,
    due_in: timedelta | None = timedelta(hours=3),
    channel: str | None = None,
    on: Platform = Platform.FACEBOOK,
) -> PostView:
    """Have a post of a client wait for its minute, on one platform; at once without one."""
    accounts = [one for one in at.accounts if one.platform is on]
    content = Content(caption, None, None, None, Fit.KEEP, tuple(one.id for one in accounts))
    client_id = at.client.id
    if on is Platform.INSTAGRAM:
        kept = await media.keep(
            house.services, at.dana, client_id=client_id, data=picture(), filename="a.png"
        )
        content = replace(content, media_id=kept.id)
    draft = await drafts.save(house.services, at.dana, post_id=uuid4(), client_id=client_id, content=content)
    return await submissions.submit(
        house.services,
        at.dana,
        post_id=draft.post.id,
        version=draft.version.version,
        channel_id=channel or at.client.slack_channel_id or "",
        due_at=datetime.now(UTC) + due_in if due_in else None,
    )


async def harbor(house: House, northwind: Northwind) -> Northwind:
    """Set Harbor Books up, as Ada's own."""
    assert northwind.ada.member_id
    details = Details("Harbor Books", HARBOR, frozenset({northwind.ada.member_id}), frozenset())
    client = await clients.add(house.services.db, northwind.ada, details)
    accounts = await connect(house.services, house.meta, northwind.ada, client.id, f"facebook_page:{BOOKS}")
    return replace(northwind, dana=northwind.ada, client=client, accounts=accounts)


async def passes(house: House, at: Northwind, ago: timedelta = timedelta(0)) -> None:
    """Let the minute of all that waits be over for so long."""
    due = datetime.now(UTC) - ago
    waiting = col(Publication.state) == PublicationState.SCHEDULED
    async with house.services.db.session(Actor.program(at.dana.agency_id)) as session:
        due_posts = await session.exec(
            update(Publication)
            .where(waiting)
            .values(due_at=due, next_run_at=due)
            .returning(col(Publication.post_id))
        )
        ids: list[UUID] = list(due_posts.scalars())
        await session.exec(update(Post).where(col(Post.id).in_(ids)).values(due_at=due))


async def live(house: House, page: str = COFFEE) -> list[str]:
    """Give what the public reads on a Page."""
    return sorted(one["message"] for one in (await house.meta.public())["pages"][page])

"""A post whose card is owed, and an announcer that writes down what it was asked to say."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core import announcements
from core.db import Database
from core.models import AuditHead, Card, Post, PostState
from core.services import Services
from tests.conftest import Cast

Meanwhile = Callable[[], Awaitable[None]]


@dataclass
class Recorder:
    """Stands for Slack. `said` is what it took: "card", or a reply's word.

    `meanwhile` is done while it listens, once for each word; it may raise what Slack, or a bug, would.
    """

    said: list[str] = field(default_factory=list)
    meanwhile: dict[str, Meanwhile] = field(default_factory=dict)

    async def show_card(self, agency_id: UUID, post_id: UUID) -> None:
        assert agency_id
        assert post_id
        await self.take("card")

    async def reply(self, agency_id: UUID, post_id: UUID, payload: dict[str, Any]) -> None:
        assert agency_id
        assert post_id
        await self.take(payload["word"])

    async def summarize(self, agency_id: UUID, member_id: UUID) -> None:
        assert agency_id
        assert member_id
        await self.take("summary")

    async def witness(self, agency_id: UUID, head: AuditHead) -> None:
        assert agency_id == head.agency_id
        await self.take(str(head))

    async def alert(self, agency_id: UUID, alert_id: UUID) -> None:
        assert agency_id
        assert alert_id
        await self.take("alert")

    async def departing(self, agency_id: UUID, departure_id: UUID) -> None:
        assert agency_id
        assert departure_id
        await self.take("departing")

    async def departed(self, agency_id: UUID, departure_id: UUID) -> None:
        assert agency_id
        assert departure_id
        await self.take("departed")

    async def farewell(self, agency_id: UUID) -> None:
        assert agency_id
        await self.take("farewell")

    async def take(self, word: str) -> None:
        if happens := self.meanwhile.pop(word, None):
            await happens()
        self.said.append(word)


def failing(error: Exception) -> Meanwhile:
    """Give what raises this."""

    async def happens() -> None:
        raise error

    return happens


async def posted(db: Database, cast: Cast) -> Post:
    """Make a post with a card of which nothing is owed yet."""
    post = Post(
        agency_id=cast.id, client_id=cast.client.id, author_id=cast.author.id, state=PostState.PUBLISHING
    )
    async with db.session(cast.program) as session:
        session.add(post)
        await session.flush()
        session.add(Card(post_id=post.id, agency_id=cast.id, client_id=cast.client.id, channel_id="C1"))
    return post


async def owe(services: Services, cast: Cast, post: Post, *words: str) -> None:
    """Owe the card and a reply for each word, each in a transaction of its own."""
    for word in words:
        async with services.db.session(cast.program) as session:
            await announcements.owe_card(session, services, post, reply={"word": word})

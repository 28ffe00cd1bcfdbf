"""What a member does not see, though they may see a card with buttons for it; and who could press those."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import permissions
from core.db import Actor
from core.errors import NotAllowed, NotFound, PressroomError
from core.models import Client, Post, Publication
from core.services import Services

Kind = type[Client] | type[Post] | type[Publication]

NO_POST = "That post is no longer there, or you do not work for its client."
NO_CLIENT = "That client is no longer there, or you do not work for it."


class Unseen(NotFound):
    """That is no longer there, or you do not work for its client."""

    def __init__(self, kind: Kind, key: UUID) -> None:
        """Take what was looked for: a post, one of its publications, or a client."""
        super().__init__(NO_CLIENT if kind is Client else NO_POST)
        self.kind, self.key = kind, key


async def explain(services: Services, agency_id: UUID, error: Unseen) -> PressroomError:
    """Give the error that says who works for the client; the same one where there is no such thing."""
    async with services.db.session(Actor.program(agency_id)) as session:
        client = await client_of(session, error)
        if client is None:
            return error
        say = permissions.not_yet if error.kind is Client else permissions.only_theirs
        return NotAllowed(await say(session, client))


async def client_of(session: AsyncSession, error: Unseen) -> Client | None:
    """Give the client of what was not seen, if it is there."""
    found: Client | Post | Publication | None = await session.get(error.kind, error.key)
    if found is None or isinstance(found, Client):
        return found
    return await session.get(Client, found.client_id)

"""A publication in hand, with all that its steps need."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from core import ledger
from core.errors import ReconnectNeeded
from core.ledger import Lease
from core.models import Account, Connection, Media, Post, PostVersion, Publication, Step, StepName
from core.services import Services
from core.vault import Token

LEFT: Any = col(Publication.due_at) - func.clock_timestamp()  # by the database's clock


@dataclass(frozen=True)
class Work:
    """What a worker has before it while it holds a publication's lease."""

    services: Services
    lease: Lease
    publication: Publication
    post: Post
    version: PostVersion
    media: Media | None
    account: Account
    connection: Connection
    token: Token
    reading_token: Token  # the login's own: now and then, Meta hides containers from a Page's token
    steps: dict[StepName, Step]  # the newest attempt at each
    due: float  # on this process's monotonic clock, worked out by the database's: another's may be wrong

    @property
    def seconds_left(self) -> float:
        """How long its minute is still away."""
        return self.due - time.monotonic()

    @property
    def now(self) -> datetime:
        """The present moment, by the database's clock."""
        return self.publication.due_at - timedelta(seconds=self.seconds_left)


async def take_up(services: Services, lease: Lease) -> Work:
    """Load what the steps need, and open the account's token. Raise ReconnectNeeded when there is none."""
    async with services.db.session(lease.actor) as session:
        in_hand = (
            select(Publication, Post, PostVersion, LEFT)
            .join(Post, col(Post.id) == Publication.post_id)
            .join(PostVersion, col(PostVersion.post_id) == Publication.post_id)
            .where(PostVersion.version == Publication.version, Publication.id == lease.publication_id)
        )
        publication, post, version, left = (await session.exec(in_hand)).one()
        due = time.monotonic() + left.total_seconds()
        where = select(Account, Connection).join(Connection, col(Connection.id) == Account.connection_id)
        account, connection = (await session.exec(where.where(Account.id == publication.account_id))).one()
        picture = await session.get_one(Media, version.media_id) if version.media_id else None
        steps = await ledger.steps(session, lease)
    if not account.is_active:
        raise ReconnectNeeded(f"{account.label} is disconnected. Connect it again, then retry.")
    if account.access_token is None:
        raise ReconnectNeeded(account.trouble)
    token = services.vault.open(account.access_token, row=account.token_row)
    login = connection.access_token
    return Work(
        services=services,
        lease=lease,
        publication=publication,
        post=post,
        version=version,
        media=picture,
        account=account,
        connection=connection,
        token=token,
        reading_token=services.vault.open(login, row=connection.token_row) if login else token,
        steps=steps,
        due=due,
    )

"""A desk for the tests of posts and publishing: a client with both accounts connected, and pictures."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from PIL import Image
from starlette.applications import Starlette

import web.media
from core import drafts, media, posts, submissions
from core.db import Actor
from core.drafts import Content
from core.models import Account, Connection, Fit, Media, Platform
from core.posts import PostView
from core.publishing import advance
from core.services import Services
from core.vault import Token
from tests.conftest import Cast, MakeServices, Serving
from tests.drivers.meta import COFFEE, COFFEE_INSTAGRAM
from tests.drivers.meta import Meta as MetaSimulator


def picture(width: int = 1200, height: int = 1000, kind: str = "PNG") -> bytes:
    """Draw something."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, kind)
    return out.getvalue()


@dataclass(frozen=True)
class Desk:
    """Where a member of one agency writes posts for one client."""

    services: Services
    cast: Cast
    actor: Actor
    instagram: Account
    facebook: Account

    async def keep(self, data: bytes | None = None) -> Media:
        """Hand in a picture."""
        return await media.keep(
            self.services,
            self.actor,
            client_id=self.cast.client.id,
            data=data or picture(),
            filename="morning.png",
        )

    def content(self, *accounts: Account, caption: str = "Fresh roast today.", **more: object) -> Content:
        """Write something."""
        chosen = accounts or (self.instagram, self.facebook)
        said = {"link": None, "media_id": None, "alt_text": None, "fit": Fit.KEEP} | more
        return Content(caption=caption, account_ids=tuple(one.id for one in chosen), **said)  # type: ignore[arg-type]

    async def draft(self, content: Content, post_id: UUID | None = None) -> PostView:
        """Save a draft."""
        return await drafts.save(
            self.services,
            self.actor,
            post_id=post_id or uuid4(),
            client_id=self.cast.client.id,
            content=content,
        )

    async def publish(self, content: Content) -> PostView:
        """Send a post on its way; it waits for the engine."""
        view = await self.draft(content)
        return await submissions.submit(
            self.services,
            self.actor,
            post_id=view.post.id,
            version=view.version.version,
            channel_id="C0NORTHW01",
        )

    async def advance(self, view: PostView) -> PostView:
        """Do what the engine does, once for each publication, and look again."""
        for publication in view.publications:
            await advance(self.services, agency_id=self.cast.id, publication_id=publication.id)
        return await self.look(view)

    async def look(self, view: PostView) -> PostView:
        """Look at a post as it is now."""
        async with self.services.db.session(self.actor) as session:
            return await posts.load(session, view.post.id)


@asynccontextmanager
async def served_desk(
    make_services: MakeServices, serving: Serving, cast: Cast, meta: MetaSimulator
) -> AsyncIterator[Desk]:
    """Give a desk whose pictures Meta can fetch."""
    made = []

    def build(url: str) -> Starlette:
        made.append(make_services(url))
        return Starlette(routes=web.media.routes(made[0]))

    await meta.settings(container_seconds=0.05)
    async with serving(build):
        yield await make_desk(made[0], cast, meta)


async def make_desk(services: Services, cast: Cast, meta: MetaSimulator) -> Desk:
    """Connect Northwind Coffee's Page and Instagram account to the agency's client."""
    login = await meta.login()
    connection = Connection(
        agency_id=cast.id,
        client_id=cast.client.id,
        member_id=cast.manager.id,
        meta_user_id=login["person"],
        meta_user_name="Maya Chen",
    )
    user_token = Token(login["access_token"])
    connection.access_token = services.vault.seal(user_token, row=connection.token_row)
    page_token = Token(login["page_tokens"][COFFEE])
    accounts = [
        account_of(services, connection, page_token, platform, meta_id, name)
        for platform, meta_id, name in (
            (Platform.INSTAGRAM, COFFEE_INSTAGRAM, "northwind.coffee"),
            (Platform.FACEBOOK, COFFEE, "Northwind Coffee"),
        )
    ]
    async with services.db.session(cast.program) as session:
        session.add(connection)
        await session.flush()
        session.add_all(accounts)
    return Desk(services, cast, cast.actor(cast.author), *accounts)


def account_of(
    services: Services, connection: Connection, token: Token, platform: Platform, meta_id: str, name: str
) -> Account:
    account = Account(
        agency_id=connection.agency_id,
        parent_id=connection.client_id,
        connection_id=connection.id,
        platform=platform,
        platform_account_id=meta_id,
        platform_account_name=name,
    )
    account.access_token = services.vault.seal(token, row=account.token_row)
    return account

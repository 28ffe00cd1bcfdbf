"""Private links for the client, as the agency makes and revokes them.

Of a link's secret only a hash is kept. It is for one stage in one round of asking: an edit, which asks
everybody anew, needs a new one. What the client does with it stands in sign_offs.py.
"""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, approvals, clients, deeds, permissions, posts, tickets, turns
from core.db import Actor, clock
from core.decisions import Seen
from core.errors import Changed, NotAllowed
from core.models import Member, Post, SignOff
from core.post_views import PostView, load
from core.services import Services
from core.standings import StageStanding
from core.vault import Token

PATH = "/review"
LIFETIME = timedelta(days=7)
NOT_THE_CLIENTS = "This post does not wait for its client now, so there is no link to make."
NO_LINK = "There is no link for the client that still works."


async def make(services: Services, actor: Actor, *, post_id: UUID) -> Token:
    """Give the secret of a new private link for a post that waits for its client; nobody can read it back.

    For whoever works for the client; not for whoever wrote it where others decide about that, if there is
    somebody else. An earlier link of the post no longer works. Raise Changed when the post waits for nobody,
    or not for its client; NotAllowed, NotFound.
    """
    secret = Token(tickets.new_secret())
    async with services.db.session(actor) as session:
        post, member = await changeable(session, actor, post_id)
        stage = await stage_by_link(session, post)
        await require_other(session, post, member)
        await revoke_all(session, post)
        sign_off = await new_link(session, post, member, secret)
        until = {"stage": stage.name, "expires_at": sign_off.expires_at.isoformat()}
        record(session, actor, "sign_off_link_made", post, sign_off, **until)
        await announcements.owe_card(session, services, post)
    return secret


def address(services: Services, secret: Token) -> str:
    """Give the private link itself, for the eyes of one person."""
    return f"{services.public_url}{PATH}?{urlencode({'ticket': secret.reveal()})}"


async def revoke(services: Services, actor: Actor, *, post_id: UUID) -> PostView:
    """Have a post's private link no longer work; raise Changed when there is none, NotAllowed, NotFound."""
    async with services.db.session(actor) as session:
        post, _ = await changeable(session, actor, post_id)
        revoked = await revoke_all(session, post)
        if not revoked:
            raise Changed(NO_LINK)
        for sign_off in revoked:
            record(session, actor, "sign_off_link_revoked", post, sign_off)
        await announcements.owe_card(session, services, post)
        return await load(session, post.id)


async def changeable(session: AsyncSession, actor: Actor, post_id: UUID) -> tuple[Post, Member]:
    """Give a post, locked, and who asks; for whoever works for its client."""
    post = await posts.locked(session, post_id)
    member = await permissions.require_author(session, actor, await clients.get(session, post.client_id))
    return post, member


async def stage_by_link(session: AsyncSession, post: Post) -> StageStanding:
    """Give the stage at which the client decides, if it is its turn; raise Changed."""
    stage = (await approvals.require_asked(session, post, Seen.of(post))).current
    if stage is None or not stage.by_link:
        raise Changed(NOT_THE_CLIENTS)
    return stage


async def require_other(session: AsyncSession, post: Post, member: Member) -> None:
    """Raise NotAllowed, with who can, for whoever may not decide because they wrote it.

    A link is the right to decide. Where nobody else works for the client, they make it all the same, for else
    nobody could send it on: the card and the trail say who did.
    """
    why = await approvals.reason(session, post, member)
    if why == approvals.OTHERS_TURN:
        return
    if able := await turns.others(session, post, *permissions.WRITERS):
        names = permissions.either([one.name for one in able])
        raise NotAllowed(f"{why} {names} can make the link for the client.")


async def new_link(session: AsyncSession, post: Post, member: Member, secret: Token) -> SignOff:
    """Keep the hash of a new link's secret."""
    assert post.stage is not None
    made_at = await clock(session)
    sign_off = SignOff(
        agency_id=post.agency_id,
        client_id=post.client_id,
        post_id=post.id,
        round=post.round,
        stage=post.stage,
        token_hash=hashed(secret.reveal()),
        made_by=member.id,
        created_at=made_at,
        expires_at=made_at + LIFETIME,
    )
    session.add(sign_off)
    await session.flush()
    return sign_off


async def revoke_all(session: AsyncSession, post: Post) -> list[SignOff]:
    """Have a post's links no longer work; give those that could still be used. The caller holds its lock."""
    unused = col(SignOff.used_at).is_(None), col(SignOff.revoked_at).is_(None)
    found = list(await session.exec(select(SignOff).where(SignOff.post_id == post.id, *unused)))
    now = await clock(session)
    for sign_off in found:
        sign_off.revoked_at = now
    await session.flush()
    return [sign_off for sign_off in found if sign_off.expires_at > now]


def hashed(text: str) -> bytes:
    """Give what is kept of a secret."""
    return tickets.hashed("sign_off", text)


def record(
    session: AsyncSession, actor: Actor, action: str, post: Post, sign_off: SignOff, **more: str
) -> None:
    """Write down what was done to a link; never what stands in it."""
    about = {"sign_off_id": str(sign_off.id), "version": post.version, "round": post.round} | more
    deeds.record(session, actor, action, post, **about)

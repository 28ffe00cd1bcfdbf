"""Remarks: what somebody typed where a private link led, when that link could no longer decide.

Nobody's words are lost: the card's thread says them, once for each link, and that they decide nothing.
"""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import deeds, posts, sign_offs
from core.approvals import LONGEST_COMMENT
from core.db import Origin, clock
from core.models import Announcement, SignOff
from core.services import Services

KIND = "remark"


async def pass_on(
    services: Services, text: str, origin: Origin, *, version: int, name: str, comment: str
) -> bool:
    """Say in a post's thread what somebody typed about this version; give whether it stands there then.

    Not for a link that was revoked or is over, nor what comes after something else. Raise LinkUnknown.
    """
    actor, sign_off_id = await sign_offs.find(services, text, origin)
    name, comment = sign_offs.one_line(name)[: sign_offs.LONGEST_NAME], fitting(comment)
    async with services.db.session(actor) as session:
        sign_off = await session.get_one(SignOff, sign_off_id)
        post = await posts.locked(session, sign_off.post_id)
        await session.refresh(sign_off)
        if (earlier := await said_before(session, sign_off)) is not None:
            return earlier == comment
        if not comment or not 1 <= version <= post.version or not await is_heard(session, sign_off):
            return False
        about = {"seen": version, "by_name": name, "sign_off_id": str(sign_off.id)}
        await deeds.tell(session, services, actor, post, deeds.said(KIND, **about, comment=comment))
        return True


def fitting(comment: str) -> str:
    """Give as much of what somebody typed as a message takes."""
    return sign_offs.lines(comment)[:LONGEST_COMMENT]


async def is_heard(session: AsyncSession, sign_off: SignOff) -> bool:
    """Say whether whoever has this link is still listened to; it may be used up."""
    return sign_off.revoked_at is None and sign_off.expires_at > await clock(session)


async def said_before(session: AsyncSession, sign_off: SignOff) -> str | None:
    """Give what was said already with a link; the outbox keeps it for longer than a link is good."""
    told = select(Announcement).where(Announcement.post_id == sign_off.post_id, Announcement.kind == "reply")
    said = [one.payload for one in await session.exec(told)]
    theirs = [one for one in said if (one["kind"], one.get("sign_off_id")) == (KIND, str(sign_off.id))]
    return str(theirs[0]["comment"]) if theirs else None

"""Asking once more: everybody, because the time counts, or those alone whose word a post lacks by now."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, deeds, ledger, plans, policies, rounds, turns
from core.db import Actor
from core.errors import Changed
from core.models import Post
from core.post_views import PostView, views
from core.services import Services


class AskedAgain(Changed):
    """Not everybody whom its client asks has approved this. They are asked now, and then it goes out."""

    def __init__(self, post: PostView) -> None:
        """Take the post as it waits now; that is written down already."""
        super().__init__()
        self.post = post


async def ask_anew(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    reply: dict[str, Any],
) -> PostView:
    """Have everybody asked once more, and nothing go out until they agreed; `reply` says what was done."""
    rounds.begin(post, actor.member_id)
    await plans.hold_all(session, post)
    await deeds.tell(session, services, actor, post, reply, round=post.round, asked_anew=True)
    await rounds.announce(session, services, reply["by"], post, way_out=rounds.ADD_OR_EDIT)
    return (await views(session, [post]))[0]


async def ask_the_rest(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    reply: dict[str, Any],
) -> PostView:
    """Have those asked whose word a post lacks, and nothing go out until they gave it; others' words stay.

    A post that nobody was asked about comes under its client's rules. `reply` says what was done. Raise
    Changed once the public sees some of it.
    """
    if await ledger.begun(session, post):
        raise Changed(plans.PARTLY_LIVE)
    if post.policy_version is None:
        newest = await policies.newest(session, post.client_id)
        post.policy_version = newest.version if newest else None
        return await ask_anew(session, services, actor, post, reply)
    await plans.hold_all(session, post)
    stage = await rounds.turn_back(session, post)
    if stage is None:
        raise Changed(plans.NOT_AGREED)
    post.asked_by = actor.member_id
    await deeds.tell(session, services, actor, post, reply, round=post.round, asked_again=stage.name)
    lacking = deeds.said("lacking", stage=stage.name, **await turns.of(session, post, stage))
    await announcements.owe_card(session, services, post, reply=lacking)
    return (await views(session, [post]))[0]

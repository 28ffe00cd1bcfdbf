"""Asking once more: everybody, because the time counts, or those alone whose word a post lacks by now."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core import announcements, deeds, ledger, plans, policies, rounds, standings
from core.db import Actor
from core.errors import Changed
from core.models import Post, PostState, Publication, PublicationState
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
    *,
    waiting: Sequence[Publication],
    reply: dict[str, Any],
) -> PostView:
    """Have everybody asked once more, and nothing go out until they agreed; `reply` says what was done."""
    rounds.begin(post, actor.member_id)
    await hold(session, post, waiting)
    await deeds.tell(session, services, actor, post, reply, round=post.round, asked_anew=True)
    await rounds.announce(session, services, reply["by"], post, way_out=rounds.ADD_OR_EDIT)
    return (await views(session, [post]))[0]


async def ask_the_rest(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    post: Post,
    *,
    waiting: Sequence[Publication],
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
        return await ask_anew(session, services, actor, post, waiting=waiting, reply=reply)
    await turn_back(session, actor, post, waiting)
    return await tell_the_rest(session, services, actor, post, reply)


async def turn_back(session: AsyncSession, actor: Actor, post: Post, waiting: Sequence[Publication]) -> None:
    """Have a post wait for its first stage that lacks a word; raise Changed when none does."""
    await hold(session, post, waiting)
    standing = await standings.of_post(session, post)
    if standing is None or standing.current is None:
        raise Changed(plans.NOT_AGREED)
    post.state, post.overdue_at, post.asked_by = PostState.IN_APPROVAL, None, actor.member_id
    await rounds.turn_to(session, post, standing.current.position, standing.policy)


async def tell_the_rest(
    session: AsyncSession, services: Services, actor: Actor, post: Post, reply: dict[str, Any]
) -> PostView:
    """Write down what was done to a post that waits again, and tell its thread whom it waits for."""
    standing = await standings.of_post(session, post)
    assert standing is not None
    stage = standing.current
    assert stage is not None
    await deeds.tell(session, services, actor, post, reply, round=post.round, asked_again=stage.name)
    whom = [one.slack_user_id for one in stage.asked]
    lacking = deeds.said("lacking", stage=stage.name, whom=whom, by_link=stage.by_link)
    await announcements.owe_card(session, services, post, reply=lacking)
    return (await views(session, [post]))[0]


async def hold(session: AsyncSession, post: Post, waiting: Sequence[Publication]) -> None:
    """Have what waits of a post be held, and what failed before the public saw it."""
    found = await plans.locked_publications(session, post)
    failed = [one for one in found if one.state is PublicationState.FAILED]
    for publication in (*waiting, *failed):
        plans.hold(publication, post.due_at or publication.due_at)

"""What a preview shows besides what was typed: what each platform gets, and what is in the way."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.turn import Turn
from bot.views.asking import AskedStage, Asking
from bot.views.preview import Preview, Rendition
from core import media, pauses, policies, posts, quotas, submissions
from core.models import Client, Fit, Mode, Platform, PolicyStage
from core.posts import PostView

TIME_ALONE = ":calendar: *Only its time changes.* Whoever has approved this need not do so again."


async def rendered(turn: Turn, blank: Preview) -> Preview:
    """Make what each platform will get, and find out what keeps the post, or its card, from going out."""
    post = blank.post
    platforms = {account.platform for account in post.accounts} if post.media else set()
    problems = [media.ratio_problem(post.media, platform) for platform in platforms if post.media]
    current = await turn.current()
    async with current.session() as session:
        pause = await pauses.of_client(session, post.client)
        is_moved = await is_of_time(session, blank)
        asking = None if is_moved else await asking_of(session, post)
    return replace(
        blank,
        notice=blank.notice or (TIME_ALONE if is_moved else None),
        renditions={platform: await rendition(turn, post, platform) for platform in platforms},
        problem=next(filter(None, problems), None),
        pause=pause,
        asking=asking,
        is_unheard=await is_unheard(turn, blank),
        outlooks=await quotas.outlook(
            turn.services, post.accounts, due_at=blank.due_at, post_id=post.post.id
        ),
    )


async def is_of_time(session: AsyncSession, blank: Preview) -> bool:
    """Say whether a change is one of the time alone, for which nobody is asked anew."""
    if not blank.base or not blank.due_at or blank.newest:
        return False
    policy, counted = (
        await policies.newest(session, blank.post.client.id),
        await posts.load(session, blank.post.post.id),
    )
    if policy is None or policy.mode is Mode.NONE or policy.time_counts:
        return False
    return submissions.is_of_time(counted, blank.post, blank.due_at, policy)


async def asking_of(session: AsyncSession, post: PostView) -> Asking | None:
    """Give who may be asked to approve a post; what was asked about once, is asked about again."""
    policy = await policies.newest(session, post.client.id)
    if policy is None or policy.mode is Mode.NONE:
        return None
    own = {post.author.id, post.editor.id} if policy.someone_else else set()
    stages = [
        await asked_at(session, post.client, one, own) for one in await policies.stages_of(session, policy)
    ]
    was_asked = post.post.policy_version is not None
    return Asking(stages, is_needed=policy.mode is Mode.REQUIRED or was_asked)


async def asked_at(
    session: AsyncSession, client: Client, stage: PolicyStage, own: Collection[UUID] = ()
) -> AskedStage:
    """Give a stage with those who can be asked at it; `own` are those who do not decide about a post."""
    able = await policies.able(session, client, policies.as_stage(stage))
    people = sorted((one for one in able if one.id not in own), key=lambda one: one.name.lower())
    return AskedStage(stage.name, stage.needs, people, stage.by_link)


async def rendition(turn: Turn, post: PostView, platform: Platform) -> Rendition:
    """Make what one platform gets; a picture about whose ratio nobody decided yet is shown as it is."""
    assert post.media is not None
    problem, fit = media.ratio_problem(post.media, platform), post.version.fit
    if problem and fit is Fit.KEEP:
        return Rendition(media.address(turn.services, post.media.id, media.THUMBNAIL))
    made = await media.prepared(turn.services, post.media, platform=platform, fit=fit)
    variant = media.Variant(platform, fit) if problem else media.THUMBNAIL
    return Rendition(media.address(turn.services, post.media.id, variant), made.changes)


async def is_unheard(turn: Turn, blank: Preview) -> bool:
    """Say whether the bot cannot write where the card belongs; a change has its card already."""
    if blank.base or not blank.is_in_channel:
        return False
    return not await turn.desk.channels.has_bot(turn.slack, blank.destination)

"""From the composer to the preview, and from the preview to Meta."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

from slack_bolt.async_app import AsyncApp

from bot import files, ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listeners import compose, home
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import composer, notices, preview
from bot.views.composer import Composer, Draft
from bot.views.preview import Decision, Preview, Rendition
from core import accounts, clients, drafts, media, posts, schedule
from core.drafts import Content
from core.errors import BadMedia, Changed, Invalid, UnsafeAddress
from core.models import Fit, Media, Platform, PostState, PostVersion
from core.posts import PostView

NOT_BOTH = "Upload a picture or give the address of one, not both."
CHANGED = ":warning: *This was changed in the meantime.* Here is the newest version."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the composer, to the choice of crop or border, and to the preview."""
    app.view(ids.COMPOSER)(listener(desk, show_preview))
    app.action({"block_id": ids.FIT, "action_id": ids.FIT})(listener(desk, fit_chosen))
    app.view(ids.PREVIEW)(listener(desk, publish))


# --- the composer is submitted --------------------------------------------------------------------------


async def show_preview(turn: Turn) -> None:
    """Check everything, say all that is wrong at once, or show what each account will get."""
    draft = composer.parse(turn.view)
    if draft.client_id != draft.accounts_of:
        await offer_accounts(turn, draft)
        return
    external_id = new_external_id()
    drawn = await turn.in_time(previewed(turn, draft, external_id), waiting=preview.preparing(external_id))
    await turn.become(drawn, how="push")


async def offer_accounts(turn: Turn, draft: Draft) -> None:
    """Show the accounts of the client that was chosen last, or say that there are none."""
    if draft.client_id is None:
        raise Invalid({ids.CLIENT: "Choose a client."})
    current = await turn.current()
    async with current.session() as session:
        client = await clients.get(session, draft.client_id)
        if not await accounts.of_client(session, client.id):
            raise Invalid(
                {ids.CLIENT: f"{client.name} has no accounts yet. Connect one with /social connect."}
            )
        drawn = composer.view(await compose.filled(session, current, Composer(draft.start), client))
    await turn.ack(response_action="update", view=drawn)


async def previewed(turn: Turn, draft: Draft, external_id: str) -> View:
    """Keep the draft and draw its preview; raise Invalid with everything that is wrong."""
    current = await turn.current()
    assert draft.client_id is not None
    try:
        picture = await picture_of(turn, current, draft)
    except Invalid as error:
        raise Invalid(await also_wrong(current, draft) | error.fields) from error
    post = await drafts.save(
        turn.services,
        current.actor,
        post_id=draft.start.post_id,
        client_id=draft.client_id,
        content=content(draft, picture.id if picture else None),
    )
    return preview.view(await rendered(turn, post, draft.start.card_channel, external_id))


async def picture_of(turn: Turn, current: Current, draft: Draft) -> Media | None:
    """Keep the picture that was given; raise Invalid with what is wrong with it, under its field."""
    assert draft.client_id is not None
    if draft.upload and draft.address:
        raise Invalid({ids.ADDRESS: NOT_BOTH})
    try:
        if draft.upload:
            return await kept(turn, current, draft.client_id, draft.upload)
        if draft.address:
            return await media.keep_from_address(
                turn.services, current.actor, client_id=draft.client_id, url=draft.address
            )
        if draft.chosen:
            found = await files.look_up(turn.slack, draft.chosen)
            return await kept(turn, current, draft.client_id, found)
    except (BadMedia, UnsafeAddress) as error:
        raise Invalid({ids.ADDRESS if draft.address else ids.IMAGE: error.sentence}) from error
    return None


async def kept(turn: Turn, current: Current, client_id: UUID, file: Mapping[str, object]) -> Media:
    """Read a file from Slack, and keep it."""
    data = await files.read(turn.slack, turn.desk.slack, file)
    name = str(file.get("name") or "picture")
    return await media.keep(turn.services, current.actor, client_id=client_id, data=data, filename=name)


async def also_wrong(current: Current, draft: Draft) -> dict[str, str]:
    """Find what is wrong besides the picture, as if there were one."""
    assert draft.client_id is not None
    async with current.session() as session:
        client = await clients.get(session, draft.client_id)
        try:
            await drafts.check(session, client, content(draft, uuid4()))
        except Invalid as error:
            return error.fields
    return {}


def content(draft: Draft, media_id: UUID | None) -> Content:
    """Give what was entered, in core's words."""
    return Content(
        caption=draft.caption,
        link=draft.link,
        media_id=media_id,
        alt_text=draft.alt_text,
        fit=Fit.KEEP,
        account_ids=draft.account_ids,
    )


# --- what the preview shows -----------------------------------------------------------------------------


async def rendered(
    turn: Turn, post: PostView, card_channel: str, external_id: str | None, notice: str | None = None
) -> Preview:
    """Make what each platform will get, and say what was done to it."""
    platforms = {account.platform for account in post.accounts} if post.media else set()
    problems = [media.ratio_problem(post.media, platform) for platform in platforms if post.media]
    return Preview(
        post,
        card_channel,
        renditions={platform: await rendition(turn, post, platform) for platform in platforms},
        problem=next(filter(None, problems), None),
        external_id=external_id,
        notice=notice,
    )


async def rendition(turn: Turn, post: PostView, platform: Platform) -> Rendition:
    """Make what one platform gets; a picture about whose ratio nobody decided yet is shown as it is."""
    assert post.media is not None
    problem, fit = media.ratio_problem(post.media, platform), post.version.fit
    if problem and fit is Fit.KEEP:
        return Rendition(media.address(turn.services, post.media.id, media.THUMBNAIL))
    made = await media.prepared(turn.services, post.media, platform=platform, fit=fit)
    variant = media.Variant(platform, fit) if problem else media.THUMBNAIL
    return Rendition(media.address(turn.services, post.media.id, variant), made.changes)


# --- crop or border -------------------------------------------------------------------------------------


async def fit_chosen(turn: Turn) -> None:
    """Show the picture as it was decided."""
    await turn.ack()
    newest, decision = turn.is_newest, preview.parse(turn.view)
    post = await decided(turn, decision)
    external_id = turn.view.get("external_id") or None
    drawn = preview.view(await rendered(turn, post, decision.card_channel, external_id))
    await turn.this_window().show(drawn, overrule=newest and turn.is_newest)


async def decided(turn: Turn, decision: Decision) -> PostView:
    """Give the post as the person sees it, with their choice of fit; raise Changed if it is another."""
    current = await turn.current()
    async with current.session() as session:
        post = await posts.load(session, decision.post_id)
        seen = await session.get(PostVersion, (decision.post_id, decision.version))
    if seen is None or not same_but_for_fit(seen, post.version):
        raise Changed
    if decision.fit in (None, post.version.fit):
        return post
    chosen = replace(drafts.content_of(post.version), fit=decision.fit)
    return await drafts.save(
        turn.services, current.actor, post_id=post.post.id, client_id=post.client.id, content=chosen
    )


def same_but_for_fit(seen: PostVersion, newest: PostVersion) -> bool:
    """Compare what two versions say; the fit stands in the modal, in sight."""
    one, other = (replace(drafts.content_of(version), fit=Fit.KEEP) for version in (seen, newest))
    return one.hash() == other.hash()


# --- the preview is submitted ---------------------------------------------------------------------------


async def publish(turn: Turn) -> None:
    """Put the post on its way: exactly the version that was shown, or none."""
    decision, external_id = preview.parse(turn.view), new_external_id()
    try:
        await turn.in_time(send(turn, decision), waiting=notices.waiting("Publishing", external_id))
    except Changed as error:
        own = external_id if turn.acknowledged else turn.view.get("external_id") or new_external_id()
        await turn.become(await stale(turn, decision, error, own), how="update")
        return
    if turn.acknowledged:
        with afterwards("that a post is on its way"):
            await turn.become(notices.done("On its way", preview.on_its_way()), how="update")
    else:
        await turn.ack(response_action="clear")
    await home.redraw(turn)


async def send(turn: Turn, decision: Decision) -> None:
    """Publish what was decided; its card goes to the client's channel, or where the post was begun."""
    current = await turn.current()
    post = await decided(turn, decision)
    await schedule.submit(
        turn.services,
        current.actor,
        post_id=decision.post_id,
        version=post.version.version,
        channel_id=post.client.slack_channel_id or decision.card_channel,
    )


async def stale(turn: Turn, decision: Decision, error: Changed, external_id: str) -> View:
    """Show the newest version instead, or say that the post is on its way already."""
    current = await turn.current()
    async with current.session() as session:
        post = await posts.load(session, decision.post_id)
    if post.post.state is not PostState.DRAFT:
        return notices.done("Already on its way", error.sentence)
    return preview.view(await rendered(turn, post, decision.card_channel, external_id, CHANGED))

"""From the composer to the preview, and from the preview to Meta."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

from slack_bolt.async_app import AsyncApp

from bot import changes, files, ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listeners import compose, home
from bot.listeners.schedule import MOVED
from bot.listening import listener
from bot.rendering import rendered
from bot.turn import Turn, new_external_id
from bot.views import composer, notices, preview
from bot.views.composer import Composer, Draft
from bot.views.post_buttons import asks_anew
from bot.views.preview import Decision, Preview
from core import accounts, clients, drafts, media, plans, posts, submissions
from core.drafts import Content
from core.errors import BadMedia, Changed, Invalid, UnsafeAddress
from core.models import Fit, Media, PostState, PostVersion
from core.posts import PostView

NOT_BOTH = "Upload a picture or give the address of one, not both."
CHANGED = ":warning: *This was changed in the meantime.* Here is the newest version."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the composer, to the choices in the preview, and to the preview."""
    app.view(ids.COMPOSER)(listener(desk, show_preview))
    app.action({"block_id": ids.FIT, "action_id": ids.FIT})(listener(desk, chosen))
    app.action({"block_id": ids.ASK, "action_id": ids.ASK})(listener(desk, chosen))
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
    """Keep what was entered and draw its preview; raise Invalid with everything that is wrong."""
    current = await turn.current()
    wrong = time_wrong(draft)
    try:
        media_id = await picture_of(turn, current, draft)
    except Invalid as error:
        raise Invalid(await also_wrong(current, draft, uuid4()) | error.fields | wrong) from error
    if wrong:
        raise Invalid(await also_wrong(current, draft, media_id) | wrong)
    said, start = content(draft, media_id), draft.start
    if start.base:
        due_at = start.base.meant(draft.due_at)
        change = changes.Change(start.post_id, said, start.base, due_at, start.card_channel)
        return await changes.revised(turn, change, external_id)
    assert draft.client_id is not None
    post = await drafts.save(
        turn.services,
        current.actor,
        post_id=start.post_id,
        client_id=draft.client_id,
        content=said,
        due_at=draft.due_at,
    )
    blank = Preview(post, start.card_channel, due_at=draft.due_at, external_id=external_id)
    return preview.view(await rendered(turn, blank))


async def picture_of(turn: Turn, current: Current, draft: Draft) -> UUID | None:
    """Keep the picture that was given; raise Invalid with what is wrong with it, under its field."""
    assert draft.client_id is not None
    if draft.upload and draft.address:
        raise Invalid({ids.ADDRESS: NOT_BOTH})
    try:
        if draft.upload:
            return (await kept(turn, current, draft.client_id, draft.upload)).id
        if draft.address:
            found = await media.keep_from_address(
                turn.services, current.actor, client_id=draft.client_id, url=draft.address
            )
            return found.id
        if draft.chosen:
            file = await files.look_up(turn.slack, draft.chosen)
            return (await kept(turn, current, draft.client_id, file)).id
    except (BadMedia, UnsafeAddress) as error:
        raise Invalid({ids.ADDRESS if draft.address else ids.IMAGE: error.sentence}) from error
    return draft.start.again.media_id if draft.start.again and draft.keeps else None


async def kept(turn: Turn, current: Current, client_id: UUID, file: Mapping[str, object]) -> Media:
    """Read a file from Slack, and keep it."""
    data = await files.read(turn.slack, turn.desk.slack, file)
    name = str(file.get("name") or "picture")
    return await media.keep(turn.services, current.actor, client_id=client_id, data=data, filename=name)


def time_wrong(draft: Draft) -> dict[str, str]:
    """Say what is wrong with the time."""
    try:
        if draft.due_at:
            plans.require_ahead(draft.due_at)
    except Invalid as error:
        return error.fields
    return {}


async def also_wrong(current: Current, draft: Draft, media_id: UUID | None) -> dict[str, str]:
    """Find what else is wrong."""
    assert draft.client_id is not None
    async with current.session() as session:
        client = await clients.get(session, draft.client_id)
        try:
            await drafts.check(session, client, content(draft, media_id))
        except Invalid as error:
            return error.fields
    return {}


def content(draft: Draft, media_id: UUID | None) -> Content:
    """Give what was entered, in core's words; of a picture that was kept, the crop or border too."""
    again = draft.start.again
    return Content(
        caption=draft.caption,
        link=draft.link,
        media_id=media_id,
        alt_text=draft.alt_text,
        fit=again.fit if again and again.media_id == media_id else Fit.KEEP,
        account_ids=draft.account_ids,
    )


# --- crop or border, and whether approval is asked for --------------------------------------------------


async def chosen(turn: Turn) -> None:
    """Show the picture as it was decided, and what submitting does now."""
    await turn.ack()
    newest, decision = turn.is_newest, preview.parse(turn.view)
    post = await decided(turn, decision)
    external_id = turn.view.get("external_id") or None
    blank = Preview(
        post,
        decision.card_channel,
        due_at=decision.due_at,
        base=decision.base,
        external_id=external_id,
        ask=decision.ask,
    )
    drawn = preview.view(await rendered(turn, blank))
    await turn.this_window().show(drawn, overrule=newest and turn.is_newest)


async def decided(turn: Turn, decision: Decision) -> PostView:
    """Give the post as the person sees it, with their choice of fit; raise Changed if it is another."""
    current = await turn.current()
    async with current.session() as session:
        post = await posts.load(session, decision.post_id)
        seen = await posts.load(session, decision.post_id, version=decision.version)
    if decision.base:
        return await changes.decided(turn, decision, decision.base, seen)
    if not same_but_for_fit(seen.version, post.version):
        raise Changed
    if decision.fit in (None, post.version.fit):
        return post
    fitted = replace(drafts.content_of(post.version), fit=decision.fit)
    return await drafts.save(
        turn.services,
        current.actor,
        post_id=post.post.id,
        client_id=post.client.id,
        content=fitted,
        due_at=decision.due_at,
    )


def same_but_for_fit(seen: PostVersion, newest: PostVersion) -> bool:
    """Compare what two versions say; the fit stands in the modal, in sight."""
    one, other = (replace(drafts.content_of(version), fit=Fit.KEEP) for version in (seen, newest))
    return one.hash() == other.hash()


# --- the preview is submitted ---------------------------------------------------------------------------


async def publish(turn: Turn) -> None:
    """Put the post on its way: exactly the version that was shown, or none."""
    decision, external_id = preview.parse(turn.view), new_external_id()
    doing = "Saving" if decision.due_at or decision.ask else "Publishing"
    try:
        post = await turn.in_time(send(turn, decision), waiting=notices.waiting(doing, external_id))
    except Changed as error:
        own = external_id if turn.acknowledged else turn.view.get("external_id") or new_external_id()
        await turn.become(await stale(turn, decision, error, own), how="update")
        return
    except Invalid as error:
        if ids.FIT in error.fields:
            raise
        await turn.become(preview.to_change(list(error.fields.values()), external_id), how="push")
        return
    if turn.acknowledged:
        with afterwards("that a post is on its way"):
            await turn.become(done(decision, post), how="update")
    else:
        await turn.ack(response_action="clear")
    await home.redraw(turn)


def done(decision: Decision, post: PostView) -> View:
    """Say that it is on its way, or waits for approval or for its time."""
    if decision.base and post.post.version == decision.base.version and not asks_anew(post):
        return notices.done("Saved", MOVED)
    if post.post.policy_version is not None:
        return notices.done("Asked for approval", preview.asked())
    if decision.due_at:
        return notices.done("Scheduled", preview.scheduled(decision.due_at))
    return notices.done("On its way", preview.on_its_way())


async def send(turn: Turn, decision: Decision) -> PostView:
    """Send on its way what was decided; its card goes to the client's channel, or where the post began."""
    current = await turn.current()
    post = await decided(turn, decision)
    return await submissions.submit(
        turn.services,
        current.actor,
        post_id=decision.post_id,
        version=post.version.version,
        channel_id=post.client.slack_channel_id or decision.card_channel,
        due_at=decision.due_at,
        base_version=decision.base.version if decision.base else None,
        base_due_at=decision.base.due_at if decision.base else None,
        ask=decision.ask,
    )


async def stale(turn: Turn, decision: Decision, error: Changed, external_id: str) -> View:
    """Show the newest version, or say that the post is on its way already; of a change, both versions."""
    current = await turn.current()
    async with current.session() as session:
        post = await posts.load(session, decision.post_id)
        seen = await posts.load(session, decision.post_id, version=decision.version)
    if decision.base:
        return await changes.overtaken(turn, changes.change_of(decision, decision.base, seen), external_id)
    if post.post.state is not PostState.DRAFT:
        return notices.done("Already on its way", error.sentence)
    blank = Preview(
        post,
        decision.card_channel,
        due_at=post.post.due_at,
        external_id=external_id,
        notice=CHANGED,
        ask=decision.ask,
    )
    return preview.view(await rendered(turn, blank))

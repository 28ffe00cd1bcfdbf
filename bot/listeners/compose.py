"""Opening the composer: by command, shortcut, button, or from a message with a picture."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncApp
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import files, ids, mrkdwn, spoken
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listening import listener
from bot.turn import Turn
from bot.views import approvals, composer, guide, menus, notices
from bot.views.again import Again, Base
from bot.views.composer import Composer, Start
from bot.views.pictures import MOST_PICTURES, Picture
from core import accounts, clients, drafts, media, posts
from core.errors import BadMedia, Changed
from core.models import Client, PostState, Role
from core.posts import PostView
from core.services import Services

TITLE = "New post"
IMAGE = "image/"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to everything that leads to the composer, and to the choice of the client in it."""
    app.command(ids.PUBLISH)(listener(desk, publish_command))
    app.shortcut({"type": "shortcut", "callback_id": ids.NEW_POST})(listener(desk, new_post))
    app.shortcut({"type": "message_action", "callback_id": ids.PUBLISH_THIS})(listener(desk, publish_this))
    app.action(ids.COMPOSE)(listener(desk, new_post))
    app.action(ids.COMPOSE_AGAIN)(listener(desk, resume))
    app.action(ids.EDIT_POST)(listener(desk, resume))
    app.options(ids.CLIENT)(listener(desk, suggest_clients))
    app.action({"block_id": ids.CLIENT, "action_id": ids.CLIENT})(listener(desk, client_chosen))


async def publish_command(turn: Turn) -> None:
    """Answer `/publish`, `/publish Northwind`, `/publish help`."""
    text = str(turn.body.get("text") or "").strip()
    if text.lower() == "help":
        await turn.ack(**guide.message())
        return
    await turn.ack()
    await compose(turn, name=text)


async def new_post(turn: Turn) -> None:
    """Answer the global shortcut, and every button *New post*."""
    await turn.ack()
    await compose(turn)


async def publish_this(turn: Turn) -> None:
    """Answer the message shortcut: the message's words and pictures become a post."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    message = turn.body.get("message") or {}
    pictures, notice = await pictures_of(turn, message)
    start = Start.new(await card_channel(turn), pictures)
    drawn = await first_view(turn, Composer(start, caption=spoken.text_of(message), notice=notice))
    await window.show(drawn)


async def compose(turn: Turn, *, name: str = "") -> None:
    """Open the composer; `name` is what the person typed of a client."""
    window = await turn.open(notices.loading(TITLE))
    start = Start.new(await card_channel(turn))
    await window.show(await first_view(turn, Composer(start), name=name))


async def first_view(turn: Turn, blank: Composer, *, name: str = "") -> View:
    """Draw the composer with the client that is meant, or say what must happen first."""
    current = await turn.current()
    async with current.session() as session:
        if client := await meant(session, name, turn.channel_id):
            return composer.view(await filled(session, current, blank, client))
        few = await clients.visible(session, most=2)
        if not few:
            return composer.nobody_to_publish_for(is_admin=current.member.role is Role.ADMIN)
        if len(few) == 1 and not name:
            return composer.view(await filled(session, current, blank, few[0]))
        return composer.view(with_notice(blank, unknown(name)))


async def meant(session: AsyncSession, name: str, channel_id: str | None) -> Client | None:
    """Find the client that is named, or whose channel this is."""
    if not name:
        return await clients.of_channel(session, channel_id) if channel_id else None
    if exact := await clients.named(session, name):
        return exact
    found = await clients.visible(session, search=name, most=2)
    return found[0] if len(found) == 1 else None


def unknown(name: str) -> str | None:
    """Say that nobody is called like that, where another can be chosen; mrkdwn."""
    return f"{no_client_called(name)} Choose one here." if name else None


def no_client_called(name: str) -> str:
    """Say that nobody is called like that; mrkdwn."""
    return f":mag: You work for no client called {mrkdwn.bold(mrkdwn.shortened(name, 100))}."


def nobody_called(name: str) -> str:
    """Say that nobody is called like that, where none can be chosen; in plain words."""
    called = mrkdwn.shortened(name, 100)
    return f"You work for no client called {called}. Give the name as /social clients shows it."


def with_notice(blank: Composer, notice: str | None) -> Composer:
    """Add a sentence, unless there is one already."""
    return replace(blank, notice=blank.notice or notice)


async def filled(session: AsyncSession, current: Current, blank: Composer, client: Client) -> Composer:
    """Give the composer for one client, with what its accounts part needs to know."""
    found = await accounts.of_client(session, client.id)
    team = await clients.team(session, client.id)
    return replace(
        blank,
        client=client,
        accounts=tuple(found),
        may_connect=client.id in await clients.managed(session, current.member, [client.id]),
        managers=tuple(member.slack_user_id for member in team.managers[:3]),
    )


# --- a post that is there already -----------------------------------------------------------------------


async def resume(turn: Turn) -> None:
    """Open the composer with a draft, or with a post that was sent on its way and can still be changed.

    In place of the modal where that was asked for: there is room for three, and the preview needs its own.
    """
    await turn.ack()
    window = turn.this_window() if turn.in_modal else await turn.open(notices.loading("Post"))
    current, channel_id = await turn.current(), await card_channel(turn)
    async with current.session() as session:
        post = await posts.load(session, UUID(turn.value))
        base = await base_of(session, current, post)
        start = Start(post.post.id, channel_id, again=Again.of(post, base))
        blank = filled_in(turn.services, start, post)
        drawn = composer.view(await filled(session, current, blank, post.client))
    await window.show(drawn)


async def base_of(session: AsyncSession, current: Current, post: PostView) -> Base | None:
    """Give what is to be changed; None for a draft. Raise Changed for what this person cannot change."""
    if post.post.state is not PostState.DRAFT:
        await drafts.require_changeable(session, post.post, post.version.version)
        return Base.of(post)
    if post.post.author_id != current.member.id:
        raise Changed("This is no longer a draft of yours.")
    return None


def filled_in(services: Services, start: Start, post: PostView) -> Composer:
    """Give the composer with all that a post says so far; a time that is over is said, and not filled in."""
    version, due_at = post.version, post.post.due_at
    is_over = due_at is not None and due_at <= datetime.now(UTC)
    return Composer(
        start,
        chosen=tuple(account.id for account in post.accounts),
        caption=version.caption,
        link=version.link,
        alt_text=version.alt_text,
        due_at=None if is_over else due_at,
        picture=media.address(services, version.media_id, media.THUMBNAIL) if version.media_id else None,
        notice="\n".join(notices_of(post, is_over=is_over)) or None,
        objection=list(approvals.objection(post)),
    )


def notices_of(post: PostView, *, is_over: bool) -> Iterator[str]:
    """Say what a composer cannot be filled in with: a time that is over, accounts that are disconnected."""
    if is_over and post.post.due_at:
        yield composer.was_to_go_out(post.post.due_at)
    if gone := [account for account in post.accounts if not account.is_active]:
        yield composer.no_longer_there(gone)


# --- where the card goes, when the client has no channel of its own -------------------------------------


async def card_channel(turn: Turn) -> str:
    """Give this channel if the bot is in it, or else the person, for a direct message."""
    channel_id = turn.channel_id
    if channel_id is None or channel_id.startswith("D"):
        return turn.user_id
    is_there = await turn.desk.channels.has_bot(turn.slack, channel_id)
    return channel_id if is_there else turn.user_id


# --- the pictures of a message --------------------------------------------------------------------------


async def pictures_of(turn: Turn, message: dict[str, Any]) -> tuple[Sequence[Picture], str | None]:
    """Give the pictures of a message that the bot may read, and a notice about those that it may not."""
    attached = [file for file in message.get("files") or [] if may_be_picture(file)][:MOST_PICTURES]
    found = await asyncio.gather(*(seen(turn, file) for file in attached))
    readable = [Picture.of(file) for file in found if isinstance(file, dict)]
    reasons = [file for file in found if isinstance(file, str)]
    if reasons:
        return readable, f":warning: {mrkdwn.escape(reasons[0])}"
    return readable, None if readable else ":information_source: This message has no picture. Add one here."


def may_be_picture(file: dict[str, Any]) -> bool:
    """Say whether it is worth asking about a file; of those from other workspaces only a stub is here."""
    return str(file.get("mimetype") or IMAGE).startswith(IMAGE)


async def seen(turn: Turn, file: dict[str, Any]) -> dict[str, Any] | str:
    """Give the whole description of a file, or the reason why the bot cannot have it."""
    try:
        return await files.look_up(turn.slack, str(file["id"]))
    except BadMedia as error:
        return error.sentence


# --- the choice of the client ---------------------------------------------------------------------------


async def suggest_clients(turn: Turn) -> None:
    """Give the clients whose name has what was typed so far; with nothing typed, the first hundred."""
    current = await turn.current()
    async with current.session() as session:
        found = await clients.visible(session, search=str(turn.body.get("value") or "").strip(), most=100)
    await turn.ack(options=[menus.client_option(client) for client in found])


async def client_chosen(turn: Turn) -> None:
    """Show the accounts of the client that was chosen; everything else stays as it was typed."""
    await turn.ack()
    draft = composer.parse(turn.view)
    if turn.view.get("callback_id") != ids.COMPOSER or draft.client_id is None:
        return
    newest = turn.is_newest
    current = await turn.current()
    async with current.session() as session:
        client = await clients.get(session, draft.client_id)
        drawn = composer.view(await filled(session, current, Composer(draft.start), client))
    await turn.this_window().show(drawn, overrule=newest and turn.is_newest)

"""The emergency stop: pausing a client, or all of them."""

from collections.abc import Callable, Sequence
from functools import partial

from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import announcer, cockpit, ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listeners import home
from bot.listeners.compose import meant, unknown
from bot.listening import listener
from bot.slack_errors import NOT_THERE, code_of
from bot.turn import Turn, new_external_id
from bot.views import notices
from bot.views import pausing as view
from bot.views.card import Message
from bot.views.pausing import Chosen, Paused, Subject
from core import clients, pauses
from core.errors import NotAllowed
from core.models import Client, Role
from core.pauses import Held

TITLE = "Pause publishing"
MOST_CHANNELS = 20
MOST_OPTIONS = 100

Draw = Callable[[Sequence[Held]], Message]


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the form, and to the choice in it."""
    app.action({"block_id": ids.PAUSE_OF, "action_id": ids.PAUSE_OF})(listener(desk, pause_chosen))
    app.options(ids.PAUSE_OF)(listener(desk, suggest_running))
    app.view(ids.PAUSE_FORM)(listener(desk, pause))


# --- pausing --------------------------------------------------------------------------------------------


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social pause [client | all]`: of that client, of this channel's, or ask."""
    window = await turn.open(notices.loading(TITLE))
    current = await turn.current()
    async with current.session() as session:
        subject = await meant_by(session, current, name, turn.channel_id)
        notice = unknown(name) if subject is None else None
        drawn = await pause_form(session, current, subject, notice)
    await window.show(drawn)


async def meant_by(
    session: AsyncSession, current: Current, name: str, channel_id: str | None
) -> Subject | None:
    """Give what is named, or the client whose channel this is, or the only one; raise NotAllowed."""
    if client := await client_meant(session, name, channel_id):
        await require(session, current, client)
        return Subject(client)
    if current.member.role is Role.ADMIN:
        return Subject(None) if name.lower() == view.EVERYTHING else None
    theirs = await managed(session, current)
    if not theirs or name.lower() == view.EVERYTHING:
        raise NotAllowed(view.ADMINS_ONLY if theirs else view.MANAGERS_ONLY)
    return Subject(theirs[0]) if len(theirs) == 1 and not name else None


async def client_meant(session: AsyncSession, name: str, channel_id: str | None) -> Client | None:
    """Find the client that is named, or whose channel this is; "all" is part of too many names."""
    is_everything = name.lower() == view.EVERYTHING
    return await (clients.named(session, name) if is_everything else meant(session, name, channel_id))


async def require(session: AsyncSession, current: Current, client: Client) -> None:
    """Let pass who may pause a client; raise NotAllowed with the names of those who may."""
    if client.id not in await clients.managed(session, current.member, [client.id]):
        raise NotAllowed(await refusal(session, Subject(client)))


async def refusal(session: AsyncSession, subject: Subject) -> str:
    """Say who may pause something, and resume it."""
    if subject.client is None:
        return view.ADMINS_ONLY
    team = await clients.team(session, subject.client.id)
    return view.refusal(subject.client, team.managers)


async def managed(session: AsyncSession, current: Current, typed: str = "") -> list[Client]:
    """Give the clients that this member may pause, by name."""
    found = await clients.visible(session, search=typed, most=MOST_OPTIONS)
    theirs = await clients.managed(session, current.member, [client.id for client in found])
    return [client for client in found if client.id in theirs]


async def pause_form(
    session: AsyncSession, current: Current, subject: Subject | None, notice: str | None = None
) -> View:
    """Draw the form: with what is chosen, and with what a pause of it holds back."""
    held = await pauses.held(session, client_id=subject.client_id) if subject else []
    already = among(await cockpit.paused(session, current.member), subject.value if subject else None)
    return view.pause_form(subject, held, already, notice=notice)


def among(paused: Sequence[Paused], value: str | None) -> Paused | None:
    """Find something among what is paused."""
    return next((one for one in paused if one.subject.value == value), None)


async def pause_chosen(turn: Turn) -> None:
    """Say what a pause of what was chosen holds back."""
    await turn.ack()
    newest = turn.is_newest
    drawn = await pause_form_of(turn, (turn.action.get("selected_option") or {}).get("value"))
    await turn.this_window().show(drawn, overrule=newest and turn.is_newest)


async def subject_of(session: AsyncSession, value: str) -> Subject:
    """Give what a menu or a button is about."""
    client_id = view.client_id(value)
    return Subject(await clients.get(session, client_id) if client_id else None)


async def suggest_running(turn: Turn) -> None:
    """Give what this member may pause, as far as its name has what was typed so far."""
    current, typed = await turn.current(), str(turn.body.get("value") or "").strip()
    async with current.session() as session:
        found = [Subject(client) for client in await managed(session, current, typed)]
    is_admin = current.member.role is Role.ADMIN
    await turn.ack(options=suggestions([*([Subject(None)] if is_admin else []), *found], typed))


def suggestions(subjects: Sequence[Subject], typed: str) -> list[dict[str, object]]:
    """Give the choices whose words have what was typed."""
    options = [view.option(subject) for subject in subjects]
    return [one for one in options if typed.lower() in one["text"]["text"].lower()][:MOST_OPTIONS]


async def pause(turn: Turn) -> None:
    """Pause what the form said, and tell everybody concerned."""
    chosen, external_id = Chosen.of(turn.view, ids.PAUSE_OF), new_external_id()
    if chosen.said != chosen.chosen:  # nobody confirms what they did not read
        await turn.ack(response_action="update", view=await pause_form_of(turn, chosen.chosen))
        return
    subject, held = await turn.in_time(stop(turn, chosen), waiting=notices.waiting("Pausing", external_id))
    with afterwards("that publishing is paused"):
        await turn.become(notices.done("Paused", view.is_paused(subject)), how="update")
    await tell(turn, subject, held, partial(view.paused_message, turn.user_id, subject))
    await home.redraw(turn)


async def pause_form_of(turn: Turn, value: str | None) -> View:
    """Draw the form with what was chosen last."""
    current = await turn.current()
    async with current.session() as session:
        subject = await subject_of(session, value) if value else None
        return await pause_form(session, current, subject)


async def stop(turn: Turn, chosen: Chosen) -> tuple[Subject, list[Held]]:
    """Pause; give what is paused, and what that holds back."""
    current = await turn.current()
    client_id = view.client_id(chosen.needed)
    client = await pauses.pause(turn.services.db, current.actor, client_id=client_id)
    async with current.session() as session:
        return Subject(client), await pauses.held(session, client_id=client_id)


# --- telling --------------------------------------------------------------------------------------------


async def tell(turn: Turn, subject: Subject, held: Sequence[Held], draw: Draw) -> None:
    """Tell the channels of those whose posts wait; where there is none, the person who did it."""
    if subject.client:
        found = {subject.client.slack_channel_id: held}
    else:
        found = {one.client.slack_channel_id: [one] for one in held if one.soon}
    channels = [(channel, theirs) for channel, theirs in found.items() if channel][:MOST_CHANNELS]
    with afterwards("who paused or resumed"):
        told = [await posted(turn, channel, draw(theirs)) for channel, theirs in channels]
        if not any(told):
            await announcer.post(turn.slack, turn.user_id, draw(held))


async def posted(turn: Turn, channel: str, message: Message) -> bool:
    """Say it in a channel; say whether the bot can."""
    try:
        await announcer.post(turn.slack, channel, message)
    except SlackApiError as error:
        if code_of(error) not in NOT_THERE:
            raise
        return False
    return True

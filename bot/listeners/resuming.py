"""Letting it go on after an emergency stop: what is too late by then asks first."""

from functools import partial

from slack_bolt.async_app import AsyncApp
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import cockpit, ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listeners import home, queue
from bot.listeners.compose import unknown
from bot.listeners.pausing import among, client_meant, refusal, suggestions, tell
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import notices
from bot.views import pausing as view
from bot.views.pausing import Chosen, Subject
from core import pauses
from core.errors import NotAllowed
from core.pauses import Held

TITLE = "Resume publishing"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to every button *Resume*, to the form, and to the choice in it."""
    app.action(ids.RESUME)(listener(desk, by_button))
    app.action({"block_id": ids.RESUME_OF, "action_id": ids.RESUME_OF})(listener(desk, chosen_anew))
    app.options(ids.RESUME_OF)(listener(desk, suggest_paused))
    app.view(ids.RESUME_FORM)(listener(desk, resume))


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social resume [client | all]`: of that client, of this channel's, or of what is paused."""
    window = await turn.open(notices.loading(TITLE))
    current = await turn.current()
    async with current.session() as session:
        client = await client_meant(session, name, turn.channel_id)
        value = str(client.id) if client else view.EVERYTHING
        notice = unknown(name) if client is None and name.lower() != view.EVERYTHING else None
        drawn = await form(session, current, value, notice=notice)
    await window.show(drawn)


async def by_button(turn: Turn) -> None:
    """Answer a button *Resume*: on a message, in Home, in the queue, or in the form for pausing."""
    await turn.ack()
    inside = turn.view.get("callback_id") if turn.in_modal else None
    window = turn.this_window() if inside == ids.PAUSE_FORM else await turn.open(notices.loading(TITLE))
    below = turn.view["private_metadata"] if inside == ids.SHOW_QUEUE else ""
    current = await turn.current()
    async with current.session() as session:
        drawn = await form(session, current, turn.value, queue=below)
    await window.show(drawn)


async def chosen_anew(turn: Turn) -> None:
    """Say what happens when what was chosen is resumed."""
    await turn.ack()
    newest = turn.is_newest
    drawn = await form_of(turn, Chosen.of(turn.view, ids.RESUME_OF))
    await turn.this_window().show(drawn, overrule=newest and turn.is_newest)


async def form_of(turn: Turn, chosen: Chosen) -> View:
    """Draw the form with what was chosen last."""
    current = await turn.current()
    async with current.session() as session:
        return await form(session, current, chosen.needed, queue=chosen.queue)


async def form(
    session: AsyncSession, current: Current, value: str, *, notice: str | None = None, queue: str = ""
) -> View:
    """Draw the form: with what is meant, or else with the pause of the agency, or with the only one there is.

    Raise NotAllowed for somebody who may not resume it.
    """
    paused = await cockpit.paused(session, current.member)
    whole = among(paused, view.EVERYTHING)
    one = among(paused, value) or whole or (paused[0] if len(paused) == 1 else None)
    if not paused:
        return notices.done(TITLE, view.NOTHING)
    if not any(each.may_resume for each in ([one] if one else paused)):
        raise NotAllowed(await refusal(session, one.subject) if one else view.MANAGERS_ONLY)
    held = await pauses.held(session, client_id=one.subject.client_id) if one else []
    return view.resume_form(one, held, whole if one is not whole else None, notice=notice, queue=queue)


async def suggest_paused(turn: Turn) -> None:
    """Give what this member may resume, as far as its name has what was typed so far."""
    current, typed = await turn.current(), str(turn.body.get("value") or "").strip()
    async with current.session() as session:
        paused = await cockpit.paused(session, current.member)
    await turn.ack(options=suggestions([one.subject for one in paused if one.may_resume], typed))


async def resume(turn: Turn) -> None:
    """Resume what the form said, tell everybody concerned, and draw the queue anew if it is below."""
    chosen, external_id = Chosen.of(turn.view, ids.RESUME_OF), new_external_id()
    if chosen.said != chosen.chosen:
        await turn.ack(response_action="update", view=await form_of(turn, chosen))
        return
    subject, held = await turn.in_time(go_on(turn, chosen), waiting=notices.waiting("Resuming", external_id))
    with afterwards("that publishing goes on"):
        if turn.acknowledged or not chosen.queue:
            await turn.become(notices.done("Resumed", view.is_resumed(subject, held)), how="update")
        else:
            await turn.ack()
    if chosen.queue and (window := turn.window_below()):
        with afterwards("the queue"):
            await queue.redraw(turn, window, chosen.queue)
    await tell(turn, subject, held, partial(view.resumed_message, turn.user_id, subject))
    await home.redraw(turn)


async def go_on(turn: Turn, chosen: Chosen) -> tuple[Subject, list[Held]]:
    """Resume; give what goes on, and what had waited."""
    current = await turn.current()
    client_id = view.client_id(chosen.needed)
    async with current.session() as session:
        held = await pauses.held(session, client_id=client_id)
    client = await pauses.resume(turn.services.db, current.actor, client_id=client_id)
    return Subject(client), held

"""Removing a client, or all of an agency: the question for its name, and the answer."""

from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.current import Current, ask
from bot.desk import Desk
from bot.listeners import home
from bot.listeners.clients import redraw_below
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import departures as view
from bot.views import notices
from core import clients, departures, grace
from core.errors import NotAllowed, NotFound
from core.models import Departure, Role

TITLE = "Remove client"
WHICH = "Say which client: /social clients remove, and its name. Or choose it under /social clients."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button and to the form."""
    app.action(ids.REMOVE_CLIENT)(listener(desk, by_button))
    app.view(ids.REMOVAL_FORM)(listener(desk, remove))
    app.view(ids.LEAVE_FORM)(listener(desk, leave))
    app.action(ids.START_AGAIN)(listener(desk, start_again))


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social clients remove`: the client that is named, or whose channel this is."""
    window, current = await turn.open(notices.loading(TITLE)), await turn.current()
    async with current.session() as session:
        named = await clients.named(session, name) if name else None
        here = await clients.of_channel(session, turn.channel_id) if turn.channel_id and not name else None
    if (client := named or here) is None:
        raise NotFound(WHICH)
    await window.show(view.form(await stakes(current, client.id)))


async def by_button(turn: Turn) -> None:
    """Ask for the name of the client whose button was pressed."""
    await turn.ack()
    window, current = await turn.open(notices.loading(TITLE)), await turn.current()
    await window.show(view.form(await stakes(current, UUID(turn.value))))


async def stakes(current: Current, client_id: UUID) -> departures.Stakes:
    """Count what would go."""
    async with current.session() as session:
        return await departures.stakes(session, current.actor, client_id)


async def remove(turn: Turn) -> None:
    """Have the client removed, if that is its name."""
    waiting = notices.waiting("Removing", new_external_id())
    departure = await turn.in_time(begin(turn), waiting=waiting)
    await turn.become(view.begun(departure), how="update")
    await redraw_below(turn)
    await home.redraw(turn)


async def begin(turn: Turn) -> Departure:
    """Write down that it goes; raise Invalid for another name."""
    client_id, name = view.parse(turn.view)
    current = await turn.current()
    return await departures.remove(turn.services, current.actor, client_id=client_id, name=name)


# --- the whole agency -----------------------------------------------------------------------------------


async def leave_by_command(turn: Turn, _: str) -> None:
    """Answer `/social leave`; an admin's business."""
    window, current = await turn.open(notices.loading("Leave Pressroom")), await turn.current()
    async with current.session() as session:
        found = await grace.stakes(session, current.actor)
    await window.show(view.leave_form(found))


async def leave(turn: Turn) -> None:
    """Have the agency leave, if that is its name."""
    current = await turn.current()
    await grace.leave_now(turn.services, current.actor, name=view.typed(turn.view))
    turn.desk.leaving.clear()
    await turn.become(view.leaving(), how="update")


async def start_again(turn: Turn) -> None:
    """Have a workspace that left begin anew, for an admin of it; in Home, or where the button stood."""
    await turn.ack()
    installed = await turn.installed()
    if installed.has_left:
        person = await ask(turn.slack, installed, turn.user_id)
        if person.role is not Role.ADMIN:
            raise NotAllowed("Only an admin of this workspace can have Pressroom begin anew here. Ask one.")
        await turn.desk.installations.begin_anew(by=turn.user_id)
    await home.redraw(turn)
    if turn.body.get("response_url"):
        await turn.respond(view.begun_anew(), replace_original=True)

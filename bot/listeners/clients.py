"""The clients: the list, adding one, changing one."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import cockpit, ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listeners import home
from bot.listening import listener
from bot.turn import Turn, new_external_id
from bot.views import clients as view
from bot.views import notices
from bot.views.clients import Entry, Form
from core import clients, permissions
from core.clients import Details
from core.errors import Invalid
from core.models import Client, Member, Role

TITLE = "Clients"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the buttons around clients, and to the form."""
    app.action(ids.SHOW_CLIENTS)(listener(desk, by_button))
    app.action(ids.ADD_CLIENT)(listener(desk, add))
    app.action(ids.EDIT_CLIENT)(listener(desk, edit))
    app.view(ids.CLIENT_FORM)(listener(desk, save))


# --- the list -------------------------------------------------------------------------------------------


async def by_command(turn: Turn, _: str) -> None:
    """Answer `/social clients`."""
    window = await turn.open(notices.loading(TITLE))
    await window.show(await listing(turn, 0))


async def by_button(turn: Turn) -> None:
    """Answer the button in App Home."""
    await turn.ack()
    await by_command(turn, "")


async def turn_page(turn: Turn, page: int) -> None:
    """Show another page of the list that is open."""
    await turn.this_window().show(await listing(turn, page))


async def listing(turn: Turn, number: int) -> View:
    """Draw a page of the list."""
    current = await turn.current()
    async with current.session() as session:
        page = await cockpit.client_page(session, number, size=view.A_PAGE)
        client_ids = [client.id for client in page.items]
        teams = await clients.teams(session, client_ids)
        managed = await clients.managed(session, current.member, client_ids)
    entries = [Entry(one, teams[one.id], one.id in managed) for one in page.items]
    return view.listing(page.filled(entries), is_admin=current.member.role is Role.ADMIN)


# --- the form -------------------------------------------------------------------------------------------


async def add(turn: Turn) -> None:
    """Ask for a new client; an admin's business."""
    await turn.ack()
    window, page = await turn.open(notices.loading("Add a client")), view.page_of(turn.view)
    current = await turn.current()
    async with current.session() as session:
        await permissions.require_admin(session, current.actor)
    await window.show(view.form(added_by=current.member.slack_user_id, page=page))


async def edit(turn: Turn) -> None:
    """Ask what to change of a client."""
    await turn.ack()
    window, page = await turn.open(notices.loading("Edit client")), view.page_of(turn.view)
    current = await turn.current()
    async with current.session() as session:
        client = await clients.get(session, UUID(turn.value))
        await permissions.require_manager(session, current.actor, client)
        team = await clients.team(session, client.id)
    await window.show(view.form(client, team, page=page))


async def save(turn: Turn) -> None:
    """Keep what was entered; then show what comes next, or the list that is below."""
    form, external_id = view.parse(turn.view), new_external_id()
    client, has_bot = await turn.in_time(keep(turn, form), waiting=notices.waiting("Saving", external_id))
    if turn.acknowledged or form.client_id is None or not has_bot:
        drawn = view.added if form.client_id is None else view.changed
        said = drawn(client, has_bot=has_bot)
        with afterwards("that a client is kept"):
            await turn.become(said, how="update")
    else:
        await turn.ack()
    await redraw_below(turn)
    await home.redraw(turn)


async def keep(turn: Turn, form: Form) -> tuple[Client, bool]:
    """Add or change the client; say whether the bot is in its channel, where it has one."""
    current = await turn.current()
    managers = await members(turn, current, ids.MANAGERS, form.managers)
    authors = await members(turn, current, ids.AUTHORS, form.authors)
    reviewers = {one.id for one in await people(turn, current, form.reviewers)} - managers - authors
    details = Details(
        form.name, form.channel, managers, authors - managers, form.late_minutes, frozenset(reviewers)
    )
    if form.client_id is None:
        client = await clients.add(turn.services.db, current.actor, details)
    else:
        client = await clients.change(turn.services.db, current.actor, form.client_id, details)
    return client, await is_heard(turn, client.slack_channel_id)


async def is_heard(turn: Turn, channel: str | None) -> bool:
    """Say whether the bot is in a client's channel; in doubt it is, for the client is kept already."""
    with afterwards("whether the bot is in a channel"):
        return channel is None or await turn.desk.channels.has_bot(turn.slack, channel)
    return True


async def members(turn: Turn, current: Current, field: str, chosen: Sequence[str]) -> frozenset[UUID]:
    """Give the members that these Slack people are; raise Invalid when one is from outside."""
    found = await people(turn, current, chosen)
    outside = [member for member in found if member.role is Role.GUEST]
    if outside:
        raise Invalid(
            {field: f"{names(outside)} cannot be chosen: guests, bots and people of other workspaces."}
        )
    return frozenset(member.id for member in found)


async def people(turn: Turn, current: Current, chosen: Sequence[str]) -> Sequence[Member]:
    """Give the members that these Slack people are, guests too."""
    known = turn.desk.people
    return await asyncio.gather(*(known.anyone(turn.slack, current.installed, one) for one in chosen))


def names(members: Sequence[Member]) -> str:
    """Name people in plain words."""
    return ", ".join(member.name for member in members)


async def redraw_below(turn: Turn) -> None:
    """Draw the list anew, on the page where it was, if the form was opened from it."""
    if window := turn.window_below():
        with afterwards("the clients"):
            await window.show(await listing(turn, view.page_of(turn.view)))

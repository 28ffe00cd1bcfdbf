"""A client's month, for the bill."""

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime

from slack_bolt.async_app import AsyncApp
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import ids, mrkdwn
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listeners.compose import meant, nobody_called
from bot.listening import listener
from bot.turn import Turn
from bot.uploads import Handed, by_direct_message
from bot.views import exports, filters, notices
from bot.views import months as view
from bot.views.months import Shown
from core import agencies, clients, months
from core.errors import NotFound
from core.models import Client
from core.months import Month


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button in the trail, to the two menus, and to the export."""
    app.action(ids.SHOW_MONTH)(listener(desk, by_button))
    app.action(ids.MONTH_CLIENT)(listener(desk, chosen))
    app.action(ids.MONTH)(listener(desk, chosen))
    app.action(ids.EXPORT_MONTH)(listener(desk, export))
    app.options(ids.MONTH_CLIENT)(listener(desk, suggest_clients))


async def by_button(turn: Turn) -> None:
    """Show this month of the client that the trail is filtered by."""
    await turn.ack()
    window = await turn.open(notices.loading(view.TITLE))
    current = await turn.current()
    shown = Shown(view.of(today(current)), filters.Shown.load(turn.view).client_id)
    await window.show(await listing(current, shown))


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social audit month [client]`: this month. Raise NotFound for an unknown name."""
    window = await turn.open(notices.loading(view.TITLE))
    current = await turn.current()
    async with current.session() as session:
        client = await meant(session, name, turn.channel_id)
        if name and client is None:
            raise NotFound(nobody_called(name))
    shown = Shown(view.of(today(current)), client.id if client else None)
    await window.show(await listing(current, shown))


async def chosen(turn: Turn) -> None:
    """Show what is chosen by now."""
    await turn.ack()
    newest = turn.is_newest
    drawn = await listing(await turn.current(), Shown.chosen_in(turn.view))
    await turn.this_window().show(drawn, overrule=newest and turn.is_newest)


async def suggest_clients(turn: Turn) -> None:
    """Give the clients whose name has what was typed so far."""
    current, typed = await turn.current(), str(turn.body.get("value") or "").strip()
    async with current.session() as session:
        found = await clients.visible(session, search=typed)
    await turn.ack(options=[view.client_option(one) for one in found])


async def listing(current: Current, shown: Shown) -> View:
    """Draw it."""
    if shown.client_id is None:
        return view.listing(shown, None, None, today(current))
    async with current.session() as session:
        client = await clients.get(session, shown.client_id)
        month = await read(session, current, shown)
    return view.listing(shown, client, month, today(current))


async def read(session: AsyncSession, current: Current, shown: Shown) -> Month:
    """Give the month of the client that is chosen, by the calendar of whoever looks."""
    assert shown.client_id is not None
    first, zone = shown.first_day, current.member.zone
    return await months.of_client(session, shown.client_id, first.year, first.month, zone=zone)


async def export(turn: Turn) -> None:
    """Send it as CSV to whoever looks."""
    await turn.ack()
    window, shown = await turn.open(notices.loading(view.TITLE)), Shown.load(turn.view)
    current = await turn.current()
    assert shown.client_id is not None
    async with current.session() as session:
        client, month = await clients.get(session, shown.client_id), await read(session, current, shown)
        known = await agencies.called(session, month.approvals)
    await window.show(notices.done(view.TITLE, exports.ON_ITS_WAY))
    people = {one: member.name for one, member in known.items()}
    lines = months.lines(month, client.name, shown.month, people)
    what = f"{mrkdwn.bold(client.name)} in {shown.words}"
    await by_direct_message(turn, Handed(name_of(client, shown), what, one_by_one(lines)))


def name_of(client: Client, shown: Shown) -> str:
    """Name the file."""
    return exports.file_name("month", client, "csv", shown.month)


async def one_by_one(lines: Iterable[str]) -> AsyncIterator[str]:
    """Give lines as a file takes them."""
    for line in lines:
        yield line


def today(current: Current) -> date:
    """Give the day by the calendar of whoever looks."""
    return datetime.now(current.member.zone).date()

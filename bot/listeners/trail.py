"""The audit trail: what was done, by what one looks for, page by page."""

from dataclasses import replace
from uuid import UUID

from slack_bolt.async_app import AsyncApp
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import ids
from bot.blocks import Block, View
from bot.desk import Desk
from bot.listeners import exports, months, verifying
from bot.listeners.compose import meant, unknown
from bot.listening import listener
from bot.turn import Turn
from bot.views import filters, notices
from bot.views import trail as view
from bot.views.filters import Chosen, Shown
from bot.views.trail import Known, Trail
from core import accounts, agencies, audit, audit_names, audit_posts, clients
from core.models import Account, AuditEntry, Client, Member
from core.rows import by_id

TITLE = "Audit trail"
DONE_WITH_IT = {"export": exports.by_command, "month": months.by_command, "verify": verifying.verify}
MOST_OPTIONS = 97  # of a hundred, with the first ones that are always there


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the filters, what they ask for while somebody types, and the pages."""
    app.action(ids.SHOW_AUDIT)(listener(desk, by_button))
    for action_id in filters.MENUS:
        app.action(action_id)(listener(desk, filter_chosen))
    app.action(ids.CLEAR_FILTERS)(listener(desk, clear))
    app.action(ids.OLDER_ENTRIES)(listener(desk, older))
    app.action(ids.NEWEST_ENTRIES)(listener(desk, newest))
    app.options(ids.AUDIT_CLIENT)(listener(desk, suggest_clients))
    app.options(ids.AUDIT_ACCOUNT)(listener(desk, suggest_accounts))
    app.options(ids.AUDIT_PERSON)(listener(desk, suggest_people))


async def by_command(turn: Turn, words: str) -> None:
    """Answer `/social audit [client]`, or what is to be done with the trail instead of looking through it."""
    first, _, rest = words.partition(" ")
    if done := DONE_WITH_IT.get(first.lower()):
        await done(turn, rest.strip())
        return
    window = await turn.open(notices.loading(TITLE))
    current = await turn.current()
    async with current.session() as session:
        client = await meant(session, words, None)
    notice = unknown(words) if client is None else None
    await window.show(await listing(turn, Shown(str(client.id) if client else None), notice))


async def by_button(turn: Turn) -> None:
    """Answer the button in Home."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    await window.show(await listing(turn, Shown()))


async def filter_chosen(turn: Turn) -> None:
    """Show what fits all that is chosen by now, from the newest on."""
    await turn.ack()
    newest_one = turn.is_newest
    drawn = await listing(turn, Shown.chosen_in(turn.view))
    await turn.this_window().show(drawn, overrule=newest_one and turn.is_newest)


async def clear(turn: Turn) -> None:
    """Show everything."""
    await turn.ack()
    await turn.this_window().show(await listing(turn, Shown.load(turn.view).cleared()))


async def older(turn: Turn) -> None:
    """Show the entries before those that are shown."""
    await turn.ack()
    shown = replace(Shown.load(turn.view), after=turn.value)
    await turn.this_window().show(await listing(turn, shown))


async def newest(turn: Turn) -> None:
    """Show the newest ones again."""
    await turn.ack()
    await turn.this_window().show(await listing(turn, replace(Shown.load(turn.view), after=None)))


async def listing(turn: Turn, shown: Shown, notice: str | None = None) -> View:
    """Draw a page; raise Backwards for days that cannot be."""
    current = await turn.current()
    wanted, after = shown.filters(current.member.zone), filters.cursor(shown.after)
    async with current.session() as session:
        chosen = await named(session, shown)
        found = await audit.entries(session, wanted, after=after, most=view.A_PAGE + 1)
        entries = found[: view.A_PAGE]
        known = await known_of(session, entries)
        may = await exports.is_allowed(session, current, chosen.client)
    has_older = len(found) > len(entries)
    return view.listing(Trail(shown, chosen, entries, known, current.member, has_older, may, notice))


async def named(session: AsyncSession, shown: Shown) -> Chosen:
    """Give what the filters name; raise NotFound for what this member may not see any more."""
    client = await clients.get(session, shown.client_id) if shown.client_id else None
    account = await accounts.get(session, UUID(shown.account)) if shown.account else None
    return Chosen(view.WORDS, client, account, await person_named(session, shown.person))


async def person_named(session: AsyncSession, user_id: str | None) -> Block | None:
    """Give the person of the filter as a choice."""
    if user_id is None:
        return None
    for option in (filters.program(), filters.links()):
        if option["value"] == user_id:
            return option
    member = (await agencies.called(session, [user_id])).get(user_id)
    return filters.person_option(member) if member else None


async def known_of(session: AsyncSession, entries: list[AuditEntry]) -> Known:
    """Give what the entries name, as far as this member may see it."""
    concerned = {account_id for one in entries for account_id in view.account_ids(one)}
    makers = {made_by for one in entries if (made_by := view.maker_id(one))}
    theirs = {one.client_id for one in entries if one.client_id}
    there = {key: one.name for key, one in (await by_id(session, Client, theirs)).items()}
    return Known(
        there | await audit_names.removed_clients(session, theirs - there.keys()),
        await by_id(session, Account, concerned),
        await by_id(session, Member, makers),
        await audit_posts.captions(session, entries),
    )


# --- what the menus ask for -----------------------------------------------------------------------------


async def suggest_clients(turn: Turn) -> None:
    """Give the clients whose name has what was typed so far; all of them together come first."""
    current, typed = await turn.current(), typed_in(turn)
    async with current.session() as session:
        found = await clients.visible(session, search=typed, most=MOST_OPTIONS)
    await suggest(turn, typed, filters.client_option(None), *map(filters.client_option, found))


async def suggest_accounts(turn: Turn) -> None:
    """Give the accounts of the client that is chosen, or of all."""
    current, typed = await turn.current(), typed_in(turn)
    client_id = Shown.load(turn.view).client_id
    async with current.session() as session:
        found = await accounts.search(session, typed, client_id=client_id, most=MOST_OPTIONS)
    await suggest(turn, typed, filters.account_option(None), *map(filters.account_option, found))


async def suggest_people(turn: Turn) -> None:
    """Give the people of the agency; everybody comes first, and what nobody did."""
    current, typed = await turn.current(), typed_in(turn)
    async with current.session() as session:
        found = await agencies.members(session, search=typed, most=MOST_OPTIONS)
    others = [one for option in (filters.program(), filters.links()) for one in always(typed, option)]
    await suggest(turn, typed, filters.everybody(), *others, *map(filters.person_option, found))


async def suggest(turn: Turn, typed: str, first: Block, *others: Block) -> None:
    """Answer a menu with choices; the first of them only when it has what was typed."""
    await turn.ack(options=[*always(typed, first), *others])


def always(typed: str, option: Block) -> list[Block]:
    """Give a choice that is always there, if it has what was typed."""
    return [option] if typed.lower() in option["text"]["text"].lower() else []


def typed_in(turn: Turn) -> str:
    """Give what was typed into a menu so far."""
    return str(turn.body.get("value") or "").strip()

"""What is stored of one person, given out or erased: an admin's business."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncApp

from bot import ids, mrkdwn
from bot.afterwards import afterwards
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listening import listener
from bot.turn import Turn
from bot.uploads import Handed, by_direct_message
from bot.views import exports, notices
from bot.views import personal as view
from core import people, permissions


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button in the trail, to the two menus, and to what is done."""
    app.action(ids.PERSONAL_DATA)(listener(desk, ask))
    app.action({"block_id": ids.PERSONAL_OF, "action_id": ids.PERSONAL_OF})(listener(desk, chosen))
    app.action({"block_id": ids.REVIEWER_OF, "action_id": ids.REVIEWER_OF})(listener(desk, chosen))
    app.options(ids.REVIEWER_OF)(listener(desk, suggest_reviewers))
    app.action(ids.EXPORT_PERSON)(listener(desk, export))
    app.action(ids.ERASE_PERSON)(listener(desk, erase))
    app.action(ids.ERASE_REVIEWER)(listener(desk, erase_reviewer))


async def ask(turn: Turn) -> None:
    """Ask for whom."""
    await turn.ack()
    window = await turn.open(notices.loading(view.TITLE))
    await window.show(await form(await turn.current(), None, None))


async def chosen(turn: Turn) -> None:
    """Offer what can be done for whoever is chosen."""
    await turn.ack()
    newest = turn.is_newest
    drawn = await form(await turn.current(), *view.chosen_in(turn.view))
    await turn.this_window().show(drawn, overrule=newest and turn.is_newest)


async def form(current: Current, person: str | None, sign_off_id: str | None) -> View:
    """Draw the form, for admins; raise NotFound for a link of nobody who is known."""
    async with current.session() as session:
        await permissions.require_admin(session, current.actor)
        reviewer = await people.reviewer(session, UUID(sign_off_id)) if sign_off_id else None
    return view.form(person, reviewer)


async def suggest_reviewers(turn: Turn) -> None:
    """Give those who came by a private link, by the name that they typed."""
    current, typed = await turn.current(), str(turn.body.get("value") or "").strip()
    async with current.session() as session:
        await permissions.require_admin(session, current.actor)
        found = await people.reviewers(session, search=typed)
    await turn.ack(options=[view.reviewer_option(one) for one in found])


async def export(turn: Turn) -> None:
    """Send all that is stored of somebody to whoever asked."""
    await turn.ack()
    window, person = await turn.open(notices.loading(view.TITLE)), turn.value
    current = await turn.current()
    found = await people.export(turn.services, current.actor, person)
    await window.show(notices.done(view.TITLE, exports.ON_ITS_WAY))
    today = datetime.now(current.member.zone).date()
    name = exports.file_name(f"personal-data-{person}", None, "json", today)
    what = f"what is stored of {mrkdwn.person(person)}"
    await by_direct_message(turn, Handed(name, what, written(found)))


async def written(found: dict[str, list[Any]]) -> AsyncIterator[str]:
    """Give it as JSON, line by line."""
    for line in json.dumps(found, indent=1, ensure_ascii=False).splitlines(keepends=True):
        yield line


async def erase(turn: Turn) -> None:
    """Erase a member's name, after the admin confirmed that."""
    await turn.ack()
    window = await turn.open(notices.loading(view.TITLE))
    current = await turn.current()
    number = await people.erase(turn.services, current.actor, turn.value)
    turn.desk.people.forget(current.installed.agency_id, turn.value)
    with afterwards("that a name is erased"):
        await window.show(notices.done(view.TITLE, view.erased(number)))


async def erase_reviewer(turn: Turn) -> None:
    """Erase the name that somebody typed at a private link, after the admin confirmed that."""
    await turn.ack()
    window = await turn.open(notices.loading(view.TITLE))
    current = await turn.current()
    number = await people.erase_reviewer(turn.services, current.actor, UUID(turn.value))
    with afterwards("that a name is erased"):
        await window.show(notices.done(view.TITLE, view.erased(number)))

"""Whether the audit trail is as it was written."""

import asyncio

from slack_bolt.async_app import AsyncApp

from bot import ids
from bot.current import Current
from bot.desk import Desk
from bot.listening import listener
from bot.turn import Turn
from bot.views import notices
from bot.views import verifying as view
from bot.views.verifying import Before, Findings
from core import permissions, trails, verification
from core.errors import PressroomError
from core.verification import Fault, Head, Walk

TOLD_EVERY = 2.0  # seconds


class NoHead(PressroomError):
    """A head is a number and 64 hexadecimal digits, as it stands in Slack: 1234:9f2c… Copy all of it."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button in the trail."""
    app.action(ids.VERIFY)(listener(desk, by_button))


async def by_button(turn: Turn) -> None:
    """Answer the button: without a head from elsewhere."""
    await turn.ack()
    await verify(turn, "")


async def verify(turn: Turn, written: str) -> None:
    """Work every seal out anew, and say what was found; for admins. Raise NotAllowed, NoHead."""
    window = await turn.open(notices.loading(view.TITLE))
    current = await turn.current()
    async with current.session() as session:
        await permissions.require_admin(session, current.actor)
    head, walk = read(written), Walk()
    turn.end()  # it takes long: others need not wait for it
    looking = asyncio.ensure_future(look_through(turn, current, walk, head))
    try:
        while not (await asyncio.wait({looking}, timeout=TOLD_EVERY))[0]:
            await window.show(view.underway(walk.number))
    finally:
        looking.cancel()
    await window.show(view.result(await looking))


async def look_through(turn: Turn, current: Current, walk: Walk, head: Head | None) -> Findings:
    """Give what is not as it was written; the walk tells meanwhile how far it is.

    A head that is not in the trail may be of one from before: of a workspace that left and began anew.
    """
    found, misfit = Findings(), None
    async for fault in verification.verify(turn.services.db, current.actor.agency_id, walk, head):
        if fault.may_be_mistyped:
            misfit = fault
        else:
            found.add(fault)
    found.head = Head(walk.number, walk.last)
    if head and misfit:
        await look_before(turn, current, head, found, misfit)
    return found


async def look_before(turn: Turn, current: Current, head: Head, found: Findings, misfit: Fault) -> None:
    """Look for a head in the trails of before, and add what was found; if it is in none, why it misfits."""
    db = turn.services.db
    *before, _ = await trails.of_workspace(db, current.installed.team_id)
    for trail in before:
        faults = [one async for one in verification.verify(db, trail.agency.id, Walk(), head)]
        if not any(one.may_be_mistyped for one in faults):
            found.before = Before(trail, head.number, len(faults))
            for fault in faults:
                found.add(fault)
            return
    found.add(verification.in_none(head, len(before) + 1) if before else misfit)


def read(written: str) -> Head | None:
    """Read a head that was copied from Slack; raise NoHead."""
    if not written:
        return None
    try:
        return Head.parse(written.strip("`"))
    except ValueError:
        raise NoHead from None

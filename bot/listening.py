"""How a listener is called: with a Turn, and so that it never raises.

An error that leaves a listener right after `ack()` makes Bolt 1.30 lose that ack: its runner overwrites it
before it looks again, and Slack shows a failure although the listener had answered. So none leaves.
"""

import asyncio
from collections.abc import Awaitable, Callable

from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot import complaints, copies, farewell
from bot.afterwards import afterwards
from bot.desk import Desk
from bot.turn import Turn
from core import unseen
from core.unseen import Unseen

Listener = Callable[[Turn], Awaitable[None]]
BoltListener = Callable[[AsyncArgs], Awaitable[None]]


def listener(desk: Desk, function: Listener) -> BoltListener:
    """Make a function that Bolt can call out of one of ours."""

    async def listen(args: AsyncArgs) -> None:
        turn, task = Turn(desk, args), asyncio.current_task()
        assert task is not None
        desk.turns.add(task)
        try:
            await answered(function, turn)
            with afterwards("where a card is"):
                await copies.take_away_if_pressed(turn)
        finally:
            desk.turns.discard(task)
            turn.end()

    listen.__name__ = function.__name__  # Bolt names it in its log
    return listen


async def answered(function: Listener, turn: Turn) -> None:
    """Call a function, and tell the person what went wrong."""
    try:
        if not await farewell.is_said(turn):
            await explained(function, turn)
    except Exception as error:  # noqa: BLE001 every one of them is answered
        await complaints.answer(turn, error)


async def explained(function: Listener, turn: Turn) -> None:
    """Call a function; whoever sees only a card hears who could do what they pressed there."""
    try:
        await function(turn)
    except Unseen as error:
        current = await turn.anyone()
        raise await unseen.explain(turn.services, current.installed.agency_id, error) from error

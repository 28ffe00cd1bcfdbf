"""One thing that a person did in Slack, and the ways to answer it."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any, TypeVar
from uuid import uuid4

from slack_bolt.async_app import AsyncBoltContext
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot import blocks
from bot.blocks import View
from bot.current import Current, HasLeft, Outsider, origin_of, outsider
from bot.desk import Desk
from bot.installations import Installed
from bot.slack_errors import NotInstalled
from bot.window import Window
from core import agencies
from core.models import Role

Result = TypeVar("Result")
BUDGET = 1.8  # seconds, of the three in which Slack wants its answer; the rest is for the way


class Turn:
    """What a listener gets. It acknowledges first, then works, then shows."""

    def __init__(self, desk: Desk, args: AsyncArgs) -> None:
        """Take what Bolt hands to a listener."""
        self.desk, self.services = desk, desk.services
        self.body: dict[str, Any] = args.body
        self.slack, self.respond = args.client, args.respond
        self.window: Window | None = None
        self._ack, self._context = args.ack, args.context
        self._began = time.monotonic()
        self._current: Current | None = None
        self._has_place = False

    # --- what was done -----------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """Slack's word for what was done; `command` and the events' own words included."""
        if "command" in self.body:
            return "command"
        event = self.body.get("event")
        return str(event["type"] if event else self.body.get("type"))

    @property
    def user_id(self) -> str:
        """Who did it."""
        user = self.body.get("user_id") or (self.body.get("user") or {}).get("id")
        return str(user or (self.body.get("event") or {}).get("user") or "")

    @property
    def channel_id(self) -> str | None:
        """Where it was done, when that was in a channel."""
        body = self.body
        event = body.get("event") or {}
        return body.get("channel_id") or (body.get("channel") or {}).get("id") or event.get("channel")

    @property
    def view(self) -> View:
        """The view in which it was done, with what was entered."""
        return self.body.get("view") or {}

    @property
    def in_modal(self) -> bool:
        """Whether it was done in a modal."""
        return self.view.get("type") == "modal"

    @property
    def action(self) -> dict[str, Any]:
        """The element that was used."""
        return next(iter(self.body.get("actions") or []), {})

    @property
    def value(self) -> str:
        """The value of the button that was pressed."""
        return str(self.action.get("value") or "")

    @property
    def is_newest(self) -> bool:
        """Whether nothing newer was done in this view."""
        return self.desk.changes.is_newest(self.view.get("id", ""), self.action.get("action_ts", ""))

    # --- who did it --------------------------------------------------------------------------------------

    async def current(self) -> Current:
        """Give the member who did it; raise Outsider for guests and for people of other workspaces."""
        current = await self.anyone()
        if current.member.role is Role.GUEST:
            raise await outsider(current)
        return current

    async def anyone(self) -> Current:
        """Give whoever did it, guests and people of other workspaces too: for what core decides by itself.

        Raise Outsider for those who have left, HasLeft where all of the workspace has.
        Here the work begins. If Slack has its answer already, it waits for a free place.
        """
        if self.acknowledged and not self._has_place:
            await self.desk.places.acquire()
            self._has_place = True
        if self._current is None:
            installed = await self.installed()
            if installed.has_left:
                raise HasLeft
            people = self.desk.people
            member = await people.anyone(self.slack, installed, self.user_id, is_here=True)
            if member.left_at:
                raise Outsider
            actor = agencies.actor_of(member, origin_of(self.body, installed.team_id))
            self._current = Current(self.services.db, installed, member, actor)
        return self._current

    def is_from_elsewhere(self, current: Current) -> bool:
        """Whether whoever did it is of another workspace: such a person sees our messages, and no Home."""
        theirs = (self.body.get("user") or {}).get("team_id") or current.installed.team_id
        return current.member.role is Role.GUEST and theirs != current.installed.team_id

    async def installed(self) -> Installed:
        """Give the bot in the workspace that this request is for; raise NotInstalled."""
        installed = await self.desk.installations.of_team(team_of(self._context))
        if installed is None:
            raise NotInstalled
        return installed

    # --- answering ---------------------------------------------------------------------------------------

    @property
    def acknowledged(self) -> bool:
        """Whether Slack has its answer."""
        return self._ack.response is not None

    async def ack(self, **said: Any) -> None:
        """Answer Slack: with nothing, with options, or with what a submitted modal becomes."""
        await self._ack(**said)

    def end(self) -> None:
        """Make room for somebody else; what takes long does so before its end."""
        if self._has_place:
            self._has_place = False
            self.desk.places.release()

    async def open(self, view: View) -> Window:
        """Open a modal, or push it onto the open one. Before any work: a click is good for three seconds."""
        call = self.slack.views_push if self.in_modal else self.slack.views_open
        answer = await call(trigger_id=self.body["trigger_id"], view=view)
        self.window = Window.of(self.slack, answer["view"])
        return self.window

    def this_window(self) -> Window:
        """Give the modal in which it was done. What goes wrong is said in another, on top of it."""
        return Window.of(self.slack, self.view)

    def window_below(self) -> Window | None:
        """Give the modal on top of which this one was opened, if there is one."""
        below = self.view.get("previous_view_id")
        return Window(self.slack, {"view_id": str(below)}) if below else None

    def lowest_window(self) -> Window:
        """Give the modal that was opened first, which everything else lies on."""
        return Window(self.slack, {"view_id": str(self.view["root_view_id"])})

    async def in_time(self, work: Awaitable[Result], *, waiting: View) -> Result:
        """Do the work that a submitted modal asks for.

        If it is done within Slack's time, nothing is acknowledged yet. Otherwise `waiting` is pushed; it has
        an external_id, and its window is the turn's, to show the result in.
        """
        task = asyncio.ensure_future(work)
        await asyncio.wait({task}, timeout=max(0.0, BUDGET - (time.monotonic() - self._began)))
        if not task.done():
            await self.ack(response_action="push", view=waiting)
            self.window = Window.pushed(self.slack, waiting["external_id"])
        return await task

    async def become(self, view: View, *, how: str) -> None:
        """Have a submitted modal become `view`, by Slack's `response_action`: update or push.

        Pictures come a moment later: if Slack cannot fetch one, it refuses the whole answer and does not say.
        If the answer is given already, this is drawn in the window that waits.
        """
        if self.acknowledged:
            assert self.window is not None
            await self.window.show(view)
            return
        plain = blocks.without_pictures(view["blocks"])
        await self.ack(response_action=how, view=view | {"blocks": plain})
        if plain != view["blocks"]:
            self.window = Window.pushed(self.slack, view["external_id"])
            await self.window.show(view)


def new_external_id() -> str:
    """Make a name for a view that our reply pushes; Slack does not tell us its own."""
    return f"pressroom:{uuid4()}"


def team_of(context: AsyncBoltContext) -> str | None:
    """Give the workspace whose installation this request is for."""
    result = context.authorize_result
    return (result.team_id if result else None) or context.team_id

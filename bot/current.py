"""Who acts: the agency and the member that a Slack person is, and where they are."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.installations import Installed
from bot.slack_errors import code_of
from core import agencies, permissions
from core.agencies import Person
from core.db import Actor, Database, Origin
from core.errors import NotAllowed
from core.models import Member

CACHED = 60.0  # seconds; who ceases to be an admin is none here after as long, whatever Slack tells us
MOST_CACHED = 10_000
ONLY_MEMBERS = "Pressroom is for the members of the workspace that it is installed in."
UNSEEN = {"user_not_found", "user_not_visible"}


class Outsider(NotAllowed):
    """Pressroom is for the members of the workspace that it is installed in. Ask your contact there."""


class HasLeft(NotAllowed):
    """This workspace has left Pressroom. Open my Home tab: there stands how it can begin anew."""


@dataclass(frozen=True)
class Current:
    """The member who acts, as an actor, and the bot in their workspace."""

    db: Database
    installed: Installed
    member: Member
    actor: Actor

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that sees what this member may see."""
        async with self.db.session(self.actor) as session:
            yield session


async def outsider(current: Current) -> Outsider:
    """Say to somebody from outside that this is not theirs, and whom they can ask."""
    async with current.session() as session:
        names = await permissions.contacts(session)
    if not names:
        async with current.db.session(Actor.program(current.installed.agency_id)) as session:
            names = await permissions.admins(session)
    return Outsider(f"{ONLY_MEMBERS} Ask {permissions.either(names)}.")


class People:
    """Asks Slack who somebody is, and remembers it for a while."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[tuple[UUID, str], tuple[float, Member]] = {}

    async def anyone(
        self, slack: AsyncWebClient, installed: Installed, user_id: str, *, is_here: bool = False
    ) -> Member:
        """Give the member that this person is, guests and strangers too; `is_here` who does something now."""
        until, known = self._known.get((installed.agency_id, user_id), (0.0, None))
        if known and time.monotonic() < until and not (is_here and known.erased_at):
            return known
        person = await ask(slack, installed, user_id)
        member = await agencies.welcome(self._db, installed.agency_id, person, is_here=is_here)
        if len(self._known) >= MOST_CACHED:
            self._known.clear()
        self._known[installed.agency_id, user_id] = (time.monotonic() + CACHED, member)
        return member

    def forget(self, agency_id: UUID, user_id: str) -> None:
        """Ask Slack anew the next time."""
        self._known.pop((agency_id, user_id), None)

    async def renew(self, slack: AsyncWebClient, installed: Installed, told: Person) -> None:
        """Write down what Slack says now of somebody whom we know, once an event tells something else.

        An event may come again after a newer one, so Slack is asked; where it does not answer, that counts.
        """
        self.forget(installed.agency_id, told.slack_user_id)
        if not await agencies.is_news(self._db, installed.agency_id, told):
            return
        try:
            await self.anyone(slack, installed, told.slack_user_id)
        except (SlackClientError, ClientError, OSError):
            await agencies.welcome(self._db, installed.agency_id, told)


async def ask(slack: AsyncWebClient, installed: Installed, user_id: str) -> Person:
    """Ask Slack who this is.

    https://docs.slack.dev/reference/methods/users.info
    """
    try:
        answer = await slack.users_info(user=user_id)
    except SlackApiError as error:
        if code_of(error) in UNSEEN:  # somebody of another workspace, in a shared channel
            return Person(user_id, name=user_id, timezone="UTC", is_admin=False, is_guest=True)
        raise
    return read(answer["user"], installed.team_id)


def read(user: Mapping[str, Any], team_id: str) -> Person:
    """Read Slack's user object. Strangers, guests, bots and people who left are all kept outside."""
    profile = user.get("profile") or {}
    names = (profile.get("real_name"), user.get("real_name"), profile.get("display_name"), user.get("name"))
    outside = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot")
    return Person(
        slack_user_id=str(user["id"]),
        name=next((str(name) for name in names if name), str(user["id"])),
        timezone=str(user.get("tz") or "UTC"),
        is_admin=bool(user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner")),
        is_guest=any(user.get(word) for word in outside) or team_id not in teams_of(user),
        has_left=bool(user.get("deleted")),
    )


def teams_of(user: Mapping[str, Any]) -> set[str]:
    """Give the workspaces that somebody belongs to; on Enterprise Grid there can be several."""
    of_grid = (user.get("enterprise_user") or {}).get("teams") or []
    return {str(user.get("team_id")), *map(str, of_grid)}


def origin_of(body: Mapping[str, Any], team_id: str) -> Origin:
    """Say where in Slack this was done, for the audit trail."""
    container = body.get("container") or {}
    channel = body.get("channel_id") or (body.get("channel") or {}).get("id") or container.get("channel_id")
    message = body.get("message_ts") or container.get("message_ts") or (body.get("message") or {}).get("ts")
    where = {"team": team_id, "channel": channel, "message_ts": message}
    return Origin(slack={name: value for name, value in where.items() if value})

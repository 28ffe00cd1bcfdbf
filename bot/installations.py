"""Which workspaces have the bot, and the token with which each lets it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.lookups import Lookup
from bot.settings import SlackSettings
from core import agencies
from core.db import Actor
from core.models import Agency
from core.services import Services
from core.vault import Token

AT_ONCE = (AsyncConnectionErrorRetryHandler(), AsyncServerErrorRetryHandler())
PATIENTLY = (*AT_ONCE, AsyncRateLimitErrorRetryHandler(max_retry_count=2))
"""For those who have a person waiting: try once more, and wait where Slack says that it is asked too much."""
THERE = 5.0  # seconds until we look again whether our own agency is still there
CACHED = 60.0  # seconds; an uninstallation that another process hears of counts here after as long


@dataclass(frozen=True)
class Installed:
    """The bot in one workspace; `has_left` where its agency is gone, and no other has begun."""

    agency_id: UUID
    team_id: str
    bot_id: str
    bot_user_id: str
    token: Token
    has_left: bool = False


def web_client(
    slack: SlackSettings, token: Token | None = None, *, retries: Sequence[AsyncRetryHandler] = ()
) -> AsyncWebClient:
    """Make a client of Slack's Web API. Without `retries` each call is made once, whatever becomes of it."""
    text = token.reveal() if token else None
    return AsyncWebClient(text, base_url=slack.api_url, session=slack.session, retry_handlers=list(retries))


class Installations:
    """Finds installations: that of the token in the settings, or those that Slack's OAuth gave us."""

    def __init__(self, services: Services, slack: SlackSettings) -> None:
        self._services, self._slack = services, slack
        self._own = Lookup(self._look, holds=THERE)
        self._stored: dict[str, Lookup[Installed | None]] = {}

    async def of_team(self, team_id: str | None) -> Installed | None:
        """Give a workspace's installation. With one workspace, everything is answered as that one's.

        Raise SlackApiError when Slack does not accept the token in the settings.
        """
        own = await self.own()
        if own and (own.team_id == team_id or not self._slack.many_workspaces):
            return own
        return await self._of_oauth(team_id) if team_id and self._slack.many_workspaces else None

    async def of_agency(self, agency_id: UUID) -> Installed | None:
        """Give an agency's installation."""
        if (own := await self.own()) and own.agency_id == agency_id:
            return own
        async with self._services.db.session(Actor.program(agency_id)) as session:
            agency = await session.get(Agency, agency_id)
        found = await self.of_team(agency.slack_team_id) if agency else None
        return found if found and found.agency_id == agency_id else None

    def forget(self, team_id: str) -> None:
        """Look it up anew the next time."""
        self._stored.pop(team_id, None)
        self._own.doubt()

    def client(self, installed: Installed) -> AsyncWebClient:
        """Make a client that acts as the bot in this workspace, for who has their own way to try again.

        After a lost answer, a message may stand there already: a second call would post it twice.
        """
        return web_client(self._slack, installed.token)

    async def own(self) -> Installed | None:
        """Give the installation of the token in the settings, if there is one; ask Slack once whose it is.

        A workspace that has left is another agency once an admin has it begin anew.
        """
        return await self._own.answer() if self._slack.bot_token else None

    async def begin_anew(self, *, by: str) -> None:
        """Make an agency of our own workspace, which left, for an admin; the same one for whoever is late."""
        if self._slack.bot_token:
            self._own.know(await self._ask(self._slack.bot_token, by=by))

    async def _look(self) -> Installed:
        assert self._slack.bot_token
        return await self._still_there() or await self._ask(self._slack.bot_token)

    async def _still_there(self) -> Installed | None:
        if (own := self._own.known) is None:
            return None
        agency_id = await agencies.find(self._services.db, own.team_id)
        return own if agency_id == (None if own.has_left else own.agency_id) else None

    async def _ask(self, token: Token, *, by: str | None = None) -> Installed:
        said = await web_client(self._slack, token, retries=AT_ONCE).auth_test()
        db, team_id = self._services.db, str(said["team_id"])
        bot = str(said.get("bot_id") or ""), str(said["user_id"])
        if by is None and (gone := await agencies.left(db, team_id)):
            return Installed(gone, team_id, *bot, token, has_left=True)
        agency_id = await agencies.ensure(db, slack_team_id=team_id, name=said.get("team") or team_id, by=by)
        await agencies.come_back(db, agency_id)
        return Installed(agency_id, team_id, *bot, token)

    async def _of_oauth(self, team_id: str) -> Installed | None:
        lookup = self._stored.setdefault(team_id, Lookup(partial(self._read, team_id), holds=CACHED))
        if (installed := await lookup.answer()) is None:
            self._stored.pop(team_id, None)  # whoever installs it just now need not wait for a minute
        return installed

    async def _read(self, team_id: str) -> Installed | None:
        found = await agencies.installation(self._services.db, self._services.vault, team_id)
        return found and Installed(
            found[0].agency_id, team_id, found[0].bot_id, found[0].bot_user_id, token=found[1]
        )

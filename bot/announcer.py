"""Shows people in Slack what became of a post, and what happened on the web."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import cockpit, copies, mrkdwn
from bot.homes import Homes
from bot.installations import Installations
from bot.settings import SlackSettings
from bot.slack_errors import NOT_THERE, NotInstalled, code_of, translated
from bot.views import alerts, card, connect, departures, summary, thread, witness
from bot.views.card import Message
from bot.window import with_pictures
from core import accounts, agencies, cards, clients, differences, grace, media, pauses, posts
from core import alerts as core_alerts
from core import departures as core_departures
from core.db import Actor, Origin
from core.differences import Difference
from core.models import Agency, AuditHead, Card, Member, PublicationState
from core.pauses import Pause
from core.posts import PostView
from core.services import Services

logger = logging.getLogger(__name__)
PICTURE_LASTS = 7 * 24 * 3600  # seconds; signed anew each time the card is drawn
OF_MANY = {"many_late"}  # what is asked about more than one post stands in no post's thread
GONE = (
    ":information_source: The card was deleted; here it is again. "
    "Who did what until now stands in `/social audit`."
)
OUT_OF_REACH = GONE.replace("The card was deleted", "I can no longer change the card where it stood")
LOST = {
    "message_not_found": GONE,
    "cant_update_message": OUT_OF_REACH,
    "channel_not_found": OUT_OF_REACH,
    "edit_window_closed": OUT_OF_REACH,
}
ONLY_WHEN_POSTED = {"unfurl_links", "unfurl_media"}


class SlackAnnouncer:
    """Implements core's Announcer and Notifier. No transaction is open while Slack is asked."""

    def __init__(self, services: Services, *, slack: SlackSettings) -> None:
        self._services = services
        self._installations = Installations(services, slack)
        self._homes = Homes(services.db)

    async def close(self) -> None:
        """Stop drawing."""
        await self._homes.close()

    async def show_card(self, agency_id: UUID, post_id: UUID) -> None:
        """Post the card, or redraw it in place. Raise TryAgainLater when Slack asks us to wait."""
        async with translated():
            slack = await self._slack(agency_id)
            post, row, pause = await self._read(agency_id, post_id)
            if row is None:
                return
            message = card.message(card.Card(post, self._picture(post), pause))
            if row.ts is None:
                await self._post(slack, agency_id, row, post, message)
            elif lost := await redrawn(slack, row, message):
                await cards.fell(self._services.db, agency_id, post_id, ts=row.ts)
                if place := await self._post(slack, agency_id, row, post, message):
                    await slack.chat_postMessage(channel=place[0], thread_ts=place[1], text=lost)
            self._homes.redraw(slack, post.author)

    async def reply(self, agency_id: UUID, post_id: UUID, payload: dict[str, Any]) -> None:
        """Say something in the card's thread; post the card first if it is not there."""
        post, row, _ = await self._read(agency_id, post_id)
        if row is not None and row.ts is None:
            await self.show_card(agency_id, post_id)
            post, row, _ = await self._read(agency_id, post_id)
        said = reply_of(post, payload, await self._differences(agency_id, post_id, payload))
        if row is None or said is None:
            return
        thread_ts = None if payload["kind"] in OF_MANY else row.ts
        async with translated():
            slack = await self._slack(agency_id)
            await slack.chat_postMessage(channel=row.channel_id, thread_ts=thread_ts, **said)

    async def summarize(self, agency_id: UUID, member_id: UUID) -> None:
        """Tell a member what waits for them, if anything does. Raise TryAgainLater as `show_card` does."""
        async with self._services.db.session(Actor.program(agency_id)) as session:
            member = await session.get_one(Member, member_id)
        async with self._services.db.session(agencies.actor_of(member, Origin())) as session:
            told = summary.message(await cockpit.summary_of(session, member))
        if told:
            async with translated():
                await post(await self._slack(agency_id), member.slack_user_id, told)

    async def witness(self, agency_id: UUID, head: AuditHead) -> None:
        """Post how far the audit trail goes where the agency wants it. Raise as `show_card` does."""
        async with self._services.db.session(Actor.program(agency_id)) as session:
            channel_id = (await session.get_one(Agency, agency_id)).audit_channel_id
        if channel_id:
            async with translated():
                await post(await self._slack(agency_id), channel_id, witness.message(head))

    async def alert(self, agency_id: UUID, alert_id: UUID) -> None:
        """Tell a member that a login ends soon, or has ended. Raise TryAgainLater as `show_card` does."""
        async with self._services.db.session(Actor.program(agency_id)) as session:
            told = await core_alerts.load(session, alert_id)
        async with translated():
            await post(await self._slack(agency_id), told.member.slack_user_id, alerts.message(told))

    async def departing(self, agency_id: UUID, departure_id: UUID) -> None:
        """Tell a client's channel that the client is being removed, if the bot is there; as `show_card`."""
        departure = await core_departures.load(self._services, agency_id, departure_id)
        if departure.channel_id is None:
            return
        async with translated():
            slack = await self._slack(agency_id)
            try:
                await post(slack, departure.channel_id, departures.for_channel(departure))
            except SlackApiError as error:
                if code_of(error) not in NOT_THERE:
                    raise
                logger.info("cannot write in %s: %s", departure.channel_id, code_of(error))

    async def departed(self, agency_id: UUID, departure_id: UUID) -> None:
        """Tell whoever had a client removed that it is gone, and where its export is; as `show_card` does."""
        departure = await core_departures.load(self._services, agency_id, departure_id)
        if departure.asked_by:
            message = departures.done(departure, core_departures.address(self._services, departure))
            async with translated():
                await post(await self._slack(agency_id), departure.asked_by, message)

    async def farewell(self, agency_id: UUID) -> None:
        """Tell whoever had an agency leave that everything is gone; as `show_card` does."""
        async with self._services.db.session(Actor.program(agency_id)) as session:
            agency = await session.get(Agency, agency_id)
        if agency is None:
            return
        message = departures.gone(agency.name, await grace.exports(self._services, agency_id))
        async with translated():
            await post(await self._slack(agency_id), str(agency.leaving_by), message)

    async def accounts_connected(
        self, agency_id: UUID, *, client_id: UUID, member_id: UUID, account_ids: list[UUID]
    ) -> None:
        """Tell the client's channel, or else the member, what was connected; and redraw the member's Home."""
        async with self._services.db.session(Actor.program(agency_id)) as session:
            client = await clients.get(session, client_id)
            member = await session.get_one(Member, member_id)
            found = [await accounts.get(session, one) for one in account_ids]
        async with translated():
            slack = await self._slack(agency_id)
            message = connect.connected(client, member.slack_user_id, found)
            await posted(slack, client.slack_channel_id, member.slack_user_id, message)
            self._homes.redraw(slack, member)

    async def _slack(self, agency_id: UUID) -> AsyncWebClient:
        installed = await self._installations.of_agency(agency_id)
        if installed is None:
            raise NotInstalled
        return self._installations.client(installed)

    async def _read(self, agency_id: UUID, post_id: UUID) -> tuple[PostView, Card | None, Pause | None]:
        async with self._services.db.session(Actor.program(agency_id)) as session:
            post, row = await posts.load(session, post_id), await session.get(Card, post_id)
            return post, row, await pauses.of_client(session, post.client)

    async def _differences(
        self, agency_id: UUID, post_id: UUID, payload: dict[str, Any]
    ) -> Sequence[Difference]:
        if "was_version" not in payload:
            return ()
        versions = payload["was_version"], payload["version"]
        async with self._services.db.session(Actor.program(agency_id)) as session:
            return await differences.between(session, post_id, *versions)

    def _picture(self, post: PostView) -> str | None:
        if post.media is None:
            return None
        return media.address(self._services, post.media.id, media.THUMBNAIL, seconds=PICTURE_LASTS)

    async def _post(
        self, slack: AsyncWebClient, agency_id: UUID, row: Card, post: PostView, message: Message
    ) -> tuple[str, str] | None:
        channel_id, ts = await posted(slack, row.channel_id, post.author.slack_user_id, message)
        db, place = self._services.db, {"channel_id": channel_id, "ts": ts}
        if await cards.stands(db, agency_id, row.post_id, **place):
            return channel_id, ts
        await copies.take_away(slack, **place)  # an earlier one was taken after all
        return None


async def redrawn(slack: AsyncWebClient, row: Card, message: Message) -> str:
    """Edit the card in place; give what to say of it if that cannot be, or nothing."""
    said = {name: value for name, value in message.items() if name not in ONLY_WHEN_POSTED}
    try:
        await with_pictures(
            lambda drawn: slack.chat_update(channel=row.channel_id, ts=str(row.ts), **drawn), said
        )
    except SlackApiError as error:
        if code_of(error) in LOST:
            return LOST[code_of(error)]
        raise
    return ""


async def posted(
    slack: AsyncWebClient, channel_id: str | None, slack_user_id: str, message: Message
) -> tuple[str, str]:
    """Post in a channel; where the bot cannot, send it to the person, and say how to change that.

    Give the channel's id and the message's ts.
    """
    try:
        return await post(slack, channel_id or slack_user_id, message)
    except SlackApiError as error:
        if channel_id is None or code_of(error) not in NOT_THERE:
            raise
        logger.info("cannot write in %s: %s", channel_id, code_of(error))
    await slack.chat_postMessage(channel=slack_user_id, text=uninvited(channel_id))
    return await post(slack, slack_user_id, message)


async def post(slack: AsyncWebClient, channel_id: str, message: Message) -> tuple[str, str]:
    """Post a message; a person's id opens the direct messages with them."""
    answer = await with_pictures(lambda drawn: slack.chat_postMessage(channel=channel_id, **drawn), message)
    return str(answer["channel"]), str(answer["ts"])


def uninvited(channel_id: str) -> str:
    """Say why a card does not stand where it should."""
    return (
        f":information_source: I cannot write in {mrkdwn.channel(channel_id)}, so this comes to you. "
        "Invite me there with `/invite`, and the next one goes there."
    )


def reply_of(post: PostView, payload: dict[str, Any], changes: Sequence[Difference] = ()) -> Message | None:
    """Find the words for what is owed to the thread; `changes` are those that it tells of."""
    kind = payload.get("kind")
    if kind in OF_MANY:
        return thread.many_late(post, payload["count"])
    if "publication_id" not in payload:
        return thread.told(post, payload, changes)
    pairs = {str(one.id): (account, one) for account, one in card.Card(post).pairs}
    pair = pairs.get(str(payload["publication_id"]))
    if pair and kind == "waits_for_login":
        return thread.waits_for_login(post, *pair)
    if pair and kind == accounts.DISCONNECTED:
        return thread.disconnected(post, *pair, payload)
    if pair is None or kind not in {state.value for state in PublicationState}:
        return None
    return thread.reply(post, *pair, PublicationState(kind))

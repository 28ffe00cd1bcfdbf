"""The composer: what is published, for which client, on which of its accounts.

Fields keep their block_id and action_id from one drawing to the next, so that Slack keeps what was typed in
them. Only the accounts' block is named after the client: another client's accounts start out empty.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID, uuid4

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import menus
from bot.views.again import Again, Base
from bot.views.pictures import KEEP, MOST_PICTURES, NONE_OF_THESE, Picture, kept_picture, picture_part
from core.models import Account, Client, Platform

LONGEST_CAPTION = 3000  # characters; Slack's own limit for a field


@dataclass(frozen=True)
class Start:
    """What a composer was opened with, and carries along: small enough for private_metadata."""

    post_id: UUID
    card_channel: str  # where the card goes when the client has no channel of its own: a channel, or a person
    pictures: tuple[Picture, ...] = ()
    again: Again | None = None

    @classmethod
    def new(cls, card_channel: str, pictures: Sequence[Picture] = ()) -> Self:
        """Begin a post."""
        return cls(uuid4(), card_channel, tuple(pictures[:MOST_PICTURES]))

    @property
    def base(self) -> Base | None:
        """What is to be changed, when that was sent on its way before."""
        return self.again.base if self.again else None

    def dump(self) -> str:
        """Write it for private_metadata."""
        pictures = [[one.file_id, one.name, one.shown] for one in self.pictures]
        said = {"post": str(self.post_id), "channel": self.card_channel, "pictures": pictures}
        return json.dumps(said | ({"again": self.again.dump()} if self.again else {}))

    @classmethod
    def load(cls, metadata: str) -> Self:
        """Read it back."""
        said = json.loads(metadata)
        pictures = tuple(Picture(*one) for one in said["pictures"])
        again = Again.load(said["again"]) if "again" in said else None
        return cls(UUID(said["post"]), said["channel"], pictures, again)


@dataclass(frozen=True)
class Composer:
    """What the composer shows, and what it is filled in with."""

    start: Start
    client: Client | None = None
    accounts: tuple[Account, ...] = ()
    chosen: tuple[UUID, ...] = ()  # of the accounts, in their order
    caption: str = ""
    link: str | None = None
    alt_text: str | None = None
    due_at: datetime | None = None
    picture: str | None = None  # the address of the one that the post has
    notice: str | None = None  # a sentence in mrkdwn, at the top
    objection: Sequence[Block] = ()  # why it is to be changed
    may_connect: bool = False
    managers: tuple[str, ...] = ()  # whom to ask: their Slack ids


@dataclass(frozen=True)
class Draft:
    """What a person entered."""

    start: Start
    client_id: UUID | None
    accounts_of: UUID | None  # the client whose accounts were on offer
    account_ids: tuple[UUID, ...]
    caption: str
    upload: Mapping[str, Any] | None  # Slack's file object
    chosen: str | None  # the id of one of the message's pictures
    keeps: bool  # the picture that the post has
    address: str | None
    alt_text: str | None
    link: str | None
    due_at: datetime | None


# --- what the person sees -------------------------------------------------------------------------------


def view(composer: Composer) -> View:
    """Draw the composer."""
    return blocks.modal(
        "Edit post" if composer.start.base else "New post",
        list(body(composer)),
        callback_id=ids.COMPOSER,
        submit="Preview",
        close="Cancel",
        metadata=composer.start.dump(),
    )


def body(composer: Composer) -> Iterator[Block]:
    """Give the fields, in the order in which people think."""
    yield from composer.objection
    if composer.notice:
        yield blocks.section(composer.notice)
    yield client_part(composer)
    yield from accounts_part(composer)
    yield caption_field(composer.caption)
    again = composer.start.again
    if again and again.media_id:
        yield from kept_picture(composer.picture)
    yield from picture_part(
        composer.start.pictures, has_one=bool(again and again.media_id), alt_text=composer.alt_text
    )
    if composer.client is None or any(one.platform is Platform.FACEBOOK for one in composer.accounts):
        yield link_field(composer.link)
    yield menus.time_field(composer.due_at)


def was_to_go_out(due_at: datetime) -> str:
    """Say that the time that was chosen is over."""
    return (
        f":alarm_clock: This was to go out {mrkdwn.moment(due_at)}. "
        "Choose another time, or none to publish it at once."
    )


def no_longer_there(accounts: Sequence[Account]) -> str:
    """Say that a post was for accounts that are disconnected."""
    names = mrkdwn.listed([f"{one.platform.title} {mrkdwn.escape(one.label)}" for one in accounts])
    are, them = ("is", "it") if len(accounts) == 1 else ("are", "them")
    return (
        f":electric_plug: {names} {are} disconnected. After this change the post no longer goes there; "
        f"to keep {them}, close this, and have {them} connected again with `/social connect`."
    )


def client_part(composer: Composer) -> Block:
    """Give the choice of the client; a post that is there already stays that client's."""
    if composer.start.again and composer.client:
        return blocks.section(f"*Client*\n{mrkdwn.escape(composer.client.name)}")
    return blocks.field("Client", menus.client_select(composer.client), ids.CLIENT, dispatch=True)


def caption_field(caption: str) -> Block:
    """Give the field for the words."""
    element = {
        "type": "plain_text_input",
        "action_id": ids.CAPTION,
        "multiline": True,
        "placeholder": blocks.plain("What do you want to say?"),
    }
    return blocks.field(
        "Caption",
        element | ({"initial_value": caption[:LONGEST_CAPTION]} if caption else {}),
        ids.CAPTION,
        hint="Instagram takes up to 2,200 characters, 30 hashtags and 20 mentions.",
        optional=True,
    )


def link_field(link: str | None) -> Block:
    """Give the field for a page that Facebook shows a preview of."""
    return blocks.field(
        "Link",
        {"type": "url_text_input", "action_id": ids.LINK} | ({"initial_value": link} if link else {}),
        ids.LINK,
        hint="Only for Facebook, and only without a picture: Facebook then shows a preview of the page.",
        optional=True,
    )


def accounts_part(composer: Composer) -> Iterator[Block]:
    """Give the choice of the accounts, or what to do first."""
    if composer.client is None:
        yield blocks.context("Choose a client, and its accounts show up here.")
    elif composer.accounts:
        yield menus.accounts_field(composer.client, composer.accounts, composer.chosen)
    elif composer.may_connect:
        yield blocks.section(
            f"{mrkdwn.bold(composer.client.name)} has no accounts yet.",
            blocks.button("Connect an account", ids.CONNECT, str(composer.client.id)),
        )
    else:
        whom = " or ".join(map(mrkdwn.person, composer.managers)) or "one of your agency's admins"
        yield blocks.section(
            f"{mrkdwn.bold(composer.client.name)} has no accounts yet. Ask {whom} to connect one."
        )


def nobody_to_publish_for(*, is_admin: bool) -> View:
    """Say what to do when a member has no client yet."""
    if is_admin:
        return blocks.modal(
            "New post",
            [
                blocks.section(
                    "*There are no clients yet.*\nA client is a brand that you publish for. Add one, "
                    "connect its Instagram and Facebook accounts, and you are ready to publish."
                ),
                blocks.actions(blocks.button("Add a client", ids.ADD_CLIENT, style="primary")),
            ],
            callback_id=ids.NOTICE,
        )
    return blocks.modal(
        "New post",
        [
            blocks.section(
                "*You do not work for a client yet.*\nAsk a manager of your client, or one of your agency's "
                "admins (an owner or admin of this workspace), to add you with `/social clients`."
            )
        ],
        callback_id=ids.NOTICE,
    )


# --- what the person entered ----------------------------------------------------------------------------


def parse(view: Mapping[str, Any]) -> Draft:
    """Read what was entered: what is missing is None, or empty."""
    said = blocks.values(view)
    accounts_block = next((name for name in said if name.startswith(f"{ids.ACCOUNTS}:")), None)
    chosen, start = option_value(said, ids.CHOSEN), Start.load(view["private_metadata"])
    return Draft(
        start=start,
        client_id=start.again.client_id if start.again else as_uuid(option_value(said, ids.CLIENT)),
        accounts_of=as_uuid(accounts_block.partition(":")[2]) if accounts_block else None,
        account_ids=tuple(
            UUID(one["value"]) for one in (said.get(accounts_block or "", {}).get("selected_options") or [])
        ),
        caption=typed(said, ids.CAPTION) or "",
        upload=next(iter(said.get(ids.IMAGE, {}).get("files") or []), None),
        chosen=chosen if chosen != NONE_OF_THESE else None,
        keeps=option_value(said, ids.KEPT) == KEEP,
        address=typed(said, ids.ADDRESS),
        alt_text=typed(said, ids.ALT_TEXT),
        link=typed(said, ids.LINK),
        due_at=time_of(said),
    )


def time_of(said: Mapping[str, Block]) -> datetime | None:
    """Give the moment that was picked, if one was."""
    picked = said.get(ids.TIME, {}).get("selected_date_time")
    return datetime.fromtimestamp(picked, UTC) if picked else None


def typed(said: Mapping[str, Block], block_id: str) -> str | None:
    """Give what was typed into a field; spaces alone are nothing."""
    return (said.get(block_id, {}).get("value") or "").strip() or None


def option_value(said: Mapping[str, Block], block_id: str) -> str | None:
    """Give the value of the option that was chosen."""
    option = said.get(block_id, {}).get("selected_option")
    return option["value"] if option else None


def as_uuid(text: str | None) -> UUID | None:
    """Read an id."""
    return UUID(text) if text else None

"""The composer: what is published, for which client, on which of its accounts.

Fields keep their block_id and action_id from one drawing to the next, so that Slack keeps what was typed in
them. Only the accounts' block is named after the client: another client's accounts start out empty.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID, uuid4

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import menus
from bot.views.pictures import MOST_PICTURES, NONE_OF_THESE, Picture, picture_part
from core.models import Account, Client, Platform

LONGEST_CAPTION = 3000  # characters; Slack's own limit for a field


@dataclass(frozen=True)
class Start:
    """What a composer was opened with, and carries along: small enough for private_metadata."""

    post_id: UUID
    card_channel: str  # where the card goes when the client has no channel of its own: a channel, or a person
    pictures: tuple[Picture, ...] = ()

    @classmethod
    def new(cls, card_channel: str, pictures: Sequence[Picture] = ()) -> Self:
        """Begin a post."""
        return cls(uuid4(), card_channel, tuple(pictures[:MOST_PICTURES]))

    def dump(self) -> str:
        """Write it for private_metadata."""
        pictures = [[one.file_id, one.name, one.shown] for one in self.pictures]
        return json.dumps({"post": str(self.post_id), "channel": self.card_channel, "pictures": pictures})

    @classmethod
    def load(cls, metadata: str) -> Self:
        """Read it back."""
        said = json.loads(metadata)
        pictures = tuple(Picture(*one) for one in said["pictures"])
        return cls(UUID(said["post"]), said["channel"], pictures)


@dataclass(frozen=True)
class Composer:
    """What the composer shows."""

    start: Start
    client: Client | None = None
    accounts: tuple[Account, ...] = ()
    caption: str = ""
    notice: str | None = None  # a sentence in mrkdwn, at the top
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
    address: str | None
    alt_text: str | None
    link: str | None


# --- what the person sees -------------------------------------------------------------------------------


def view(composer: Composer) -> View:
    """Draw the composer."""
    return blocks.modal(
        "New post",
        list(body(composer)),
        callback_id=ids.COMPOSER,
        submit="Preview",
        close="Cancel",
        metadata=composer.start.dump(),
    )


def body(composer: Composer) -> Iterator[Block]:
    """Give the fields, in the order in which people think."""
    if composer.notice:
        yield blocks.section(composer.notice)
    yield blocks.field("Client", menus.client_select(composer.client), ids.CLIENT, dispatch=True)
    yield from accounts_part(composer)
    yield blocks.field(
        "Caption",
        {
            "type": "plain_text_input",
            "action_id": ids.CAPTION,
            "multiline": True,
            "placeholder": blocks.plain("What do you want to say?"),
        }
        | ({"initial_value": composer.caption[:LONGEST_CAPTION]} if composer.caption else {}),
        ids.CAPTION,
        hint="Instagram takes up to 2,200 characters, 30 hashtags and 20 mentions.",
        optional=True,
    )
    yield from picture_part(composer.start.pictures)
    if composer.client is None or any(one.platform is Platform.FACEBOOK for one in composer.accounts):
        yield blocks.field(
            "Link",
            {"type": "url_text_input", "action_id": ids.LINK},
            ids.LINK,
            hint="Only for Facebook, and only without a picture: Facebook then shows a preview of the page.",
            optional=True,
        )


def accounts_part(composer: Composer) -> Iterator[Block]:
    """Give the choice of the accounts, or what to do first."""
    if composer.client is None:
        yield blocks.context("Choose a client, and its accounts show up here.")
    elif composer.accounts:
        yield menus.accounts_field(composer.client, composer.accounts)
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
    chosen = option_value(said, ids.CHOSEN)
    return Draft(
        start=Start.load(view["private_metadata"]),
        client_id=as_uuid(option_value(said, ids.CLIENT)),
        accounts_of=as_uuid(accounts_block.partition(":")[2]) if accounts_block else None,
        account_ids=tuple(
            UUID(one["value"]) for one in (said.get(accounts_block or "", {}).get("selected_options") or [])
        ),
        caption=typed(said, ids.CAPTION) or "",
        upload=next(iter(said.get(ids.IMAGE, {}).get("files") or []), None),
        chosen=chosen if chosen != NONE_OF_THESE else None,
        address=typed(said, ids.ADDRESS),
        alt_text=typed(said, ids.ALT_TEXT),
        link=typed(said, ids.LINK),
    )


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

"""Connecting an account: the private links, and the choice of the client before them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views.menus import client_select
from core.models import Account, Client, Platform

WORDS = {Platform.INSTAGRAM: "Connect Instagram", Platform.FACEBOOK: "Connect a Facebook Page"}


def question(notice: str | None = None) -> dict[str, Any]:
    """Ask for which client, in a message that only this person sees; `notice` is mrkdwn."""
    asked = "*Connect an account*\nFor which client?"
    return {
        "text": "Connect an account: for which client?",
        "blocks": [
            *([blocks.section(notice)] if notice else []),
            blocks.section(asked, client_select(None), block_id=ids.CONNECT_FOR),
        ],
    }


def nobody(*, is_admin: bool) -> dict[str, Any]:
    """Say what to do when a member has no client yet."""
    if is_admin:
        text = "There are no clients yet. Add one first: accounts belong to a client."
        button = blocks.button("Add a client", ids.ADD_CLIENT, style="primary")
        return {"text": text, "blocks": [blocks.section(text), blocks.actions(button)]}
    text = (
        "You do not work for a client yet. Ask one of your agency's admins to add you with `/social clients`."
    )
    return {"text": text, "blocks": [blocks.section(text)]}


def links(client: Client, addresses: Mapping[Platform, str]) -> View:
    """Show the links in a modal."""
    return blocks.modal("Connect an account", body(client, addresses), callback_id=ids.NOTICE)


def message(client: Client, addresses: Mapping[Platform, str]) -> dict[str, Any]:
    """Show the links in a message that only this person sees."""
    return {"text": f"Connect an account for {mrkdwn.escape(client.name)}", "blocks": body(client, addresses)}


def body(client: Client, addresses: Mapping[Platform, str]) -> list[Block]:
    """Give a button for each link; each is good for one person, once, for a quarter of an hour."""
    buttons = [
        blocks.button(WORDS[platform], f"{ids.OPEN_LINK}:{platform.value}", url=address, style=style)
        for (platform, address), style in zip(addresses.items(), ("primary", None), strict=False)
    ]
    return [
        blocks.section(
            f"*Connect an account for {mrkdwn.escape(client.name)}*\n"
            "You log in at Meta and choose the accounts there. I never see your password."
        ),
        blocks.actions(*buttons),
        blocks.context("These links are for you alone. They work once, for 15 minutes."),
    ]


def connected(client: Client, by: str, accounts: list[Account]) -> dict[str, Any]:
    """Tell the client's channel what was connected; `by` is a Slack id."""
    names = ", ".join(
        f"{account.platform.title} {mrkdwn.fitted(account.label, 200)}" for account in accounts[:20]
    )
    more = f" and {len(accounts) - 20} more" if len(accounts) > 20 else ""  # noqa: PLR2004 as many as above
    text = (
        f":link: {mrkdwn.person(by)} connected {names}{more} for {mrkdwn.bold(client.name)}. "
        "You can publish there with `/publish`."
    )
    return {"text": text, "blocks": [blocks.section(text)], "unfurl_links": False, "unfurl_media": False}


def parse(action: Mapping[str, Any]) -> UUID | None:
    """Read the client that was chosen."""
    option = action.get("selected_option")
    return UUID(option["value"]) if option else None

"""What the bot can do: the same words for `/publish help`, `/social`, a mention and a direct message."""

from typing import Any

from bot import blocks, ids, mrkdwn

LINES = (
    ("/publish", "write a post and publish it; in a client's channel, that client is chosen already"),
    ("/publish name", "the same, for the client of that name"),
    ("/social queue", "see what goes out when; move, change, cancel it, or publish it now"),
    ("/social connect", "connect an Instagram account or a Facebook Page of a client"),
    ("/social accounts", "see how the accounts are doing, reconnect or disconnect them"),
    ("/social clients", "see the clients and their people; managers and admins change them"),
    ("/social clients remove", "remove a client for good; you get its posts and its audit trail as a file"),
    ("/social approval", "say who must approve a client's posts before they go out"),
    ("/social pause", "emergency stop: nothing of a client goes out, or of all of them"),
    ("/social resume", "let it go on; what is too late by then asks first"),
    ("/social audit", "see who did what: of a client, a person, some days"),
    ("/social audit export", "take that away as a file: all of it, or of the client that you name"),
    ("/social audit month", "see what a client's month came to, for the bill"),
    ("/social audit verify", "check that nobody has changed it; admins only"),
    ("/social leave", "have all of this workspace deleted here, at once; admins only"),
    ("/social help", "see this"),
)
TIP = (
    "Is the picture in Slack already? Choose *Publish this* from the menu of its message. "
    "And my *Home* tab shows how everything is doing."
)


def message(unknown: str | None = None) -> dict[str, Any]:
    """Say what there is; `unknown` is a word that the person tried and that is not."""
    lines = "\n".join(f"`{command}`  {what}" for command, what in LINES)
    first = f"I do not know `{mrkdwn.fitted(unknown.replace('`', ''), 100)}`. " if unknown else ""
    return {
        "text": f"{first}Here is what I can do: /publish, /social queue, /social connect and more.",
        "blocks": [
            blocks.section(f"{first}*Here is what I can do*\n{lines}"),
            blocks.context(TIP),
            blocks.actions(blocks.button("New post", ids.COMPOSE, style="primary")),
        ],
    }

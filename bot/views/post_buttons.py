"""The buttons with which people change a post that still waits, on its card and in lists."""

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from core.posts import PostView


def now_button(post: PostView) -> Block:
    """Offer to publish at once; it asks first."""
    count = len(post.accounts)
    where = post.accounts[0].label if count == 1 else f"{count} accounts"
    asked = blocks.confirmation(
        "Publish it now?",
        f"It goes out at once on {mrkdwn.shortened(where, 150)} ({mrkdwn.shortened(post.client.name, 80)}).",
        yes="Publish now",
    )
    return blocks.button("Publish now", ids.PUBLISH_POST_NOW, str(post.post.id), confirm=asked)


def move_button(post: PostView, words: str = "Move") -> Block:
    """Offer another time."""
    return blocks.button(words, ids.MOVE_POST, str(post.post.id))


def edit_button(post: PostView) -> Block:
    """Offer to change what it says, where it goes, and when."""
    return blocks.button("Edit", ids.EDIT_POST, str(post.post.id))


def cancel_button(post: PostView) -> Block:
    """Offer to call it off; it asks first."""
    asked = blocks.confirmation(
        "Cancel this post?",
        f"This post of {mrkdwn.shortened(post.client.name, 80)} goes out nowhere, except where it is live "
        "already. This cannot be undone.",
        yes="Cancel post",
        no="Keep it",
        danger=True,
    )
    return blocks.button("Cancel post", ids.CANCEL_POST, str(post.post.id), style="danger", confirm=asked)

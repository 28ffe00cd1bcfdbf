"""The buttons with which people change a post that still waits, on its card and in lists."""

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from core.posts import PostView


def now_button(post: PostView) -> Block:
    """Offer to publish at once; it asks first."""
    count = len(post.accounts)
    where = post.accounts[0].label if count == 1 else f"{count} accounts"
    whose = "" if where == post.client.name else f", for {mrkdwn.shortened(post.client.name, 60)}"
    goes = "Everybody is asked to approve it anew, and then it goes" if asks_anew(post) else "It goes"
    asked = blocks.confirmation(
        "Publish it now?",
        f"{quoted(post)}{goes} out at once on {mrkdwn.shortened(where, 80)}{whose}.",
        yes="Publish now",
    )
    return blocks.button("Publish now", ids.PUBLISH_POST_NOW, str(post.post.id), confirm=asked)


def asks_anew(post: PostView) -> bool:
    """Say whether another time has everybody asked once more: the client's policy says so."""
    return post.standing is not None and post.standing.policy.time_counts


def quoted(post: PostView) -> str:
    """Give how a post begins: the cards of a client stand close together."""
    first = post.version.caption.strip().split("\n")[0]
    return f"“{mrkdwn.shortened(first, 60)}”\n" if first else ""


def move_button(post: PostView, words: str = "Move") -> Block:
    """Offer another time."""
    return blocks.button(words, ids.MOVE_POST, str(post.post.id))


def edit_button(post: PostView) -> Block:
    """Offer to change what it says, where it goes, and when."""
    return blocks.button("Edit", ids.EDIT_POST, str(post.post.id))


def cancel_rest_button(post: PostView) -> Block:
    """Offer to call off what failed beside what is live, or may be; it asks first."""
    asked = blocks.confirmation(
        "Cancel what is left?",
        f"{quoted(post)}Where this post of {mrkdwn.shortened(post.client.name, 60)} failed, nobody tries it "
        "again. What is live stays. This cannot be undone.",
        yes="Cancel what is left",
        no="Keep it",
        danger=True,
    )
    return blocks.button("Cancel what is left", ids.CANCEL_POST, str(post.post.id), confirm=asked)


def cancel_button(post: PostView) -> Block:
    """Offer to call it off; it asks first."""
    asked = blocks.confirmation(
        "Cancel this post?",
        f"{quoted(post)}This post of {mrkdwn.shortened(post.client.name, 60)} does not go out any more. This "
        "cannot be undone.",
        yes="Cancel post",
        no="Keep it",
        danger=True,
    )
    return blocks.button("Cancel post", ids.CANCEL_POST, str(post.post.id), style="danger", confirm=asked)

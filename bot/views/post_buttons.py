"""The buttons with which people change a post that still waits, on its card and in lists."""

from bot import blocks, ids, mrkdwn
from bot.blocks import Block
from core.posts import PostView


def now_button(post: PostView) -> Block:
    """Offer to publish at once; it asks first."""
    there = [one for one in post.accounts if one.is_active]
    count = len(there) or len(post.accounts)
    where = post.accounts[0].label if len(post.accounts) == 1 else f"{count} account{'s' * (count > 1)}"
    whose = "" if where == post.client.name else f", for {client_of(post)}"
    goes = "Everybody is asked to approve it anew, and then it goes" if asks_anew(post) else "It goes"
    out = f"{goes} out at once on {mrkdwn.shortened(where, 80)}{whose}."
    asked = blocks.confirmation("Publish it now?", f"{quoted(post)}{out}{waits(post)}", yes="Publish now")
    return blocks.button("Publish now", ids.PUBLISH_POST_NOW, str(post.post.id), confirm=asked)


def waits(post: PostView) -> str:
    """Say that it does not go out yet on what is disconnected."""
    gone = [one for one in post.accounts if not one.is_active]
    if not gone:
        return ""
    name = mrkdwn.shortened(f"{gone[0].platform.title} {gone[0].label}", 80)
    which, are = (name, "is") if len(gone) == 1 else (f"{len(gone)} accounts", "are")
    return f" {which} {are} disconnected: there it waits."


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
    means = f"Where this post of {client_of(post)} failed, nobody tries it again. What is live stays."
    asked = cannot_be_undone(post, "Cancel what is left?", means, yes="Cancel what is left")
    return blocks.button("Cancel what is left", ids.CANCEL_POST, str(post.post.id), confirm=asked)


def cancel_button(post: PostView) -> Block:
    """Offer to call it off; it asks first."""
    means = f"This post of {client_of(post)} does not go out any more."
    asked = cannot_be_undone(post, "Cancel this post?", means, yes="Cancel post")
    return blocks.button("Cancel post", ids.CANCEL_POST, str(post.post.id), style="danger", confirm=asked)


def cannot_be_undone(post: PostView, title: str, means: str, *, yes: str) -> Block:
    """Ask whether a post, or what is left of it, is to be called off."""
    text = f"{quoted(post)}{means} This cannot be undone."
    return blocks.confirmation(title, text, yes=yes, no="Keep it", danger=True)


def client_of(post: PostView) -> str:
    """Name a post's client, not too long."""
    return mrkdwn.shortened(post.client.name, 60)

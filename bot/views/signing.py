"""The private link by which a client decides about a post: shown once, to whoever asked for it."""

from bot import blocks, ids, mrkdwn
from bot.blocks import View
from core.posts import PostView


def link(post: PostView, address: str) -> View:
    """Show the link, to be copied, and what it is good for."""
    name, standing = mrkdwn.bold(post.client.name), post.standing
    until = f", until {mrkdwn.moment(standing.link.expires_at)}" if standing and standing.link else ""
    return blocks.modal(
        "Link for the client",
        [
            blocks.section(
                f"*Send this to whoever decides for* {name}. It shows the post as each network will, and "
                "takes their approval, the changes they want, or their no. Nobody has to log in."
            ),
            blocks.verbatim(address),
            blocks.actions(blocks.button("Have a look at it", f"{ids.OPEN_LINK}:review", url=address)),
            blocks.context(
                f"It is good for one decision about this version{until}. Any link made before no longer "
                "works. I do not keep it: copy it now."
            ),
        ],
        callback_id=ids.NOTICE,
    )

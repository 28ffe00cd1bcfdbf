"""What is said in a card's thread: how an attempt ended on one account."""

from bot import blocks, mrkdwn
from bot.views.card import LONGEST_REASON, Message, named, see_it
from core.models import Account, Publication, PublicationState
from core.posts import PostView


def reply(
    post: PostView, account: Account, publication: Publication, ended: PublicationState
) -> Message | None:
    """Say in the thread how an attempt ended on one account, whatever became of it since."""
    author = mrkdwn.person(post.author.slack_user_id)
    reason = f"\n{mrkdwn.fitted(publication.reason, LONGEST_REASON)}" if publication.reason else ""
    match ended:
        case PublicationState.PUBLISHED:
            seen = (
                f" · {mrkdwn.link(publication.permalink, see_it(account))}" if publication.permalink else ""
            )
            text = f":white_check_mark: Published on {named(account)}{seen}"
        case PublicationState.FAILED:
            text = (
                f":x: {author}, this was not published on {named(account)}.{reason}\n"
                "When that is put right, press *Retry* on the card above."
            )
        case PublicationState.NEEDS_REVIEW:
            text = (
                f":warning: {author}, please check {named(account)}: "
                f"I cannot tell whether this is live.{reason}\n"
                "I did not try again, so that nothing is published twice. Have a look, and press *It's live* "
                "or *Publish again* on the card above."
            )
        case _:
            return None
    return {"text": text, "blocks": [blocks.section(text)], "unfurl_links": False, "unfurl_media": False}

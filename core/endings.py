"""Endings: why a login, or one account of it, no longer works; each in one sentence that says what to do."""

from core.errors import MetaError, ReconnectNeeded
from core.graph.errors import is_hidden
from core.models import Ending

SENTENCES = {
    Ending.EXPIRED: "The login has run out: connect the account again.",
    Ending.PASSWORD: "Whoever connected this account changed their Facebook password, or Facebook ended the "
    "login for safety: connect the account again.",
    Ending.REMOVED: "Whoever connected this account removed Pressroom in their Facebook settings: connect it "
    "again, or let somebody else do it.",
    Ending.DELETED: "Whoever connected this account had Facebook delete what Pressroom knew of them: connect "
    "it again, or let somebody else do it.",
    Ending.GIVEN_BACK: "Pressroom gave this person's login back for a client that was removed, at the moment "
    "when they connected this account: connect it again.",
    Ending.CHECKPOINT: "Facebook wants to check who the person is who connected this account: they must log "
    "in at facebook.com, do what it asks, and then connect it again.",
    Ending.UNCONFIRMED: "Whoever connected this account must first confirm their own Facebook account, and "
    "then connect it again.",
    Ending.LOGGED_OUT: "Facebook has ended the login: connect the account again.",
    Ending.ROLE_LOST: "Whoever connected this account no longer has a role on the Page: give it back to "
    "them, or let somebody who has one connect it.",
    Ending.TASK_LOST: "Whoever connected this account may no longer create content on the Page: give them "
    "that right back, or let somebody who has it connect it.",
    Ending.PERMISSION: "A permission that this account needs was withdrawn: connect it again, and leave "
    "everything ticked in Facebook's window.",
    Ending.DATA_ACCESS: "Facebook gives access for 90 days after a login, and they are over: connect the "
    "account again.",
    Ending.PERSONAL: "This Instagram account is no longer a professional one: change it back in Instagram's "
    "app, then connect it again.",
}
LOGIN_CODES = {102, 190}
BY_SUBCODE = {
    458: Ending.REMOVED,
    459: Ending.CHECKPOINT,
    460: Ending.PASSWORD,
    463: Ending.EXPIRED,
    464: Ending.UNCONFIRMED,
    490: Ending.CHECKPOINT,
    492: Ending.ROLE_LOST,
}
"""Of 102 and 190; 467 is one of those that say no more than that the login has ended.

https://developers.facebook.com/docs/graph-api/guides/error-handling#errorcodes
"""
BY_TEXT = {
    "you cannot access the app till you log in": Ending.CHECKPOINT,
    "the user is not an instagram business": Ending.PERSONAL,
}
NOT_PERMITTED = {10, *range(200, 300)}


def of_error(error: MetaError | None) -> Ending | None:
    """Say which ending an error of Meta's tells of; None when it proves none, as 100/33 never does."""
    if not isinstance(error, ReconnectNeeded) or is_hidden(error):
        return None
    said = error.message.lower()
    if by_text := next((ending for words, ending in BY_TEXT.items() if words in said), None):
        return by_text
    if error.code in LOGIN_CODES:
        return BY_SUBCODE.get(error.subcode or 0, Ending.LOGGED_OUT)
    return Ending.PERMISSION if error.code in NOT_PERMITTED else Ending.LOGGED_OUT

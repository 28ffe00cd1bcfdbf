"""Access tokens: how they come to be, what each allows, and why one ends.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens
"""

from collections.abc import Iterable
from datetime import timedelta

from simulator.meta import ids
from simulator.meta.errors import GraphError
from simulator.meta.world import Grant, Page, Person, Token, TokenState, World

INVALID = "Error validating access token:"
ENDED: dict[TokenState, tuple[int, str]] = {
    "expired": (463, "Session has expired on {expired}. The current time is {now}."),
    "password": (
        460,
        (
            "The session has been invalidated because the user changed their password or Facebook has "
            "changed the session for security reasons."
        ),
    ),
    "deauthorized": (458, "The user has not authorized application {app}."),
    "checkpoint": (
        459,
        "You cannot access the app till you log in to www.facebook.com and follow the instructions given.",
    ),
    "blocked": (490, "The user is enrolled in a blocking, logged-in checkpoint"),
    "logged_out": (467, "The session is invalid because the user logged out."),
    "unconfirmed": (464, "Sessions for the user are not allowed because the user is not a confirmed user."),
    "role_lost": (
        492,
        "The user must be an administrator, editor, or moderator of the page in order to impersonate it.",
    ),
}
"""The subcode and the words of each way in which a token ends."""
LAPSING = "instagram_"
"""Only these permissions end with the data access; Meta's list of those that do not has all the others."""


def issue_user(world: World, person: Person, *, long_lived: bool) -> Token:
    """Return a new token of this person: 90 minutes, or 60 days after the long-lived exchange."""
    seconds = world.settings.long_token_seconds if long_lived else world.settings.short_token_seconds
    now = world.now()
    token = Token(
        value=ids.token(),
        kind="user",
        person_id=person.id,
        issued_at=now,
        expires_at=now + timedelta(seconds=seconds),
        long_lived=long_lived,
    )
    world.tokens[token.value] = token
    return token


def page_token(world: World, user_token: Token, page: Page) -> Token:
    """Return the Page's token that comes of a person's; without an end if that one is long-lived."""
    known = user_token.page_tokens.get(page.id)
    if known and world.tokens[known].state == "valid":
        return world.tokens[known]
    token = Token(
        value=ids.token(),
        kind="page",
        person_id=user_token.person_id,
        page_id=page.id,
        issued_at=world.now(),
        expires_at=None if user_token.long_lived else user_token.expires_at,
        long_lived=user_token.long_lived,
    )
    world.tokens[token.value] = token
    user_token.page_tokens[page.id] = token.value
    return token


def find(world: World, value: str) -> Token:
    """Return a token that works. Raises `GraphError` 190, with the subcode that says why it does not."""
    token = world.tokens.get(value)
    if token is None:
        raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
    ended = state(world, token)
    if ended != "valid":
        raise ended_error(world, token, ended)
    return token


def state(world: World, token: Token) -> TokenState:
    """Return what has become of a token by now."""
    if token.state == "valid" and token.expires_at and token.expires_at <= world.now():
        return "expired"
    return token.state


def ended_error(world: World, token: Token, ended: TokenState) -> GraphError:
    """Return the error that a call with an ended token gets."""
    subcode, text = ENDED[ended]
    moment = "%A, %d-%b-%y %H:%M:%S PST"
    said = text.format(
        app=world.app.id,
        now=world.now().strftime(moment),
        expired=(token.expires_at or world.now()).strftime(moment),
    )
    return GraphError(190, f"{INVALID} {said}", subcode=subcode)


def end(tokens: Iterable[Token], ended: TokenState) -> int:
    """Give these tokens a state; return how many there were."""
    changed = list(tokens)
    for token in changed:
        token.state = ended
    return len(changed)


def granted(world: World, grant: Grant) -> list[str]:
    """Return the permissions that hold now: those granted, without what lapses with the data access."""
    return [name for name in grant.permissions if permission(world, grant, name) == "granted"]


def permission(world: World, grant: Grant, name: str) -> str:
    """Return `granted`, `declined` or `expired`; `declined` too for what was never asked."""
    given = grant.permissions.get(name, "declined")
    lapsed = grant.active_at + timedelta(days=world.settings.data_access_days) <= world.now()
    return "expired" if given == "granted" and lapsed and name.startswith(LAPSING) else given

"""What can go wrong, as pages: for each error a title, a status, and a way on."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core import choices, connections, errors, permissions, removals, sign_offs, tickets
from web.guard import mark
from web.pages import Pages

log = structlog.get_logger()

NEW_LINK = "Back in Slack, run /social connect for a new link."
NEW_REVIEW = "Ask whoever sent you this link for a new one."
ASK_OPERATOR = "If it happens again, show this page to whoever runs Pressroom for you."


@dataclass(frozen=True)
class Trouble:
    """How one error looks. `again` is what a button offers to a browser whose ticket is still good."""

    title: str
    status: HTTPStatus = HTTPStatus.OK
    way_on: str = NEW_LINK
    again: Literal["login", "permissions", "choice"] | None = None


TROUBLES: dict[type[Exception], Trouble] = {
    tickets.TicketUnknown: Trouble("This link does not work", HTTPStatus.NOT_FOUND),
    tickets.TicketExpired: Trouble("This link has expired", HTTPStatus.GONE),
    tickets.TicketUsed: Trouble("This link has been used", HTTPStatus.GONE),
    tickets.AnotherBrowser: Trouble(
        "Go on where you started",
        HTTPStatus.FORBIDDEN,
        "Go back to that browser, or start afresh: in Slack, run /social connect for a new link.",
    ),
    tickets.StateForged: Trouble("This address does not work", HTTPStatus.BAD_REQUEST),
    tickets.StateUsed: Trouble("This login is over", HTTPStatus.CONFLICT, again="login"),
    connections.LoginDeclined: Trouble(
        "Nothing was connected",
        way_on="If that was a mistake, log in again. The link from Slack still works.",
        again="login",
    ),
    connections.LoginFailed: Trouble("Nothing was connected", HTTPStatus.BAD_GATEWAY, again="login"),
    connections.PermissionsMissing: Trouble(
        "Permission is missing",
        way_on="Facebook can ask you again. Leave these switched on, and everything works.",
        again="permissions",
    ),
    connections.NoPages: Trouble(
        "There is no Page to connect",
        way_on="Log in again and tick the client's Page in Facebook's window, or let somebody log in who "
        "manages that Page.",
        again="login",
    ),
    choices.NotLoggedIn: Trouble("Log in first", HTTPStatus.CONFLICT, again="login"),
    choices.Taken: Trouble("Somebody was faster", HTTPStatus.CONFLICT, again="choice"),
    removals.CodeUnknown: Trouble("This code does not work", HTTPStatus.NOT_FOUND, ""),
    sign_offs.LinkUnknown: Trouble("This link does not work", HTTPStatus.NOT_FOUND, NEW_REVIEW),
    sign_offs.LinkExpired: Trouble("This link has expired", HTTPStatus.GONE, NEW_REVIEW),
    sign_offs.LinkRevoked: Trouble("This link no longer works", HTTPStatus.GONE, NEW_REVIEW),
    sign_offs.WaitsBefore: Trouble(
        "This does not wait for you yet", HTTPStatus.CONFLICT, "Nothing was recorded. Open this link later."
    ),
    sign_offs.NotWaitedFor: Trouble(
        "This no longer waits for you", HTTPStatus.GONE, "Nothing was recorded with this link."
    ),
    errors.TryAgainLater: Trouble(
        "Meta does not answer",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "That usually passes. Try again in a minute.",
        again="choice",
    ),
    errors.ReconnectNeeded: Trouble("Facebook has ended the login", HTTPStatus.CONFLICT, again="login"),
    errors.MetaError: Trouble("Facebook did not accept this", HTTPStatus.BAD_GATEWAY, again="login"),
    errors.CannotOpen: Trouble("Log in once more", HTTPStatus.CONFLICT, again="login"),
    permissions.Leaving: Trouble("This is over", HTTPStatus.GONE, ""),
    errors.NotAllowed: Trouble("This is not yours to do", HTTPStatus.FORBIDDEN, ""),
    errors.NotFound: Trouble("This is not here", HTTPStatus.NOT_FOUND, ""),
    errors.PressroomError: Trouble("That did not work", HTTPStatus.CONFLICT, ""),
}
HTTP_ERRORS = {
    HTTPStatus.BAD_REQUEST: ("This could not be read", "The address or the form is not complete."),
    HTTPStatus.FORBIDDEN: ("This came from another site", "Open your link once more, and start there."),
    HTTPStatus.NOT_FOUND: (
        "There is nothing here",
        "The address is not complete, or what was here has gone.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: ("That is not how this works", "Open your link once more."),
    HTTPStatus.TOO_MANY_REQUESTS: ("That was too often", "Wait a minute, and try again."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "That is too large",
        "Pressroom does not take requests of this size.",
    ),
}


async def known(request: Request, error: Exception) -> Response:
    """Show one of our own errors, with the button that it offers."""
    assert isinstance(error, errors.PressroomError)
    trouble = of(error)
    if isinstance(error, errors.MetaError):
        log.warning("meta_refused", code=error.code, subcode=error.subcode, trace_id=error.trace_id)
    again = trouble.again
    if again == "choice" and not getattr(request.state, "has_login", False):
        again = "login"
    ticket_id = getattr(request.state, "ticket_id", None)
    return pages(request).show(
        request,
        "trouble.html",
        status=trouble.status,
        title=trouble.title,
        sentence=error.sentence,
        way_on=trouble.way_on,
        words=getattr(error, "words", ()),
        again=again if ticket_id else None,
        ticket_id=ticket_id,
        quote=False,
    )


def of(error: errors.PressroomError) -> Trouble:
    """Say how an error looks: as its own kind, or as the nearest that is known."""
    return next(TROUBLES[kind] for kind in type(error).__mro__ if kind in TROUBLES)


async def refused(request: Request, error: Exception) -> Response:
    """Show what Starlette itself refuses: an unknown address, a wrong method, too large a body."""
    assert isinstance(error, HTTPException)
    title, sentence = HTTP_ERRORS.get(
        HTTPStatus(error.status_code), ("That did not work", HTTPStatus(error.status_code).phrase)
    )
    shown = plain(request, error.status_code, title, sentence, "")
    shown.headers.update(error.headers or {})
    return shown


async def unexpected(request: Request, error: Exception) -> Response:
    """Show that it is our fault, with the id under which the log tells what happened."""
    log.error("unexpected", request_id=request.state.id, path=request.url.path, exc_info=error)
    shown = plain(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong here",
        "That is our fault, not yours, and it has been written down.",
        ASK_OPERATOR,
    )
    mark(shown.headers, request.state.id)
    return shown


def plain(request: Request, status: int, title: str, sentence: str, way_on: str) -> Response:
    """Give an error page without a button, with the id to quote."""
    return pages(request).show(
        request,
        "trouble.html",
        status=status,
        title=title,
        sentence=sentence,
        way_on=way_on,
        words=(),
        again=None,
        ticket_id=None,
        quote=True,
    )


def pages(request: Request) -> Pages:
    """Give what renders this app's pages."""
    found = request.app.state.pages
    assert isinstance(found, Pages)
    return found

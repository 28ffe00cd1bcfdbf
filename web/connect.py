"""Connecting accounts: the page behind the private link, Meta's dialog in a popup, and the choice."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import UUID

import structlog
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from core import choices, connections, tickets
from core.connections import CALLBACK, LINK
from core.db import Origin
from core.errors import Invalid
from core.models import Account
from core.models.columns import now
from core.services import Notifier, Services
from core.tickets import Visit
from web.pages import Pages
from web.visitors import form_of, origin

log = structlog.get_logger()

COOKIE_SECONDS = int(2 * tickets.LIFETIME.total_seconds())
NEVER_KEPT = {"cache-control": "no-store"}


class Connect:
    """The pages of one login, in the order in which a person meets them."""

    def __init__(self, services: Services, *, notifier: Notifier, pages: Pages) -> None:
        """Take what is worked with, and who tells Slack what was connected."""
        self.services, self.notifier, self.pages = services, notifier, pages
        self.secure = services.public_url.startswith("https://")

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route(LINK, self.open),
            Route(f"{LINK}/start", self.start, methods=["POST"]),
            Route(CALLBACK, self.come_back),
            Route(f"{LINK}/accounts/{{ticket_id:uuid}}", self.choose, methods=["GET", "POST"]),
            Route(f"{LINK}/accounts/{{ticket_id:uuid}}/done", self.done),
            Route(f"{LINK}/status", self.status),
        ]

    async def open(self, request: Request) -> Response:
        """Say who connects what for which client. Nothing is used up: link previews come here too."""
        text = request.query_params.get("ticket", "")
        try:
            visit = await tickets.visit(self.services, text, origin(request))
        except tickets.TicketUsed as used:
            raise await self.used(text, origin(request)) from used
        minutes = max(1, round((visit.ticket.expires_at - now()).total_seconds() / 60))
        return self.pages.show(
            request, "connect.html", opens_popup=True, visit=visit, ticket=text, minutes=minutes
        )

    async def used(self, text: str, origin: Origin) -> tickets.TicketUsed:
        """Say what was connected with a link that somebody opens once more."""
        connected = (await connections.status(self.services, text, origin)).accounts
        names = ", ".join(f"{one.platform.title} {one.label}" for one in connected)
        said = f"Connected with this link: {names}. Each link is good for one time."
        return tickets.TicketUsed(said if names else None)

    async def start(self, request: Request) -> Response:
        """Bind the ticket to this browser, and send it to Meta's dialog."""
        form = await form_of(request)
        text, ticket_id = str(form.get("ticket", "")), str(form.get("ticket_id", ""))
        if text:
            visit = await tickets.visit(self.services, text, origin(request))
            browser = request.cookies.get(self.cookie(visit.ticket.id))
        else:
            browser = request.cookies.get(self.cookie(uuid_of(ticket_id)))
            visit = await tickets.resume(self.services, browser, origin(request))
        login = await connections.start(
            self.services, visit, text=text, browser=browser, ask_again="ask_again" in form
        )
        answer = RedirectResponse(login.url, HTTPStatus.SEE_OTHER, NEVER_KEPT)
        answer.set_cookie(
            self.cookie(visit.ticket.id),
            login.browser,
            max_age=COOKIE_SECONDS,
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    async def come_back(self, request: Request) -> Response:
        """Take what Meta's dialog gave; the address with the code in it is left at once."""
        said = request.query_params
        state = said.get("state", "")
        ticket_id = tickets.ticket_of(self.services, state)
        browser = request.cookies.get(self.cookie(ticket_id))
        if browser:
            request.state.ticket_id = ticket_id
        visit = await tickets.come_back(self.services, state, browser=browser, origin=origin(request))
        await connections.finish(self.services, visit, code=said.get("code"), error=said.get("error"))
        # Facebook hangs `#_=_` on the address; only a fragment of our own gets rid of it.
        return RedirectResponse(f"{LINK}/accounts/{ticket_id}#page", HTTPStatus.SEE_OTHER, NEVER_KEPT)

    async def choose(self, request: Request) -> Response:
        """Show what the login reaches; store what was chosen."""
        visit = await self.resumed(request)
        if request.method != "POST":
            return await self.show_choices(request, visit)
        values = (await form_of(request)).getlist("account")
        try:
            stored = await choices.choose(self.services, visit, [str(value) for value in values])
        except Invalid as error:
            return await self.show_choices(request, visit, wrong=error.fields)
        return RedirectResponse(
            f"{request.url.path}/done",
            HTTPStatus.SEE_OTHER,
            NEVER_KEPT,
            background=BackgroundTask(self.tell_slack, visit, stored),
        )

    async def done(self, request: Request) -> Response:
        """Show what was connected, tell the page that waits, and close the popup."""
        browser = request.cookies.get(self.cookie(request.path_params["ticket_id"]))
        visit = await tickets.look_back(self.services, browser, origin(request))
        if visit.ticket.finished_at is None:
            return RedirectResponse(f"{LINK}/accounts/{visit.ticket.id}", HTTPStatus.SEE_OTHER, NEVER_KEPT)
        connected = await connections.connected_with(self.services, visit)
        return self.pages.show(request, "done.html", visit=visit, accounts=connected)

    async def status(self, request: Request) -> Response:
        """Say how far the login has come, to the page that waits. The ticket comes as a bearer token."""
        _, _, text = request.headers.get("authorization", "").partition(" ")
        status = await connections.status(self.services, text, origin(request))
        accounts = [{"label": one.label, "platform": one.platform.title} for one in status.accounts]
        return JSONResponse({"state": status.state, "accounts": accounts}, headers=NEVER_KEPT)

    async def show_choices(
        self, request: Request, visit: Visit, wrong: Mapping[str, str] | None = None
    ) -> Response:
        """Show the choice, with what was wrong about the last one."""
        found = await choices.of(self.services, visit)
        return self.pages.show(
            request,
            "accounts.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
            visit=visit,
            choices=found,
            wrong=wrong or {},
        )

    async def resumed(self, request: Request) -> Visit:
        """Give the visit that this browser started."""
        ticket_id = request.path_params["ticket_id"]
        browser = request.cookies.get(self.cookie(ticket_id))
        visit = await tickets.resume(self.services, browser, origin(request))
        request.state.ticket_id, request.state.has_login = ticket_id, True
        return visit

    async def tell_slack(self, visit: Visit, stored: Sequence[Account]) -> None:
        """Tell Slack; the accounts are connected, whether it hears it or not."""
        try:
            await self.notifier.accounts_connected(
                visit.agency.id,
                client_id=visit.client.id,
                member_id=visit.member.id,
                account_ids=[account.id for account in stored],
            )
        except Exception:
            log.exception("slack_not_told", ticket_id=str(visit.ticket.id))

    def cookie(self, ticket_id: UUID) -> str:
        """Name the cookie of one ticket. Over https no other host can set a cookie with this prefix.

        https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
        """
        return f"{'__Host-' if self.secure else ''}pressroom-connect-{ticket_id.hex[:12]}"


def uuid_of(text: str) -> UUID:
    """Read an id in a form."""
    try:
        return UUID(text)
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None

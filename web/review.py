"""The client's own page: a post as each network would show it, and what the client says to it.

Whoever has the private link needs no login. To look changes nothing: link previews come here, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core import remarks, sign_offs
from core.db import Origin
from core.errors import Changed, Invalid, NotFound, PressroomError
from core.models import Decision
from core.models.columns import now
from core.private_links import PATH
from core.services import Services
from core.sign_offs import LONGEST_NAME, LinkUsed, PostChanged
from web import previews, troubles
from web.pages import Pages
from web.visitors import form_of, origin

LARGEST_FORM = 64_000  # bytes: the longest comment in any script, and room to spare
OVER = (Invalid, Changed, NotFound)  # what can have come in between, or is wrong about what was typed
NEVER_KEPT = {"cache-control": "no-store"}


@dataclass(frozen=True)
class Typed:
    """What somebody typed into the form, and about which version."""

    ticket: str
    version: int | None = None
    decision: Decision | None = None
    name: str = ""
    comment: str = ""

    @classmethod
    def read(cls, form: FormData) -> "Typed":
        """Read the form; one that did not come from our page is refused."""
        words = {name: str(form.get(name, "")) for name in ("ticket", "name", "comment")}
        try:
            version, decision = int(str(form.get("version"))), Decision(str(form.get("decision")))
        except ValueError:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None
        if decision not in sign_offs.DEEDS:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        return cls(version=version, decision=decision, **words)

    @property
    def address(self) -> str:
        """Give the address of the page, where the link led to."""
        return f"{PATH}?{urlencode({'ticket': self.ticket})}"


@dataclass(frozen=True)
class Late:
    """What somebody typed, too late to decide, and whether those who work on the post read it now."""

    typed: Typed
    is_passed_on: bool

    @property
    def words(self) -> str:
        """Give what was typed, as it is kept."""
        return sign_offs.lines(self.typed.comment)

    @property
    def is_cut(self) -> bool:
        """Say whether a message could not take all of it."""
        return self.words != remarks.fitting(self.words)


class Review:
    """The page, and what is sent from it."""

    def __init__(self, services: Services, *, pages: Pages) -> None:
        """Take what is worked with."""
        self.services, self.pages = services, pages

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [Route(PATH, self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """Show the post, or write down what the client says to it."""
        if request.method == "POST":
            return await self.decide(request, Typed.read(await form_of(request, largest=LARGEST_FORM)))
        typed = Typed(request.query_params.get("ticket", ""))
        try:
            return await self.show(request, typed)
        except LinkUsed as used:
            return self.show_record(request, used)

    async def decide(self, request: Request, typed: Typed) -> Response:
        """Write it down, and lead on to the page that says so; where that cannot be, keep what was typed."""
        try:
            await self.write_down(typed, origin(request))
        except OVER as error:
            if not is_same(error, typed):
                return await self.refuse(request, typed, error)
        return RedirectResponse(typed.address, HTTPStatus.SEE_OTHER, NEVER_KEPT)

    async def write_down(self, typed: Typed, origin: Origin) -> None:
        """Keep what the client says; raise what `sign_offs.decide` raises."""
        assert typed.version is not None
        assert typed.decision is not None
        await sign_offs.decide(
            self.services,
            typed.ticket,
            origin,
            version=typed.version,
            decision=typed.decision,
            name=typed.name,
            comment=typed.comment,
        )

    async def refuse(self, request: Request, typed: Typed, error: PressroomError) -> Response:
        """Show the form again; or what came in between, and what was typed."""
        try:
            match error:
                case Invalid():
                    return await self.show(request, typed, wrong=error.fields)
                case PostChanged():
                    return await self.show(request, typed, changed=error.sentence)
        except OVER as later:
            return await self.refuse(request, typed, later)
        return await self.show_late(request, typed, error)

    async def show(
        self,
        request: Request,
        typed: Typed,
        *,
        wrong: Mapping[str, str] | None = None,
        changed: str | None = None,
    ) -> Response:
        """Show the post as it is now, and the form, with what was typed and what is wrong about it."""
        visit = await sign_offs.visit(self.services, typed.ticket, origin(request))
        status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
        return self.pages.show(
            request,
            "review.html",
            status=HTTPStatus.CONFLICT if changed else status,
            visit=visit,
            previews=previews.of(self.services, visit.post),
            typed=typed,
            wrong={"name": None, "comment": None} | dict(wrong or {}),
            changed=changed,
            now=now(),
            longest_name=LONGEST_NAME,
        )

    async def show_late(self, request: Request, typed: Typed, error: PressroomError) -> Response:
        """Say what came in between, show what was typed, and say whether it was passed on."""
        late = Late(typed, is_passed_on=await self.pass_on(typed, origin(request)))
        if isinstance(error, LinkUsed):
            return self.show_record(request, error, late=late)
        trouble = troubles.of(error)
        return self.pages.show(
            request, "late.html", status=trouble.status, title=trouble.title, error=error, late=late
        )

    async def pass_on(self, typed: Typed, origin: Origin) -> bool:
        """Let those who work on the post read what was typed; say whether they do."""
        assert typed.version is not None
        words = {"name": typed.name, "comment": typed.comment}
        try:
            return await remarks.pass_on(self.services, typed.ticket, origin, version=typed.version, **words)
        except NotFound:
            return False

    def show_record(self, request: Request, used: LinkUsed, *, late: Late | None = None) -> Response:
        """Say what was decided with a link; and what became of words that came after it."""
        status = HTTPStatus.CONFLICT if late else HTTPStatus.OK
        post = used.record.post
        picture = previews.picture(self.services, post, post.accounts[0].platform) if post.accounts else None
        return self.pages.show(
            request, "decided.html", status=status, record=used.record, picture=picture, late=late
        )


def is_same(error: Exception, typed: Typed) -> bool:
    """Say whether that is what was recorded: a second click on the same button is no news."""
    if not isinstance(error, LinkUsed):
        return False
    said = error.record.approval
    sent = typed.decision, sign_offs.one_line(typed.name), sign_offs.lines(typed.comment)
    return (said.decision, said.reviewer_name, said.comment or "") == sent

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

from core import sign_offs
from core.errors import Invalid
from core.models import Decision
from core.models.columns import now
from core.services import Services
from core.sign_offs import LONGEST_NAME, PATH, LinkUsed, PostChanged
from web import previews
from web.pages import Pages
from web.visitors import form_of, origin

LARGEST_FORM = 64_000  # bytes: the longest comment in any script, and room to spare
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
        """Write it down, and lead on to the page that says so; show the form again where that cannot be."""
        assert typed.version is not None
        assert typed.decision is not None
        try:
            await sign_offs.decide(
                self.services,
                typed.ticket,
                origin(request),
                version=typed.version,
                decision=typed.decision,
                name=typed.name,
                comment=typed.comment,
            )
        except Invalid as error:
            return await self.show(request, typed, wrong=error.fields)
        except PostChanged as changed:
            return await self.show(request, typed, changed=changed.sentence)
        except LinkUsed as used:
            if not is_same(used, typed):
                return self.show_record(request, used, is_late=True)
        address = f"{PATH}?{urlencode({'ticket': typed.ticket})}"
        return RedirectResponse(address, HTTPStatus.SEE_OTHER, NEVER_KEPT)

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

    def show_record(self, request: Request, used: LinkUsed, *, is_late: bool = False) -> Response:
        """Say what was decided with a link; `is_late` to somebody who has just sent something else."""
        status = HTTPStatus.CONFLICT if is_late else HTTPStatus.OK
        return self.pages.show(request, "decided.html", status=status, record=used.record, is_late=is_late)


def is_same(used: LinkUsed, typed: Typed) -> bool:
    """Say whether that is what was recorded: a second click on the same button is no news."""
    said = used.record.approval
    return (said.decision, said.reviewer_name) == (typed.decision, sign_offs.one_line(typed.name))

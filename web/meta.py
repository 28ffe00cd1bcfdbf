"""What Meta calls when a person removes Pressroom, or wants their data deleted; and that deletion's status.

https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core import removals
from core.graph import signed_request
from core.graph.signed_request import SignedRequest
from core.services import Services
from web.pages import Pages
from web.visitors import form_of, origin

DEAUTHORIZE = "/api/v1/meta/deauthorize"
DATA_DELETION = "/api/v1/meta/data-deletion"
LARGEST_BODY = 8192  # bytes


class MetaCallbacks:
    """Meta's two callbacks, and the page of a deletion."""

    def __init__(self, services: Services, *, pages: Pages) -> None:
        """Take what is worked with."""
        self.services, self.pages = services, pages

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route(DEAUTHORIZE, self.deauthorize, methods=["POST"]),
            Route(DATA_DELETION, self.delete, methods=["POST"]),
            Route(f"{DATA_DELETION}/{{code}}", self.status),
        ]

    async def deauthorize(self, request: Request) -> Response:
        """Take note of a person who removed Pressroom: their logins are forgotten right afterwards."""
        said = await self.signed(request)
        await removals.deauthorize(self.services, said, origin(request))
        return JSONResponse({"success": True})

    async def delete(self, request: Request) -> Response:
        """Take note of a person who wants to be forgotten, and say where that can be seen."""
        said = await self.signed(request)
        deletion = await removals.delete(self.services, said, origin(request))
        url = f"{self.services.public_url}{DATA_DELETION}/{deletion.code}"
        return JSONResponse({"url": url, "confirmation_code": deletion.code})

    async def status(self, request: Request) -> Response:
        """Show what became of a deletion, to whoever has its code."""
        deletion = await removals.deletion_of(self.services, request.path_params["code"])
        return self.pages.show(request, "deletion.html", deletion=deletion)

    async def signed(self, request: Request) -> SignedRequest:
        """Give what Meta signed; anything else is a bad request."""
        text = (await form_of(request, largest=LARGEST_BODY)).get("signed_request")
        try:
            return signed_request.read(str(text), self.services.graph.app_secret)
        except signed_request.Forged:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None

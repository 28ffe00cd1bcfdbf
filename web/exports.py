"""What a client that was removed takes along, behind a private address that works for some days."""

import re
import unicodedata

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import departures
from core.services import Services
from web import visitors

PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex", "referrer-policy": "no-referrer"}


def routes(services: Services) -> list[Route]:
    """Give the one route."""

    async def export(request: Request) -> Response:
        """Give the archive, or 404 for an address that is forged or over."""
        name, data = await departures.download(
            services,
            request.path_params["departure_id"],
            token=request.path_params["token"],
            origin=visitors.origin(request),
        )
        named = {"content-disposition": f'attachment; filename="{plain(name)}.zip"'}
        return Response(data, media_type="application/zip", headers=PRIVATE | named)

    return [Route("/exports/{token}/{departure_id:uuid}.zip", export, methods=["GET"])]


def plain(name: str) -> str:
    """Give a client's name as the name of a file."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-").lower() or "client"

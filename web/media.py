"""Where Meta and Slack fetch pictures: short-lived signed addresses, plain ASCII, no redirect."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import media
from core.services import Services

MINUTE = {"cache-control": "private, max-age=60"}


def routes(services: Services) -> list[Route]:
    """Give the one route; Starlette answers HEAD as it does GET."""

    async def picture(request: Request) -> Response:
        """Give the JPEG, or 404 for an address that is forged or over."""
        jpeg = await media.serve(
            services,
            token=request.path_params["token"],
            media_id=request.path_params["media_id"],
            variant=request.path_params["variant"],
        )
        return Response(jpeg, media_type="image/jpeg", headers=MINUTE)

    return [Route("/media/{token}/{media_id:uuid}/{variant}.jpg", picture)]

"""Visitors: where a request comes from, and the forms that they send.

The addresses of people in audit entries are those that uvicorn tells: behind a proxy, set FORWARDED_ALLOW_IPS
to the proxy's address, so that its X-Forwarded-For is believed and nobody else's.
https://uvicorn.dev/deployment/#proxies-and-forwarded-headers
"""

from http import HTTPStatus

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from core.db import Origin
from web.guard import LARGEST_BODY, limited

LONGEST_USER_AGENT = 400  # characters


def origin(request: Request) -> Origin:
    """Say where a request comes from, for the audit trail."""
    user_agent = request.headers.get("user-agent", "")[:LONGEST_USER_AGENT]
    return Origin(request.client.host if request.client else None, user_agent or None)


async def form_of(request: Request, *, largest: int = LARGEST_BODY) -> FormData:
    """Read a form of our own pages; one that another site sends, with this browser's cookies, is refused.

    So is one of more than `largest` bytes.
    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(HTTPStatus.FORBIDDEN)
    arriving = Request(request.scope, limited(request.scope, request.receive, largest))
    return await arriving.form(max_files=0, max_fields=1000)

"""How a test or a demo turns things: everything under `/_sim/`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.meta.control import content, knobs, logins, seen


def routes() -> list[Route]:
    """Return every control."""
    return [
        Route("/_sim/settings", knobs.settings, methods=["GET", "POST"]),
        Route("/_sim/clock", knobs.clock, methods=["GET", "POST"]),
        Route("/_sim/app", knobs.registered, methods=["GET", "POST"]),
        Route("/_sim/tokens", logins.every_token, methods=["GET"]),
        Route("/_sim/tokens", logins.end_tokens, methods=["POST"]),
        Route("/_sim/login", logins.login, methods=["POST"]),
        Route("/_sim/code", logins.code, methods=["POST"]),
        Route("/_sim/people", content.people, methods=["POST"]),
        Route("/_sim/posts", content.foreign_post, methods=["POST"]),
        Route("/_sim/accounts", content.accounts, methods=["GET", "POST"]),
        Route("/_sim/deauthorize", logins.deauthorize, methods=["POST"]),
        Route("/_sim/withdraw", logins.withdraw, methods=["POST"]),
        Route("/_sim/data-deletion", logins.data_deletion, methods=["POST"]),
        Route("/_sim/public", seen.public, methods=["GET"]),
        Route("/_sim/reset", knobs.reset, methods=["POST"]),
        Route("/_sim/not-simulated", seen.not_simulated, methods=["GET"]),
    ]


async def wrong(_: Request, error: Exception) -> Response:
    """Answer what made no sense."""
    return JSONResponse({"error": str(error)}, 400)

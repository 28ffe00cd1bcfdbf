"""The Web API: `/api/<method>`.

https://docs.slack.dev/apis/web-api
"""

import math

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.faults import Fault
from simulator.slack import oauth
from simulator.slack.api import apps, chat, conversations, files, people, views
from simulator.slack.api.call import PER_MINUTE, Call, Method, arguments_of
from simulator.slack.errors import SlackError
from simulator.slack.platform import Slack
from simulator.slack.world import JSON, Token

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **views.METHODS,
}

BUGS = {
    "invalid_arguments",
    "invalid_blocks",
    "invalid_blocks_format",
    "missing_scope",
    "not_allowed_token_type",
}
"""Refusals that are never the person's doing."""


def routes(slack: Slack) -> list[Route]:
    """Return the address of every method."""

    async def called(request: Request) -> Response:
        name = request.path_params["method"]
        try:
            return await _answer(slack, name, request)
        except SlackError as refused:
            return _refusal(slack, name, refused)

    return [Route("/api/{method}", called, methods=["GET", "POST"])]


def wrong_answer(fault: Fault) -> Response:
    """Return what Slack answers when a fault says so."""
    if fault.kind == "rate_limit":
        return _limited(fault.retry_after)
    return JSONResponse({"ok": False, "error": fault.error or "internal_error"})


async def _answer(slack: Slack, name: str, request: Request) -> Response:
    method = METHODS.get(name)
    if method is None:
        slack.record.warn("unknown_method", f"{name} is not simulated.", method=name)
        raise SlackError("unknown_method", req_method=name)
    arguments, warnings = await arguments_of(request, method)
    token = _token(slack, request, arguments, method)
    call = Call(slack, arguments, token)
    if method.scopes:
        call.needs(*method.scopes)
    _limit(slack, name, method, token)
    _require(method, arguments)
    found: JSON = {"ok": True, **await method.answer(call)}
    if warnings:
        found |= {"warning": ",".join(warnings), "response_metadata": {"warnings": warnings}}
    return JSONResponse(found, headers=_headers(slack, token, method))


def _token(slack: Slack, request: Request, arguments: JSON, method: Method) -> Token:
    if method.token == "none":  # noqa: S105  (it needs none)
        _client_of_basic(request, arguments)
        return Token(token="", kind="none")
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind != "Bearer":
        secret = str(arguments.get("token", "")) if "token" not in request.query_params else ""
    if not secret:
        raise SlackError("not_authed")
    token = slack.world.tokens.get(secret)
    if token is None:
        raise SlackError("invalid_auth")
    if token.revoked:
        raise SlackError("token_revoked")
    if token.expires_at is not None and slack.now() >= token.expires_at:
        raise SlackError("token_expired")
    if token.kind != method.token:
        raise SlackError("not_allowed_token_type")
    return token


def _client_of_basic(request: Request, arguments: JSON) -> None:
    """Add the client's id and secret from HTTP Basic, as oauth.v2.access takes them."""
    header = request.headers.get("authorization", "")
    if header.startswith("Basic "):
        arguments["client_id"], arguments["client_secret"] = oauth.of_basic(header)


def _limit(slack: Slack, name: str, method: Method, token: Token) -> None:
    if not slack.settings.tier_limits or method.tier is None:
        return
    per_minute = PER_MINUTE[method.tier]
    wait = slack.buckets.wait(
        f"{name}:{token.team_id}", now=slack.now(), burst=per_minute, per_second=per_minute / 60
    )
    if wait:
        raise SlackError("ratelimited", retry_after=wait)


def _require(method: Method, arguments: JSON) -> None:
    missing = [name for name in method.required if arguments.get(name) in (None, "")]
    if missing:
        raise SlackError.of_blocks(
            "invalid_arguments", [f"[ERROR] missing required field: {name}" for name in missing]
        )


def _refusal(slack: Slack, name: str, refused: SlackError) -> Response:
    if refused.error == "ratelimited":
        return _limited(math.ceil(refused.more.get("retry_after", 1)))
    if refused.error in BUGS:
        slack.record.warn("refused", f"{name} was refused: {refused.error}.", method=name, **refused.more)
    return JSONResponse({"ok": False, "error": refused.error, **refused.more})


def _limited(seconds: int) -> Response:
    return JSONResponse(
        {"ok": False, "error": "ratelimited"}, status_code=429, headers={"Retry-After": str(seconds)}
    )


def _headers(slack: Slack, token: Token, method: Method) -> dict[str, str]:
    return {
        "x-oauth-scopes": ",".join(token.scopes),
        "x-accepted-oauth-scopes": ",".join(method.scopes),
        "x-slack-req-id": slack.ids.secret(32),
    }

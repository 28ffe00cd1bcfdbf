"""Tokens over HTTP: the code exchange, the long-lived exchange, and debug_token.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

from datetime import timedelta
from typing import Any

from simulator.meta import ids, tokens
from simulator.meta.call import Call
from simulator.meta.errors import GraphError, missing
from simulator.meta.world import Code, Person, Token, World

CODE_LIVES = timedelta(minutes=10)


def new_code(world: World, person: Person, redirect_uri: str) -> str:
    """Return a code that the app may exchange once, within ten minutes, naming the same redirect_uri."""
    value = ids.code()
    world.codes[value] = Code(person_id=person.id, redirect_uri=redirect_uri, issued_at=world.now())
    return value


async def access_token(call: Call) -> dict[str, Any]:
    """`/oauth/access_token`: a code, or a still valid user token, for a user token."""
    _check_app(call)
    if call.text("grant_type") == "fb_exchange_token":
        token = _exchanged(call)
    elif call.text("grant_type") == "client_credentials":
        return {"access_token": f"{call.world.app.id}|{call.world.app.secret}", "token_type": "bearer"}
    else:
        token = _for_code(call)
    call.meta.changed()
    return _answer(call.world, token)


async def debug_token(call: Call) -> dict[str, Any]:
    """`GET /debug_token`: what Meta thinks of a token. A dead one is told with HTTP 200."""
    if not call.is_app_token:
        call.authenticate()
    token = call.world.tokens.get(call.required("input_token"))
    if token is None:
        return {
            "data": {
                "is_valid": False,
                "scopes": [],
                "error": _dead(190, "Invalid OAuth access token.", None),
            }
        }
    ended = tokens.state(call.world, token)
    shown = _facts(call.world, token)
    if ended != "valid":
        error = tokens.ended_error(call.world, token, ended)
        shown |= {"is_valid": False, "error": _dead(error.code, error.message, error.subcode)}
    return {"data": shown}


def _check_app(call: Call) -> None:
    if call.required("client_id") != call.world.app.id:
        raise GraphError(
            101, "Error validating application. Cannot get application info due to a system error."
        )
    if call.text("client_secret") != call.world.app.secret:
        raise GraphError(1, "Error validating client secret.")


def _for_code(call: Call) -> Token:
    value, redirect_uri = call.required("code"), call.text("redirect_uri")
    if redirect_uri is None:
        raise missing("redirect_uri")
    code = call.world.codes.get(value)
    if code is None:
        raise GraphError(100, "Invalid verification code format.", subcode=36009)
    if code.used:
        raise GraphError(100, "This authorization code has been used.", subcode=36009)
    if code.issued_at + CODE_LIVES <= call.world.now():
        raise GraphError(100, "This authorization code has expired.", subcode=36007)
    if code.redirect_uri != redirect_uri:
        raise GraphError(
            100,
            "Error validating verification code. Please make sure your redirect_uri is identical to the one "
            "you used in the OAuth dialog request",
            subcode=36008,
        )
    code.used = True
    return tokens.issue_user(call.world, call.world.people[code.person_id], long_lived=False)


def _exchanged(call: Call) -> Token:
    old = tokens.find(call.world, call.required("fb_exchange_token"))
    if old.kind != "user":
        raise GraphError(100, "(#100) Only a user access token can be exchanged")
    return tokens.issue_user(call.world, call.world.people[old.person_id], long_lived=True)


def _answer(world: World, token: Token) -> dict[str, Any]:
    said: dict[str, Any] = {"access_token": token.value, "token_type": "bearer"}
    if world.settings.expires_in == "said" and token.expires_at:
        said["expires_in"] = round((token.expires_at - world.now()).total_seconds())
    return said


def _facts(world: World, token: Token) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "app_id": world.app.id,
        "type": token.kind.upper(),
        "application": world.app.name,
        "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
        "is_valid": True,
        "user_id": token.person_id,
        "scopes": [],
        "granular_scopes": [],
    }
    if token.long_lived:
        facts["issued_at"] = int(token.issued_at.timestamp())
    if token.page_id:
        facts["profile_id"] = token.page_id
    grant = world.grants.get(token.person_id)
    if grant:
        lapses = grant.active_at + timedelta(days=world.settings.data_access_days)
        facts["data_access_expires_at"] = int(lapses.timestamp())
        facts["scopes"] = tokens.granted(world, grant)
        facts["granular_scopes"] = [
            {"scope": scope, "target_ids": targets}
            for scope in facts["scopes"]
            if (targets := _targets(scope, grant.page_ids, grant.instagram_ids)) is not None
        ]
    return facts


def _targets(scope: str, page_ids: list[str], instagram_ids: list[str]) -> list[str] | None:
    if scope.startswith("pages_"):
        return page_ids
    return instagram_ids if scope.startswith("instagram_") else None


def _dead(code: int, message: str, subcode: int | None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    return error if subcode is None else {**error, "subcode": subcode}

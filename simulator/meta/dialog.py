"""The login dialog: who is logged in, which assets they share, and what they allow.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from simulator.meta import oauth
from simulator.meta.meta import Meta
from simulator.meta.templates import page
from simulator.meta.world import Grant, Person, World

SCOPES = {
    "pages_show_list": "Show a list of the Pages you manage",
    "pages_read_engagement": "Read content posted on the Page",
    "pages_read_user_content": "Read user content on your Page",
    "pages_manage_posts": "Create and manage content on your Page",
    "pages_manage_engagement": "Create and manage comments on your Page",
    "pages_manage_metadata": "Manage accounts, settings and webhooks for a Page",
    "read_insights": "Access your Page and app insights",
    "business_management": "Manage your business",
    "instagram_basic": "Access profile and posts from the Instagram account connected to your Page",
    "instagram_content_publish": "Create posts for the Instagram account connected to your Page",
    "instagram_manage_comments": "Manage comments for the Instagram account connected to your Page",
    "instagram_manage_insights": "Access insights for the Instagram account connected to your Page",
    "instagram_manage_contents": "Manage content of the Instagram account connected to your Page",
    "email": "Your email address",
    "public_profile": "Your name and profile picture",
}
UNFRAMED = {
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "cache-control": "no-store",
}
CARRIED = (
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "config_id",
    "auth_type",
    "response_type",
    "display",
)


class WrongSetup(Exception):
    """The app's configuration is wrong; Meta shows a page and does not redirect."""


@dataclass(frozen=True)
class Asked:
    """What the app asks for."""

    redirect_uri: str
    state: str | None
    scopes: list[str]
    auth_type: str
    carried: dict[str, str]


async def show(request: Request) -> Response:
    """`GET /{version}/dialog/oauth`: ask."""
    meta: Meta = request.app.state.meta
    try:
        asked = _asked(meta, request.query_params)
    except WrongSetup as wrong:
        return _error_page(str(wrong))
    people = list(meta.world.people.values())
    person = meta.world.people.get(request.query_params.get("as", ""), people[0])
    before = meta.world.grants.get(person.id)
    return page(
        "dialog.html",
        UNFRAMED,
        app=meta.world.app,
        asked=asked,
        people=people,
        person=person,
        before=before,
        assets=meta.world.pages_of(person),
        scopes=[(scope, SCOPES.get(scope, scope)) for scope in _to_ask(asked, before)],
        declined_before=_declined_before(asked, before),
        names={one.id: one.username for one in meta.world.instagrams.values()},
        links={one.id: f"?{urlencode({**asked.carried, 'as': one.id})}" for one in people},
    )


async def decide(request: Request) -> Response:
    """`POST /dialog/decide`: go back to the app, with a code or with a refusal."""
    meta: Meta = request.app.state.meta
    form = await request.form()
    try:
        asked = _asked(meta, form)
    except WrongSetup as wrong:
        return _error_page(str(wrong))
    person = meta.world.people.get(_text(form, "person"))
    if person is None:
        return _error_page("There is no such person here.")
    if _text(form, "decision") != "continue":
        return _back(asked.redirect_uri, _denial(asked))
    meta.world.grants[person.id] = _granted(meta.world, person, asked, form)
    code = oauth.new_code(meta.world, person, asked.redirect_uri)
    meta.changed()
    return _back(asked.redirect_uri, _with_state(asked, {"code": code}))


def _asked(meta: Meta, params: QueryParams | FormData) -> Asked:
    client_id = _text(params, "client_id") or _text(params, "app_id")
    if client_id != meta.world.app.id:
        raise WrongSetup("Invalid App ID: The provided app ID does not look like a valid app ID.")
    redirect_uri = _text(params, "redirect_uri")
    if redirect_uri not in meta.world.app.redirect_uris:
        raise WrongSetup(
            "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's "
            "Client OAuth Settings. Make sure Client and Web OAuth Login are on and add all your app domains "
            "as Valid OAuth Redirect URIs."
        )
    if _text(params, "response_type") not in ("", "code"):
        raise WrongSetup("Only response_type=code is simulated.")
    scopes = [scope for scope in re.split(r"[,\s]+", _text(params, "scope")) if scope]
    if _text(params, "config_id"):
        if scopes:
            meta.record.warn(
                "dialog", "With config_id, scope must not be sent: the configuration has the permissions"
            )
        scopes = list(meta.world.settings.config_scopes)
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise WrongSetup(f"Invalid Scopes: {', '.join(unknown)}. This message is only shown to developers.")
    state = _text(params, "state") if "state" in params else None
    if not state:
        meta.record.warn("dialog", "A login without state can be forged")
    return Asked(
        redirect_uri,
        state,
        scopes,
        _text(params, "auth_type"),
        {name: _text(params, name) for name in CARRIED if name in params},
    )


def _to_ask(asked: Asked, before: Grant | None) -> list[str]:
    """Leave out what was declined before: only `auth_type=rerequest` asks for that again."""
    declined = _declined_before(asked, before)
    return [scope for scope in asked.scopes if scope not in declined]


def _declined_before(asked: Asked, before: Grant | None) -> list[str]:
    if before is None or asked.auth_type == "rerequest":
        return []
    return [scope for scope in asked.scopes if before.permissions.get(scope) == "declined"]


def _granted(world: World, person: Person, asked: Asked, form: FormData) -> Grant:
    before = world.grants.get(person.id)
    assets = world.pages_of(person)
    declined = {*_texts(form, "declined"), *_declined_before(asked, before)}
    permissions = dict(before.permissions) if before else {}
    for scope in ["public_profile", *asked.scopes]:
        permissions[scope] = "declined" if scope in declined else "granted"
    chosen, chosen_instagram = _texts(form, "pages"), _texts(form, "instagram")
    return Grant(
        permissions=permissions,
        page_ids=[one.id for one in assets if one.id in chosen],
        instagram_ids=[one.instagram_id for one in assets if one.instagram_id in chosen_instagram],
        active_at=world.now(),
    )


def _denial(asked: Asked) -> dict[str, str]:
    denial = {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
    }
    return _with_state(asked, denial)


def _with_state(asked: Asked, params: dict[str, str]) -> dict[str, str]:
    return params if asked.state is None else {**params, "state": asked.state}


def _back(redirect_uri: str, params: dict[str, str]) -> Response:
    """Redirect, with the junk fragment that Facebook adds to a success."""
    joint = "&" if "?" in redirect_uri else "?"
    fragment = "#_=_" if "code" in params else ""
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(params)}{fragment}", 302, UNFRAMED)


def _error_page(sentence: str) -> Response:
    return page("dialog_error.html", UNFRAMED, status=400, sentence=sentence)


def _text(params: QueryParams | FormData, name: str) -> str:
    value = params.get(name)
    return value if isinstance(value, str) else ""


def _texts(form: FormData, name: str) -> list[str]:
    """Accept repeated fields and comma-separated ones."""
    return [
        part for value in form.getlist(name) if isinstance(value, str) for part in value.split(",") if part
    ]

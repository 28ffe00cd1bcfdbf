"""One call of the Graph API: who makes it, with which parameters, and what they may do."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from simulator.meta import fields, tokens
from simulator.meta.errors import GraphError, invalid, missing, no_permission, unknown_object
from simulator.meta.meta import Meta
from simulator.meta.world import Grant, Instagram, Page, Person, Token, World

VERSION = re.compile(r"v\d+\.\d+")
UNVERSIONED = "v25.0"
REMOVED = ("pretty", "debug", "date_format")
"""Gone from every version since 27 October 2026, with root `?ids=` and If-None-Match."""
AUTHORIZATION = re.compile(r"(?:Bearer|OAuth)\s+(\S+)", re.IGNORECASE)


@dataclass
class Call:
    """What was asked, read once."""

    meta: Meta
    method: str
    version: str
    path: list[str]
    params: dict[str, Any]
    token_value: str | None
    token_in_url: bool
    files: list[bytes]

    @property
    def world(self) -> World:
        """What exists."""
        return self.meta.world

    # Parameters

    def text(self, name: str) -> str | None:
        """Return a parameter as text; None if it was not sent."""
        value = self.params.get(name)
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value) if isinstance(value, (dict, list, bool)) else str(value)

    def required(self, name: str) -> str:
        """Return a parameter that must be there, and not empty."""
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean parameter: true, false, 1 or 0."""
        value = self.text(name)
        if value is None:
            return default
        if value.lower() not in ("true", "false", "1", "0"):
            raise invalid(f"Param {name} must be a boolean")
        return value.lower() in ("true", "1")

    def number(self, name: str) -> int | None:
        """Return a whole number; None if it was not sent."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d+", value):
            raise invalid(f"Param {name} must be an integer")
        return int(value)

    @cached_property
    def fields(self) -> tuple[fields.Wanted, ...] | None:
        """What the answer shall have; None if that was not said."""
        text = self.text("fields")
        return fields.parse(text) if text else None

    # Who is calling

    @cached_property
    def token(self) -> Token:
        """The token that this call is made with. Raises `GraphError` when it is missing or has ended."""
        if not self.token_value:
            if self.path[0] == "me":
                raise GraphError(
                    2500, "An active access token must be used to query information about the current user."
                )
            raise GraphError(104, "An access token is required to request this resource.", status=401)
        return tokens.find(self.world, self.token_value)

    def authenticate(self) -> None:
        """Refuse the call unless it has a token that works."""
        _ = self.token

    @cached_property
    def person(self) -> Person:
        """The person behind the token."""
        return self.world.people[self.token.person_id]

    @cached_property
    def grant(self) -> Grant:
        """What that person allowed the app."""
        grant = self.world.grants.get(self.token.person_id)
        if grant is None:
            raise tokens.ended_error(self.world, self.token, "deauthorized")
        return grant

    def allowed(self, scope: str) -> bool:
        """Say whether a permission is granted, and not lapsed."""
        return tokens.permission(self.world, self.grant, scope) == "granted"

    def require(self, *scopes: str) -> None:
        """Refuse the call unless all of these permissions are granted."""
        for scope in scopes:
            if not self.allowed(scope):
                raise no_permission(scope)

    def sees_page(self, page: Page) -> bool:
        """Say whether the Page was shared with the app, by someone who still has a role on it."""
        if self.token.page_id not in (None, page.id):
            return False
        return page.id in self.grant.page_ids and bool(self.world.role(self.person, page.id))

    def sees_instagram(self, instagram: Instagram) -> bool:
        """Say whether the Instagram account was shared with the app, and its Page is within reach."""
        page = self.world.pages[instagram.page_id]
        return instagram.id in self.grant.instagram_ids and self.sees_page(page)

    def visible_page(self, page: Page) -> None:
        """Refuse a Page that is out of sight, as if it did not exist."""
        if not self.sees_page(page):
            raise unknown_object(page.id, self.method)

    def visible_instagram(self, instagram: Instagram) -> None:
        """Refuse an Instagram account that is out of sight, as if it did not exist."""
        if not self.sees_instagram(instagram):
            raise unknown_object(instagram.id, self.method)

    def as_page(self, page: Page) -> None:
        """Refuse anything but this Page's own token, of someone who may publish."""
        self.visible_page(page)
        if self.token.kind != "page":
            raise GraphError(
                200,
                "(#200) This endpoint is deprecated since the required permission publish_actions is "
                "deprecated",
                status=403,
            )
        self.may_publish(page)

    def may_publish(self, page: Page) -> None:
        """Refuse someone without the task CREATE_CONTENT (or MANAGE) on the Page."""
        if not {"CREATE_CONTENT", "MANAGE"} & set(self.world.role(self.person, page.id)):
            raise GraphError(
                200,
                "(#200) The user must have the CREATE_CONTENT task on the Page to publish to it",
                status=403,
            )

    def check_protocol(self, headers_etag: bool) -> None:  # noqa: FBT001  (a fact of the request, not a switch)
        """Refuse what was removed from the protocol, and a wrong or missing appsecret_proof."""
        if self.world.settings.strict_protocol:
            removed = [name for name in REMOVED if name in self.params]
            removed += ["ids"] if "ids" in self.params and not self.path else []
            removed += ["If-None-Match"] if headers_etag else []
            if removed:
                raise invalid(f"The protocol feature {removed[0]} was removed on October 27, 2026")
        self._check_proof()

    def _check_proof(self) -> None:
        sent = self.text("appsecret_proof")
        if sent is None:
            if self.world.settings.require_proof and self.token_value and not self.is_app_token:
                raise _proof("API calls from the server require an appsecret_proof argument")
            return
        signed = self.token_value or ""
        if time := self.text("appsecret_time"):
            signed += f"|{time}"
        proof = hmac.new(self.world.app.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof, sent):
            raise _proof("Invalid appsecret_proof provided in the API argument")

    @property
    def is_app_token(self) -> bool:
        """Whether the call is made as the app itself: `{id}|{secret}`."""
        return self.token_value == f"{self.world.app.id}|{self.world.app.secret}"


async def read(meta: Meta, request: Request) -> Call:
    """Read a request: its path, and its parameters from the query and a form, multipart or JSON body."""
    path = [part for part in request.url.path.split("/") if part]
    version = version_of(request)
    if path and path[0] == version:
        del path[0]
    sent, files = await _body(request)
    params = {**request.query_params, **sent}
    header = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    in_url = "access_token" in request.query_params
    value = header[1] if header else params.get("access_token")
    return Call(meta, request.method, version, path, params, value, in_url, files)


def version_of(request: Request) -> str:
    """Return the version that a path begins with; without one, what the app was made with."""
    first = request.url.path.split("/", 2)[1]
    return first if VERSION.fullmatch(first) else UNVERSIONED


async def _body(request: Request) -> tuple[dict[str, Any], list[bytes]]:
    kind = request.headers.get("content-type", "")
    if "json" in kind:
        body = await request.body()
        try:
            sent = json.loads(body or b"{}")
        except ValueError:
            sent = None
        if not isinstance(sent, dict):
            raise GraphError(100, "(#100) The request body is not a JSON object")
        return sent, []
    if kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        async with request.form() as form:
            return await _form(form)
    return {}, []


async def _form(form: FormData) -> tuple[dict[str, Any], list[bytes]]:
    sent: dict[str, Any] = {}
    files = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.append(await value.read())
        else:
            sent[name] = value
    return sent, files


def _proof(message: str) -> GraphError:
    return GraphError(100, message, kind="GraphMethodException")

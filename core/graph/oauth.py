"""Logging in with Facebook: the dialog, the tokens, and the Pages that a person shares.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from core.errors import MetaError, ReconnectNeeded, Refused
from core.graph.answers import Said, listed, outcome, part, wanted
from core.graph.api import GraphAPI, Values
from core.graph.errors import LOGGED_OUT, meaning
from core.vault import Token

SCOPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "facebook_page": ("pages_show_list", "pages_read_engagement", "pages_manage_posts"),
        "instagram_business": (
            "pages_show_list",
            "pages_read_engagement",
            "instagram_basic",
            "instagram_content_publish",
        ),
    }
)
"""What publishing needs, by platform."""

LISTING_SCOPE = "pages_show_list"
"""Without it, no Page is listed at all."""

PORTFOLIO_SCOPE = "business_management"
"""Without it, Pages that belong to a business portfolio may not be listed."""

PAGE_FIELDS = (
    "id,name,access_token,tasks,picture,instagram_business_account{id,username,name,profile_picture_url}"
)
PUBLISHING_TASKS = {"CREATE_CONTENT", "MANAGE"}


@dataclass(frozen=True)
class Login:
    """A user token and, when Meta says so, how long it lasts."""

    token: Token
    lasts: timedelta | None


@dataclass(frozen=True)
class Person:
    """Who logged in. The id is this app's own for them."""

    id: str
    name: str
    picture_url: str | None = None


@dataclass(frozen=True)
class Permissions:
    """What the person let the app do."""

    granted: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    expired: frozenset[str] = frozenset()


@dataclass(frozen=True)
class InstagramAccount:
    """The professional Instagram account that is linked to a Page."""

    id: str
    username: str
    name: str = ""
    picture_url: str | None = None


@dataclass(frozen=True)
class Page:
    """A Facebook Page with its own token. `tasks` is what the person may do there; empty is not told."""

    id: str
    name: str
    token: Token
    tasks: tuple[str, ...] = ()
    instagram: InstagramAccount | None = None
    picture_url: str | None = None

    @property
    def may_publish(self) -> bool:
        """Whether the person may publish on this Page."""
        return not self.tasks or not PUBLISHING_TASKS.isdisjoint(self.tasks)


@dataclass(frozen=True)
class TokenFacts:
    """What Meta knows of a token. An expiry of None is never; `problem` says why it is not valid."""

    valid: bool
    kind: str = ""
    app_id: str = ""
    user_id: str | None = None
    page_id: str | None = None
    scopes: frozenset[str] = frozenset()
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    problem: MetaError | None = None


def dialog_url(
    facebook_url: str,
    *,
    version: str,
    client_id: str,
    redirect_uri: str,
    state: str,
    scopes: Iterable[str] = (),
    auth_type: str | None = None,
    config_id: str | None = None,
) -> str:
    """Give the address of Meta's login dialog. A config_id stands for the permissions of a configuration.

    `auth_type` is `rerequest` to ask again for what was declined, `reauthorize` to renew data access.
    """
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "response_type": "code",
        "config_id": config_id,
        "scope": None if config_id else ",".join(scopes),
        "auth_type": auth_type,
    }
    filled = {name: value for name, value in query.items() if value}
    return f"{facebook_url.rstrip('/')}/{version}/dialog/oauth?{urlencode(filled)}"


async def exchange_code(graph: GraphAPI, *, code: Token, redirect_uri: str) -> Login:
    """Give the token for a code, which is good once. The redirect_uri is the dialog's, byte by byte."""
    return await _login(graph, {"redirect_uri": redirect_uri, "code": code})


async def exchange_long_lived(graph: GraphAPI, *, token: Token) -> Login:
    """Give a new user token of about 60 days for one that is still valid."""
    return await _login(graph, {"grant_type": "fb_exchange_token", "fb_exchange_token": token})


async def debug_token(graph: GraphAPI, *, token: Token) -> TokenFacts:
    """Ask Meta about a token. It goes as a form with `method=GET`, so that no token is in an address.

    Meta's own PHP SDK sends every read in this way.
    https://developers.facebook.com/docs/graph-api/reference/debug_token
    """
    form: Values = {"method": "GET", "input_token": token}
    answer = await graph.post("debug_token", token=graph.app_token, data=form, effect="read")
    data = wanted(answer, "data", dict, effect="read")
    return TokenFacts(
        valid=data.get("is_valid") is True,
        kind=data.get("type", ""),
        app_id=str(data.get("app_id", "")),
        user_id=data.get("user_id"),
        page_id=data.get("profile_id"),
        scopes=frozenset(data.get("scopes", ())),
        targets={
            granted.get("scope", ""): tuple(granted.get("target_ids", ()))
            for granted in listed(data, "granular_scopes")
        },
        expires_at=_instant(data.get("expires_at")),
        data_access_expires_at=_instant(data.get("data_access_expires_at")),
        problem=_problem(data.get("error")),
    )


async def me(graph: GraphAPI, *, token: Token) -> Person:
    """Say whose user token this is."""
    answer = await graph.get("me", token=token, params={"fields": "id,name,picture"})
    return Person(wanted(answer, "id", str, effect="read"), answer.get("name", ""), _picture(answer))


async def permissions(graph: GraphAPI, *, token: Token) -> Permissions:
    """Say what the person granted, declined, and what has run out."""
    answer = await graph.get("me/permissions", token=token)
    wanted(answer, "data", list, effect="read")

    def with_status(status: str) -> frozenset[str]:
        return frozenset(
            entry.get("permission", "") for entry in listed(answer) if entry.get("status") == status
        )

    return Permissions(with_status("granted"), with_status("declined"), with_status("expired"))


async def revoke(graph: GraphAPI, *, token: Token, permission: str | None = None) -> None:
    """Give one permission back, or all of them, which removes the app from the person's account."""
    await graph.delete(f"me/permissions/{permission}" if permission else "me/permissions", token=token)


async def pages(graph: GraphAPI, *, token: Token) -> list[Page]:
    """Give every Page that the person shares, each once, also those that only a business portfolio lists."""
    found = {page.id: page async for page in _pages_of(graph, "me/accounts", token)}
    granted = (await permissions(graph, token=token)).granted
    if PORTFOLIO_SCOPE in granted:
        async for page in _portfolio_pages(graph, token):
            found.setdefault(page.id, page)
    return list(found.values())


async def _login(graph: GraphAPI, grant: Values) -> Login:
    # A form, as in Meta's own samples: the documented GET would show the secret and the token in its address.
    form = {"client_id": graph.app_id, "client_secret": graph.app_secret, **grant}
    answer = await graph.post("oauth/access_token", token=None, data=form, effect="invisible")
    token = wanted(answer, "access_token", Token, effect="invisible")
    lasts = answer.get("expires_in")
    return Login(token, timedelta(seconds=lasts) if lasts else None)


async def _portfolio_pages(graph: GraphAPI, token: Token) -> AsyncIterator[Page]:
    async for businesses in graph.pages("me/businesses", token=token, params={"fields": "id", "limit": 100}):
        for business in businesses:
            for edge in ("owned_pages", "client_pages"):
                try:
                    async for page in _pages_of(graph, f"{business['id']}/{edge}", token):
                        yield page
                except (Refused, ReconnectNeeded):
                    continue  # the person has no right to this list; their other Pages still count


async def _pages_of(graph: GraphAPI, path: str, token: Token) -> AsyncIterator[Page]:
    async for entries in graph.pages(path, token=token, params={"fields": PAGE_FIELDS, "limit": 100}):
        for entry in entries:
            if entry.get("access_token"):  # a Page without one is not shared with this app
                yield _page(entry)


def _page(entry: Mapping[str, Any]) -> Page:
    return Page(
        id=wanted(entry, "id", str, effect="read"),
        name=entry.get("name", ""),
        token=wanted(entry, "access_token", Token, effect="read"),
        tasks=tuple(entry.get("tasks", ())),
        instagram=_instagram(part(entry, "instagram_business_account")),
        picture_url=_picture(entry),
    )


def _instagram(linked: Mapping[str, Any]) -> InstagramAccount | None:
    if "id" not in linked:
        return None
    return InstagramAccount(
        linked["id"], linked.get("username", ""), linked.get("name", ""), linked.get("profile_picture_url")
    )


def _picture(entry: Mapping[str, Any]) -> str | None:
    url: str | None = part(part(entry, "picture"), "data").get("url")
    return url


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _problem(error: object) -> MetaError | None:
    if not error:
        return None
    said = Said.read(error)
    return outcome(meaning(said.code, said.subcode, said.message) or LOGGED_OUT, said, effect="read")

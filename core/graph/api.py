"""Meta's Graph API: one request function under thin verbs.

The token travels in the Authorization header and nowhere else: httpx logs every address at INFO, and Meta
repeats a token from the address in `paging.next`. Reads are tried a few times; writes once, for trying those
again is the ledger's.
"""

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import httpx
from pydantic import SecretStr

from core.errors import MetaError, TryAgainLater, UnsafeAddress
from core.graph import usage
from core.graph.answers import decipher, listed, lost, not_sent, part, wanted
from core.graph.meanings import SECONDS, Effect
from core.vault import Token

Value: TypeAlias = "str | int | float | bool | Token | SecretStr | Sequence[Any] | Mapping[str, Any] | None"
Values: TypeAlias = Mapping[str, Value]
Files: TypeAlias = Mapping[str, tuple[str, bytes, str]]

TIMEOUT = httpx.Timeout(60, connect=5, pool=5)
HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "Pressroom"}
READS = 3
PAUSE_SECONDS = 0.5

PROVABLY_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

# What `paging.next` may carry and a request of ours must not: secrets, and what Meta removed in October 2026.
NOT_FOLLOWED = {"access_token", "appsecret_proof", "appsecret_time", "pretty", "debug", "date_format"}


class Sender(Protocol):
    """What requests are sent with: Lines, or one of httpx's clients."""

    async def send(self, request: httpx.Request, *, follow_redirects: bool) -> httpx.Response:
        """Send a request, and give its answer, read to the end. Raise what httpx raises."""


class GraphAPI:
    """Calls Meta for one app. It keeps no state between calls but its sender's connections."""

    def __init__(
        self,
        http: Sender,
        *,
        base_url: str,
        version: str,
        app_id: str,
        app_secret: SecretStr,
        on_usage: Callable[[usage.Usage], None] | None = None,
        total_seconds: float = 60,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Take what to call with, and how long one call may take from its start to the last byte.

        `on_usage` is told what each answer says of the rate limits.
        """
        self.version, self.app_id, self.app_secret = version, app_id, app_secret
        self._http, self._base = http, httpx.URL(base_url)
        self._root = f"{base_url.rstrip('/')}/{version}/"
        self._on_usage, self._total_seconds, self._sleep = on_usage, total_seconds, sleep

    @property
    def app_token(self) -> Token:
        """Give the token with which the app speaks for itself."""
        return Token(f"{self.app_id}|{self.app_secret.get_secret_value()}")

    async def get(self, path: str, *, token: Token, params: Values | None = None) -> Any:
        """Read. Gives Meta's data, or raises one of the four outcomes."""
        return await self.request("GET", path, token=token, params=params, effect="read")

    async def post(
        self,
        path: str,
        *,
        token: Token | None,
        effect: Effect,
        data: Values | None = None,
        params: Values | None = None,
    ) -> Any:
        """Write what stands in a form. The effect says what a lost answer would mean."""
        return await self.request("POST", path, token=token, params=params, data=data, effect=effect)

    async def delete(self, path: str, *, token: Token, effect: Effect = "invisible") -> Any:
        """Delete what nobody sees, unless the effect says otherwise."""
        return await self.request("DELETE", path, token=token, effect=effect)

    async def pages(
        self, path: str, *, token: Token, params: Values | None = None
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Read a list page by page. A page can be empty and still have a next one."""
        seen = set()
        url: str | None = path
        while url is not None:
            if url in seen:
                raise lost("read", "Meta's list leads back to itself.")
            seen.add(url)
            answer = await self.get(url, token=token, params=params)
            wanted(answer, "data", list, effect="read")
            yield listed(answer)
            url, params = part(answer, "paging").get("next"), None

    async def request(
        self,
        method: str,
        path: str,
        *,
        token: Token | None,
        params: Values | None = None,
        data: Values | None = None,
        files: Files | None = None,
        effect: Effect,
    ) -> Any:
        """Call Meta once; a read that may soon succeed, up to three times.

        Empty values are left out: Meta takes `message: null` for an empty post. Lists go as JSON.
        """
        tries = READS if effect == "read" else 1
        while True:
            request = self._build(method, path, token=token, params=params, data=data, files=files)
            tries -= 1
            try:
                return await self._call(request, effect)
            except TryAgainLater as error:
                if tries == 0 or error.after > SECONDS:
                    raise
            await self._sleep(_pause(READS - tries))

    async def _call(self, request: httpx.Request, effect: Effect) -> Any:
        response = await self._send(request, effect)
        used = usage.read(response.headers)
        if used and self._on_usage:
            self._on_usage(used)
        return decipher(response.status_code, response.headers, response.content, effect=effect)

    async def _send(self, request: httpx.Request, effect: Effect) -> httpx.Response:
        problem: MetaError
        try:
            async with asyncio.timeout(self._total_seconds):
                return await self._http.send(request, follow_redirects=False)
        except PROVABLY_NOT_SENT as error:
            problem = not_sent(type(error).__name__)
        except (httpx.RequestError, TimeoutError) as error:
            problem = lost(effect, type(error).__name__)
        # Raised out here, it has no cause: httpx's own traceback has the headers among its variables.
        raise problem

    def _build(
        self,
        method: str,
        path: str,
        *,
        token: Token | None,
        params: Values | None,
        data: Values | None,
        files: Files | None,
    ) -> httpx.Request:
        url, followed = self._address(path)
        proof = {"appsecret_proof": self._proof(token)} if token else {}
        in_form = method == "POST"
        return httpx.Request(
            method,
            url,
            params={**followed, **_query(params), **({} if in_form else proof)} or None,
            data={**_form(data), **(proof if in_form else {})} or None,
            files=files,
            headers=HEADERS | ({"Authorization": f"Bearer {token.reveal()}"} if token else {}),
            extensions={"timeout": TIMEOUT.as_dict()},
        )

    def _address(self, path: str) -> tuple[str | httpx.URL, dict[str, str]]:
        """Give the address of a path; or that of a whole address at which a list goes on, and its query."""
        if "://" not in path:
            return self._root + path.lstrip("/"), {}
        try:
            url = httpx.URL(path)
        except httpx.InvalidURL:
            raise UnsafeAddress("Meta's list continues at an address that is none.") from None
        if (url.scheme, url.host, url.port) != (self._base.scheme, self._base.host, self._base.port):
            raise UnsafeAddress("Meta's list continues at an address that is not Meta's.")
        return url.copy_with(query=None), _followed(url)

    def _proof(self, token: Token) -> str:
        # https://developers.facebook.com/docs/graph-api/guides/secure-requests
        secret = self.app_secret.get_secret_value().encode()
        return hmac.new(secret, token.reveal().encode(), hashlib.sha256).hexdigest()


def _followed(url: httpx.URL) -> dict[str, str]:
    return {name: value for name, value in url.params.items() if name not in NOT_FOLLOWED}


def _query(params: Values | None) -> dict[str, str]:
    if any(isinstance(value, Token | SecretStr) for value in (params or {}).values()):
        raise TypeError("A secret goes into the form, never into the address.")
    return _form(params)


def _form(values: Values | None) -> dict[str, str]:
    empty: tuple[Value, ...] = (None, "", [], {}, ())
    return {name: _text(value) for name, value in (values or {}).items() if value not in empty}


def _text(value: Value) -> str:
    match value:
        case Token():
            return value.reveal()
        case SecretStr():
            return value.get_secret_value()
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def _pause(attempt: int) -> float:
    """Full jitter: anything up to a limit that doubles with every attempt, in seconds."""
    return random.SystemRandom().uniform(0, PAUSE_SECONDS * 2**attempt)

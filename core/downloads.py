"""Fetching a picture from an address that a person typed, without being led anywhere private.

The name is resolved once, every address it has must be public, and the connection goes to one of exactly
those, while certificate and Host are still those of the name: a second, different answer has no effect.
Every redirect is an address of its own and goes through the same. Cookies, proxies and credentials: none.
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM
from typing import NamedTuple

import httpx

from core import kinds
from core.errors import BadMedia, UnsafeAddress

MAX_REDIRECTS = 5
MAX_ADDRESS_LENGTH = 2048


class Endpoint(NamedTuple):
    """Where a name leads: an IP address in text, and a port."""

    ip: str
    port: int


Resolver = Callable[[str, int], Awaitable[Sequence[Endpoint]]]
IsPublic = Callable[[IPv4Address | IPv6Address], bool]

_HTTPS = 443
_ENOUGH_TO_TELL = 512
# A name with a dot whose last part starts with a letter: no addresses in numbers, of whatever notation.
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}")
_INTERNET6 = ip_network("2000::/3")
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host, which looks public
        "192.0.0.0/24",  # protocol assignments; Oracle Cloud's metadata
        "192.88.99.0/24",  # relays to 6to4
        "2001::/23",  # protocol assignments; Teredo carries an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",
    )
)


async def resolve(host: str, port: int) -> Sequence[Endpoint]:
    """Ask the system where `host` is. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return [Endpoint(str(address[0]), int(address[1])) for *_, address in found]


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is on the public internet, and is nothing else besides."""
    if isinstance(address, IPv6Address) and address not in _INTERNET6:
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in _SPECIAL)


class Downloader:
    """Fetches pictures. The resolver and the rule for addresses are real unless others are handed in."""

    def __init__(
        self,
        *,
        resolver: Resolver = resolve,
        is_public: IsPublic = is_public,
        tls: ssl.SSLContext | None = None,
        seconds: float = 30,
    ) -> None:
        """Take how long one picture may take altogether, in seconds, and whose certificates to trust."""
        self._resolver, self._is_public, self._seconds = resolver, is_public, seconds
        self._tls = tls or httpx.create_ssl_context()

    async def fetch_picture(self, address: str, *, limit_bytes: int) -> bytes:
        """Return what is behind an address that a person typed, when its first bytes look like a picture's.

        Raises UnsafeAddress for an address that we do not fetch from, BadMedia for what came or did not come.
        """
        url = checked(address)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(url, limit_bytes)
        except TimeoutError as error:
            raise BadMedia(f"{url.host} took too long. Try again, or upload the picture.") from error

    async def _follow(self, url: httpx.URL, limit_bytes: int) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._get(url, await self._public_endpoint(url.raw_host.decode()), limit_bytes)
            if isinstance(answer, bytes):
                return answer
            url = answer
        raise UnsafeAddress("That address only leads from one to the next. Use the picture's own address.")

    async def _public_endpoint(self, host: str) -> Endpoint:
        """Resolve once. Nothing tells a private name from one that does not exist."""
        try:
            endpoints = await self._resolver(host, _HTTPS)
        except (OSError, UnicodeError):
            endpoints = []
        if not endpoints or not all(self._is_public(ip_address(endpoint.ip)) for endpoint in endpoints):
            raise UnsafeAddress(f"There is no public site at {host}.")
        return endpoints[0]

    async def _get(self, url: httpx.URL, endpoint: Endpoint, limit_bytes: int) -> bytes | httpx.URL:
        """Return the picture, or where to look instead."""
        # A client of its own for every request: no cookie and no connection goes from one name to another.
        client = httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=self._seconds)
        request = client.build_request(
            "GET",
            url.copy_with(host=endpoint.ip, port=endpoint.port),
            headers={"Host": url.raw_host.decode(), "Accept": "image/*", "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.raw_host.decode()},
        )
        try:
            async with client:
                response = await client.send(request, stream=True, follow_redirects=False)
                return await _picture_or_place(response, url, limit_bytes)
        except httpx.TransportError as error:
            raise BadMedia(f"{url.host} could not be reached, or broke off. Upload the picture.") from error


def checked(address: str) -> httpx.URL:
    """Return the address when its form is one that we fetch from. Raises UnsafeAddress."""
    try:
        url = httpx.URL(address.strip())
        host = url.raw_host.decode()
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UnsafeAddress("That is not a web address.") from error
    if url.scheme != "https" or len(address) > MAX_ADDRESS_LENGTH:
        raise UnsafeAddress("Start the address with https://, and give the whole of it.")
    if url.userinfo:
        raise UnsafeAddress("Take the name and password out of the address.")
    if url.port not in {None, _HTTPS}:
        raise UnsafeAddress("Leave out the port. Only the usual one for https is used.")
    if not _NAME.fullmatch(host):
        raise UnsafeAddress("Use the name of a public site, like https://www.example.com/picture.jpg.")
    return url


async def _picture_or_place(response: httpx.Response, url: httpx.URL, limit_bytes: int) -> bytes | httpx.URL:
    if response.has_redirect_location:
        try:
            return checked(str(url.join(response.headers["location"])))
        except httpx.InvalidURL as error:
            raise UnsafeAddress(f"{url.host} leads to something that is not a web address.") from error
    if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise BadMedia(f"{url.host} does not let us see it. Use an address that works without logging in.")
    if response.status_code != HTTPStatus.OK:
        raise BadMedia(f"{url.host} answered {response.status_code} instead of a picture. Check the address.")
    return await _body(response, url, limit_bytes)


async def _body(response: httpx.Response, url: httpx.URL, limit_bytes: int) -> bytes:
    """Read no more than the limit, as it comes: unpacking what is compressed could grow without end."""
    too_large = f"That picture is larger than {limit_bytes / 1_000_000:g} MB. Scale it down first."
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise BadMedia(too_large)
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > limit_bytes:
            raise BadMedia(too_large)
        if len(body) >= _ENOUGH_TO_TELL:
            _refuse_other(body, url)
    _refuse_other(body, url)
    return bytes(body)


def _refuse_other(body: bytearray, url: httpx.URL) -> None:
    kind = kinds.of(bytes(body[:1024]))
    if not kind.is_picture:
        raise BadMedia(f"{url.host} sent {kind.words} instead of a picture. Use the picture's own address.")

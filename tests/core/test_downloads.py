"""Downloads: where they go, where they refuse to go, and what they accept; against a real HTTPS server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.downloads import Downloader, Endpoint, checked, is_public, resolve
from core.errors import BadMedia, PressroomError, UnsafeAddress

SITE, OTHER, UNTRUSTED, INSIDE = (
    "pictures.example",
    "elsewhere.example",
    "untrusted.example",
    "inside.example",
)
LIMIT = 50_000


def jpeg() -> bytes:
    written = BytesIO()
    Image.effect_noise((100, 100), 90).save(written, "JPEG")
    return written.getvalue()


PICTURE = jpeg()


def answer(body: bytes = PICTURE, status: str = "200 OK", **headers: str | int) -> bytes:
    said = {"Content-Length": len(body), "Connection": "close"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items() if value != "")
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return answer(b"", status, Location=location, Set_Cookie="a=b; Path=/")


class Site:
    """A web server of which the test says what it answers; it remembers what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.answers: dict[str, bytes] = {}
        self.hangs: set[str] = set()
        self.asked: list[dict[str, str]] = []
        self.names: list[str | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        path = head[0].split(" ")[1]
        self.asked.append({"path": path, **headers})
        writer.write(self.answers.get(path, answer(b"", "404 Not Found")))
        if path in self.hangs:
            await reader.read()  # until the other side gives up
        writer.close()

    def remember_name(self, _: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        self.names.append(name)


class Network:
    """What names lead to: SITE and OTHER to the site on this machine, INSIDE to somewhere private."""

    def __init__(self, port: int) -> None:
        self.endpoints = {name: [Endpoint("127.0.0.1", port)] for name in (SITE, OTHER, UNTRUSTED)}
        self.endpoints[INSIDE] = [Endpoint("10.0.0.1", port)]
        self.asked: list[tuple[str, int]] = []

    async def resolve(self, host: str, port: int) -> Sequence[Endpoint]:
        self.asked.append((host, port))
        if host not in self.endpoints:
            raise OSError("no such name")
        return self.endpoints[host]


def only_this_machine(address: IPv4Address | IPv6Address) -> bool:
    """Stand in for "public", for a server that cannot really be on the internet."""
    return address == ip_address("127.0.0.1")


def certificate(folder: Path) -> Path:
    """Write a self-signed certificate for SITE and OTHER, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SITE)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SITE), x509.DNSName(OTHER)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = folder / "site.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return path


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[Site, ssl.SSLContext]]:
    path = certificate(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    site = Site()
    tls.sni_callback = site.remember_name
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site, ssl.create_default_context(cafile=path)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[tuple[Site, Network, Downloader]]:
    async with serving(tmp_path) as (site, tls):
        network = Network(site.port)
        yield (
            site,
            network,
            Downloader(resolver=network.resolve, is_public=only_this_machine, tls=tls, seconds=20),
        )


World = tuple[Site, Network, Downloader]


async def refused(downloader: Downloader, address: str) -> PressroomError:
    with pytest.raises((BadMedia, UnsafeAddress)) as error:
        await downloader.fetch_picture(address, limit_bytes=LIMIT)
    return error.value


# What is fetched


async def test_a_picture_is_fetched_from_the_checked_address_under_its_own_name(world: World) -> None:
    site, network, downloader = world
    site.answers["/a%20b.jpg?size=1"] = answer()
    address = f" https://{SITE}/a%20b.jpg?size=1#top "
    assert await downloader.fetch_picture(address, limit_bytes=LIMIT) == PICTURE
    assert network.asked == [(SITE, 443)]
    assert site.names == [SITE]
    assert site.asked[0]["host"] == SITE
    assert not {"cookie", "authorization", "referer"} & site.asked[0].keys()


async def test_a_body_of_unknown_length_is_fetched(world: World) -> None:
    site, _, downloader = world
    site.answers["/"] = answer(Content_Length="")
    assert await downloader.fetch_picture(f"https://{SITE}/", limit_bytes=LIMIT) == PICTURE


async def test_redirects_are_followed_without_cookies(world: World) -> None:
    site, network, downloader = world
    site.answers["/a"] = redirect("/b", "301 Moved")
    site.answers["/b"] = redirect(f"//{OTHER}/c", "307 Temporary")
    site.answers["/c"] = answer()
    assert await downloader.fetch_picture(f"https://{SITE}/a", limit_bytes=LIMIT) == PICTURE
    assert site.names == [SITE, SITE, OTHER]
    assert [name for name, _ in network.asked] == [SITE, SITE, OTHER]
    assert not any("cookie" in asked for asked in site.asked)


async def test_proxies_of_the_environment_are_not_used(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _, downloader = world
    site.answers["/"] = answer()
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await downloader.fetch_picture(f"https://{SITE}/", limit_bytes=LIMIT) == PICTURE


async def test_exactly_the_limit_is_fetched(world: World) -> None:
    site, _, downloader = world
    site.answers["/"] = answer()
    assert await downloader.fetch_picture(f"https://{SITE}/", limit_bytes=len(PICTURE)) == PICTURE


# Where we do not go


@pytest.mark.parametrize(
    "address",
    [
        f"http://{SITE}/",
        f"ftp://{SITE}/",
        f"//{SITE}/",
        SITE,
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "",
        "https://",
        "https:///path",
        f"https://dana:secret@{SITE}/",
        f"https://token@{SITE}/",
        f"https://{SITE}\\@{OTHER}/",
        f"https://{SITE}:8443/",
        f"https://{SITE}:80/",
        "https://localhost/",
        "https://metadata/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://1.2.3/",
        "https://8.8.8.8/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://a%2eb.example/",
        "https://a b.example/",
        "https://-a.example/",
        "https://.example/",
        f"https://{SITE}./",
        "https://" + "a" * 64 + ".example/",
        f"https://{SITE}/" + "a" * 2048,
        f"https://{SITE}/\x00",
        "https://[::1/",
    ],
)
async def test_addresses_of_the_wrong_form_are_refused_before_anything_is_asked(
    address: str, world: World
) -> None:
    site, network, downloader = world
    assert isinstance(await refused(downloader, address), UnsafeAddress)
    assert network.asked == []
    assert site.asked == []


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://Pictures.Example/A.jpg", "pictures.example"),
        (f"https://{SITE}:443/", SITE),
        ("https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example/", "xn--bcher-kva.example"),
        ("https://my_bucket.s3.example.com/", "my_bucket.s3.example.com"),
        ("https://1.example/", "1.example"),
    ],
)
def test_addresses_of_the_right_form(address: str, host: str) -> None:
    assert checked(address).raw_host.decode() == host


@given(st.text(max_size=50))
def test_anything_can_be_typed(text: str) -> None:
    for address in (text, "https://" + text):
        try:
            assert checked(address).scheme == "https"
        except UnsafeAddress:
            continue


@pytest.mark.parametrize("host", [INSIDE, "nowhere.example"])
async def test_private_names_look_like_names_that_do_not_exist(host: str, world: World) -> None:
    error = await refused(world[2], f"https://{host}/")
    assert isinstance(error, UnsafeAddress)
    assert error.sentence == f"There is no public site at {host}."


async def test_one_private_address_among_public_ones_is_enough_to_refuse(world: World) -> None:
    site, network, downloader = world
    network.endpoints[SITE].append(Endpoint("192.168.0.1", site.port))
    assert isinstance(await refused(downloader, f"https://{SITE}/"), UnsafeAddress)
    assert site.asked == []


async def test_a_name_is_asked_for_once_so_that_it_cannot_change_its_mind(world: World) -> None:
    site, network, downloader = world
    site.answers["/"] = answer()

    async def rebinding(host: str, port: int) -> Sequence[Endpoint]:
        found = await network.resolve(host, port)
        network.endpoints[host] = network.endpoints[INSIDE]
        return found

    pinned = Downloader(resolver=rebinding, is_public=only_this_machine, tls=downloader._tls)
    assert await pinned.fetch_picture(f"https://{SITE}/", limit_bytes=LIMIT) == PICTURE
    assert network.asked == [(SITE, 443)]
    assert isinstance(await refused(pinned, f"https://{SITE}/"), UnsafeAddress)
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "location",
    [
        f"https://{INSIDE}/",
        f"http://{SITE}/",
        "https://127.0.0.1/",
        "https://[::1]/",
        f"https://a:b@{SITE}/",
        f"https://{SITE}:8443/",
        "file:///etc/passwd",
        "https://[",
    ],
)
async def test_every_redirect_is_checked_again(location: str, world: World) -> None:
    site, _, downloader = world
    site.answers["/"] = redirect(location)
    assert isinstance(await refused(downloader, f"https://{SITE}/"), UnsafeAddress)
    assert len(site.asked) == 1


async def test_redirects_come_to_an_end(world: World) -> None:
    site, _, downloader = world
    site.answers |= {f"/{n}": redirect(f"/{n + 1}") for n in range(9)} | {"/6": answer()}
    assert await downloader.fetch_picture(f"https://{SITE}/1", limit_bytes=LIMIT) == PICTURE
    site.asked.clear()
    assert "one to the next" in (await refused(downloader, f"https://{SITE}/0")).sentence
    assert len(site.asked) == 6


async def test_the_certificate_must_be_that_of_the_name(world: World) -> None:
    site, _, downloader = world
    error = await refused(downloader, f"https://{UNTRUSTED}/")
    assert isinstance(error, BadMedia)
    assert "could not be reached" in error.sentence
    assert site.asked == []


async def test_certificates_that_nobody_vouches_for_are_refused(world: World) -> None:
    site, network, _ = world
    strict = Downloader(resolver=network.resolve, is_public=only_this_machine)
    assert "could not be reached" in (await refused(strict, f"https://{SITE}/")).sentence
    assert site.asked == []


async def test_by_default_this_machine_is_not_public(world: World) -> None:
    site, network, downloader = world
    real = Downloader(resolver=network.resolve, tls=downloader._tls)
    assert isinstance(await refused(real, f"https://{SITE}/"), UnsafeAddress)
    assert site.asked == []


async def test_the_real_resolver_finds_this_machine_which_is_not_public() -> None:
    endpoints = await resolve("localhost", 443)
    assert {endpoint.port for endpoint in endpoints} == {443}
    assert not any(is_public(ip_address(endpoint.ip)) for endpoint in endpoints)


# What does not come as it should


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (answer(b"<!DOCTYPE html><title>Sign in</title>", Content_Type="image/jpeg"), "a web page instead"),
        (answer(b"%PDF-1.7" + bytes(900)), "a PDF instead"),
        (answer(b""), "an empty file instead"),
        (answer(b"", "404 Not Found"), "answered 404"),
        (answer(PICTURE, "500 Oops"), "answered 500"),
        (answer(PICTURE, "206 Partial Content"), "answered 206"),
        (answer(b"", "302 Found"), "answered 302"),
        (answer(b"", "401 Unauthorized"), "without logging in"),
        (answer(b"", "403 Forbidden"), "without logging in"),
        (answer(PICTURE, Content_Length=len(PICTURE) + 1), "broke off"),
        (b"not HTTP at all\r\n\r\n", "broke off"),
        (b"", "broke off"),
        (answer(b"\x1f\x8b" + bytes(600), Content_Encoding="gzip"), "a compressed archive instead"),
        (answer(PICTURE, Content_Length=LIMIT + 1), "larger than 0.05 MB"),
        (answer(PICTURE + bytes(LIMIT)), "larger than 0.05 MB"),
        (answer(PICTURE + bytes(LIMIT), Content_Length=""), "larger than 0.05 MB"),
    ],
)
async def test_each_has_its_sentence(said: bytes, part: str, world: World) -> None:
    site, _, downloader = world
    site.answers["/"] = said
    error = await refused(downloader, f"https://{SITE}/")
    assert isinstance(error, BadMedia)
    assert part in error.sentence


async def test_more_than_the_limit_is_not_waited_for(world: World) -> None:
    site, _, downloader = world
    # The server sends one byte too many and then keeps the connection open, promising more for ever.
    site.answers["/"] = answer(PICTURE + bytes(LIMIT), Content_Length="", Connection="keep-alive")
    site.hangs.add("/")
    assert "larger than" in (await refused(downloader, f"https://{SITE}/")).sentence


async def test_what_is_plainly_no_picture_is_not_waited_for(world: World) -> None:
    site, _, downloader = world
    site.answers["/"] = answer(b"<!doctype html>" + b" " * 600, Content_Length="")
    site.hangs.add("/")
    assert "a web page instead" in (await refused(downloader, f"https://{SITE}/")).sentence


async def test_everything_together_has_a_time_limit(world: World) -> None:
    site, network, downloader = world
    site.answers["/"] = answer(PICTURE, Content_Length=len(PICTURE) + 1)
    site.hangs.add("/")
    hurried = Downloader(
        resolver=network.resolve, is_public=only_this_machine, tls=downloader._tls, seconds=0.3
    )
    assert isinstance(await refused(hurried, f"https://{SITE}/"), BadMedia)


async def test_a_resolver_that_hangs_has_the_same_time_limit() -> None:
    async def silent(_host: str, _port: int) -> Sequence[Endpoint]:
        await asyncio.Event().wait()
        return []

    error = await refused(Downloader(resolver=silent, seconds=0.05), f"https://{SITE}/")
    assert error.sentence == f"{SITE} took too long. Try again, or upload the picture."


# Which addresses are public


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:53aa:64c::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:0a00:0001::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_these_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "2606:4700::1111",
        "2a00::1",
    ],
)
def test_these_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_clothes_is_never_public(address: IPv4Address) -> None:
    number = int(address)
    for disguise in (number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert not is_public(IPv6Address(disguise))

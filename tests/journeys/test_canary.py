"""Every journey is searched for secrets when its house closes. Here some are planted: they must be found."""

import base64
import logging
import zipfile
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core import audit
from core.models import ConnectTicket, Member
from pressroom.schema import Addresses
from simulator.server import bind, listening_at
from tests.drivers.logbook import logbook
from tests.drivers.meta import Meta
from tests.drivers.slack import NORTHWIND, Slack
from tests.journeys.canary import Canary, Shown
from tests.journeys.conftest import House, Northwind, opened, set_up, settings

HIDDEN = {"slack_signing_secret", "slack_bot_token", "facebook_client_secret", "key", "its bytes"}

Plant = Callable[[House, Northwind, str], Awaitable[None]]


def in_base64(secret: str, before: str) -> str:
    return base64.b64encode(f"{before}{secret} and more".encode()).decode()


CODED: dict[str, Callable[[str], str]] = {
    "plain": lambda secret: f"so:{secret}.",
    "in hex": lambda secret: secret.encode().hex(),
    "in HEX": lambda secret: secret.encode().hex().upper(),
    "in base64": lambda secret: in_base64(secret, ""),
    "in base64, after one": lambda secret: in_base64(secret, "a"),
    "in base64, after two": lambda secret: in_base64(secret, "ab"),
    "in an address": lambda secret: f"https://x.example/?q={quote(secret, safe='')}&c=d",
}


async def in_our_log(_house: House, _at: Northwind, text: str) -> None:
    structlog.get_logger().debug("planted", said={"deep": [text]})


async def in_a_library_s_log(_house: House, _at: Northwind, text: str) -> None:
    error = ValueError(text)
    logging.getLogger("some.library").error("went wrong", exc_info=error)


async def in_the_trail(house: House, at: Northwind, text: str) -> None:
    async with house.services.db.session(at.ada) as session:
        audit.record(session, at.ada, "planted", said=text)


async def in_a_row(house: House, at: Northwind, text: str) -> None:
    async with house.services.db.session(at.ada) as session:
        (await session.get_one(Member, at.ada.member_id)).timezone = text


async def in_bytes(house: House, at: Northwind, text: str) -> None:
    async with house.services.db.session(at.dana) as session:
        (await session.exec(select(ConnectTicket))).one().browser_hash = text.encode()


def client_of(house: House) -> AsyncWebClient:
    token = house.settings.slack_bot_token
    return AsyncWebClient(token and token.get_secret_value(), base_url=house.settings.slack_api_url)


async def in_a_message(house: House, _at: Northwind, text: str) -> None:
    await client_of(house).chat_postMessage(channel=NORTHWIND, text=text)


async def in_a_view(house: House, _at: Northwind, text: str) -> None:
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": text}}]
    await client_of(house).views_publish(user_id=house.slack.dana.id, view={"type": "home", "blocks": blocks})


async def in_an_upload(house: House, _at: Northwind, text: str) -> None:
    client = client_of(house)
    place = await client.files_getUploadURLExternal(filename="a.csv", length=len(text))
    await house.slack.http.post(place["upload_url"], content=text)


async def on_a_page(house: House, _at: Northwind, text: str) -> None:
    async def show(_: Request) -> Response:
        return PlainTextResponse(text, status_code=500)

    house.web.router.routes.insert(0, Route("/planted", show))
    await house.slack.http.get(f"{house.url}/planted")


async def in_a_redirect(house: House, _at: Northwind, text: str) -> None:
    async def lead(_: Request) -> Response:
        return RedirectResponse(f"/?said={text}")

    house.web.router.routes.insert(0, Route("/leading", lead))
    await house.slack.http.get(f"{house.url}/leading")


async def in_an_address_at_meta(house: House, _at: Northwind, text: str) -> None:
    await house.meta.http.get(f"{house.meta.url}/v25.0/me?said={text}")


async def in_an_archive(house: House, _at: Northwind, text: str) -> None:
    with zipfile.ZipFile(house.settings.data_dir / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("audit.csv", text)


PLANTS: dict[Plant, set[str]] = {
    in_our_log: {"the log"},
    in_a_library_s_log: {"the log"},
    in_the_trail: {"the database", "the audit export"},
    in_bytes: {"the database"},
    in_a_row: {"the database"},
    in_a_message: {"Slack"},
    in_a_view: {"Slack"},
    in_an_upload: {"Slack"},
    on_a_page: {"pages"},
    in_a_redirect: {"pages"},
    in_an_address_at_meta: {"addresses at Meta"},
    in_an_archive: {"files"},
}


async def planted(house: House, canary: Canary) -> set[tuple[str, str]]:
    """Plant a token of its own in each place and form; give which of them stands where."""
    at = await set_up(house, channel=NORTHWIND)
    while len(await house.meta.issued()) < len(CODED) * len(PLANTS):
        await house.meta.login()
    tokens = [one for one in (await canary.secrets()).items() if one[0].startswith("token")]
    stands = set[tuple[str, str]]()
    for plant, where in PLANTS.items():
        chosen = [tokens.pop() for _ in CODED]
        forms = [code(token) for code, (_, token) in zip(CODED.values(), chosen, strict=True)]
        await plant(house, at, "_".join(forms))
        stands |= {(name, place) for name, _ in chosen for place in where}
    return stands


async def test_a_token_is_found_wherever_it_stands_in_whatever_form(
    own_database: Addresses, slack: Slack, meta: Meta, tmp_path: Path
) -> None:
    said, shown = settings(listening_at(bound := bind()), slack, meta, tmp_path), set[tuple[str, str]]()
    with logbook() as log:
        canary = Canary(said, own_database, slack, meta, log)
        try:
            async with opened(canary, bound) as house:
                stands = await planted(house, canary)
        except Shown as found:
            shown = set(found.places)
    assert shown == stands


async def test_what_the_settings_hide_is_found(
    own_database: Addresses, slack: Slack, meta: Meta, tmp_path: Path
) -> None:
    said = settings("https://pressroom.example", slack, meta, tmp_path)
    canary = Canary(said, own_database, slack, meta, StringIO())
    hidden = await canary.secrets()
    assert hidden.keys() == HIDDEN
    with pytest.raises(Shown) as shown:
        await canary.search({"a place": " ".join(hidden.values()), "another": "nothing"})
    assert set(shown.value.places) == {(name, "a place") for name in HIDDEN}

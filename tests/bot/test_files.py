"""Reading a file from Slack: the token goes to Slack alone, and only the file itself is believed."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import files
from bot.settings import SlackSettings
from core.errors import BadMedia
from tests.conftest import Serving
from tests.drivers.pictures import picture

PNG = picture()


@pytest.fixture
async def elsewhere(serving: Serving) -> AsyncIterator[str]:
    """Serve as somebody else, who would like to have the token."""

    async def catch(request: Request) -> Response:
        return Response(("authorization" in request.headers and "the token!") or "nothing")

    async with serving(lambda _: Starlette(routes=[Route("/{path:path}", catch)])) as url:
        yield url


@pytest.fixture
async def slack(serving: Serving, elsewhere: str) -> AsyncIterator[str]:
    """Serve as Slack does, with all of its ways to refuse."""

    async def good(request: Request) -> Response:
        signed_in = request.headers.get("authorization") == "Bearer xoxb-1"
        return Response(PNG, media_type="image/png") if signed_in else HTMLResponse("<!DOCTYPE html>Sign in")

    async def sign_in(_: Request) -> Response:
        return HTMLResponse("<!DOCTYPE html><html>Sign in to Slack</html>")

    async def disguised(_: Request) -> Response:
        return Response(b"<!DOCTYPE html><html>Sign in", media_type="image/png")

    async def moved(_: Request) -> Response:
        return RedirectResponse("/good.png")

    async def away(_: Request) -> Response:
        return RedirectResponse(f"{elsewhere}/steal")

    async def around(_: Request) -> Response:
        return RedirectResponse("/around.png")

    pages = {
        "good": good,
        "sign_in": sign_in,
        "disguised": disguised,
        "moved": moved,
        "away": away,
        "around": around,
    }
    routes = [Route(f"/{name}.png", page) for name, page in pages.items()]
    async with serving(lambda _: Starlette(routes=routes)) as url:
        yield url


async def read(slack: str, name: str, **more: object) -> bytes:
    file = {"id": "F1", "name": "a.png", "url_private": f"{slack}/{name}.png", **more}
    client = AsyncWebClient("xoxb-1", base_url=f"{slack}/api/")
    return await files.read(client, SlackSettings(f"{slack}/api/"), file)


async def test_a_file_is_read_with_the_bot_s_token(slack: str) -> None:
    assert await read(slack, "good", size=len(PNG)) == PNG
    assert await read(slack, "moved") == PNG


@pytest.mark.parametrize("name", ["sign_in", "disguised", "around", "missing"])
async def test_what_is_not_the_file_is_not_believed(slack: str, name: str) -> None:
    with pytest.raises(files.CannotRead):
        await read(slack, name)


async def test_a_file_that_is_cut_short_is_not_believed(slack: str) -> None:
    with pytest.raises(files.CannotRead):
        await read(slack, "good", size=len(PNG) + 1)


async def test_the_token_goes_nowhere_else(slack: str, elsewhere: str) -> None:
    for address in (f"{slack}/away.png", f"{elsewhere}/steal.png"):
        with pytest.raises(files.CannotRead):
            await read(slack, "away", url_private=address)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("https://brightside.slack.com/files/a.png", True),
        ("http://files.slack.com/a.png", False),
        ("https://files.slack.com.evil.example/a.png", False),
        ("https://evilslack.com/a.png", False),
        ("https://files.slack.com@evil.example/a.png", False),
        ("http://127.0.0.1/a.png", False),
    ],
)
def test_slack_s_own_addresses_are_known(address: str, allowed: bool) -> None:  # noqa: FBT001 a table
    assert SlackSettings().may_see_token(address) is allowed


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"mode": "tombstone"}, "deleted"),
        ({"mode": "hidden_by_limit"}, "deleted"),
        ({"is_external": True}, "outside Slack"),
        ({"size": 10**9}, "larger than"),
        ({"file_access": "access_denied"}, "cannot read"),
    ],
)
async def test_what_cannot_be_had_is_said_in_words(slack: str, facts: dict[str, object], words: str) -> None:
    with pytest.raises(BadMedia, match=words):
        await read(slack, "good", **facts)

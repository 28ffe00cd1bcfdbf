"""A canary for every secret, and where it must not be found: addresses, logs, errors, tracebacks."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from core.errors import PressroomError
from core.graph import facebook, instagram, oauth
from core.graph.api import GraphAPI
from core.graph.lines import Lines
from core.vault import Token

USER, PAGE, CODE, SECRET = (
    f"{name}-canary-0123456789-canary-0123456789" for name in ("EAABuser", "EAABpage", "AQBcode", "secret")
)
CANARIES = (USER, PAGE, CODE, SECRET)
TOKEN = Token(USER)
SINCE = datetime(2026, 11, 22, tzinfo=UTC)

CALLS: dict[str, Callable[[GraphAPI], Awaitable[object]]] = {
    "exchange_code": lambda graph: oauth.exchange_code(graph, code=Token(CODE), redirect_uri="https://p/cb"),
    "exchange_long_lived": lambda graph: oauth.exchange_long_lived(graph, token=TOKEN),
    "debug_token": lambda graph: oauth.debug_token(graph, token=Token(PAGE)),
    "me": lambda graph: oauth.me(graph, token=TOKEN),
    "permissions": lambda graph: oauth.permissions(graph, token=TOKEN),
    "revoke": lambda graph: oauth.revoke(graph, token=TOKEN),
    "pages": lambda graph: oauth.pages(graph, token=TOKEN),
    "create_photo": lambda graph: instagram.create_photo(
        graph, token=TOKEN, ig_id="1", image_url="https://m/1"
    ),
    "container_status": lambda graph: instagram.container_status(graph, token=TOKEN, container_id="1"),
    "instagram.publish": lambda graph: instagram.publish(graph, token=TOKEN, ig_id="1", container_id="2"),
    "instagram.permalink": lambda graph: instagram.permalink(graph, token=TOKEN, media_id="1"),
    "recent_media": lambda graph: instagram.recent_media(graph, token=TOKEN, ig_id="1", since=SINCE),
    "publishing_limit": lambda graph: instagram.publishing_limit(graph, token=TOKEN, ig_id="1"),
    "stage_photo": lambda graph: facebook.stage_photo(
        graph, token=TOKEN, page_id="1", image_url="https://m/1"
    ),
    "facebook.publish": lambda graph: facebook.publish(graph, token=TOKEN, page_id="1", message="x"),
    "photo_story": lambda graph: facebook.photo_story(graph, token=TOKEN, photo_id="1"),
    "recent_posts": lambda graph: facebook.recent_posts(graph, token=TOKEN, page_id="1", since=SINCE),
    "facebook.permalink": lambda graph: facebook.permalink(graph, token=TOKEN, post_id="1"),
    "delete_photo": lambda graph: facebook.delete_photo(graph, token=TOKEN, photo_id="1"),
}


def test_every_call_of_the_modules_is_in_this_test():
    public = {
        name
        for module in (oauth, instagram, facebook)
        for name, thing in vars(module).items()
        if asyncio.iscoroutinefunction(thing) and not name.startswith("_")
    }
    assert public == {name.rpartition(".")[2] for name in CALLS}


def malicious(status: int) -> bytes:
    """An answer that repeats every secret that it was sent, where Meta has been seen to, and elsewhere."""
    said = " ".join(CANARIES)
    error = {"message": f"Malformed access token {said}", "error_user_msg": said, "code": 190}
    content = json.dumps({"error": error}).encode()
    head = [
        f"HTTP/1.1 {status} X",
        f"Content-Length: {len(content)}",
        f'WWW-Authenticate: OAuth "Facebook Platform" "invalid_token" "Malformed access token {said}"',
    ]
    return "\r\n".join([*head, "", ""]).encode() + content


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
LISTED = json.dumps(
    {
        "data": [{"id": "1", "access_token": PAGE}],
        "access_token": PAGE,
        "paging": {"next": "https://e.example/"},
    }
).encode()
ANSWERS = {
    "refused with the secrets repeated": malicious(400),
    "server error with the secrets repeated": malicious(500),
    "closed before an answer": b"",
    "not HTTP": b"hello\r\n\r\n",
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "not encoded as it says": PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"),
    "of another shape": PLAIN,
    "with tokens, then broken": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LISTED) + LISTED,
}


@asynccontextmanager
async def meta_that_answers(answer: bytes) -> AsyncIterator[tuple[str, list[str]]]:
    """A real server on this machine, so that httpx's own transport is in the tracebacks."""
    addresses: list[str] = []

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        addresses.append(head.split(b"\r\n")[0].decode())
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", addresses


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_no_secret_is_in_an_address_a_log_or_a_traceback(
    answer: bytes, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    async with meta_that_answers(answer) as (url, addresses), aclosing(Lines()) as lines:
        graph = GraphAPI(
            lines,
            base_url=url,
            version="v25.0",
            app_id="1",
            app_secret=SecretStr(SECRET),
            sleep=lambda _: asyncio.sleep(0),
        )
        shown = [await everything_shown(graph, call) for call in CALLS.values()]
    assert any(shown)
    assert len(addresses) >= len(CALLS)
    for canary in CANARIES:
        assert not [text for text in (*addresses, *shown) if canary in text]
        ours = [record.getMessage() for record in caplog.records if record.name != "httpcore.http11"]
        assert not [message for message in ours if canary in message]


async def everything_shown(graph: GraphAPI, call: Callable[[GraphAPI], Awaitable[object]]) -> str:
    """All that could be shown of an error: its words, what it keeps, and its traceback with all variables."""
    try:
        await call(graph)
    except PressroomError as error:
        plain = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "\n".join([str(error), repr(error), repr(vars(error)), *plain.format()])
    return ""

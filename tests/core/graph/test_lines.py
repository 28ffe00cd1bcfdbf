"""Lines: who shares a connection with whom, and when one is closed. Meta is a server that counts them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import httpx
import pytest

from core.graph.lines import Lines

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HALF = ANSWER[:-1]


class Server:
    """Answers on each connection as it is told to; while the door is closed, not at all."""

    def __init__(self) -> None:
        self.opened = self.closed = self.asked = 0
        self.answer, self.door = ANSWER, asyncio.Event()
        self.door.set()
        self.url = ""

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.asked += 1
                await self.door.wait()
                writer.write(self.answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed += 1
        finally:
            writer.close()

    async def until(self, **wanted: int) -> None:
        async with asyncio.timeout(5):
            while {name: getattr(self, name) for name in wanted} != wanted:
                await asyncio.sleep(0.005)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.receive, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/me"
    async with listening:
        yield server


@asynccontextmanager
async def lines(**options: float) -> AsyncIterator[Lines]:
    async with aclosing(Lines(**options)) as made:  # type: ignore[arg-type]
        yield made


def request(server: Server, *, pool: float = 5, read: float = 5) -> httpx.Request:
    timeout = httpx.Timeout(5, pool=pool, read=read)
    return httpx.Request("GET", server.url, extensions={"timeout": timeout.as_dict()})


async def test_one_call_after_the_other_takes_the_same_line(server: Server):
    async with lines() as ours:
        for _ in range(5):
            assert (await ours.send(request(server))).json() == {}
        assert (server.opened, server.asked) == (1, 5)
    await server.until(closed=1)


async def test_calls_at_once_have_a_line_each_and_leave_it_to_those_after_them(server: Server):
    async with lines() as ours:
        for _ in range(3):
            server.door.clear()
            calls = [asyncio.create_task(ours.send(request(server))) for _ in range(20)]
            await server.until(asked=server.asked // 20 * 20 + 20)
            server.door.set()
            await asyncio.gather(*calls)
        assert (server.opened, server.asked) == (20, 60)


async def test_a_line_that_was_idle_for_long_is_closed_whoever_is_next(server: Server):
    async with lines(idle_seconds=0.05) as ours:
        await asyncio.gather(*(ours.send(request(server)) for _ in range(3)))
        await asyncio.sleep(0.1)
        await ours.send(request(server))
        await server.until(opened=4, closed=3)


@pytest.mark.parametrize("answer", [HALF, b"HTTP/1.1 200 OK\r\nContent-Length: no\r\n\r\n"])
async def test_a_line_on_which_something_broke_is_not_used_again(server: Server, answer: bytes):
    async with lines() as ours:
        server.answer = answer
        with pytest.raises(httpx.RequestError):
            await ours.send(request(server, read=0.05))
        await server.until(closed=1)
        server.answer = ANSWER
        await ours.send(request(server))
        assert server.opened == 2


async def test_a_call_that_is_given_up_takes_its_line_with_it(server: Server):
    async with lines(most=1) as ours:
        server.door.clear()
        call = asyncio.create_task(ours.send(request(server)))
        await server.until(asked=1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        server.door.set()
        assert (await ours.send(request(server))).json() == {}
        assert server.opened == 2


async def test_more_calls_than_may_go_on_at_once_wait_and_are_provably_not_sent(server: Server):
    async with lines(most=2) as ours:
        server.door.clear()
        calls = [asyncio.create_task(ours.send(request(server))) for _ in range(3)]
        await server.until(asked=2)
        with pytest.raises(httpx.PoolTimeout):
            await ours.send(request(server, pool=0.01))
        server.door.set()
        await asyncio.gather(*calls)
        assert (server.opened, server.asked) == (2, 3)


async def test_a_redirect_is_not_followed(server: Server):
    async with lines() as ours:
        server.answer = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        assert (await ours.send(request(server))).status_code == 302
        assert server.asked == 1

"""One process: it starts, serves until it is asked to stop, and stops cleanly."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from pressroom import wiring
from pressroom.schema import Addresses
from pressroom.settings import Settings

log = structlog.get_logger()

DRAIN = 5  # seconds that requests under way have to end


class Server(uvicorn.Server):
    """uvicorn, but for the signals: it would raise them again, before we have stopped what is ours."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `stopping`."""
        yield


async def serve(settings: Settings, addresses: Addresses) -> None:
    """Run the bot, the web and a worker until SIGINT or SIGTERM."""
    async with (
        stopping() as stop,
        wiring.open_house(settings, addresses) as house,
        listening(house.web, settings.port),
    ):
        gc.freeze()  # what is loaded by now stays; a full collection would hold the answers up for it
        log.info("ready", public_url=settings.public_url, socket_mode=settings.socket_mode)
        await stop.wait()


async def work(settings: Settings, addresses: Addresses) -> None:
    """Run a worker until SIGINT or SIGTERM."""
    async with stopping() as stop, wiring.open_worker(settings, addresses):
        log.info("working")
        await stop.wait()


@asynccontextmanager
async def stopping() -> AsyncIterator[asyncio.Event]:
    """Give an event that is set when somebody asks us to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def listening(app: ASGIApp, port: int, host: str = "") -> AsyncIterator[int]:
    """Serve an app over HTTP while this is open; give the port, which is a free one for 0."""
    config = uvicorn.Config(
        app,
        host=host or "0.0.0.0",  # noqa: S104 a container, or the proxy in front, decides who reaches us
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            await serving  # raises why it could not start
            raise RuntimeError(f"Port {port} is taken. Choose another one with PORT.")
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving

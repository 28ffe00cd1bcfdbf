"""One process: it starts, serves until it is asked to stop, and stops cleanly."""

import asyncio
import gc
import os
import signal
import threading
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
LATEST = 9.5  # seconds after which a stop is over, whatever hangs: a database, most likely


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
        house.worker.stop()  # while requests under way end


async def work(settings: Settings, addresses: Addresses) -> None:
    """Run a worker until SIGINT or SIGTERM."""
    async with stopping() as stop, wiring.open_worker(settings, addresses) as parts:
        log.info("working")
        await stop.wait()
        parts.worker.stop()


@asynccontextmanager
async def stopping() -> AsyncIterator[asyncio.Event]:
    """Give an event that is set when somebody asks us to stop; from then on, our time is counted."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if not stop.is_set():
            stop.set()
            limit = threading.Timer(LATEST, cut_short)
            limit.daemon = True
            limit.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def cut_short() -> None:
    """End this process as kill -9 would: what it held goes on elsewhere when its leases are over."""
    log.error("stop_cut_short", after=LATEST)
    os._exit(1)


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

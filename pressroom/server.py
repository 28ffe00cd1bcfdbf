"""One process: it starts, serves until it is asked to stop, and stops cleanly."""

import asyncio
import errno
import gc
import os
import signal
import socket
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
OTHERS = (9000, 8000)  # ports, for whoever has to choose another one
LATEST = 9.5  # seconds after which a stop is over, whatever hangs: a database, most likely


class CannotListen(RuntimeError):
    """Nobody could reach us at this port."""


class Server(uvicorn.Server):
    """uvicorn, but for the signals: it would raise them again, before we have stopped what is ours."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `stopping`."""
        yield


async def serve(settings: Settings, addresses: Addresses, door: socket.socket) -> None:
    """Run the bot, the web and a worker until SIGINT or SIGTERM."""
    async with (
        stopping() as stop,
        wiring.open_house(settings, addresses) as house,
        listening(house.web, door),
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


@contextmanager
def bound(port: int, host: str = "0.0.0.0") -> Iterator[socket.socket]:  # noqa: S104 who is in front decides
    """Give the door at this port, before anything else starts; raise CannotListen when it is not ours."""
    with socket.socket(proto=socket.IPPROTO_TCP) as door:  # else asyncio leaves Nagle's 40 ms on
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with ours(port):
            door.bind((host, port))
        yield door


@contextmanager
def ours(port: int) -> Iterator[None]:
    """Say in a sentence why we cannot have a port."""
    another = f"choose another port, as in PORT={next(one for one in OTHERS if one != port)}"
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = f"Port {port} is taken. Stop what listens there (another Pressroom, perhaps), or {another}."
            raise CannotListen(why) from None
        raise CannotListen(f"Port {port} cannot be used ({error.strerror}): {another}.") from None


@asynccontextmanager
async def listening(app: ASGIApp, door: socket.socket) -> AsyncIterator[None]:
    """Serve an app over HTTP at this door while this is open."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN,
    )
    with ours(door.getsockname()[1]):
        door.listen(config.backlog)  # somebody who was bound there, too, may have been faster
    server = Server(config)
    serving = asyncio.create_task(server.serve([door]))
    while not server.started:
        if serving.done():
            await serving  # raises why it could not start
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving

"""How a simulator listens: uvicorn, on an address that is known before the application is built."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol


def bind(port: int = 0, host: str = "127.0.0.1") -> socket.socket:
    """Return a socket bound to this port; 0 means any free one. `listening_at` says which."""
    bound = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio leaves Nagle's 40 ms on
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def listening_at(bound: socket.socket) -> str:
    """Return the address of a bound socket, as `http://127.0.0.1:PORT`."""
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


def serve(app: Starlette, bound: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; say so on stdout as soon as requests are answered."""
    asyncio.run(_StoppedBySignals(app).serve(sockets=[bound]))


@asynccontextmanager
async def running(app: Starlette, bound: socket.socket) -> AsyncIterator[str]:
    """Serve inside this event loop, for tests; yields the address."""
    server = _Server(app)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    listening = asyncio.create_task(server.listening.wait())
    await asyncio.wait((task, listening), return_when=asyncio.FIRST_COMPLETED)
    try:
        yield listening_at(bound)
    finally:
        listening.cancel()
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """Ends what streams for ever (`app.state.closing`, callables) before it waits for its connections."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_AbortableProtocol,
                ws="websockets-sansio",
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                timeout_graceful_shutdown=2,
            )
        )
        self.app = app
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever runs this loop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        for close in getattr(self.app.state, "closing", ()):
            close()
        await super().shutdown(sockets)


class _StoppedBySignals(_Server):
    """Says where it listens, and takes a signal as a wish to end, with exit code 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        for bound in sockets or ():
            print(f"listening on {listening_at(bound)}", flush=True)  # noqa: T201  (whoever started us reads it)


class _AbortableProtocol(H11Protocol):
    """Hands the application a way to close the connection without an answer, for the faults that drop it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def abortable(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})["simulator.abort"] = transport.abort
            await app(scope, receive, send)

        self.app = abortable

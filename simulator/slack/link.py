"""The WebSocket that `apps.connections.open` hands out: hello, envelopes, acknowledgements, disconnect."""

import asyncio
import json
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from simulator.slack.platform import Slack
from simulator.slack.sockets import MOST_CONNECTIONS, Socket
from simulator.slack.world import JSON

WARNING_SECONDS = 10.0
DEBUG_SECONDS = 360.0


def routes(slack: Slack) -> list[Route | WebSocketRoute]:
    """Return the WebSocket, and `POST /_sim/sockets` by which tests end connections."""

    async def link(websocket: WebSocket) -> None:
        if not slack.sockets.take_ticket(websocket.query_params.get("ticket", ""), slack.now()):
            await websocket.close(4000)
            return
        await websocket.accept()
        if len(slack.sockets.open) >= MOST_CONNECTIONS:
            await websocket.send_text(_disconnect("too_many_websockets"))
            await websocket.close()
            return
        debug = websocket.query_params.get("debug_reconnects") == "true"
        await _connected(slack, websocket, DEBUG_SECONDS if debug else slack.settings.socket_seconds)

    async def end(request: Request) -> JSONResponse:
        """Take `{"reason": "refresh_requested"}`, or `"abort"` to close without a word."""
        reason = (await request.json()).get("reason", "refresh_requested")
        for socket in list(slack.sockets.open):
            if reason != "abort":
                await socket.send(_disconnect(reason))
            socket.hang_up.set()
        return JSONResponse({"ok": True})

    return [WebSocketRoute("/link/", link), Route("/_sim/sockets", end, methods=["POST"])]


async def _connected(slack: Slack, websocket: WebSocket, seconds: float) -> None:
    socket = Socket(websocket.send_text)
    slack.sockets.open.append(socket)
    try:
        await websocket.send_text(_hello(slack, len(slack.sockets.open), seconds))
        slack.changed("state")
        await _until_one_ends(slack, websocket, socket, seconds)
    finally:
        slack.sockets.lost(socket)
        slack.changed("state")


async def _until_one_ends(slack: Slack, websocket: WebSocket, socket: Socket, seconds: float) -> None:
    listening = asyncio.create_task(_listen(slack, websocket))
    ends = [
        listening,
        asyncio.create_task(socket.hang_up.wait()),
        asyncio.create_task(_refresh(socket, seconds)),
    ]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in ends:
            task.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
    with suppress(RuntimeError, WebSocketDisconnect):
        await websocket.close()


async def _listen(slack: Slack, websocket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            frame = await websocket.receive_text()
            if not slack.sockets.acknowledge(frame):
                slack.record.warn(
                    "late_ack", "The app acknowledged an envelope that no longer waits.", frame=frame
                )


async def _refresh(socket: Socket, seconds: float) -> None:
    await asyncio.sleep(max(0.0, seconds - WARNING_SECONDS))
    await socket.send(_disconnect("warning"))
    await asyncio.sleep(min(WARNING_SECONDS, seconds))
    await socket.send(_disconnect("refresh_requested"))


def _hello(slack: Slack, connections: int, seconds: float) -> str:
    hello: JSON = {
        "type": "hello",
        "num_connections": connections,
        "connection_info": {"app_id": slack.app.id},
        "debug_info": {
            "host": "applink-simulator",
            "build_number": 1,
            "approximate_connection_time": int(seconds),
        },
    }
    return json.dumps(hello)


def _disconnect(reason: str) -> str:
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-simulator"}})

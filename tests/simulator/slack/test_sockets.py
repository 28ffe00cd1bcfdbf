import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.simulator.slack.blockkit_samples import actions, button
from tests.simulator.slack.hands import DANA, GENERAL, Simulated


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


async def address(simulated: Simulated) -> str:
    return str((await simulated.call("apps.connections.open", "xapp-simulator-app"))["url"])


async def connected(simulated: Simulated, session: ClientSession) -> ClientWebSocketResponse:
    socket = await session.ws_connect(await address(simulated))
    assert (await socket.receive_json())["type"] == "hello"
    return socket


def run(simulated: Simulated) -> asyncio.Task[Any]:
    command = {"as": DANA, "channel": GENERAL, "command": "/probe"}
    return asyncio.create_task(simulated.post("commands", **command))


async def test_an_envelope_and_its_answer(simulated: Simulated, session: ClientSession) -> None:
    async with await connected(simulated, session) as socket:
        ran = run(simulated)
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "Done"}})
        assert (await ran)["message"]["text"] == "Done"


async def test_a_click_takes_no_answer(simulated: Simulated, session: ClientSession) -> None:
    posted = await simulated.call("chat.postMessage", channel=GENERAL, text="x", blocks=[actions(button())])
    where = {"channel": GENERAL, "message_ts": posted["ts"], "block_id": "buttons", "action_id": "go"}
    async with await connected(simulated, session) as socket:
        click = asyncio.create_task(simulated.post("actions", **{"as": DANA}, **where))
        envelope = await socket.receive_json()
        assert envelope["accepts_response_payload"] is False
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "Ignored"}})
        assert await click == {"ok": True}
    assert simulated.warned() == ["ignored_answer"]


async def test_each_envelope_goes_to_one_of_ten(simulated: Simulated, session: ClientSession) -> None:
    sockets = [await connected(simulated, session) for _ in range(10)]
    eleventh = await session.ws_connect(await address(simulated))
    assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
    ran = run(simulated)
    waiting = [asyncio.create_task(socket.receive()) for socket in sockets]
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    (one,) = done
    envelope = json.loads(one.result().data)
    await sockets[waiting.index(one)].send_json({"envelope_id": envelope["envelope_id"]})
    assert await ran == {"ok": True}
    assert sum(task.done() for task in waiting) == 1
    await simulated.http.post("/_sim/sockets", json={"reason": "abort"})
    others = await asyncio.gather(*(task for task in waiting if task is not one))
    assert {message.type for message in others} <= {WSMsgType.CLOSE, WSMsgType.CLOSED}
    await asyncio.gather(*(socket.close() for socket in [*sockets, eleventh]))


async def test_a_ticket_opens_one_connection(simulated: Simulated, session: ClientSession) -> None:
    once = await address(simulated)
    async with session.ws_connect(once) as socket:
        await socket.receive_json()
        with pytest.raises(Exception, match="403"):
            await session.ws_connect(once)


async def test_what_a_lost_connection_leaves(simulated: Simulated, session: ClientSession) -> None:
    async with await connected(simulated, session) as socket:
        ran = run(simulated)
        await socket.receive_json()
        await simulated.http.post("/_sim/sockets", json={"reason": "refresh_requested"})
        assert (await socket.receive_json())["reason"] == "refresh_requested"
        assert await ran == {"ok": False, "error": "dispatch_failed"}


async def test_an_unacknowledged_event_comes_again(simulated: Simulated, session: ClientSession) -> None:
    simulated.slack.settings.ack_seconds = 0.05
    async with await connected(simulated, session) as socket:
        await simulated.post("home", **{"as": DANA})
        first, second = await socket.receive_json(), await socket.receive_json()
        assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
        assert first["payload"]["event_id"] == second["payload"]["event_id"]
        await socket.send_json({"envelope_id": second["envelope_id"]})
        await asyncio.gather(*simulated.slack.tasks)

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from simulator.server import bind, listening_at, running
from simulator.slack.app import build
from tests.simulator.slack.hands import DANA, GENERAL, Simulated


async def test_the_state_survives_a_restart(tmp_path: Path) -> None:
    said = []
    for words in ("First", "Second"):
        bound = bind()
        address = listening_at(bound)
        async with (
            running(build(address=address, data=tmp_path), bound),
            httpx.AsyncClient(base_url=address) as http,
        ):
            await http.post("/_sim/ui/messages", json={"as": DANA, "channel": GENERAL, "text": words})
            query = {"as": DANA, "channel": GENERAL}
            shown = (await http.get("/_sim/ui/messages", params=query)).json()["messages"]
            said.append([message["text"] for message in shown][1:])
            picture = await http.get("/_sim/ui/files/F0LATTE0001", params={"as": DANA})
            assert picture.headers["content-type"] == "image/jpeg"
    assert said == [["First"], ["First", "Second"]]


async def test_the_command_says_where_it_listens_and_ends_at_a_signal() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "simulator", "slack", "--port", "0"),
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("listening on http://127.0.0.1:")
    async with httpx.AsyncClient(base_url=line.split()[-1]) as http:
        assert (await http.get("/healthz")).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


async def test_the_pages_for_people(simulated: Simulated) -> None:
    for path in (
        "/",
        f"/archives/{GENERAL}/p1790000000000100",
        "/_sim/not-simulated",
        "/_sim/avatars/U0DANA0001.svg",
    ):
        assert (await simulated.http.get(path)).status_code == 200


async def test_a_reset_brings_the_seed_back(simulated: Simulated) -> None:
    await simulated.post("messages", **{"as": DANA, "channel": GENERAL, "text": "Gone"})
    await simulated.http.post("/_sim/reset")
    assert len(await simulated.messages(DANA, GENERAL)) == 1


async def test_settings_are_checked(simulated: Simulated) -> None:
    wrong = await simulated.http.post("/_sim/settings", json={"ack_seconds": "soon"})
    assert wrong.status_code == 400
    changed = await simulated.http.post("/_sim/settings", json={"rate_limits": False})
    assert changed.json()["rate_limits"] is False


async def test_a_page_is_told_of_what_changes(simulated: Simulated) -> None:
    async with simulated.http.stream("GET", "/_sim/ui/events", params={"as": DANA}) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": listening"
        await simulated.post("messages", **{"as": DANA, "channel": GENERAL, "text": "Hello"})
        said = [line async for line in take(lines, 3)]
    assert f'data: {{"changed": "channel:{GENERAL}"}}' in said


async def take(lines: AsyncIterator[str], count: int) -> AsyncIterator[str]:
    for _ in range(count):
        yield await anext(lines)

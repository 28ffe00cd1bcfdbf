"""publish_ack: acknowledging `/publish` at 100 requests a second; floor: a bare Bolt app that only acks.

Slack's simulator sends the commands and times the answers, so that ours and the floor are measured by the
same clock, in turn. Behind each of ours, the composer is opened too.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from tests.bench.measure import quantile, report
from tests.bench.stage import ROOT, Stage, free_port, until_ready

A_SECOND, SECONDS, ROUNDS = 100, 3, 3

BARE = """
import sys, uvicorn
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def authorize():
    return AuthorizeResult(enterprise_id=None, team_id="T0BRIGHT01", bot_user_id="U0PRESSBOT",
                           bot_id="B0PRESSBOT", bot_token="xoxb-simulator-bot")

app = AsyncApp(signing_secret="simulator-signing-secret", authorize=authorize)

@app.command("/publish")
async def publish(ack):
    await ack()

handler = AsyncSlackRequestHandler(app)

async def events(request):
    return await handler.handle(request)

async def healthz(request):
    return PlainTextResponse("ok")

routes = [Route("/slack/events", events, methods=["POST"]), Route("/healthz", healthz)]
uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


async def run(stage: Stage) -> None:
    """Send commands at a steady pace, to ours and to the bare app in turn."""
    with bare() as floor_url:
        await until_ready(stage.http, floor_url)
        for url in (floor_url, stage.public_url):
            await acknowledged(stage, url)  # not counted: caches fill, connections open
        ours: list[float] = []
        floors: list[float] = []
        for _ in range(ROUNDS):
            floors += await acknowledged(stage, floor_url)
            ours += await acknowledged(stage, stage.public_url)
        await point(stage, stage.public_url)
    for percent in (50, 99):
        value, floor = (quantile(samples, percent) * 1e3 for samples in (ours, floors))
        report(f"publish_ack_p{percent}", value, "ms", floor)


@contextmanager
def bare() -> Iterator[str]:
    """Run the bare Bolt app."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", BARE, str(port)], cwd=ROOT) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def acknowledged(stage: Stage, url: str) -> list[float]:
    """Send commands for some seconds; give how long each answer took, in seconds, as Slack saw it."""
    await point(stage, url)
    before = len(await deliveries(stage))
    started = perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number in range(A_SECOND * SECONDS):
            await asyncio.sleep(max(0.0, started + number / A_SECOND - perf_counter()))
            sending.create_task(stage.say("/publish"))
    await asyncio.sleep(0.5)  # what is still being opened must not burden the next round
    return [one["seconds"] for one in (await deliveries(stage))[before:] if one["name"] == "/publish"]


async def point(stage: Stage, url: str) -> None:
    """Let Slack send its requests to this app."""
    await stage.http.post(f"{stage.slack}/_sim/app", json={"url": f"{url}/slack/events"})


async def deliveries(stage: Stage) -> list[dict[str, object]]:
    """Give what Slack has delivered so far."""
    found: list[dict[str, object]] = (await stage.http.get(f"{stage.slack}/_sim/deliveries")).json()
    return found

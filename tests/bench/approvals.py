"""approve_to_card: from the click on *Approve* to the card redrawn; floor: a bare Bolt app, one chat.update.

home_100: from opening App Home, with 100 posts that wait for this member, to views.publish.
Slack's simulator sends the clicks and writes down the calls, for both by the same clock.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel import col, select

from bot import ids
from core import clients, drafts, policies, submissions
from core.drafts import Content
from core.models import Card, Fit, Mode, Post, PostState
from core.policies import Rules
from core.policies import Stage as PolicyStage
from tests.bench import crowd
from tests.bench.acks import point
from tests.bench.measure import quantile, report
from tests.bench.stage import ADA, CHANNEL, ROOT, Stage, free_port, until_ready

CLICKS, WAITING, OPENED = 30, 100, 10
BOT = {"authorization": "Bearer xoxb-simulator-bot"}
PATIENCE = 15.0  # seconds

BARE = """
import sys, uvicorn
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def authorize():
    return AuthorizeResult(enterprise_id=None, team_id="T0BRIGHT01", bot_user_id="U0PRESSBOT",
                           bot_id="B0PRESSBOT", bot_token="xoxb-simulator-bot")

slack = AsyncWebClient(base_url=sys.argv[2] + "/api/")
app = AsyncApp(signing_secret="simulator-signing-secret", authorize=authorize, client=slack)

@app.action("bare")
async def approve(ack, body, client):
    await ack()
    message = body["message"]
    await client.chat_update(channel=body["channel"]["id"], ts=message["ts"], text="Approved",
                             blocks=message["blocks"])

handler = AsyncSlackRequestHandler(app)

async def events(request):
    return await handler.handle(request)

async def healthz(request):
    return PlainTextResponse("ok")

routes = [Route("/slack/events", events, methods=["POST"]), Route("/healthz", healthz)]
uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


async def run(stage: Stage) -> None:
    """Have a hundred posts wait for Ada, look at her Home, and approve some of them."""
    await crowd.lift_limits(stage)
    [page] = await crowd.pages(stage, 1, "Approvals")
    boss = PolicyStage("Boss", 1, roles=frozenset({policies.ADMIN}))
    # Ada is alone on this stage, so she approves what she wrote.
    await rule(stage, Rules(Mode.REQUIRED, (boss,), someone_else=False))
    posts = [await asked(stage, page) for _ in range(WAITING)]
    await until_drawn(stage, posts)
    homes = [await opened(stage) for _ in range(OPENED)]
    report("home_100_p50", quantile(homes, 50) * 1e3, "ms")
    with bare(stage) as url:
        await until_ready(stage.http, url)
        floors, ours = [], []
        for number in range(CLICKS):
            floors.append(await bare_click(stage, url))
            await point(stage, stage.public_url)
            ours.append(await click(stage, posts[number]))
    for percent in (50, 95):
        value, floor = (quantile(samples, percent) * 1e3 for samples in (ours, floors))
        report(f"approve_to_card_p{percent}", value, "ms", floor)
    await rule(stage, Rules())  # what is measured next waits for nobody


async def rule(stage: Stage, rules: Rules) -> None:
    """Have the client's posts approved by these rules."""
    async with stage.services.db.session(stage.actor) as session:
        [client] = await clients.visible(session)
    await policies.change(stage.services, stage.actor, client_id=client.id, rules=rules)


async def asked(stage: Stage, account_id: UUID) -> UUID:
    """Ask for approval of a post of words, for a day to come."""
    async with stage.services.db.session(stage.actor) as session:
        [client] = await clients.visible(session)
    said = Content(f"Bench {uuid4()}", None, None, None, Fit.KEEP, (account_id,))
    post_id, services = uuid4(), stage.services
    await drafts.save(services, stage.actor, post_id=post_id, client_id=client.id, content=said)
    due_at = datetime.now(UTC) + timedelta(days=30)
    sent = {"post_id": post_id, "version": 1, "channel_id": CHANNEL, "due_at": due_at}
    await submissions.submit(services, stage.actor, **sent)  # type: ignore[arg-type]
    return post_id


async def until_drawn(stage: Stage, posts: list[UUID]) -> None:
    """Wait until Slack has a card of each of them, and a while longer, for their replies."""
    drawn = select(Card).where(col(Card.post_id).in_(posts), col(Card.ts).is_not(None))
    while True:
        async with stage.services.db.session(stage.actor) as session:
            if len((await session.exec(drawn)).all()) == len(posts):
                break
        await asyncio.sleep(0.2)
    await asyncio.sleep(3)


async def click(stage: Stage, post_id: UUID) -> float:
    """Press *Approve* on a card; give the seconds until it was drawn anew."""
    async with stage.services.db.session(stage.actor) as session:
        post, card = await session.get_one(Post, post_id), await session.get_one(Card, post_id)
    assert post.state is PostState.IN_APPROVAL
    assert card.ts
    seen = f"{post.id}:{post.version}:{post.round}"
    return await redrawn(stage, card.ts, ids.APPROVE, seen)


async def bare_click(stage: Stage, url: str) -> float:
    """Press the bare app's button; give the seconds until its message was drawn anew."""
    await point(stage, url)
    button = {"type": "button", "action_id": "bare", "text": {"type": "plain_text", "text": "Approve"}}
    said = {"type": "actions", "block_id": "bare", "elements": [button | {"value": "1"}]}
    message = {"channel": CHANNEL, "text": "Approve?", "blocks": [said]}
    answer = await stage.http.post(f"{stage.slack}/api/chat.postMessage", json=message, headers=BOT)
    return await redrawn(stage, answer.json()["ts"], "bare", "1")


async def redrawn(stage: Stage, ts: str, action_id: str, value: str) -> float:
    """Press a button of a message; give the seconds until the message was updated."""
    block_id = await block_of(stage, ts, action_id)
    pressed = {"as": ADA, "channel": CHANNEL, "message_ts": ts, "block_id": block_id, "action_id": action_id}
    began, last = time.time(), await number(stage)
    answer = await stage.http.post(f"{stage.slack}/_sim/ui/actions", json=pressed | {"value": value})
    assert answer.is_success, answer.text
    return (await called(stage, "chat.update", since=last, about=ts)) - began


async def block_of(stage: Stage, ts: str, action_id: str) -> str:
    """Give the block in which a message's button stands."""
    shown = await stage.http.get(f"{stage.slack}/_sim/ui/messages", params={"as": ADA, "channel": CHANNEL})
    [message] = [one for one in shown.json()["messages"] if one["ts"] == ts]
    return next(
        str(block["block_id"])
        for block in message["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == action_id
    )


async def opened(stage: Stage) -> float:
    """Open App Home; give the seconds until it was published."""
    began, last = time.time(), await number(stage)
    await stage.http.post(f"{stage.slack}/_sim/ui/home", json={"as": ADA})
    return (await called(stage, "views.publish", since=last)) - began


async def number(stage: Stage) -> int:
    """Give the number of the newest call that Slack got."""
    calls = (await stage.http.get(f"{stage.slack}/_sim/requests", params={"since": "0"})).json()
    return int(calls[-1]["n"]) if calls else 0


async def called(stage: Stage, method: str, *, since: int, about: str = "") -> float:
    """Wait for a call; give when Slack had answered it."""
    until = time.time() + PATIENCE
    while time.time() < until:
        found = (await stage.http.get(f"{stage.slack}/_sim/requests", params={"since": str(since)})).json()
        for one in found:
            if one["path"].endswith(method) and one["status"] and about in str(one["body"]):
                return float(one["at"]) + float(one["ms"]) / 1e3
        await asyncio.sleep(0.02)
    raise TimeoutError(f"no {method} came")


@contextmanager
def bare(stage: Stage) -> Iterator[str]:
    """Run the bare Bolt app."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", BARE, str(port), stage.slack], cwd=ROOT) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()

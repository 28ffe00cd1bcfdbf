"""publications_per_hour: one worker, many accounts; floor: the same Graph calls by a bare httpx loop."""

import asyncio
import os
import signal
from time import perf_counter
from uuid import uuid4

import httpx
from sqlmodel import col, func, select

from core import drafts, media, submissions
from core.drafts import Content
from core.models import Account, Fit, Media, Platform, Publication, PublicationState
from tests.bench.measure import report
from tests.bench.stage import Stage, connect, drawn

ACCOUNTS, POSTS = 60, 3
AT_ONCE = 20  # publications, in both
FIRST_POLL, GROWTH, LONGEST_POLL = 0.25, 1.5, 5.0  # seconds: the same pauses in both


async def run(stage: Stage) -> None:
    """Publish the same pictures to the same accounts: by the bare loop, then by Pressroom."""
    accounts = await many_accounts(stage)
    picture = await kept(stage)
    floor = await hourly(bare_loop(stage, accounts, picture))
    await submitted(stage, [account for account, _ in accounts], picture)
    ours = await hourly(pressroom(stage))
    report("publications_per_hour", ours, "1/h", floor)


async def hourly(publishing: object) -> float:
    """Give how many publications an hour that makes."""
    started = perf_counter()
    await publishing  # type: ignore[misc]
    return ACCOUNTS * POSTS / (perf_counter() - started) * 3600


async def many_accounts(stage: Stage) -> list[tuple[Account, str]]:
    """Make Pages with Instagram accounts at Meta, and connect the latter; each with its Page's token."""
    for number in range(ACCOUNTS):
        named = {"name": f"Bench {number}", "instagram": f"bench.{number}"}
        answer = await stage.http.post(f"{stage.meta}/_sim/accounts", json=named)
    made = [one for one in answer.json()["instagram"] if one["username"].startswith("bench.")]
    login = (await stage.http.post(f"{stage.meta}/_sim/login", json={})).json()
    found = []
    for one in made:
        token = login["page_tokens"][one["page_id"]]
        tokens = {"user": login["access_token"], "page": token}
        account = await connect(stage, Platform.INSTAGRAM, one["id"], one["username"], tokens)
        found.append((account, token))
    return found


async def kept(stage: Stage) -> Media:
    """Hand in one picture, prepared: what is measured is publishing."""
    async with stage.services.db.session(stage.actor) as session:
        client_id = (await session.exec(select(Account.parent_id).limit(1))).one()
    services, jpeg = stage.services, drawn()
    picture = await media.keep(services, stage.actor, client_id=client_id, data=jpeg, filename="a.jpg")
    await media.prepared(services, picture, platform=Platform.INSTAGRAM, fit=Fit.KEEP)
    return picture


async def bare_loop(stage: Stage, accounts: list[tuple[Account, str]], picture: Media) -> None:
    """Make the same calls, and nothing else."""
    image_url = media.address(stage.services, picture.id, media.Variant(Platform.INSTAGRAM, Fit.KEEP))
    free = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=f"{stage.meta}/v25.0/", timeout=60) as http:

        async def publish(account: Account, token: str) -> None:
            async with free:
                await bare_publish(http, account.platform_account_id, token, image_url)

        async with asyncio.TaskGroup() as work:
            for _ in range(POSTS):
                for account, token in accounts:
                    work.create_task(publish(account, token))


async def bare_publish(http: httpx.AsyncClient, ig_id: str, token: str, image_url: str) -> str:
    """Publish one picture: container, status, publish, permalink."""
    bearer = {"Authorization": f"Bearer {token}"}

    async def call(method: str, path: str, **more: object) -> dict[str, str]:
        answer = await http.request(method, path, headers=bearer, **more)  # type: ignore[arg-type]
        answer.raise_for_status()
        found: dict[str, str] = answer.json()
        return found

    form = {"image_url": image_url, "caption": f"Bench {uuid4()}"}
    container = (await call("POST", f"{ig_id}/media", data=form))["id"]
    pause = FIRST_POLL
    status = {"fields": "status_code,status"}
    while (await call("GET", container, params=status))["status_code"] != "FINISHED":
        await asyncio.sleep(pause)
        pause = min(pause * GROWTH, LONGEST_POLL)
    published = (await call("POST", f"{ig_id}/media_publish", data={"creation_id": container}))["id"]
    return (await call("GET", published, params={"fields": "permalink"}))["permalink"]


async def submitted(stage: Stage, accounts: list[Account], picture: Media) -> None:
    """Send the posts on their way, and let none of them get anywhere yet."""
    os.kill(stage.serve_pid, signal.SIGSTOP)
    for number in range(POSTS):
        for account in accounts:
            await send(stage, account, picture, number)


async def pressroom(stage: Stage) -> None:
    """Let the worker go on, and wait until all posts are live."""
    os.kill(stage.serve_pid, signal.SIGCONT)
    done = (
        select(func.count())
        .select_from(Publication)
        .where(col(Publication.state) == PublicationState.PUBLISHED)
    )
    while True:
        async with stage.services.db.session(stage.actor) as session:
            if (await session.exec(done)).one() >= ACCOUNTS * POSTS:
                return
        await asyncio.sleep(0.05)


async def send(stage: Stage, account: Account, picture: Media, number: int) -> None:
    """Send one post on its way, as a member would."""
    content = Content(f"Bench {number} {uuid4()}", None, picture.id, None, Fit.KEEP, (account.id,))
    draft = await drafts.save(
        stage.services, stage.actor, post_id=uuid4(), client_id=account.parent_id, content=content
    )
    await submissions.submit(
        stage.services,
        stage.actor,
        post_id=draft.post.id,
        version=draft.version.version,
        channel_id="C0NORTHW01",
    )

"""publish_image: one image to Instagram, from the click to the permalink in the thread.

Floor: the same Graph calls by a bare httpx loop against the same simulator. What is clicked is *Publish now*;
what was written and shown before is not counted.
"""

import statistics
from time import perf_counter

import httpx

from core import media
from core.models import Account, Fit, Platform
from tests.bench.measure import report
from tests.bench.publications import bare_publish, kept
from tests.bench.stage import CHANNEL, Stage, connect, drawn
from tests.drivers.meta import COFFEE, COFFEE_INSTAGRAM
from tests.drivers.slack import Slack

ROUNDS = 7


async def run(stage: Stage) -> None:
    """Publish a picture again and again, as a person does and by the bare loop, in turn."""
    account, token = await one_account(stage)
    picture = await kept(stage)
    address = media.address(stage.services, picture.id, media.Variant(Platform.INSTAGRAM, Fit.KEEP))
    ours, floors = [], []
    async with httpx.AsyncClient(base_url=f"{stage.meta}/v25.0/", timeout=60) as http:
        for number in range(ROUNDS + 1):
            ours.append(await from_click_to_permalink(stage, f"Bench {number}"))
            started = perf_counter()
            await bare_publish(http, account.platform_account_id, token, address)
            floors.append(perf_counter() - started)
    report("publish_image", statistics.median(ours[1:]), "s", statistics.median(floors[1:]))


async def one_account(stage: Stage) -> tuple[Account, str]:
    """Connect Northwind Coffee's Instagram account."""
    login = (await stage.http.post(f"{stage.meta}/_sim/login", json={})).json()
    tokens = {"user": login["access_token"], "page": login["page_tokens"][COFFEE]}
    account = await connect(stage, Platform.INSTAGRAM, COFFEE_INSTAGRAM, "northwind.coffee", tokens)
    return account, tokens["page"]


async def from_click_to_permalink(stage: Stage, caption: str) -> float:
    """Write a post, look at its preview, publish it; give the seconds until the thread has the permalink."""
    ada = Slack(stage.slack, stage.http).ada
    await ada.says("/publish", CHANNEL)
    await ada.sees_modal("Accounts")
    file = ("bench.jpg", drawn())
    await ada.submits(Accounts=["@northwind.coffee"], Caption=caption, Picture=file)
    await ada.sees_modal(lambda modal: bool(modal.images()))
    started = perf_counter()
    await ada.submits()
    card = await ada.sees(caption, CHANNEL)
    await ada.sees("See it", CHANNEL, thread=card.id)
    return perf_counter() - started

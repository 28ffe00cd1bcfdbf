"""No secret shows anywhere: a day with Pressroom, and then a search through all that it left behind."""

import asyncio
import base64
import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.drivers.left import addresses_at, at_slack, dump
from tests.drivers.meta import APP_SECRET, COFFEE, ROASTERY, Meta
from tests.drivers.processes import processes
from tests.drivers.searching import found_in, places
from tests.drivers.slack import NORTHWIND, Slack
from tests.pressroom.test_processes import Town, set_up, town

__all__ = ["set_up", "town"]


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_the_search_finds_what_is_there(before: str) -> None:
    secret = "EAAB/canary+token=0123456789"
    coded = [
        before + secret,
        f"{before}{secret}".encode().hex(),
        base64.b64encode(f"{before}{secret} and more".encode()).decode(),
        base64.urlsafe_b64encode(f"{before}{secret} and more".encode()).decode(),
        f"https://x.example/?q={quote(before + secret, safe='')}",
    ]
    assert all(found_in(text, secret) for text in coded)
    assert not any(found_in(text, secret[::-1]) for text in coded)


async def secrets_of(town: Town) -> dict[str, str]:
    """Give everything that must not show: each token that Meta issued, and what stands in the settings."""
    settings = {name: town.environ[name] for name in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN")}
    settings["ENCRYPTION_KEYS"] = town.environ["ENCRYPTION_KEYS"].partition(":")[2]
    password = re.search(r"://[^:]+:([^@]+)@", town.environ["DATABASE_URL"])
    assert password
    return {
        "APP_SECRET": APP_SECRET,
        "password": password[1],
        **settings,
        **{f"token {number}": one["value"] for number, one in enumerate(await town.meta.issued())},
    }


async def a_day(town: Town, url: str, pages: list[str]) -> None:
    """Do what people do, and let go wrong what can."""
    dana = town.slack.dana
    await town.slack.deliver_to(f"{url}/slack/events")
    await town.meta.fault(f"{ROASTERY}/feed", "error", code=190, subcode=463, message="expired", times=9)
    await town.schedule("Good", COFFEE)
    await town.schedule("Bad", ROASTERY)
    await town.until("publications WHERE state = 'published'", 1)
    await dana.says("/social connect", NORTHWIND)
    await dana.says("/social accounts", NORTHWIND)
    await dana.sees_modal("login of Maya Chen")
    await dana.clicks("Disconnect", beside="Northwind Events")
    await dana.goes_back(clear=True)
    await dana.says("/social audit", NORTHWIND)
    await dana.opens_home()
    await dana.home("Northwind Coffee")
    await town.slack.fault("chat.postMessage", "error", error="internal_error", times=2)
    await town.schedule("Again", COFFEE)
    await town.until("publications WHERE state = 'published'", 2)
    async with httpx.AsyncClient() as visitor:
        paths = ("/", "/nowhere", "/review?ticket=x", "/api/v1/social/connect?ticket=x", "/metrics")
        pages += [(await visitor.get(url + path)).text for path in paths]
        pages.append((await visitor.post(f"{url}/slack/events", content=b"{")).text)
    await asyncio.sleep(1)


async def test_no_secret_shows_anywhere(town: Town, tmp_path: Path, slack: Slack, meta: Meta) -> None:
    secrets, pages = await secrets_of(town), list[str]()
    with processes(town.environ | {"LOG_LEVEL": "DEBUG"}, tmp_path, "serve") as [serve]:
        await a_day(town, serve.url, pages)
        serve.stop()
        left = {
            "the log": serve.log.read_text(),
            "the database": dump(str(town.addresses.owner)),
            "Slack": await at_slack(slack),
            "addresses at Meta": await addresses_at(meta),
            "pages": "\n".join(pages),
        }
    assert len(secrets) >= 8
    assert all(len(text) > 1000 for text in left.values())
    assert places(secrets, left) == []

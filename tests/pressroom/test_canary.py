"""No secret shows anywhere: a day with Pressroom, and then a search through all that it left behind."""

import asyncio
import base64
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlmodel import select

from core.db import Actor
from core.models import Account, Connection
from tests.drivers.meta import APP_SECRET, COFFEE, ROASTERY, Meta
from tests.drivers.processes import processes
from tests.drivers.searching import TABLES, found_in
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
    """Give everything that must not show: each token that is sealed, and what stands in the settings."""
    assert town.services.vault
    async with town.services.db.session(Actor.program(town.dana.agency_id)) as session:
        rows = [*await session.exec(select(Account)), *await session.exec(select(Connection))]
    opened = [(row, row.access_token) for row in rows if row.access_token]
    tokens = {row.token_row: town.services.vault.open(sealed, row=row.token_row) for row, sealed in opened}
    settings = {name: town.environ[name] for name in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN")}
    settings["ENCRYPTION_KEYS"] = town.environ["ENCRYPTION_KEYS"].partition(":")[2]
    password = re.search(r"://[^:]+:([^@]+)@", town.environ["DATABASE_URL"])
    assert password
    return {
        "APP_SECRET": APP_SECRET,
        "password": password[1],
        **settings,
        **{name: token.reveal() for name, token in tokens.items()},
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


def dump(town: Town) -> str:
    """Give everything that stands in the database, as its owner reads it."""
    rows: list[dict[str, Any]] = []
    for table in town.ask(TABLES):
        rows += town.ask(f"SELECT to_jsonb(t) AS row FROM {table['name']} t")
    return json.dumps(rows, default=str)


async def sent(platform: Slack | Meta) -> list[dict[str, str]]:
    """Give what was sent to a platform as it came, apart from the header in which tokens belong."""
    asked = await platform.http.get(f"{platform.url}/_sim/requests", params={"raw": "yes"})
    return list(asked.json())


async def test_no_secret_shows_anywhere(town: Town, tmp_path: Path, slack: Slack, meta: Meta) -> None:
    secrets, pages = await secrets_of(town), list[str]()
    with processes(town.environ | {"LOG_LEVEL": "DEBUG"}, tmp_path, "serve") as [serve]:
        await a_day(town, serve.url, pages)
        serve.stop()
        left = {
            "the log": serve.log.read_text(),
            "the database": dump(town),
            "Slack": json.dumps([one for one in await sent(slack) if one["path"].startswith("/api/")]),
            "addresses at Meta": json.dumps([one["path"] for one in await sent(meta)]),
            "pages": "\n".join(pages),
        }
    assert len(secrets) >= 8
    assert all(len(text) > 1000 for text in left.values())
    places = [(name, where) for name in secrets for where in left if found_in(left[where], secrets[name])]
    assert places == []

import asyncio
import re

import httpx

from tests.web.conftest import Site
from web.health import Recently


async def test_it_is_ready_when_every_part_is(site: Site, http: httpx.AsyncClient):
    answer = await http.get(f"{site.url}/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "parts": {"database": True, "slack": True}}
    assert answer.headers["cache-control"] == "no-store"


async def test_it_is_not_ready_when_one_part_is_not(site: Site, http: httpx.AsyncClient):
    site.parts["slack"] = False
    answer = await http.get(f"{site.url}/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "down", "parts": {"database": True, "slack": False}}
    assert (await http.get(f"{site.url}/livez")).status_code == 200


async def test_however_many_ask_the_parts_are_asked_once_a_second():
    now, asked = [0.0], []

    async def ask() -> int:
        asked.append(now[0])
        await asyncio.sleep(0)
        return len(asked)

    ready = Recently(ask, clock=lambda: now[0])
    assert await asyncio.gather(*(ready() for _ in range(20))) == [1] * 20
    now[0] = 0.9
    assert await ready() == 1
    now[0] = 1.0
    assert (await ready(), asked) == (2, [0.0, 1.0])


async def test_strangers_cannot_have_the_database_asked_by_and_by(site: Site, http: httpx.AsyncClient):
    assert (await http.get(f"{site.url}/healthz")).status_code == 200
    site.asked = 0
    for _ in range(10):
        await http.get(f"{site.url}/healthz")
        await http.get(f"{site.url}/metrics")
    assert site.asked < 20


async def test_prometheus_gets_its_numbers(site: Site, http: httpx.AsyncClient):
    answer = await http.get(f"{site.url}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "python_info" in answer.text
    assert re.search(r"^pressroom_accounts_due \d", answer.text, re.MULTILINE)


async def test_prometheus_is_told_which_part_is_down(site: Site, http: httpx.AsyncClient):
    site.parts["slack"] = False
    told = (await http.get(f"{site.url}/metrics")).text.splitlines()
    assert 'pressroom_up{part="database"} 1.0' in told
    assert 'pressroom_up{part="slack"} 0.0' in told


async def test_probes_may_ask_for_the_head_only(site: Site, http: httpx.AsyncClient):
    for address in ("/livez", "/healthz", "/metrics"):
        answer = await http.head(site.url + address)
        assert (answer.status_code, answer.content) == (200, b"")

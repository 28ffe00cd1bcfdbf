"""The demo as a person runs it: a process that is started, stopped with Ctrl-C, and started again."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.drivers.demo import data_folder, demo


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A folder with a space in its name."""
    with data_folder() as folder:
        yield folder


def slack_of(url: str) -> str:
    page = httpx.get(url).text
    return page.split('title="Slack, simulated"')[0].rpartition('src="')[2].partition("/?")[0]


def test_it_comes_up_stops_cleanly_and_finds_its_data_again(data_dir: Path):
    with demo(data_dir) as (url, process):
        slack = slack_of(url)
        said = {"as": "U0ADA00001", "channel": "C0GENERAL1", "command": "/social", "text": "help"}
        assert httpx.post(f"{slack}/_sim/ui/commands", json=said, timeout=10).json()["ok"]
        hello = {"as": "U0DANA0001", "channel": "C0GENERAL1", "text": "remember this"}
        httpx.post(f"{slack}/_sim/ui/messages", json=hello).raise_for_status()
        family = process.children(recursive=True)
        assert family
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    with demo(data_dir) as (url, _):
        asked = {"as": "U0DANA0001", "channel": "C0GENERAL1"}
        answer = httpx.get(f"{slack_of(url)}/_sim/ui/messages", params=asked).json()
        assert "remember this" in [message["text"] for message in answer["messages"]]


def test_two_at_once_do_not_disturb_each_other(data_dir: Path):
    with data_folder("another") as other, demo(data_dir) as (first, _), demo(other) as (second, _):
        assert first != second
        assert httpx.get(f"{first}/healthz").json() == httpx.get(f"{second}/healthz").json()

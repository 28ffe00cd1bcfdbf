"""The demo as a person runs it: a process that is started, stopped with Ctrl-C, and started again."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.drivers.demo import data_folder, demo, killed_demo


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A folder with a space in its name."""
    with data_folder() as folder:
        yield folder


def slack_of(url: str) -> str:
    page = httpx.get(url).text
    return page.split('title="Slack, simulated"')[0].rpartition('src="')[2].partition("/?")[0]


def runs(process: psutil.Process) -> bool:
    """Say whether a process runs; in a container nobody may bury it."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


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
    with (
        data_folder("another") as other,
        demo(data_dir) as (url, _),
        demo(other) as (beside, _),  # two at once do not disturb each other
    ):
        asked = {"as": "U0DANA0001", "channel": "C0GENERAL1"}
        answer = httpx.get(f"{slack_of(url)}/_sim/ui/messages", params=asked).json()
        assert "remember this" in [message["text"] for message in answer["messages"]]
        answer = httpx.get(f"{slack_of(beside)}/_sim/ui/messages", params=asked).json()
        assert "remember this" not in [message["text"] for message in answer["messages"]]
        assert httpx.get(f"{url}/healthz").json() == httpx.get(f"{beside}/healthz").json()


def test_one_that_was_killed_takes_its_simulators_along_and_the_next_goes_on(data_dir: Path):
    with killed_demo(data_dir) as (url, process):
        hello = {"as": "U0DANA0001", "channel": "C0GENERAL1", "text": "before the end"}
        httpx.post(f"{slack_of(url)}/_sim/ui/messages", json=hello).raise_for_status()
        family = process.children(recursive=True)
        assert len(family) == 2
    with demo(data_dir) as (url, _):
        assert not any(map(runs, family))  # the new ones waited until the old ones had written their state
        asked = {"as": "U0DANA0001", "channel": "C0GENERAL1"}
        answer = httpx.get(f"{slack_of(url)}/_sim/ui/messages", params=asked).json()
        assert "before the end" in [message["text"] for message in answer["messages"]]

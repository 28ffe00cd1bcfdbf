"""A modal that is drawn anew while the person, or something else, is at it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk import Remembered
from bot.slack_errors import translated
from bot.views import notices
from bot.window import Window
from core.errors import TryAgainLater

DANA = "U0DANA0001"


@pytest.fixture
async def hands(slack: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=slack) as client:
        yield client


@pytest.fixture
def web(slack: str) -> AsyncWebClient:
    return AsyncWebClient("xoxb-simulator-bot", base_url=f"{slack}/api/")


async def fault(hands: httpx.AsyncClient, **fault: Any) -> None:
    assert (await hands.post("/_sim/faults", json={"match": "views.update", **fault})).is_success


def test_the_newest_of_what_was_done_is_known() -> None:
    changes = Remembered()
    assert changes.is_newest("V1", "1.2")
    assert not changes.is_newest("V1", "1.1")
    assert changes.is_newest("V1", "1.2")
    assert changes.is_newest("V2", "0.1")
    assert changes.is_new("Ev1")
    assert not changes.is_new("Ev1")


def test_it_forgets_the_oldest() -> None:
    seen = Remembered()
    assert all(seen.is_new(f"Ev{number}") for number in range(1001))
    assert seen.is_new("Ev0")
    assert not seen.is_new("Ev1000")


async def test_slack_s_errors_become_ours(hands: httpx.AsyncClient, web: AsyncWebClient) -> None:
    await fault(hands, kind="rate_limit", retry_after=7, times=1)
    with pytest.raises(TryAgainLater) as waiting:
        async with translated():
            await web.views_update(view_id="V1", view=notices.loading("x"))
    assert waiting.value.after.total_seconds() == 7


async def test_what_is_closed_is_left_alone(web: AsyncWebClient) -> None:
    await Window(web, {"view_id": "V0CLOSED"}).show(notices.loading("New post"))


async def test_another_error_is_not_hidden(hands: httpx.AsyncClient, web: AsyncWebClient) -> None:
    await fault(hands, kind="error", error="view_too_large", times=1)
    with pytest.raises(SlackApiError, match="view_too_large"):
        await Window(web, {"view_id": "V1"}).show(notices.loading("New post"))


@pytest.mark.parametrize(("overrule", "calls"), [(True, 2), (False, 1)])
async def test_the_newest_overrules_what_was_drawn_meanwhile(
    hands: httpx.AsyncClient, web: AsyncWebClient, *, overrule: bool, calls: int
) -> None:
    await fault(hands, kind="error", error="hash_conflict", times=1)
    await Window(web, {"view_id": "V1"}, "hash").show(notices.loading("New post"), overrule=overrule)
    requests = [one for one in (await hands.get("/_sim/requests")).json() if "views.update" in one["path"]]
    assert len(requests) == calls
    assert "hash" not in requests[-1]["body"] or not overrule

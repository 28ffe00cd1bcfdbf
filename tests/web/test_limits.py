"""How often one address may come."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from web.limits import Limits
from web.pages import Pages


class Clock:
    """A clock that stands still."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def visitor(app: Starlette, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="https://pressroom.example")


async def here(_: Request) -> Response:
    return PlainTextResponse("here")


@pytest.fixture
def app(clock: Clock) -> Starlette:
    made = Starlette(
        routes=[Route("/review", here), Route("/slack/events", here)],
        middleware=[Middleware(Limits, per_minute={"/review": 3}, clock=clock)],
    )
    made.state.pages = Pages(facebook_url="https://www.facebook.com")
    return made


async def test_one_address_that_comes_too_often_waits_a_minute(app: Starlette, clock: Clock) -> None:
    async with visitor(app, "198.51.100.7") as often, visitor(app, "198.51.100.8") as other:
        for _ in range(3):
            assert (await often.get("/review")).status_code == 200
        refused = await often.get("/review")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert "Wait a minute, and try again." in refused.text
        assert (await other.get("/review")).status_code == 200
        clock.now = 61
        assert (await often.get("/review")).status_code == 200


async def test_slack_may_come_as_often_as_it_likes(app: Starlette) -> None:
    async with visitor(app, "198.51.100.7") as slack:
        for _ in range(20):
            assert (await slack.get("/slack/events")).status_code == 200


async def test_meta_s_callbacks_have_a_limit_far_above_what_meta_sends() -> None:
    app = Starlette(
        routes=[Route("/api/v1/meta/deauthorize", here)], middleware=[Middleware(Limits, clock=Clock())]
    )
    app.state.pages = Pages(facebook_url="https://www.facebook.com")
    async with visitor(app, "198.51.100.7") as often:
        codes = [(await often.get("/api/v1/meta/deauthorize")).status_code for _ in range(601)]
    assert codes == [200] * 600 + [429]

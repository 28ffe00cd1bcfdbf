"""A simulated Meta inside this process, a host that it fetches pictures from, and someone who calls Graph."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulator.meta.app import build
from simulator.server import bind, listening_at, running
from tests.drivers.meta import COFFEE, COFFEE_INSTAGRAM, Meta

CALLBACK = "https://pressroom.example/callback"


def picture(width: int = 108, height: int = 108, kind: str = "JPEG", colour: str = "teal") -> bytes:
    """Make a picture."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(written, kind)
    return written.getvalue()


@dataclass
class Host:
    """Serves what Meta is told to fetch: everything by its name."""

    url: str
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def put(self, name: str, content: bytes, kind: str = "image/jpeg") -> str:
        self.files[name] = (content, kind)
        return f"{self.url}/{name}"

    async def serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "moved.jpg":
            return RedirectResponse("/elsewhere.jpg")
        content, kind = self.files.get(name, (b"", ""))
        return Response(content, media_type=kind) if kind else Response(status_code=404)


@dataclass
class Caller:
    """Calls Graph with one token."""

    url: str
    http: httpx.AsyncClient
    token: str

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.call("GET", path, params=params)

    async def post(self, path: str, **data: Any) -> httpx.Response:
        return await self.call("POST", path, data=data)

    async def delete(self, path: str) -> httpx.Response:
        return await self.call("DELETE", path)

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return await self.http.request(method, f"{self.url}/v25.0/{path}", headers=headers, **more)

    async def container(self, image_url: str, **more: Any) -> str:
        answer = await self.post(f"{COFFEE_INSTAGRAM}/media", image_url=image_url, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    async def publish(self, container_id: str) -> httpx.Response:
        return await self.post(f"{COFFEE_INSTAGRAM}/media_publish", creation_id=container_id)


def refused(answer: httpx.Response, code: int, subcode: int | None = None) -> dict[str, Any]:
    """Check that Graph refused with this code and subcode; return the error."""
    error = answer.json()["error"]
    assert (error["code"], error.get("error_subcode")) == (code, subcode), error
    assert error["fbtrace_id"]
    return error


@pytest.fixture(scope="session")
async def here() -> AsyncIterator[str]:
    """Run a simulator in this process; the tests of other folders use one of their own."""
    bound = bind()
    async with running(build(address=listening_at(bound)), bound) as url:
        yield url


@pytest.fixture
async def sim(here: str, http: httpx.AsyncClient) -> Meta:
    """Give it as new, with containers that are ready at once."""
    driver = Meta(here, http)
    await driver.reset()
    await driver.register(CALLBACK)
    await driver.settings(container_seconds=0)
    return driver


@pytest.fixture(scope="session")
async def served() -> AsyncIterator[Host]:
    bound = bind()
    host = Host(listening_at(bound))
    app = Starlette(routes=[Route("/{name}", host.serve)])
    async with running(app, bound):
        yield host


@pytest.fixture
def host(served: Host) -> Host:
    served.files.clear()
    served.put("square.jpg", picture())
    return served


@pytest.fixture
async def maya(sim: Meta, http: httpx.AsyncClient) -> Caller:
    """Call as Maya, who shared everything."""
    return Caller(sim.url, http, (await sim.login())["access_token"])


@pytest.fixture
async def coffee(maya: Caller, http: httpx.AsyncClient) -> Caller:
    """Call as the Page Northwind Coffee."""
    token = (await maya.get(COFFEE, fields="access_token")).json()["access_token"]
    return Caller(maya.url, http, token)

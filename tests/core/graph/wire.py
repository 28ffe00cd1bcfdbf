"""Meta's side of the wire: answers that are handed out one after the other, and the requests that came."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx

from core.graph.usage import Usage

BASE_URL = "https://graph.facebook.com"
APP_SECRET = "app-secret-canary-0123456789abcdef"

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Meta:
    """Answers what it was told to, in order, and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[Answer] = []
        self.usage: list[Usage] = []
        self.pauses: list[float] = []

    def answers_with(self, *answers: Any) -> None:
        self.answers += [
            httpx.Response(200, json=answer) if isinstance(answer, dict | list) else answer
            for answer in answers
        ]

    def receives(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    @property
    def request(self) -> httpx.Request:
        """The only request that came."""
        (request,) = self.requests
        return request

    def query(self, n: int = -1) -> dict[str, str]:
        return dict(self.requests[n].url.params)

    def form(self, n: int = -1) -> dict[str, str]:
        return dict(parse_qsl(self.requests[n].content.decode()))


def refusal(code: int, subcode: int | None = None, *, status: int = 400, **more: Any) -> httpx.Response:
    error = {"message": "(#…) said Meta", "type": "OAuthException", "code": code, "fbtrace_id": "A6LJylp"}
    if subcode is not None:
        error["error_subcode"] = subcode
    return httpx.Response(status, content=json.dumps({"error": {**error, **more}}))

"""What an operator could have got wrong: each check says what is right, or raises what is not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from core.db import Database
from pressroom.schema import Addresses
from pressroom.settings import Settings

WAY_OUT = (
    "Look at this machine's way out (DNS, firewall, HTTPS_PROXY), and at SLACK_API_URL and GRAPH_URL, if they"
    " are set. Nothing more can be told until then."
)


class Wrong(Exception):
    """It cannot work like this: the sentence says what to do."""


class Unsure(Exception):
    """It cannot be told from here, or it may be meant: the sentence says what to look at."""


@dataclass(frozen=True)
class Patient:
    """What the checks work with."""

    settings: Settings
    addresses: Addresses
    db: Database
    http: httpx.AsyncClient


Check = Callable[[Patient], Awaitable[str]]


def unreachable(error: httpx.HTTPError) -> str:
    """Say who does not answer, and what to look at."""
    return f"{origin(error.request.url)} cannot be reached from here ({type(error).__name__}). {WAY_OUT}"


def origin(url: httpx.URL) -> str:
    """Give where an address leads, without what may be secret in it."""
    return f"{url.scheme}://{url.netloc.decode()}"


def answer_of(response: httpx.Response) -> dict[str, Any]:
    """Give what Slack or Meta says; raise Wrong for what is neither's: a proxy's page, say."""
    try:
        said = response.json()
    except ValueError:
        said = None
    if isinstance(said, dict):
        return said
    raise Wrong(
        f"{origin(response.url)} answers {response.status_code}, and not as it should: something is in"
        f" between, or it is somebody else. {WAY_OUT}"
    )

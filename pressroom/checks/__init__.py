"""What an operator could have got wrong: each check says what is right, or raises what is not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from core.db import Database
from pressroom.schema import Addresses
from pressroom.settings import Settings


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

"""`pressroom doctor`: look at everything that an operator could have got wrong."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import httpx

from core.db import Database
from pressroom import database as server
from pressroom.checks import (
    WAY_OUT,
    Check,
    Patient,
    Unsure,
    Wrong,
    database,
    meta,
    outside,
    slack,
    unreachable,
)
from pressroom.schema import Addresses
from pressroom.settings import MissingSettings, Settings, require

SECONDS = 15  # for one check
CHECKS: dict[str, Check] = {
    "Migrations": database.migrations,
    "Keys": database.vault,
    "Slack's token": slack.token,
    "Slack's scopes": slack.scopes,
    "Slack's way in": slack.way_in,
    "Slack's install": slack.install,
    "Meta's app": meta.app,
    "Redirect address": meta.redirect,
    "Permissions": meta.permissions,
    "Public address": outside.address,
    "Pictures": outside.media,
    "Clock": outside.clock,
}
IN_DATABASE = (database.migrations, database.vault, meta.permissions)


class Verdict(StrEnum):
    """What a check came to, as its sign."""

    RIGHT = "✓"
    UNSURE = "?"
    WRONG = "✗"


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    verdict: Verdict
    sentence: str

    def __str__(self) -> str:
        return f"{self.verdict} {self.name:<17} {self.sentence}"


def examine(settings: Settings) -> list[Finding]:
    """Do all checks; without the settings that everything needs, say only which are missing."""
    try:
        require(settings)
    except MissingSettings as missing:
        return [Finding("Settings", Verdict.WRONG, str(missing))]
    with server.running(settings) as addresses:
        return asyncio.run(checked(settings, addresses))


async def checked(settings: Settings, addresses: Addresses) -> list[Finding]:
    """Do all checks, one after the other."""
    db = Database(addresses.program)
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        patient = Patient(settings, addresses, db, http)
        try:
            found = [await find("Database", database.role, patient)]
            away = found[0].verdict is Verdict.WRONG
            return found + [
                Finding(name, Verdict.WRONG, "Put the database right first.")
                if away and check in IN_DATABASE
                else await find(name, check, patient)
                for name, check in CHECKS.items()
            ]
        finally:
            await db.close()


async def find(name: str, check: Check, patient: Patient) -> Finding:
    """Do one check; one that breaks has found something, too."""
    try:
        async with asyncio.timeout(SECONDS):
            return Finding(name, Verdict.RIGHT, await check(patient))
    except Unsure as unsure:
        return Finding(name, Verdict.UNSURE, str(unsure))
    except Wrong as wrong:
        return Finding(name, Verdict.WRONG, str(wrong))
    except httpx.HTTPError as error:
        return Finding(name, Verdict.WRONG, unreachable(error))
    except TimeoutError:
        return Finding(name, Verdict.WRONG, f"No answer within {SECONDS} seconds. {WAY_OUT}")
    except Exception as error:  # noqa: BLE001 the others are worth knowing, whatever this is
        return Finding(name, Verdict.WRONG, f"This check itself broke: {type(error).__name__}.")


def report(findings: list[Finding]) -> Iterator[str]:
    """Give a line for each finding, and what it comes to."""
    yield from map(str, findings)
    wrong = sum(one.verdict is Verdict.WRONG for one in findings)
    yield ""
    yield (f"{wrong} to put right." if wrong else "Nothing is wrong. See to what has a question mark.")

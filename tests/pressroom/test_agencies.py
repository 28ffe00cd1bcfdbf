"""The command `pressroom agencies`: one that uninstalled is made to leave, and its files are handed out."""

import asyncio
import io
import re
import sys
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import select
from typer.testing import CliRunner, Result

from core import agencies, departures, grace, leaving
from core.agencies import Grant
from core.db import Actor, Origin
from core.jobs import Engine
from core.models import Agency, AuditEntry, Departure
from core.services import Services
from core.vault import Token, generate_key
from pressroom import cli
from pressroom.agencies import NOBODY
from pressroom.cli import app
from pressroom.schema import Addresses, driver_url
from pressroom.settings import Settings
from pressroom.wiring import open_services
from tests.conftest import Cast, new_agency
from tests.pressroom.conftest import own_database

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
GRANT = Grant("A1", "B1", "U1", Token("xoxb-1"), ("chat:write",), None)
FILE = re.compile(r"    (.+): its file, until (\S+ \S+) UTC: https://here\.example/exports/(\S+)/(\S+)\.zip")


@dataclass(frozen=True)
class Office:
    """Where an operator sits: the settings, and an agency of two clients."""

    environ: dict[str, str]
    services: Services
    cast: Cast

    async def runs(self, *arguments: str) -> Result:
        """Run the command."""
        return await asyncio.to_thread(CliRunner().invoke, app, ["agencies", *arguments], env=self.environ)

    async def lists(self, *options: str) -> list[str]:
        """Give what `list` prints."""
        listed = await self.runs("list", *options)
        assert listed.exit_code == 0, listed.output
        return listed.stdout.splitlines()

    async def leaves(self, name: str = "Brightside") -> Result:
        """Have the agency leave."""
        return await self.runs("leave", self.cast.team_id, "--name", name)

    async def uninstalls(self) -> None:
        """Take the app out of the workspace."""
        await agencies.uninstall(self.services.db, self.cast.id, at=datetime.now(UTC) + timedelta(seconds=1))

    async def goes(self) -> None:
        """Take the agency as far as it goes."""
        await grace.end(self.services)
        async with self.services.db.session(self.cast.program) as session:
            found = list(await session.exec(select(Departure)))
        for one in found:
            while taken := await departures.take(self.services, one.agency_id, one.id):
                await leaving.STEPS[taken.step](self.services, taken)
        await grace.end(self.services)

    async def entries(self, action: str) -> list[dict[str, Any]]:
        """Give the details of the agency's entries of a deed."""
        async with self.services.db.session(self.cast.program) as session:
            found = await session.exec(select(AuditEntry).where(AuditEntry.action == action))
            return [one.details for one in found]


@pytest.fixture
async def office(postgres: Addresses, tmp_path: Path) -> AsyncIterator[Office]:
    with own_database(postgres) as addresses:
        environ = {
            "DATABASE_URL": driver_url(addresses.program),
            "PUBLIC_URL": "https://here.example",
            "MEDIA_URL": (tmp_path / "media").as_uri(),
            "ENCRYPTION_KEYS": f"k1:{generate_key()}",
            "FACEBOOK_CLIENT_ID": "1",
            "FACEBOOK_CLIENT_SECRET": "s",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "s",
        }
        settings = Settings.model_validate({name.lower(): value for name, value in environ.items()})
        async with open_services(settings, addresses, Engine(driver_url(addresses.program))) as services:
            cast = await new_agency(services.db)
            await agencies.install(services.db, services.vault, cast.id, GRANT)
            yield Office(environ, services, cast)


async def test_it_lists_who_is_here_and_who_leaves(office: Office) -> None:
    here = f"{office.cast.team_id}  Brightside: "
    assert await office.lists() == [f"{here}installed, 2 clients"]
    await office.uninstalls()
    month = datetime.now(UTC) + agencies.GRACE
    [line] = await office.lists()
    assert line.startswith(f"{here}uninstalled, leaves on {month:%Y-%m-%d} ")
    await office.leaves()
    [line] = await office.lists()
    assert line.startswith(f"{here}leaving since {datetime.now(UTC):%Y-%m-%d} ")


async def test_one_that_uninstalled_is_made_to_leave_and_its_files_outlive_it(office: Office) -> None:
    await office.uninstalls()
    left = await office.leaves()
    assert left.exit_code == 0, left.output
    assert left.stdout.startswith(f"Brightside ({office.cast.team_id}) leaves now, and installing the app")
    assert "clients: 2, posts that wait: 0, accounts: 0, pictures: 0." in left.stdout
    assert [one["by"] for one in await office.entries("agency_leaving") if "by" in one] == ["operator"]
    await agencies.install(office.services.db, office.services.vault, office.cast.id, GRANT)
    await office.goes()
    assert len(await office.entries("agency_removed")) == 1
    assert [one["whom"] for one in await office.entries("client_export_kept")] == [None, None]
    assert "/exports/" not in "".join(await office.lists())
    [gone, *files] = await office.lists("--links")
    assert gone == f"{office.cast.team_id}  Brightside: gone, 0 clients"
    found = [FILE.fullmatch(one) for one in files]
    assert [one and one[1] for one in found] == ["Harbor Books", "Northwind Coffee"]
    for one in found:
        assert one
        assert one[2].startswith(f"{datetime.now(UTC) + departures.KEEP_EXPORT:%Y-%m-%d}")
        name, data = await departures.download(office.services, UUID(one[4]), token=one[3], origin=Origin())
        assert name == one[1]
        assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["posts.csv", "audit.csv"]


async def test_what_is_over_is_listed_no_more(office: Office) -> None:
    await office.uninstalls()
    await office.leaves()
    await grace.end(office.services)
    assert [one for one in await office.lists() if one.endswith("its file is not written yet")] == [
        "    Harbor Books: being removed, its file is not written yet",
        "    Northwind Coffee: being removed, its file is not written yet",
    ]
    await office.goes()
    async with office.services.db.session(office.cast.program) as session:
        await session.exec(update(Departure).values(expires_at=LONG_AGO, next_run_at=LONG_AGO))
    assert await office.lists() == [NOBODY]
    await office.goes()
    assert await office.lists() == [NOBODY]


async def test_who_has_not_uninstalled_is_not_made_to_leave(office: Office) -> None:
    assert "has not uninstalled Pressroom" in str((await office.leaves()).exception)
    await office.uninstalls()
    assert "Type Brightside, exactly" in str((await office.leaves("brightside")).exception)
    assert (await office.leaves()).exit_code == 0
    assert "is leaving Pressroom already" in str((await office.leaves()).exception)
    await office.goes()
    assert "has left Pressroom already" in str((await office.leaves()).exception)
    nobody = await office.runs("leave", "T0NOBODY", "--name", "Nobody")
    assert "There is no agency of the workspace T0NOBODY here." in str(nobody.exception)
    assert len([one for one in await office.entries("agency_leaving") if "by" in one]) == 1


async def test_of_many_agencies_one_alone_leaves(office: Office) -> None:
    other = await new_agency(office.services.db)
    await office.uninstalls()
    await office.leaves()
    await office.goes()
    assert f"{other.team_id}  Brightside: installed, 2 clients" in await office.lists()
    async with office.services.db.session(Actor.program(other.id)) as session:
        assert (await session.get_one(Agency, other.id)).leaves_at is None


@pytest.mark.parametrize(
    ("name", "says"), [("Brightside", "Brightside has not uninstalled"), ("bright", "That is not its name.")]
)
async def test_what_is_refused_is_said_in_a_sentence(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    says: str,
) -> None:
    for setting, value in office.environ.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.setattr(sys, "argv", ["pressroom", "agencies", "leave", office.cast.team_id, "--name", name])
    with pytest.raises(SystemExit):
        await asyncio.to_thread(cli.main)
    said = capsys.readouterr().err
    assert said.startswith(says)
    assert "Traceback" not in said

"""A process that cannot start here says why in a sentence: a port that somebody else has, a folder."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.vault import generate_key
from pressroom.schema import Addresses, driver_url
from tests.conftest import ROOT

NEEDED = {
    "PORT": "0",
    "ENCRYPTION_KEYS": f"k1:{generate_key()}",
    "FACEBOOK_CLIENT_ID": "1",
    "FACEBOOK_CLIENT_SECRET": "s",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s",
}


@pytest.fixture
def taken() -> Iterator[int]:
    """Give a port at which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield somebody.getsockname()[1]


def said_by(command: str, **settings: str) -> str:
    """Give what a command says that cannot start."""
    environ = os.environ | NEEDED | settings
    ended = subprocess.run(
        [sys.executable, "-m", "pressroom", command],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_said_before_anything_starts(
    taken: int, tmp_path: Path, command: str
) -> None:
    assert said_by(command, PORT=str(taken), DATA_DIR=str(tmp_path / "data")) == (
        f"Port {taken} is taken. Stop what listens there (another Pressroom, perhaps),"
        " or choose another port, as in PORT=9000.\n"
    )
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    data = said_by("worker", DATA_DIR=str(tmp_path / "file" / "data"))
    assert data.startswith(
        f"{tmp_path / 'file' / 'data'} does not take the embedded PostgreSQL: Not a directory."
    )
    assert data.endswith("or set DATA_DIR to another one.\n")
    assert data.count("\n") == 1


async def test_a_folder_for_pictures_that_cannot_be_had_is_said(house: Addresses, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = await asyncio.to_thread(
        said_by,
        "worker",
        DATABASE_URL=driver_url(house.program),
        MEDIA_URL=str(tmp_path / "file" / "media"),
    )
    assert said.startswith(
        f"{(tmp_path / 'file' / 'media').as_uri()} does not take pictures: Not a directory."
    )
    assert said.endswith("or set MEDIA_URL to another one.\n")

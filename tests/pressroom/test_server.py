"""Where a process listens: a port that somebody else has is said in a sentence, before anything starts."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.vault import generate_key
from tests.conftest import ROOT


@pytest.fixture
def taken() -> Iterator[int]:
    """Give a port at which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield somebody.getsockname()[1]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_said_before_anything_starts(
    taken: int, tmp_path: Path, command: str
) -> None:
    environ = os.environ | {
        "PORT": str(taken),
        "DATA_DIR": str(tmp_path / "data"),
        "ENCRYPTION_KEYS": f"k1:{generate_key()}",
        "FACEBOOK_CLIENT_ID": "1",
        "FACEBOOK_CLIENT_SECRET": "s",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "pressroom", command],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stdout + ended.stderr == (
        f"Port {taken} is taken. Stop what listens there (another Pressroom, perhaps),"
        " or choose another port, as in PORT=9000.\n"
    )
    assert not (tmp_path / "data").exists()

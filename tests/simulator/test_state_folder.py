"""A simulator's folder belongs to one process at a time, and a simulator ends with whoever started it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator.state_file import Taken, held

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60  # seconds


@contextmanager
def simulating(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a simulator that ends with the pipe to its stdin."""
    command = [sys.executable, "-m", "simulator", "meta", "--data", str(folder), "--with-parent"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening on ")
        yield process


def test_it_ends_when_its_stdin_does(tmp_path: Path) -> None:
    with simulating(tmp_path) as process:
        assert process.stdin is not None
        process.stdin.write("still here")
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
        assert (tmp_path / "state.json").exists()


def test_a_folder_in_use_is_refused_and_free_again_afterwards(tmp_path: Path) -> None:
    with simulating(tmp_path), pytest.raises(Taken, match="another folder"), held(tmp_path, patience=0):
        pass
    with held(tmp_path, patience=0):
        pass


def test_the_next_one_waits_for_one_that_is_about_to_end(tmp_path: Path) -> None:
    with simulating(tmp_path) as process:
        assert process.stdin is not None
        process.stdin.close()
        with held(tmp_path, patience=PATIENCE):
            assert (tmp_path / "state.json").exists()


def test_without_a_folder_nothing_is_held() -> None:
    with held(None), held(None):
        pass

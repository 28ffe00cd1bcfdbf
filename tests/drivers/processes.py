"""Runs `pressroom serve` and `pressroom worker` as an operator does: processes that stop, or are killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.drivers.ports import free_port

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60  # seconds


class Process:
    """One process of Pressroom's."""

    def __init__(self, kind: str, environ: Mapping[str, str], log: Path) -> None:
        """Start it; what it says goes to `log`."""
        self.port, self.log = free_port(), log
        self.url = f"http://127.0.0.1:{self.port}"
        whole = os.environ | environ | {"PORT": str(self.port)}
        command = [sys.executable, "-m", "pressroom", kind]
        with log.open("w") as words:
            self.popen = subprocess.Popen(command, cwd=ROOT, env=whole, stderr=words)

    def says(self, event: str) -> None:
        """Wait until this stands in its log."""
        until = time.monotonic() + PATIENCE
        while f'"{event}"' not in self.log.read_text():
            if time.monotonic() > until or self.popen.poll() is not None:
                pytest.fail(f"no {event!r} from it, but:\n{self.log.read_text()}")
            time.sleep(0.05)

    def stop(self) -> float:
        """Ask it to stop, as an operator does; give the seconds that this took."""
        asked = time.monotonic()
        self.popen.send_signal(signal.SIGTERM)
        assert self.popen.wait(PATIENCE) == 0
        return time.monotonic() - asked

    def kill(self) -> None:
        """Pull the plug."""
        self.popen.kill()
        self.popen.wait()


@contextmanager
def processes(environ: Mapping[str, str], folder: Path, *kinds: str) -> Iterator[list[Process]]:
    """Run a process of each kind; at the end, none is left."""
    started = [Process(kind, environ, folder / f"{number}-{kind}.log") for number, kind in enumerate(kinds)]
    try:
        for process, kind in zip(started, kinds, strict=True):
            process.says("ready" if kind == "serve" else "working")
        yield started
    finally:
        for process in started:
            process.kill()

"""Runs `pressroom demo` as a process, and stops it as Ctrl-C does."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.drivers.ports import free_port

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60  # seconds


@contextmanager
def data_folder(name: str = "a demo") -> Iterator[Path]:
    """Give a folder for a demo's data: its database's own system user may pass through to it."""
    parent = Path(tempfile.mkdtemp(prefix="pressroom-tests-"))
    parent.chmod(0o711)
    (parent / name).mkdir()
    try:
        yield parent / name
    finally:
        shutil.rmtree(parent, ignore_errors=True)


@contextmanager
def demo(data_dir: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run a demo, and press Ctrl-C at the end: it stops cleanly."""
    with started(data_dir) as (url, process):
        try:
            yield url, psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
            assert process.stdout is not None
            assert f"{url}/" in process.stdout.read()


@contextmanager
def killed_demo(data_dir: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run a demo, and kill it at the end: it can tell nobody."""
    with started(data_dir) as (url, process):
        try:
            yield url, psutil.Process(process.pid)
        finally:
            process.kill()


@contextmanager
def started(data_dir: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start a demo, and wait until it answers."""
    port = free_port()
    command = [sys.executable, "-m", "pressroom", "demo", "--port", str(port)]
    environ = os.environ | {"DATA_DIR": str(data_dir)}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            up(url)
            yield url, process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)


def up(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/healthz", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("the demo did not come up")

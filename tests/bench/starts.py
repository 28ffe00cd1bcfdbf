"""demo_ready and demo_again: from `git clone` to the demo's page, and from a stopped demo to it again.

The package cache is warm; nothing else is.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.measure import report
from tests.bench.stage import ROOT, free_port

PATIENCE = 300  # seconds


def run() -> None:
    """Clone, start, stop, and start again."""
    parent = Path(tempfile.mkdtemp(prefix="pressroom-bench-"))
    parent.chmod(0o711)
    clone = parent / "a clone"
    try:
        started = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        with demo(clone) as address:
            answered(address)
            report("demo_ready", time.perf_counter() - started, "s")
        started = time.perf_counter()
        with demo(clone) as address:
            answered(address)
            report("demo_again", time.perf_counter() - started, "s")
    finally:
        shutil.rmtree(parent, ignore_errors=True)


@contextmanager
def demo(clone: Path) -> Iterator[str]:
    """Run `make demo`, and stop it as Ctrl-C does."""
    port = free_port()
    environ = os.environ | {"PORT": str(port)}
    with subprocess.Popen(
        ["make", "demo"], cwd=clone, env=environ, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)


def answered(address: str) -> None:
    """Wait until everything behind the demo's page is up."""
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{address} did not answer")

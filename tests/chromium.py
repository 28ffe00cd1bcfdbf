"""Find a Chromium for the browser journeys; get one if there is none. As a program, print its path."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
LONGEST = 600  # seconds that a download may take
ASK = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class NoChromium(RuntimeError):
    """There is no Chromium here, and none could be got."""


@cache
def path() -> str:
    """Give a Chromium that starts: one on the PATH, else Playwright's, else Debian's package."""
    for found in candidates():
        if starts(found):
            return found
    raise NoChromium("The browser journeys need a Chromium on the PATH: apt-get install chromium")


def candidates() -> Iterator[str]:
    """Give one program after the other, cheapest first; the later ones are downloaded when asked for."""
    yield from on_the_path()
    yield playwrights()
    if run(sys.executable, "-m", "playwright", "install", "chromium"):
        yield playwrights()
    if shutil.which("apt-get"):
        as_root = () if os.geteuid() == 0 else ("sudo", "-n")
        run(*as_root, "apt-get", "update", "-qq")
        run(*as_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
        yield from on_the_path()


def on_the_path() -> list[str]:
    """Give what is installed already."""
    return [found for name in NAMES if (found := shutil.which(name))]


def playwrights() -> str:
    """Ask in a process of its own: Playwright's synchronous half refuses to run beside an event loop."""
    done = subprocess.run([sys.executable, "-c", ASK], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def starts(program: str) -> bool:
    """Tell whether it starts: Ubuntu's is a stub, Playwright's may lack libraries."""
    return Path(program).exists() and run(program, "--version")


def run(*command: str) -> bool:
    """Run a command; tell whether it went well. What it says goes to stderr: stdout is for the path."""
    try:
        done = subprocess.run(
            command, stdout=sys.stderr, stdin=subprocess.DEVNULL, timeout=LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(problem, file=sys.stderr)  # noqa: T201 a command's words
        return False
    return done.returncode == 0


if __name__ == "__main__":
    print(path())  # noqa: T201 what it is for

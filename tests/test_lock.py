"""The lock says what pyproject.toml asks for, all of it and nothing else, with hashes, for any machine."""

import re
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = PROJECT["project"]["dependencies"]
DEVELOPMENT = RUNTIME + PROJECT["dependency-groups"]["dev"]

WANTED = {"requirements.txt": RUNTIME, "requirements-dev.txt": DEVELOPMENT}
LOCKS = pytest.mark.parametrize("name", WANTED)


@LOCKS
def test_what_is_asked_for_is_pinned(name: str) -> None:
    pinned = pins(name)
    for needed in closure(WANTED[name]):
        package = canonicalize_name(needed.name)
        assert package in pinned, f"{needed} is not in {name}: run `make lock`"
        assert needed.specifier.contains(pinned[package], prereleases=True), f"{needed}: run `make lock`"


@LOCKS
def test_nothing_else_is_pinned(name: str) -> None:
    assert set(pins(name)) - {canonicalize_name(needed.name) for needed in closure(WANTED[name])} == set()


@LOCKS
def test_it_is_what_is_installed(name: str) -> None:
    assert {package: version(package) for package in pins(name)} == pins(name), (
        "remove .venv/dev and run make"
    )


@LOCKS
def test_every_pin_has_its_hashes(name: str) -> None:
    for entry in entries(name):
        assert "--hash=sha256:" in entry, entry


@LOCKS
def test_it_names_no_address_and_no_path(name: str) -> None:
    assert re.findall(r".*[/\\][^\n].*", (ROOT / name).read_text()) == []


def test_both_locks_pin_the_same() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def entries(name: str) -> list[str]:
    """Give one text for each pin: its line and those of its hashes."""
    return re.findall(r"^[a-z0-9][^\n]*(?:\n +--hash[^\n]*)*", (ROOT / name).read_text(), re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Give the version of each package that a lock names."""
    return dict(re.findall(r"^([a-z0-9][^=\s]*)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def closure(wanted: list[str]) -> list[Requirement]:
    """Give these requirements and those of what they need, as the installed packages tell them."""
    found: dict[str, Requirement] = {}
    open_ends = [Requirement(line) for line in wanted]
    while open_ends:
        needed = open_ends.pop()
        if str(needed) not in found:
            found[str(needed)] = needed
            open_ends += needs(needed)
    return list(found.values())


def needs(needed: Requirement) -> list[Requirement]:
    """Give what an installed package needs on this machine, with the extras that are asked for."""
    lines = [Requirement(line) for line in requires(needed.name) or []]
    extras = [{"extra": extra} for extra in ("", *needed.extras)]
    return [line for line in lines if not line.marker or any(map(line.marker.evaluate, extras))]

"""Marks: files that say what has gone wrong already. Unlike a worker, they outlive a kill."""

import asyncio
import os
from pathlib import Path

from tests.torture.plan import Case, Moment, What

DOWN = ".down"  # beside the mark of a restart: the server is away now
PAUSE = 0.02  # seconds, from one look to the next


def place(folder: Path, case: Case, step: str, moment: Moment) -> Path | None:
    """Mark what goes wrong at this moment, and give the mark: each mishap of the case happens once."""
    for number, trouble in enumerate(case.troubles):
        if (trouble.step.value, trouble.moment) == (step, moment):
            mark = folder / f"{trouble.what.name}-{case.number}-{number}"
            if is_new(mark):
                return mark
    return None


def is_new(mark: Path) -> bool:
    """Make a mark; False if it is there already."""
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def what(mark: Path) -> What:
    """Say which mishap a mark stands for."""
    return What[mark.name.partition("-")[0]]


def count(folder: Path) -> tuple[int, int]:
    """Count the mishaps that happened, and those of them that were restarts."""
    made = [mark for mark in folder.iterdir() if mark.suffix != DOWN]
    return len(made), sum(what(mark) is What.RESTART for mark in made)


def asked_for(folder: Path) -> list[Path]:
    """Give the marks of those restarts of PostgreSQL that a worker waits for."""
    asked = [mark for mark in folder.glob(f"{What.RESTART.name}-*") if mark.suffix != DOWN]
    return [mark for mark in asked if not mark.with_suffix(DOWN).exists()]


async def down(mark: Path) -> None:
    """Wait until PostgreSQL is away, as a mark asks for."""
    while not mark.with_suffix(DOWN).exists():
        await asyncio.sleep(PAUSE)

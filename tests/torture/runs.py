"""The runs: the two that must be clean, and the two controls, which must not be."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from core.patience import Patience
from tests.torture import plan
from tests.torture.plan import Case
from tests.torture.run import Run, Times

LATE = 8.0  # seconds, in the control without a quiet period: by then it was tried again


@dataclass(frozen=True)
class Size:
    """How much of it is run: all, or the short version that `make test` runs."""

    times: Times
    ahead: float  # seconds before its minute, at the most
    each: int | None
    """How many of the mishaps one by one; None is all."""
    combined: int
    """How many publications with mishaps of chance, while workers are also killed at moments of chance."""
    control: int


def patience(lease: float, quiet: float, looks: Iterable[float]) -> Patience:
    """Give less patience than usual, in seconds."""
    return Patience(
        lease=timedelta(seconds=lease),
        quiet=timedelta(seconds=quiet),
        looks=tuple(timedelta(seconds=pause) for pause in looks),
        first_pause=timedelta(seconds=0.3),
        longest_pause=timedelta(seconds=5),
        lost_after=timedelta(seconds=5),
    )


# The pauses from look to look are 2 s shorter in the end: the clock hands everything over so much too early.
PATIENT = Times(patience(3, 15, (3, 5, 8, 17)), lateness=3, slowness=2)
QUICK = Times(patience(2, 5, (2.5, 4, 7)), lateness=1, slowness=1)
ALL = Size(PATIENT, ahead=25, each=None, combined=1000, control=60)
SHORT = Size(QUICK, ahead=4, each=14, combined=0, control=4)


def worst(seed: int, size: Size) -> Run:
    """Meta at its worst: a second use of a container or a photo makes a second post."""
    cases = plan.plan("worst", seed, mixed(seed, size))
    return Run("worst", seed, cases, size.times, unplanned_kills=size.combined > 0)


def kind(seed: int, size: Size) -> Run:
    """Meta at its kindest: a second use of a container or a photo is refused."""
    cases = plan.plan("kind", seed, mixed(seed + 1, replace(size, combined=size.combined // 3)))
    return Run("kind", seed, cases, size.times, unplanned_kills=size.combined > 0, second_publish="refused")


def blind(seed: int, size: Size) -> Run:
    """Control: without the look-up before repeating, there must be duplicates."""
    cases = plan.plan("blind", seed, plan.unheard(size.control))
    return Run("blind", seed, cases, size.times, blind=True, is_control=True)


def hasty(seed: int, size: Size) -> Run:
    """Control: without the quiet period, there must be duplicates."""
    no_quiet = replace(size.times.patience, quiet=timedelta(0))
    times = replace(size.times, patience=no_quiet, lateness=LATE)
    return Run("hasty", seed, plan.plan("hasty", seed, plan.late(size.control)), times, is_control=True)


def mixed(seed: int, size: Size) -> list[Case]:
    """Give the mishaps one by one, all or a slice of them, and combinations of them."""
    mishaps = list(plan.each(size.ahead))
    chosen = random.Random(seed).sample(mishaps, size.each) if size.each else mishaps
    return [*chosen, *plan.combined(seed, size.combined, size.ahead)]


RUNS = {make.__name__: make for make in (worst, kind, blind, hasty)}

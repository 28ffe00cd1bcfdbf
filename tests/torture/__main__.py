"""`make torture`: Meta at its worst and at its kindest; then the controls, which must find duplicates."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from core.patience import Patience
from pressroom import logs
from tests.torture import plan
from tests.torture.house import house
from tests.torture.plan import Case
from tests.torture.run import Outcome, Run, Times, run

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


def main() -> int:
    """Run what is asked for, and give 0 if all is as it must be."""
    logs.configure("CRITICAL")
    asked = arguments()
    size = SHORT if asked.short else ALL
    print(f"seed {asked.seed}", flush=True)
    runs = [RUNS[name](asked.seed, size) for name in asked.runs or RUNS]
    if asked.case is not None:
        runs = [replace(one, cases=[case for case in one.cases if case.number == asked.case]) for one in runs]
    folder = Path(tempfile.mkdtemp(prefix="pressroom-torture-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user, who has to pass through it
    if asyncio.run(all_of(runs, folder)):
        shutil.rmtree(folder)
        return 0
    print(f"The workers' logs are in {folder}.")
    return 1


def arguments() -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("runs", nargs="*", choices=[[], *RUNS], help="all of them, if none is named")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--case", type=int, help="only this one of their cases")
    parser.add_argument("--short", action="store_true", help="a few cases of each, as in `make test`")
    return parser.parse_args()


async def all_of(runs: list[Run], folder: Path) -> bool:
    """Run these, one after the other; say whether each was as it must be."""
    accounts = 2 + max(case.account for one in runs for case in one.cases)
    good = True
    async with house(folder, accounts=accounts, slowness=max(one.times.slowness for one in runs)) as its:
        for one in runs:
            print(f"\n{one.name}: {RUNS[one.name].__doc__}", flush=True)
            good = report(one, await run(one, its)) and good
    return good


def report(it: Run, outcome: Outcome) -> bool:
    """Print what came of a run, and say whether it is as it must be."""
    verdict = outcome.verdict
    print(verdict)
    print(
        f"  {outcome.mishaps} mishaps as planned, {outcome.kills} times a worker was killed,"
        f" {outcome.restarts} restarts of PostgreSQL, {outcome.took:.0f} s"
    )
    for (its_kind, state, truth, reason), count in sorted(verdict.asked.items()):
        print(f"  asked: {count} {its_kind}, {state}, and {truth}: {reason}")
    if it.is_control:
        print("  as it must be" if verdict.twice else "  NOTHING FOUND: so the others prove nothing")
        return bool(verdict.twice)
    for wrong in verdict.wrong:
        print(f"WRONG: {wrong}")
        print(f"  again: add `{it.name} --seed {it.seed} --case {wrong.case.number}` to the command")
    return not verdict.wrong


if __name__ == "__main__":
    sys.exit(main())

"""`make torture`: Meta at its worst and at its kindest; then the controls, which must find duplicates."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from pressroom import logs
from tests.torture.house import house
from tests.torture.run import Outcome, Run, run
from tests.torture.runs import ALL, RUNS, SHORT


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
    parser.add_argument("runs", nargs="*", help=f"of {', '.join(RUNS)}; all of them, if none is named")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--case", type=int, help="only this one of their cases")
    parser.add_argument("--short", action="store_true", help="a few cases of each, as in `make test`")
    asked = parser.parse_args()
    if unknown := set(asked.runs) - set(RUNS):
        parser.error(f"there is no {', '.join(unknown)}")
    return asked


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

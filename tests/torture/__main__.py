"""`make torture`: tokens; then posts, with Meta at its worst and at its kindest; and the controls of both.

A control is without something that Pressroom has, and must be found out.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from pressroom import logs
from tests.torture import tokens
from tests.torture.house import House, house
from tests.torture.run import Outcome, Run, run
from tests.torture.runs import ALL, RUNS, SHORT
from tests.torture.tokens import CARELESS

TOKENS = {
    "tokens": "Tokens: killed at every moment of every deed",
    "careless": "Control: with the audit entry in a transaction of its own, there must be gaps",
}
FEW = 6  # moments of a short run


def main() -> int:
    """Run what is asked for, and give 0 if all is as it must be."""
    logs.configure("CRITICAL")
    asked = arguments()
    size = SHORT if asked.short else ALL
    print(f"seed {asked.seed}", flush=True)
    names = asked.runs or [*TOKENS, *RUNS]
    runs = [RUNS[name](asked.seed, size) for name in names if name in RUNS]
    if asked.case is not None:
        runs = [replace(one, cases=[case for case in one.cases if case.number == asked.case]) for one in runs]
    folder = Path(tempfile.mkdtemp(prefix="pressroom-torture-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user, who has to pass through it
    of_tokens = [name for name in names if name in TOKENS]
    if asyncio.run(all_of(runs, of_tokens, asked, folder)):
        shutil.rmtree(folder)
        return 0
    print(f"The workers' logs are in {folder}.")
    return 1


def arguments() -> argparse.Namespace:
    """Read what is asked for."""
    every = [*TOKENS, *RUNS]
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument(
        "runs", nargs="*", help=f"of {', '.join([*TOKENS, *RUNS])}; all of them, if none is named"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--case", type=int, help="only this one of their cases")
    parser.add_argument("--short", action="store_true", help="a few cases of each, as in `make test`")
    asked = parser.parse_args()
    if unknown := set(asked.runs) - set(every):
        parser.error(f"there is no {', '.join(unknown)}")
    return asked


async def all_of(runs: list[Run], of_tokens: list[str], asked: argparse.Namespace, folder: Path) -> bool:
    """Run these, one after the other; say whether each was as it must be."""
    accounts = 2 + max((case.account for one in runs for case in one.cases), default=0)
    slowness = max((one.times.slowness for one in runs), default=0)
    good = True
    async with house(folder, accounts=accounts, slowness=slowness) as its:
        for name in of_tokens:
            print(f"\n{name}: {TOKENS[name]}", flush=True)
            good = await of_tokens_is_good(name, its, asked) and good
        for one in runs:
            print(f"\n{one.name}: {RUNS[one.name].__doc__}", flush=True)
            good = report(one, await run(one, its)) and good
    return good


async def of_tokens_is_good(name: str, its: House, asked: argparse.Namespace) -> bool:
    """Run what is about tokens, print what came of it, and say whether it is as it must be."""
    is_control, started = name == "careless", time.monotonic()
    if is_control:
        verdict = await tokens.run_careless(its, asked.seed, CARELESS[: 1 if asked.short else None])
    else:
        verdict = await tokens.run(its, asked.seed, most=FEW if asked.short else None)
    print(verdict)
    print(
        f"  of the logins that ended, Meta honours {verdict.revoked} no more, and {verdict.kept} still;"
        f" {time.monotonic() - started:.0f} s"
    )
    if is_control:
        print("  as it must be" if verdict.gaps else "  NOTHING FOUND: so the other one proves nothing")
        return bool(verdict.gaps)
    for wrong in verdict.wrong:
        print(f"WRONG: {wrong}")
    return not verdict.wrong


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

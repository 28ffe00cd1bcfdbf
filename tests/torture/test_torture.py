"""The short version of `make torture`; and whether it would notice what it looks for."""

import subprocess
import sys
from collections.abc import Callable
from uuid import uuid4

import pytest

from core.models import Kind
from tests.bench.stage import ROOT
from tests.torture import plan
from tests.torture.plan import STEPS, Case
from tests.torture.verdict import Ended, Seen, faults, judge

MINUTES = 5 * 60
OURS = ("1", "1_2")  # an account, and its post


def test_nothing_is_published_twice_or_lost(record_property: Callable[[str, object], None]):
    command = [sys.executable, "-m", "tests.torture", "--short", "worst", "blind"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MINUTES, check=False)
    record_property("said", done.stdout)
    assert done.returncode == 0, done.stderr


def test_every_mishap_happens_at_every_step_of_every_kind():
    assert set(STEPS) == set(Kind)
    single = {(case.kind, *case.troubles) for case in plan.each(10)}
    assert single == {
        (kind, plan.Trouble(step, what, moment))
        for kind, steps in STEPS.items()
        for step in steps
        for what, moment in (*plan.KILLS, *plan.RESTARTS, *plan.CALLS)
    }


def test_a_seed_gives_the_same_plan_again():
    assert planned(7) == planned(7)
    assert planned(7) != planned(8)


def planned(seed: int) -> list[Case]:
    return plan.plan("worst", seed, list(plan.combined(seed, 50, 10)))


@pytest.mark.parametrize(
    ("state", "remote_id", "public", "wrong"),
    [
        ("published", "1_2", [OURS], None),
        ("published", "container:3", [OURS], None),
        ("published", "1_2", [], "lost"),
        ("published", "1_2", [OURS, ("1", "1_3")], "twice"),
        ("published", "1_9", [OURS], "untrue"),
        ("published", "1_2", [("2", "1_2")], "untrue"),
        ("needs_review", None, [], None),
        ("needs_review", None, [OURS], None),
        ("needs_review", None, [OURS, ("1", "1_3")], "twice"),
        ("failed", None, [], None),
        ("failed", None, [OURS], "untrue"),
        ("late", None, [], None),
        ("late", None, [OURS], "untrue"),
        ("running", None, [OURS], "lost"),
        ("cancelled", None, [], "lost"),
    ],
)
def test_what_is_wrong(state: str, remote_id: str | None, public: list[Seen], wrong: str | None):
    found = faults(Ended(uuid4(), state, remote_id, None, "1"), public)
    assert [kind for kind, _ in found] == ([wrong] if wrong else [])


def test_the_verdict_counts_by_words():
    one, other, nowhere = planned(1)[:3]
    asked = Ended(other.post_id, "late", None, "Too late", "1")
    live = Ended(one.post_id, "published", "1_2", None, "1")
    verdict = judge(
        {"One": one, "Other": other, "Nowhere": nowhere},
        {live.post_id: live, asked.post_id: asked},
        {"One": [OURS], "Somebody else's": [OURS]},
    )
    assert str(verdict) == "publications 3, lost 1, twice 0, asked a person 1"
    assert verdict.asked == {(other.kind.value, "late", "not live", "Too late"): 1}
    assert [wrong.case for wrong in verdict.wrong] == [nowhere]

"""The numbers say what happened, and no more than is known."""

import math
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from core import metrics
from core.db import Database
from core.models import Kind, PublicationState

KIND = {"kind": "facebook_text"}


def number(name: str, **labels: str) -> float:
    """Give what Prometheus would get."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.parametrize(
    "state", [PublicationState.PUBLISHED, PublicationState.FAILED, PublicationState.NEEDS_REVIEW]
)
def test_every_end_is_counted_by_itself(state: PublicationState) -> None:
    def counted() -> dict[str, float]:
        name = "pressroom_publications_ended_total"
        return {one: number(name, **KIND, state=one) for one in PublicationState}

    before = counted()
    metrics.ended(Kind.FACEBOOK_TEXT, state, late=None)
    assert counted() == before | {state: before[state] + 1}


def test_only_what_is_live_has_a_lateness() -> None:
    name = "pressroom_publication_lateness_seconds"
    count, total = number(f"{name}_count", **KIND), number(f"{name}_sum", **KIND)
    metrics.ended(Kind.FACEBOOK_TEXT, PublicationState.PUBLISHED, late=timedelta(seconds=42))
    metrics.ended(Kind.FACEBOOK_TEXT, PublicationState.FAILED, late=None)
    assert number(f"{name}_count", **KIND) == count + 1
    assert number(f"{name}_sum", **KIND) == pytest.approx(total + 42)


def test_one_that_was_live_before_its_moment_is_not_late() -> None:
    name = "pressroom_publication_lateness_seconds_sum"
    before = number(name, **KIND)
    metrics.ended(Kind.FACEBOOK_TEXT, PublicationState.PUBLISHED, late=timedelta(seconds=-5))
    assert number(name, **KIND) == before


async def test_what_is_due_is_unknown_while_the_database_is_away(db: Database) -> None:
    await metrics.look(db)
    assert number("pressroom_accounts_due") >= 0
    away = Database("postgresql+psycopg://nobody@/nothing?host=/nowhere")
    await metrics.look(away)
    await away.close()
    assert math.isnan(number("pressroom_accounts_due"))

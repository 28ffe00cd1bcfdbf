"""Numbers for Prometheus: what this process has done, and what waits for anybody.

https://prometheus.io/docs/practices/naming/
"""

from datetime import timedelta

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.exc import SQLAlchemyError

from core.db import Database
from core.models import Kind, PublicationState

MOST = 10_000
UNKNOWN = float("nan")

ENDED = Counter(
    "pressroom_publications_ended", "Publications that this process brought to an end", ["kind", "state"]
)
LATENESS = Histogram(
    "pressroom_publication_lateness_seconds",
    "From the moment for which a publication was meant to the one at which it was live",
    ["kind"],
    buckets=(1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600),
)
DUE = Gauge("pressroom_accounts_due", f"Accounts with a publication due and not taken up; {MOST} at most")


def ended(kind: Kind, state: PublicationState, *, late: timedelta | None) -> None:
    """Count a publication that has come to an end, once that is committed; `late` is how late it was live."""
    ENDED.labels(kind, state).inc()
    if late is not None:
        LATENESS.labels(kind).observe(max(0.0, late.total_seconds()))


async def look(db: Database) -> None:
    """Count what is due just now, in all agencies; not a number while the database is away."""
    try:
        due = await db.ids("due_publications", most=MOST, head_start=timedelta(0), most_ahead=0)
        DUE.set(len(due))
    except (SQLAlchemyError, OSError):
        DUE.set(UNKNOWN)

"""A clock that can be moved: PostgreSQL's, as everything of ours asks it, and the simulated Meta's with it.

The clock of this process stays where it is, as on a machine that does not know the time: nothing of what
Pressroom does may depend on that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import Connection
from sqlalchemy import event

from core.db import Database
from pressroom.schema import Addresses, driver_url
from simulator.meta.meta import Meta as Simulated

PATH = "moved, pg_catalog, public"  # what stands first is found first
SETUP = f"""
CREATE SCHEMA moved;
CREATE TABLE moved.clock (ahead interval NOT NULL);
INSERT INTO moved.clock VALUES ('0');
CREATE FUNCTION moved.now() RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT pg_catalog.now() + ahead FROM moved.clock $$;
CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql
AS $$ SELECT pg_catalog.clock_timestamp() + ahead FROM moved.clock $$;
GRANT USAGE ON SCHEMA moved TO PUBLIC;
GRANT SELECT ON moved.clock TO PUBLIC;
DO $$
DECLARE one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proconfig IS NOT NULL LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = {PATH}, pg_temp', one);
    END LOOP;
END $$;
"""


class MovedClock:
    """The one clock of a database and of a simulated Meta; it only goes forward."""

    def __init__(self, owner: Connection[Any], simulated: Simulated) -> None:
        self._owner, self._simulated, self._ahead = owner, simulated, timedelta(0)

    @property
    def now(self) -> datetime:
        """Give the moment that it shows."""
        return datetime.now(UTC) + self._ahead

    def move_to(self, moment: datetime) -> None:
        """Show this moment, unless it is over."""
        self._ahead = max(self._ahead, moment - datetime.now(UTC))
        self._owner.execute("UPDATE moved.clock SET ahead = %s", [self._ahead])
        self._simulated.world.clock_seconds = self._ahead.total_seconds()

    def ask(self, question: str, values: dict[str, Any]) -> Any:
        """Give the first thing that the database answers, to its owner."""
        row = self._owner.execute(question, values).fetchone()
        return row[0] if row else None


@contextmanager
def moved_clock(addresses: Addresses, db: Database, simulated: Simulated) -> Iterator[MovedClock]:
    """Put the clock into a database of its own, and have the program's connections go by it."""
    assert addresses.owner is not None

    @event.listens_for(db.engine.sync_engine, "do_connect")
    def go_by_it(_: Any, __: Any, ___: Any, wanted: dict[str, Any]) -> None:
        wanted["options"] = f"-c search_path={PATH.replace(' ', '')},jobs -c timezone=UTC"

    with psycopg.connect(driver_url(addresses.owner), autocommit=True) as owner:
        owner.execute(SETUP)
        yield MovedClock(owner, simulated)

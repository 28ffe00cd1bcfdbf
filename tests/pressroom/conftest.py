"""Databases of their own: a worker would run what other tests left in theirs. And a simulated Slack."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from pressroom.schema import Addresses, driver_url, migrate
from tests.journeys.conftest import slack, slack_url

__all__ = ["house", "slack", "slack_url"]


@pytest.fixture(scope="module")
def house(postgres: Addresses) -> Iterator[Addresses]:
    """Give a database of this module's own."""
    with own_database(postgres) as addresses:
        yield addresses


@contextmanager
def own_database(postgres: Addresses) -> Iterator[Addresses]:
    """Make a database, and a role of its own for the program."""
    assert postgres.owner is not None
    name = f"worker_{uuid4().hex[:12]}"
    with psycopg.connect(driver_url(postgres.owner), autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        own = make_url(postgres.owner).set(database=name)
        addresses = Addresses(
            own.set(username=name, password=uuid4().hex).render_as_string(hide_password=False),
            own.render_as_string(hide_password=False),
        )
        migrate(addresses)
        yield addresses
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))

"""PostgreSQL itself, without our own code between: as the owner, who sees everything, and as the program."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from pressroom.schema import Addresses, driver_url
from tests.core import isolation
from tests.core.isolation import World


@pytest.fixture(scope="session")
def owner(addresses: Addresses) -> Iterator[Connection[Any]]:
    """Connect as the owner: in the tests a superuser, whom no policy holds back."""
    assert addresses.owner is not None
    with psycopg.connect(driver_url(addresses.owner), autocommit=True) as connection:
        yield connection


@pytest.fixture
def program(addresses: Addresses) -> Iterator[Connection[Any]]:
    """Connect as the program, with no actor set."""
    with psycopg.connect(driver_url(addresses.program), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def world(owner: Connection[Any]) -> World:
    """Give two agencies with three clients, and a row of everything in each."""
    return isolation.build(owner)


@pytest.fixture
def allowed_temporary(owner: Connection[Any]) -> Iterator[None]:
    """Let everybody make them, as on a server where our owner may not forbid it."""
    database = owner.info.dbname
    owner.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO PUBLIC").format(sql.Identifier(database)))
    yield
    owner.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))

"""No row points at a row of another agency or client; and every reference has its index."""

from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import Connection, sql
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege

from tests.core.isolation import Row, World

REFERENCES = """
SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
       array(SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY place),
       array(SELECT a.attname FROM unnest(c.confkey) WITH ORDINALITY k(number, place)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY place)
FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace ORDER BY 1
"""
INDEXES = """
SELECT i.indrelid::regclass::text, a.attname FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indpred IS NULL
"""
REFUSED = (ForeignKeyViolation, InsufficientPrivilege)  # the latter for what never points elsewhere at all
OF_A_CLIENT = {"client_id", "parent_id"}


@dataclass(frozen=True)
class Reference:
    """A foreign key."""

    name: str
    table: str
    to: str
    columns: list[str]
    to_columns: list[str]


@pytest.fixture
def references(owner: Connection[Any]) -> list[Reference]:
    return [Reference(*found) for found in owner.execute(REFERENCES).fetchall()]


def test_every_reference_carries_the_agency_or_the_client(references: list[Reference]) -> None:
    """With one column alone, a row of one could point at a row of another. (Versions hang on their post.)"""
    alone = {(found.table, found.to) for found in references if len(found.columns) == 1}
    assert {to for _, to in alone} == {"agencies"}
    loose = {found.table for found in references if not {"agency_id", *OF_A_CLIENT} & set(found.columns)}
    assert loose == {"approvals", "publications"}
    assert ("publications", "posts") in {
        (found.table, found.to) for found in references if "client_id" in found.columns
    }


def test_nothing_points_across(owner: Connection[Any], world: World, references: list[Reference]) -> None:
    tried = 0
    for reference in references:
        if len(reference.columns) == 1:
            continue
        row = next(row for row in world.rows if row.table.name == reference.table and refers(row, reference))
        for target in targets(world, reference, row):
            with pytest.raises(REFUSED), owner.transaction(force_rollback=True):
                point(owner, reference, row, target)
            tried += 1
    assert tried > len(references)


def refers(row: Row, reference: Reference) -> bool:
    """Tell whether a client's row, or a member's, points at something by this reference."""
    belongs = row.place.client or row.place.member
    return belongs is not None and row.values[reference.columns[0]] is not None


def targets(world: World, reference: Reference, row: Row) -> list[Row]:
    """Give rows that this one may not point at: another agency's, or another client's."""
    others = [other for other in world.rows if other.table.name == reference.to]
    across = [other for other in others if other.place.agency != row.place.agency]
    beside = [
        other for other in others if other.place.agency == row.place.agency and other.place != row.place
    ]
    return across[:1] + (beside[:1] if OF_A_CLIENT & set(reference.columns[1:]) else [])


def point(owner: Connection[Any], reference: Reference, row: Row, target: Row) -> None:
    """Point the row at the target, and leave what says where the row belongs as it is."""
    table, column = sql.Identifier(reference.table), sql.Identifier(reference.columns[0])
    value = target.values[reference.to_columns[0]]
    owner.execute(
        sql.SQL("DELETE FROM {} WHERE NOT ({})").format(table, row.key)
    )  # nothing unique in the way
    owner.execute(
        sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(table, column, sql.Literal(value), row.key)
    )


def test_every_reference_has_an_index(owner: Connection[Any], references: list[Reference]) -> None:
    """Without one, removing a client reads the whole table for each of its rows."""
    first = {(table, column) for table, column in owner.execute(INDEXES).fetchall()}
    missing = {(found.table, found.columns[0]) for found in references} - first
    assert missing == set()


def test_removing_a_client_removes_what_is_its_own(owner: Connection[Any], world: World) -> None:
    client = next(row for row in world.rows if row.table.name == "clients")
    hanging = [row for row in world.rows if row.place == client.place]
    with owner.transaction(force_rollback=True):
        owner.execute(sql.SQL("DELETE FROM clients WHERE {}").format(client.key))
        left = {row.table.name for row in hanging if exists(owner, row)}
    assert left == {"audit_logs", "departures"}


def exists(owner: Connection[Any], row: Row) -> bool:
    """Tell whether the row is there."""
    select = sql.SQL("SELECT FROM {} WHERE {}").format(sql.Identifier(row.table.name), row.key)
    return owner.execute(select).rowcount == 1

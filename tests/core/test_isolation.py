"""Nobody sees or writes what belongs to another agency, or to a client that they do not work for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege, IntegrityError
from psycopg.types.json import Jsonb

from tests.core import isolation
from tests.core.isolation import Actor, Row, World

ACTORS = (
    "admin of agency 1",
    "member of client A",
    "member of client B",
    "guest of agency 1",
    "program at work for agency 1",
    "admin of agency 2",
    "member of client C",
    "program at work for agency 2",
    "nobody",
    "empty settings",
    "agency 1 and nobody",
    "somebody unknown in agency 1",
    "admin of agency 2 in agency 1",
    "member of client C in agency 1",
    "member of client A in agency 2",
    "program without an agency",
)
SEALS = {"audit_seals", "audit_chains", "audit_heads"}  # of the chain only the end moves
NEVER_REWRITTEN = {
    "audit_logs",
    "post_versions",
    "policies",
    "policy_stages",
    "approvals",
    "sign_offs",
} | SEALS
QUEUE = {"audit_unsealed"}  # filled by an entry alone, and only ever emptied
IN_ONES_NAME = {  # and by whom it then says that it was added
    "approvals": "member_id",
    "posts": "author_id",
    "post_versions": "created_by",
    "media": "created_by",
    "sign_offs": "made_by",
}
MANAGED = {"clients", "client_members"}  # changed by a client's managers, and whoever was seeded is none
SET = """
SELECT set_config('app.agency_id', %s, true), set_config('app.member_id', %s, true),
       set_config('app.program', %s, true)
"""


@pytest.fixture(params=ACTORS)
def actor(request: pytest.FixtureRequest, world: World) -> Actor:
    return world.actors[request.param]


def test_everybody_is_listed(world: World) -> None:
    assert tuple(world.actors) == ACTORS


def test_every_table_of_an_agency_forces_its_policies(owner: Connection[Any]) -> None:
    walked = isolation.tables(owner)
    assert {"agencies", "clients", "clients_social_platforms", "audit_logs"} <= {
        table.name for table in walked
    }
    assert [table.name for table in walked if not table.forced] == []


def test_every_other_table_is_known(owner: Connection[Any]) -> None:
    others = owner.execute(
        "SELECT relname FROM pg_class"
        " WHERE relkind IN ('r', 'p', 'm', 'f') AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert {name for (name,) in others} - {table.name for table in isolation.tables(owner)} == {
        "alembic_version",
        "removals",  # of a person, and no agency's: seen by nobody while they act for one
        "vault_keys",  # the installation's, and no agency's
    }


def test_every_policy_is_for_the_program_or_the_sweeper(owner: Connection[Any]) -> None:
    found = owner.execute("SELECT DISTINCT roles::text, qual = 'true' FROM pg_policies ORDER BY 1").fetchall()
    assert [policy for policy in found if policy[1]] == [("{pressroom_sweeper}", True)]
    assert {roles for roles, _ in found} == {"{pressroom_app}", "{pressroom_sweeper}"}


def test_every_place_has_a_row_of_every_table(owner: Connection[Any], world: World) -> None:
    for table in isolation.tables(owner):
        places = {row.place for row in world.rows if row.table.name == table.name}
        assert len({place.client for place in places if place.client}) == 3 or {None} == {
            place.client for place in places
        }, f"{table.name}: {places}"
        assert len({place.agency for place in places}) == 2


def test_sees_its_own_and_nothing_else(program: Connection[Any], world: World, actor: Actor) -> None:
    with acting(program, actor):
        seen = [row for row in world.rows if count(program, row)]
    assert described(seen) == described(row for row in world.rows if actor.may_read(row))


def test_sees_nothing_else_without_asking_by_id(program: Connection[Any], world: World, actor: Actor) -> None:
    """A whole table holds no more than what was asked for row by row."""
    own = {str(row.place.agency) for row in world.rows if actor.may_read(row)}
    with acting(program, actor):
        for table in {row.table.name for row in world.rows}:
            column = "id" if table == "agencies" else "agency_id"
            found = program.execute(
                sql.SQL("SELECT DISTINCT {}::text FROM {}").format(
                    sql.Identifier(column), sql.Identifier(table)
                )
            ).fetchall()
            assert {agency for (agency,) in found} <= own, table


def test_inserts_only_into_its_own(program: Connection[Any], world: World, actor: Actor) -> None:
    """A copy of each row: refused by its policy, or else stopped by its own key, which comes later."""
    insert = "INSERT INTO {0} ({1}) SELECT {1} FROM jsonb_populate_record(NULL::{0}, %s)"
    taken = []
    for row in world.rows:
        try:
            with acting(program, actor):
                columns = sql.SQL(", ").join(map(sql.Identifier, row.values))
                copying = sql.SQL(insert).format(sql.Identifier(row.table.name), columns)
                program.execute(copying, [Jsonb(row.values)])
        except InsufficientPrivilege:
            continue
        except IntegrityError:
            taken.append(row)
    assert described(taken) == described(
        row
        for row in world.rows
        if actor.may_write(row) and is_theirs_to_add(actor, row) and row.table.name not in QUEUE
    )


def is_theirs_to_add(actor: Actor, row: Row) -> bool:
    """Say whether a row stands in the actor's own name, and is one that such a member adds.

    Whoever seeded the rows manages no client, and so adds no policy; and a post is asked about only later.
    """
    whose = IN_ONES_NAME.get(row.table.name)
    by_program = actor.program == "on" and whose in ("author_id", "created_by")
    is_own = whose is None or by_program or row.values[whose] == str(actor.member)
    is_admin_s = row.table.name == "policy_stages" and not (actor.sees_all and actor.member)
    is_manager_s = row.table.name == "client_members" and not actor.sees_all
    of_rules = is_admin_s or row.table.name == "policies" or row.values.get("policy_version")
    return is_own and not is_manager_s and not of_rules


def runs(actor: Actor, row: Row) -> bool:
    """Say whether an actor changes such a row: an author does not say who belongs to their client."""
    return actor.sees_all or row.table.name not in MANAGED


def test_updates_only_its_own(program: Connection[Any], world: World, actor: Actor) -> None:
    changed = [
        row for row in world.rows if touched(program, actor, "UPDATE {0} SET {1} = {1} WHERE {2}", row)
    ]
    never = NEVER_REWRITTEN | QUEUE
    assert described(changed) == described(
        row for row in world.rows if actor.may_write(row) and runs(actor, row) and row.table.name not in never
    )


def test_deletes_only_its_own(program: Connection[Any], world: World, actor: Actor) -> None:
    removed = [row for row in world.rows if touched(program, actor, "DELETE FROM {0} WHERE {2}", row)]
    never = NEVER_REWRITTEN | {"steps", "publications", "posts"}  # of posts, drafts may go
    assert described(removed) == described(
        row
        for row in world.rows
        if actor.may_write(row) and runs(actor, row) and (row.table.name not in never or is_draft(row))
    )


def is_draft(row: Row) -> bool:
    """Say whether it is a post that was not sent on its way."""
    return row.table.name == "posts" and row.values["state"] == "draft"


def test_moves_nothing_to_another_agency(program: Connection[Any], world: World, actor: Actor) -> None:
    agencies = {row.place.agency for row in world.rows}
    for row in world.rows:
        may = actor.may_write(row) and runs(actor, row)
        if not may or row.table.name in NEVER_REWRITTEN | {"agencies"}:
            continue
        (other,) = agencies - {row.place.agency}
        with pytest.raises(InsufficientPrivilege), acting(program, actor):
            program.execute(
                sql.SQL("UPDATE {} SET agency_id = {} WHERE {}").format(
                    sql.Identifier(row.table.name), sql.Literal(other), row.key
                )
            )


@contextmanager
def acting(connection: Connection[Any], actor: Actor) -> Iterator[None]:
    """Open one transaction as an actor; it is always rolled back."""
    said = (actor.agency, actor.member, actor.program)
    with connection.transaction(force_rollback=True):
        if any(word is not None for word in said):
            connection.execute(SET, [str(word) for word in said])
        yield


def count(connection: Connection[Any], row: Row) -> int:
    """Count a row: one if it is seen."""
    select = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(row.table.name), row.key)
    found = connection.execute(select).fetchone()
    assert found is not None
    return int(found[0])


def touched(connection: Connection[Any], actor: Actor, statement: str, row: Row) -> bool:
    """Tell whether a statement reached the row; what hangs on the row may still hold it back."""
    column = sql.Identifier(row.table.key[0])
    try:
        with acting(connection, actor):
            query = sql.SQL(statement).format(sql.Identifier(row.table.name), column, row.key)
            return connection.execute(query).rowcount > 0
    except InsufficientPrivilege:
        return False
    except IntegrityError:
        return True


def described(rows: Any) -> list[str]:
    """Give the rows as words that a failure can show."""
    return sorted(f"{row} {row.values.get('id', '')}" for row in rows)

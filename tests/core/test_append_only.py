"""What was written into the audit trail, as a version of a post or as a decision, stays as it was."""

from typing import Any

import pytest
from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege

from tests.core.isolation import World

SET = "SELECT set_config('app.agency_id', %s, true), set_config('app.program', 'on', true)"
CHANGES = (
    "UPDATE audit_logs SET action = 'nothing'",
    "UPDATE audit_logs SET created_at = now() - interval '1 year'",
    "DELETE FROM audit_logs",
    "TRUNCATE audit_logs",
    "TRUNCATE audit_logs CASCADE",
)
SEALS = (
    "UPDATE audit_seals SET hash = sha256('')",
    "UPDATE audit_seals SET personal_salt = '', number = number + 1",
    "DELETE FROM audit_seals",
    "TRUNCATE audit_seals",
    "UPDATE audit_logs SET personal = NULL, ip_address = NULL, user_agent = NULL",
    "UPDATE audit_logs SET erased_by = gen_random_uuid(), ip_address = '203.0.113.7'",
    "UPDATE audit_logs SET erased_by = gen_random_uuid(), action = 'nothing'",
)
REWRITES = (
    "INSERT INTO audit_unsealed SELECT gen_random_uuid(), app_agency(), now()",
    "UPDATE audit_unsealed SET created_at = now()",
    "UPDATE audit_heads SET number = 0",
    "DELETE FROM audit_heads",
    "DELETE FROM audit_chains",
    "UPDATE post_versions SET caption = 'other words'",
    "DELETE FROM post_versions",
    "TRUNCATE post_versions CASCADE",
    "UPDATE approvals SET decision = 'approved'",
    "DELETE FROM approvals",
    "UPDATE policies SET mode = 'none'",
    "DELETE FROM policies",
    "UPDATE policy_stages SET needs = 1",
    "DELETE FROM policy_stages",
    "INSERT INTO post_versions TABLE post_versions ON CONFLICT (post_id, version) DO UPDATE SET caption = ''",
)


@pytest.mark.parametrize("change", [*CHANGES, *SEALS])
def test_the_owner_cannot_change_the_audit_trail(owner: Connection[Any], world: World, change: str) -> None:
    assert world.rows
    with pytest.raises(InsufficientPrivilege, match="the audit trail is append-only"):
        owner.execute(change)


@pytest.mark.parametrize("change", [*CHANGES, *SEALS, *REWRITES])
def test_the_program_cannot_change_either(program: Connection[Any], world: World, change: str) -> None:
    with program.transaction():
        program.execute(SET, [str(world.rows[0].place.agency)])
        with pytest.raises(InsufficientPrivilege), program.transaction():
            program.execute(change)


def test_a_removed_client_leaves_its_entries(owner: Connection[Any], world: World) -> None:
    entry = next(row for row in world.rows if row.table.name == "audit_logs" and row.place.client)
    with owner.transaction(force_rollback=True):
        owner.execute("DELETE FROM clients WHERE id = %s", [entry.place.client])
        kept = owner.execute(sql.SQL("SELECT action FROM audit_logs WHERE {}").format(entry.key)).fetchall()
    assert kept == [("post_submitted",)]

"""The program's role can do its work, and nothing that would get around row-level security."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from core.db import Database, UnsafeRole
from pressroom.schema import Addresses, driver_url
from tests.core.isolation import World

FORBIDDEN = (
    "ALTER TABLE clients DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE clients NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE audit_logs DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_logs_append_only ON audit_logs",
    "DROP POLICY of_its_members ON clients",
    "CREATE POLICY all_of_it ON clients USING (true)",
    "ALTER POLICY of_its_members ON clients USING (true)",
    "SET ROLE postgres",
    "SET ROLE pressroom_sweeper",
    "SET SESSION AUTHORIZATION postgres",
    "SET session_replication_role = replica",
    "ALTER ROLE current_user BYPASSRLS",
    "GRANT pressroom_sweeper TO current_user",
    "CREATE ROLE another",
    "CREATE FUNCTION public.app_sees_all(integer) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE OR REPLACE FUNCTION app_sees_all() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE TABLE public.clients_too (id uuid)",
    "CREATE VIEW public.everything AS SELECT 1",
    "CREATE TRIGGER mine BEFORE INSERT ON clients EXECUTE FUNCTION refuse_change()",
    "CREATE SCHEMA another",
    "COPY clients FROM PROGRAM 'true'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_terminate_backend(pg_backend_pid()) FROM pg_ls_dir('.')",
    "TRUNCATE clients CASCADE",
    "UPDATE alembic_version SET version_num = '0'",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_may_not(program: Connection[Any], statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        program.execute(statement)


def test_row_security_off_shows_an_error_and_no_rows(program: Connection[Any], world: World) -> None:
    assert world.rows
    program.execute("SET row_security = off")
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        program.execute("SELECT FROM clients")


def test_nobody_makes_temporary_tables(program: Connection[Any]) -> None:
    with pytest.raises(InsufficientPrivilege):
        program.execute("CREATE TEMPORARY TABLE members (id uuid)")


@pytest.mark.usefixtures("allowed_temporary")
def test_a_temporary_table_makes_nobody_an_admin(program: Connection[Any], world: World) -> None:
    """A function finds its tables by name: temporary ones first, unless it says otherwise."""
    guest = world.actors["guest of agency 1"]
    program.execute("CREATE TEMPORARY TABLE members (id uuid, agency_id uuid, role text)")
    program.execute("CREATE TEMPORARY TABLE client_members (client_id uuid, member_id uuid, agency_id uuid)")
    program.execute("CREATE TEMPORARY TABLE agencies (id uuid, slack_team_id text)")
    program.execute("GRANT SELECT ON members, client_members, agencies TO PUBLIC")
    program.execute("INSERT INTO members VALUES (%s, %s, 'admin')", [guest.member, guest.agency])
    program.execute("INSERT INTO agencies VALUES (%s, 'T-shadow')", [guest.agency])
    with program.transaction():
        program.execute(
            "SELECT set_config('app.agency_id', %s, true), set_config('app.member_id', %s, true)",
            [str(guest.agency), str(guest.member)],
        )
        assert program.execute("SELECT FROM public.clients").rowcount == 0
    assert program.execute("SELECT find_agency('T-shadow')").fetchone() == (None,)


# What looks across agencies

LOOKS_ACROSS = """
SELECT p.oid::regprocedure::text, p.proowner::regrole::text,
       array(SELECT t::regtype::text FROM unnest(
                coalesce(p.proallargtypes[p.pronargs + 1:], ARRAY[p.prorettype])) t),
       coalesce(p.proargnames[p.pronargs + 1:], '{}'), p.proconfig, p.prosqlbody IS NOT NULL,
       has_function_privilege('public', p.oid, 'EXECUTE')
FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace ORDER BY 1
"""

OTHERWISE = {
    "app_sees_all()": {"boolean"},
    "await_seal()": {"trigger"},  # it gives nothing to anybody
    "keys_in_use()": {"text", "bigint"},  # the id of a key, and a number
    "login_is_used(uuid)": {"boolean"},  # whether another agency still uses a person's login
    "refuse_for_leaving()": {"trigger"},
    "sealed_otherwise(text,uuid,integer)": {"uuid", "text"},  # and the name of a table
}
NAMES = {"sealed", "kept_in"}
RIGHTS = """
SELECT table_name::text, privilege_type, string_agg(column_name, ' ' ORDER BY column_name)
FROM information_schema.role_column_grants
WHERE grantee = 'pressroom_sweeper' AND privilege_type <> 'SELECT' GROUP BY 1, 2 ORDER BY 1, 2
"""


def test_functions_that_look_across_agencies_give_ids_and_nothing_else(owner: Connection[Any]) -> None:
    functions = owner.execute(LOOKS_ACROSS).fetchall()
    assert "due_publications(integer,interval,integer)" in [name for name, *_ in functions]
    for name, belongs_to, types, names, configuration, bound, public in functions:
        assert belongs_to == "pressroom_sweeper", name
        assert set(types) == OTHERWISE.get(name, {"uuid"}), name
        assert all(column == "id" or column.endswith("_id") or column in NAMES for column in names), name
        assert bound or configuration == ["search_path=public, pg_temp"], name
        assert not public, f"{name} is for the program alone"


def test_the_sweeper_reads_erases_and_notes_what_is_unsealed_and_nobody_logs_in_as_it(
    owner: Connection[Any],
) -> None:
    rights = owner.execute(
        "SELECT DISTINCT privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = 'pressroom_sweeper' AND table_name NOT IN ('me', 'my_clients', 'audit_unsealed')"
    ).fetchall()
    assert rights == [("SELECT",)]
    written = [row for row in owner.execute(RIGHTS).fetchall() if row[0] not in {"me", "my_clients"}]
    assert written == [
        ("approvals", "UPDATE", "ip_address reviewer_name user_agent"),
        ("audit_chains", "INSERT", "agency_id"),
        ("audit_chains", "UPDATE", "agency_id"),
        ("audit_logs", "INSERT", "action agency_id details id user_id"),
        ("audit_logs", "UPDATE", "erased_by ip_address personal user_agent"),
        ("audit_seals", "UPDATE", "personal_salt"),
        ("audit_unsealed", "INSERT", "agency_id created_at entry_id"),
    ]
    role = owner.execute(
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole,"
        " has_schema_privilege(oid, 'public', 'CREATE')"
        " FROM pg_roles WHERE rolname = 'pressroom_sweeper'"
    ).fetchone()
    assert role == (False, False, False, False, False)


# The check at start


@pytest.fixture
def a_role(owner: Connection[Any], addresses: Addresses) -> Iterator[tuple[str, str]]:
    """Make a role of its own with the program's rights; give its name and its address."""
    name = f"role_{uuid4().hex[:12]}"
    role = sql.Identifier(name)
    owner.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE pressroom_app").format(role))
    yield name, make_url(addresses.program).set(username=name).render_as_string(hide_password=False)
    owner.execute(
        sql.SQL("REASSIGN OWNED BY {0} TO CURRENT_USER; DROP OWNED BY {0}; DROP ROLE {0}").format(role)
    )


async def test_a_plain_role_passes(a_role: tuple[str, str]) -> None:
    await check(a_role[1])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("ALTER ROLE {} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {} BYPASSRLS", "bypasses row security"),
        ("ALTER TABLE cards OWNER TO {}", "owns Pressroom's tables"),
        ("GRANT pressroom_sweeper TO {}", "is a member of pressroom_sweeper"),
        ("GRANT postgres TO {}", "owns Pressroom's tables"),
        ("ALTER ROLE {} CREATEROLE", "may create roles"),
        ("ALTER ROLE {} REPLICATION", "may replicate"),
        ("GRANT pg_read_server_files TO {}", "is a member of pg_read_server_files"),
        ("GRANT pg_execute_server_program TO {}", "is a member of pg_execute_server_program"),
    ],
)
async def test_a_role_that_could_get_around_is_refused(
    owner: Connection[Any], a_role: tuple[str, str], change: str, fault: str
) -> None:
    name, address = a_role
    owner.execute(sql.SQL(change).format(sql.Identifier(name)))
    with pytest.raises(UnsafeRole, match=fault) as refused:
        await check(address)
    assert name in str(refused.value)
    assert "run `pressroom migrate`" in str(refused.value)


@pytest.fixture
def another(owner: Connection[Any]) -> Iterator[sql.Identifier]:
    """Make a role that owns nothing, and may do nothing yet."""
    name = sql.Identifier(f"another_{uuid4().hex[:12]}")
    owner.execute(sql.SQL("CREATE ROLE {}").format(name))
    yield name
    owner.execute(sql.SQL("DROP ROLE {}").format(name))


@pytest.mark.parametrize("might", ["SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION"])
@pytest.mark.parametrize("away", [1, 2])
async def test_a_member_of_a_mighty_role_that_owns_nothing_is_refused(
    owner: Connection[Any], a_role: tuple[str, str], another: sql.Identifier, might: str, away: int
) -> None:
    name, address = a_role
    between = sql.Identifier(f"{name}_between")
    owner.execute(sql.SQL("ALTER ROLE {} {}").format(another, sql.SQL(might)))
    owner.execute(sql.SQL("CREATE ROLE {}").format(between))
    try:
        path = [sql.Identifier(name), *[between][: away - 1], another]
        for member, group in pairwise(path):
            owner.execute(sql.SQL("GRANT {} TO {}").format(group, member))
        with pytest.raises(UnsafeRole, match=r"which is a member of another_[0-9a-f]+\. "):
            await check(address)
    finally:
        owner.execute(sql.SQL("DROP ROLE {}").format(between))


async def test_a_member_of_a_role_without_might_passes(
    owner: Connection[Any], a_role: tuple[str, str], another: sql.Identifier
) -> None:
    owner.execute(sql.SQL("GRANT {} TO {}").format(another, sql.Identifier(a_role[0])))
    await check(a_role[1])


async def test_errors_do_not_show_what_a_statement_carried(addresses: Addresses) -> None:
    database = Database(addresses.program)
    try:
        with pytest.raises(DBAPIError) as broken:
            await database.ids("find_nothing", canary="a canary")
    finally:
        await database.close()
    assert "find_nothing" in str(broken.value)
    assert "a canary" not in str(broken.value)


async def test_the_owner_is_refused(addresses: Addresses) -> None:
    assert addresses.owner is not None
    with pytest.raises(UnsafeRole, match="is a superuser and bypasses row security and owns"):
        await check(addresses.owner)


async def check(address: str) -> None:
    """Check the role of an address."""
    database = Database(address)
    try:
        await database.check_role()
    finally:
        await database.close()


def test_the_program_works(addresses: Addresses, world: World) -> None:
    """The opposite of all this: what it must be able to do."""
    with psycopg.connect(driver_url(addresses.program)) as connection:
        connection.execute("SELECT set_config('app.agency_id', %s, true)", [str(world.rows[0].place.agency)])
        connection.execute("SELECT set_config('app.program', 'on', true)")
        assert connection.execute("SELECT FROM clients").rowcount == 2
        assert connection.execute("SELECT version_num FROM alembic_version").rowcount == 1
        assert connection.execute("SELECT FROM jobs.procrastinate_jobs").rowcount >= 0

"""accounts_rls: one client's accounts among 1,000 clients; floor: the same query as the owner."""

import statistics
from uuid import UUID, uuid4

import psycopg
from sqlmodel import col, select

from core.db import Actor, Database
from core.models import Account
from pressroom.schema import Addresses, driver_url
from tests.bench.measure import in_turn, report

CLIENTS, ACCOUNTS, ROUNDS = 1_000, 5, 300

SEED = """
INSERT INTO agencies (id, slack_team_id, name) VALUES (%(agency)s, %(agency)s, 'Bench');
INSERT INTO members (id, agency_id, slack_user_id, name, role, timezone)
    VALUES (%(member)s, %(agency)s, 'U0BENCH', 'Bench', 'member', 'UTC');
INSERT INTO clients (id, agency_id, name)
    SELECT gen_random_uuid(), %(agency)s, 'Client ' || n FROM generate_series(1, %(clients)s) n;
INSERT INTO client_members (client_id, member_id, agency_id, role)
    SELECT id, %(member)s, %(agency)s, 'author' FROM clients WHERE agency_id = %(agency)s;
INSERT INTO connections (id, agency_id, client_id, member_id, meta_user_id, meta_user_name)
    SELECT gen_random_uuid(), %(agency)s, id, %(member)s, '1', 'Maya'
    FROM clients WHERE agency_id = %(agency)s;
INSERT INTO clients_social_platforms
    (id, agency_id, parent_id, connection_id, platform, platform_account_id, platform_account_name)
    SELECT gen_random_uuid(), %(agency)s, c.client_id, c.id, 'facebook_page', gen_random_uuid(), 'Page ' || n
    FROM connections c, generate_series(1, %(accounts)s) n WHERE c.agency_id = %(agency)s;
ANALYZE;
"""


async def run(addresses: Addresses) -> None:
    """Ask for one client's accounts: as a member, and as the superuser, whom no policy holds back."""
    assert addresses.owner is not None
    agency, member = uuid4(), uuid4()
    client = seed(addresses.owner, agency, member)
    as_member, as_owner = Database(addresses.program), Database(addresses.owner)
    accounts = select(Account).where(Account.parent_id == client, col(Account.is_active))

    async def ask(db: Database) -> None:
        async with db.session(Actor(agency, member)) as session:
            assert len((await session.exec(accounts)).all()) == ACCOUNTS

    times, floors = await in_turn(lambda: ask(as_member), lambda: ask(as_owner), rounds=ROUNDS)
    report("accounts_rls", statistics.median(times) * 1e3, "ms", statistics.median(floors) * 1e3)
    await as_member.close()
    await as_owner.close()


def seed(owner: str, agency: UUID, member: UUID) -> UUID:
    """Make an agency with many clients, and give one of them."""
    values = {"agency": str(agency), "member": str(member), "clients": CLIENTS, "accounts": ACCOUNTS}
    with psycopg.connect(driver_url(owner), cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(SEED, values)
        found = connection.execute("SELECT id FROM clients WHERE agency_id = %s LIMIT 1", [agency]).fetchone()
        assert found is not None
        return UUID(str(found[0]))

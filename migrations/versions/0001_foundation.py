"""The house: agencies, clients, accounts, posts, the ledger, the audit trail, and the engine's own tables."""

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RIGHTS = """
GRANT USAGE ON SCHEMA jobs TO pressroom_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO pressroom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO pressroom_app;
GRANT SELECT ON alembic_version TO pressroom_app;
"""


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection  # takes many statements, and leaves % alone
    driver.execute("SET LOCAL lock_timeout = '5s'")
    driver.execute(Path(__file__).with_suffix(".sql").read_text())
    driver.execute("CREATE SCHEMA jobs; SET LOCAL search_path = jobs, public")
    driver.execute(SchemaManager.get_schema())
    driver.execute("SET LOCAL search_path = public")
    driver.execute(RIGHTS)

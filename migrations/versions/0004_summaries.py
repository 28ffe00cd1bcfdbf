"""Daily summaries: who wants to hear every working day what waits for them, and at which hour."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    driver.execute("SET LOCAL lock_timeout = '5s'")
    driver.execute(Path(__file__).with_suffix(".sql").read_text())

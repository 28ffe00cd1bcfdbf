"""Approvals: a client's policy says who must agree to a post, and what they decide is kept with it."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    driver.execute("SET LOCAL lock_timeout = '5s'")
    driver.execute(Path(__file__).with_suffix(".sql").read_text())

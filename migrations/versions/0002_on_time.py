"""On time: posts have a time, publishing can be paused, and what is too late waits for a person."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    driver.execute("SET LOCAL lock_timeout = '5s'")
    driver.execute(Path(__file__).with_suffix(".sql").read_text())

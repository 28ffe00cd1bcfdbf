"""Links by others: nobody makes the client's private link for their own words where somebody else can."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    driver.execute("SET LOCAL lock_timeout = '5s'")
    driver.execute(Path(__file__).with_suffix(".sql").read_text())

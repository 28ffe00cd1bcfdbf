"""The schema: brought up to date as the owner, who also creates the role that the program logs in as."""

from dataclasses import dataclass, field
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text

MIGRATIONS = Path(__file__).parent.parent / "migrations"
ONE_AT_A_TIME = 8_437_261  # any number, as long as it is always the same one


class CannotMigrate(RuntimeError):
    """The schema cannot be brought up to date with these addresses."""


@dataclass(frozen=True)
class Addresses:
    """Where the database is, with passwords: as the program, and as its owner (who only migrates)."""

    program: str = field(repr=False)
    owner: str | None = field(repr=False)


def migrate(addresses: Addresses) -> None:
    """Run the steps that are missing, and create the program's role. One process at a time."""
    if addresses.owner is None:
        raise CannotMigrate("Set DATABASE_OWNER_URL: migrations run as the owner of the database.")
    program = make_url(addresses.program)
    if program.username == make_url(addresses.owner).username:
        raise CannotMigrate(
            "DATABASE_URL and DATABASE_OWNER_URL name the same role. Put another name and a password of your"
            " choice into DATABASE_URL; `pressroom migrate` creates that role."
        )
    with create_engine(addresses.owner, poolclass=NullPool).connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
        connection.commit()
        try:
            command.upgrade(configuration(connection), "head")
            create_role(connection, program)
        except InsufficientPrivilege as refused:
            raise CannotMigrate(
                f"PostgreSQL did not let {make_url(addresses.owner).username} do this: {refused}. The role in"
                " DATABASE_OWNER_URL must own the database and be allowed to create roles (CREATEROLE)."
            ) from refused
        connection.commit()


def configuration(connection: Connection) -> Config:
    """Tell Alembic where the steps are and which connection they use."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config


def create_role(connection: Connection, program: URL) -> None:
    """Create the login of DATABASE_URL if there is none, with the rights of pressroom_app."""
    driver = connection.connection.driver_connection
    assert driver is not None
    role = sql.Identifier(program.username or "")
    known = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    if connection.execute(known, {"name": program.username}).first() is None:
        password = sql.Literal(program.password)
        driver.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
    driver.execute(sql.SQL("GRANT pressroom_app TO {}").format(role))


def sqlalchemy_url(url: str) -> str:
    """Name the driver that we use: postgres://... becomes postgresql+psycopg://..."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def driver_url(url: str) -> str:
    """Give the address as psycopg itself takes it: without SQLAlchemy's driver name."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

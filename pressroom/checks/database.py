"""The database, and the keys to what is sealed in it."""

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from core import keys
from core.db import UnsafeRole
from core.vault import BadKey
from pressroom.checks import Patient, Wrong
from pressroom.schema import MIGRATIONS
from pressroom.wiring import key_ring

OLDEST = 14
CLOSED = {
    "password authentication failed": "It refuses the name or the password in DATABASE_URL. Where that role"
    " is not there yet, `pressroom migrate` makes it, with that password.",
    "does not exist": "It has no such database, or no such role. Check DATABASE_URL; make the database as"
    " docs/operations.md says, and `pressroom migrate` makes the role.",
    "resolve host": "The host in DATABASE_URL is not known here. Check its name, and this machine's DNS.",
}


async def role(patient: Patient) -> str:
    """Whether it answers, is new enough, and the program has the rights that it needs and no more."""
    try:
        await patient.db.check_role()
        async with patient.db.as_nobody() as session:
            version, name = await one(session, "SELECT current_setting('server_version_num'), current_user")
    except UnsafeRole as unsafe:
        raise Wrong(str(unsafe)) from None
    except (SQLAlchemyError, OSError) as error:
        raise Wrong(why_not(error)) from None
    major = int(version) // 10_000
    if major < OLDEST:
        raise Wrong(f"This is PostgreSQL {major}. Pressroom needs {OLDEST} or newer.")
    return f"PostgreSQL {major}; {name} has the rights that it needs, and no more."


def why_not(error: Exception) -> str:
    """Say why it lets nobody in. Its own words may name more than a terminal should show."""
    known = (why for word, why in CLOSED.items() if word in str(error))
    return next(
        known, f"It does not answer ({type(error).__name__}). Does it run, and is DATABASE_URL right?"
    )


async def migrations(patient: Patient) -> str:
    """Whether the schema is the one that this version works with."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    async with patient.db.as_nobody() as session:
        try:
            (present,) = await one(session, "SELECT version_num FROM alembic_version")
        except SQLAlchemyError:
            raise Wrong("There are no tables of Pressroom's. Run `pressroom migrate`.") from None
    if present != newest:
        raise Wrong(f"The schema is at {present}, this version works with {newest}. Run `pressroom migrate`.")
    return f"Up to date, at {present}."


async def vault(patient: Patient) -> str:
    """Whether the keys are those that sealed what is stored."""
    try:
        ring = key_ring(patient.settings)
        await keys.check(patient.db, ring)
    except BadKey as wrong:
        raise Wrong(wrong.sentence) from None
    found = await keys.listed(patient.db, ring)
    old = [one.id for one in found if one.sealed and not one.is_current]
    left = f" Some tokens are still sealed with {', '.join(old)}: `pressroom keys rotate`." if old else ""
    return f"{ring.current} seals; everything that is stored opens.{left}"


async def one(session: AsyncSession, query: str) -> tuple[str, ...]:
    """Give the one row of a query."""
    return tuple((await (await session.connection()).execute(text(query))).one())

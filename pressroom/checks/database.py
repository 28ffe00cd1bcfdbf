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


async def role(patient: Patient) -> str:
    """Whether it answers, is new enough, and the program has the rights that it needs and no more."""
    try:
        await patient.db.check_role()
        async with patient.db.as_nobody() as session:
            version, name = await one(session, "SELECT current_setting('server_version_num'), current_user")
    except UnsafeRole as unsafe:
        raise Wrong(str(unsafe)) from None
    except (SQLAlchemyError, OSError) as error:
        raise Wrong(f"It does not answer ({type(error).__name__}). Check DATABASE_URL.") from None
    major = int(version) // 10_000
    if major < OLDEST:
        raise Wrong(f"This is PostgreSQL {major}. Pressroom needs {OLDEST} or newer.")
    return f"PostgreSQL {major}; {name} has the rights that it needs, and no more."


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

"""The only way to the rows: a transaction that sees what one actor may see."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session as AnySession
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sessions import Session

Result = TypeVar("Result")
PATIENCE, PAUSE = 10.0, 0.1  # seconds: for a database that restarts, and from one try to the next
BEGAN = "began"  # the database's time and ours, in a session's own notes

SET_ACTOR = text(
    "SELECT clock_timestamp(), set_config('app.agency_id', :agency, true),"
    " set_config('app.member_id', :member, true), set_config('app.program', :program, true)"
)
# A role is as mighty as each role that it may become by SET ROLE, however many memberships away. Three of the
# roles that PostgreSQL brings along reach the files that the tables are stored in.
ROLE = text(
    "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication,"
    " pg_has_role(current_user, 'pressroom_sweeper', 'MEMBER') AS sweeper,"
    " EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    "         AND pg_has_role(current_user, relowner, 'MEMBER')) AS owner,"
    " array(SELECT r.rolname::text FROM pg_roles r WHERE r.rolname <> current_user"
    "       AND pg_has_role(current_user, r.oid, 'MEMBER')"
    "       AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication OR r.rolname IN"
    "            ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'))"
    "       ORDER BY 1) AS mighty"
    " FROM pg_roles WHERE rolname = current_user"
)


class UnsafeRole(RuntimeError):
    """The database role could get around row-level security."""


@dataclass(frozen=True)
class Origin:
    """Where a request came from: an address for the web, channel and message for Slack."""

    ip_address: str | None = None
    user_agent: str | None = None
    slack: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Actor:
    """Who acts, in which agency, from where. Without a member it is the program itself."""

    agency_id: UUID
    member_id: UUID | None = None
    user_id: str = "pressroom"
    origin: Origin = field(default_factory=Origin)

    @classmethod
    def program(cls, agency_id: UUID) -> Self:
        """Give the program itself, at work for one agency."""
        return cls(agency_id)


class Database:
    """The engine and its sessions. Every session acts as somebody; without an actor there are no rows."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Take the address of the database, with the program's own role in it."""
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            connect_args=CONNECT_ARGS,
            hide_parameters=True,  # what a statement carries stays out of errors, and so out of logs
        )
        self._sessions = async_sessionmaker(
            self.engine, class_=AsyncSession, sync_session_class=Session, expire_on_commit=False
        )

    @asynccontextmanager
    async def session(self, actor: Actor) -> AsyncIterator[AsyncSession]:
        """Open one transaction as this actor; commit at its end, or roll back.

        While the database restarts, wait for it: as long as a transaction has not begun, nothing is lost.
        """
        async with self._sessions() as session:
            await patiently(lambda: begin(session, actor))
            yield session
            await session.commit()

    @asynccontextmanager
    async def as_nobody(self) -> AsyncIterator[AsyncSession]:
        """Open one transaction for what belongs to no agency; no row of any agency is seen in it."""
        async with self._sessions() as session:
            await patiently(session.connection)
            yield session
            await session.commit()

    async def ids(self, function: str, **arguments: Any) -> list[Any]:
        """Call one of the functions that look across agencies; they give ids and nothing else."""
        names = ", ".join(f":{name}" for name in arguments)
        calling = text(f"SELECT * FROM {function}({names})")  # noqa: S608 names of ours

        async def call() -> list[Any]:
            async with self.engine.begin() as connection:
                return list((await connection.execute(calling, arguments)).all())

        return await patiently(call)

    async def check_role(self) -> None:
        """Refuse a role that could get around row-level security; raise UnsafeRole with what to do."""
        async with self.engine.connect() as connection:
            role = (await connection.execute(ROLE)).one()
        faults = {
            "is a superuser": role.rolsuper,
            "bypasses row security": role.rolbypassrls,
            "owns Pressroom's tables": role.owner,
            "is a member of pressroom_sweeper": role.sweeper,
            "may create roles": role.rolcreaterole,
            "may replicate": role.rolreplication,
            f"is a member of {', '.join(role.mighty)}": role.mighty and not role.rolsuper,
        }
        if wrong := [fault for fault, so in faults.items() if so]:
            raise UnsafeRole(
                f"DATABASE_URL logs in as {role.rolname}, which {' and '.join(wrong)}. Row-level security"
                " would not hold. Put a role of its own into DATABASE_URL, the owner's into"
                " DATABASE_OWNER_URL, and run `pressroom migrate`: it creates that role with the rights that"
                " it needs."
            )

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


async def begin(session: AsyncSession, actor: Actor) -> None:
    """Begin the session's transaction as this actor, on another connection if the one at hand is dead."""
    try:
        session.info[BEGAN] = await session.run_sync(become, actor), time.monotonic()
    except (OperationalError, InterfaceError):
        await session.rollback()
        raise


def become(session: AnySession, actor: Actor) -> datetime:
    """Set who acts, and give the database's time; in one go, for every transaction begins with this."""
    moment: datetime = session.connection().execute(SET_ACTOR, settings_of(actor)).scalar_one()
    return moment


async def patiently(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Do what comes first in a transaction; while the database is away, try again for some seconds.

    The first try after a restart always fails: it meets a connection that is dead. All others are thrown away
    with it. This costs nothing; to ask each connection whether it lives would cost a fifth of a transaction.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return await attempt()
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
        await asyncio.sleep(PAUSE)


async def clock(session: AsyncSession) -> datetime:
    """Give the present moment by the database's clock: a machine's own may be wrong, or be put right."""
    moment, began = session.info[BEGAN]
    later: datetime = moment + timedelta(seconds=time.monotonic() - began)
    return later


# A process that freezes inside a transaction (a machine that pauses) would hold its rows until it wakes.
# Nothing here waits that long in one: what takes time, calls and pictures, happens between transactions.
LETS_GO = "20s"
CONNECT_ARGS = {
    "options": f"-c search_path=public,jobs -c timezone=UTC -c idle_in_transaction_session_timeout={LETS_GO}",
    "application_name": "pressroom",
}


def settings_of(actor: Actor) -> dict[str, str]:
    """Give the three settings that the policies read."""
    return {
        "agency": str(actor.agency_id),
        "member": str(actor.member_id or ""),
        "program": "off" if actor.member_id else "on",
    }

"""Whether this process is ready: each part says so for itself."""

from collections.abc import Awaitable, Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.db import Database
from pressroom.worker import Worker


def readiness(
    db: Database, worker: Worker, socket: AsyncSocketModeHandler | None
) -> Callable[[], Awaitable[dict[str, bool]]]:
    """Give what tells the state of every part, by its name."""

    async def parts() -> dict[str, bool]:
        found = {"database": await answers(db), "worker": worker.is_running}
        if socket is not None:
            found["slack"] = await socket.client.is_connected()
        return found

    return parts


async def answers(db: Database) -> bool:
    """Say whether the database answers; the first to ask after a restart meets a connection that is dead."""
    return await answers_now(db) or await answers_now(db)


async def answers_now(db: Database) -> bool:
    """Ask once."""
    try:
        async with db.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True

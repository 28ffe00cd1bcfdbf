"""The session that Database gives: it writes audit entries as plain rows, whenever it writes all else."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session as SQLModelSession

from core.models import AuditEntry

ENTRIES = "entries"  # recorded and not written yet, in a session's own notes
INSERT = insert(AuditEntry.__table__)  # type: ignore[attr-defined]


class Session(SQLModelSession):
    """A session as SQLModel has it, but for entries.

    They are only ever added: to keep track of one as an object, as of what may change, takes longer than to
    write it.
    """

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what has changed, and then the entries that tell of it."""
        super().flush(objects)
        if entries := self.info.pop(ENTRIES, None):
            self.connection().execute(INSERT, entries)

    def commit(self) -> None:
        """Write everything, and commit."""
        self.flush()
        super().commit()

    def rollback(self) -> None:
        """Undo everything; entries that were not written tell of nothing now."""
        self.info.pop(ENTRIES, None)
        super().rollback()

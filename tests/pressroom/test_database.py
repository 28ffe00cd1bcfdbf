"""The embedded server: in any folder, shared by several processes, and back after anything that killed it."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from pressroom.database import CannotStart, embedded, runs, socket_folder
from pressroom.schema import driver_url
from pressroom.settings import Settings

ROOT = Path(__file__).parent.parent.parent
SHARE = """
import sys
from pathlib import Path
from pressroom.database import embedded
with embedded(Path(sys.argv[1])) as addresses:
    print(addresses.owner, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder with a space in its path. Not in pytest's: that is closed to the server's user."""
    top = Path(tempfile.mkdtemp(prefix="pressroom tests "))
    top.chmod(0o711)
    try:
        yield top / "some data" / "postgres"
    finally:
        shutil.rmtree(top, ignore_errors=True)


@contextmanager
def sharing(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that uses the server until its stdin is closed; its first line is the address."""
    process = subprocess.Popen(
        [sys.executable, "-c", SHARE, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        try:
            yield process
        finally:
            process.stdin.close()
            process.wait(60)


def address(process: subprocess.Popen[str]) -> str:
    """Wait until the server is up."""
    assert process.stdout is not None
    return driver_url(process.stdout.readline().strip())


def test_a_path_with_a_space_and_twice_in_a_row(folder: Path) -> None:
    for expected in (0, 1):
        with embedded(folder) as addresses:
            assert addresses.owner is not None
            with psycopg.connect(driver_url(addresses.owner)) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept (id integer)")
                assert connection.execute("SELECT FROM kept").rowcount == expected
                connection.execute("INSERT INTO kept VALUES (1)")
        assert not runs(folder)


def test_the_last_of_two_processes_to_leave_stops_it(folder: Path) -> None:
    with sharing(folder) as first:
        url = address(first)
        with sharing(folder) as second:
            assert address(second) == url
        assert runs(folder)
        psycopg.connect(url).close()
    assert not runs(folder)


def test_the_one_who_came_first_may_leave_first(folder: Path) -> None:
    with sharing(folder) as first:
        url = address(first)
        with sharing(folder) as second:
            address(second)
            assert first.stdin is not None
            first.stdin.close()
            first.wait(60)
            assert runs(folder)
            psycopg.connect(url).close()
        assert not runs(folder)


def test_several_processes_start_it_at_once(folder: Path) -> None:
    with sharing(folder) as first, sharing(folder) as second, sharing(folder) as third:
        assert address(first) == address(second) == address(third)
    assert not runs(folder)


def test_a_killed_process_leaves_it_to_the_next(folder: Path) -> None:
    with sharing(folder) as process:
        url = address(process)
        process.kill()
        process.wait(60)
        assert runs(folder)
    with embedded(folder):
        psycopg.connect(url).close()
    assert not runs(folder)


def test_it_comes_back_after_everything_was_killed(folder: Path) -> None:
    with sharing(folder) as process, psycopg.connect(address(process), autocommit=True) as busy:
        busy.execute("CREATE TABLE kept (id integer)")
        busy.execute("INSERT INTO kept VALUES (1)")
        process.kill()
        os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        process.wait(60)
        with embedded(folder) as addresses:
            assert addresses.owner is not None
            with psycopg.connect(driver_url(addresses.owner)) as connection:
                assert connection.execute("SELECT FROM kept").rowcount == 1
    assert not runs(folder)


def test_a_stranger_with_the_old_id_is_not_taken_for_it(folder: Path) -> None:
    """As after a reboot, or in a new container on an old volume."""
    with embedded(folder):
        noted = (folder / "postmaster.pid").read_text()
    with sharing(folder.with_name("another")) as stranger:
        address(stranger)
        (folder / "postmaster.pid").write_text(noted.replace(noted.split()[0], str(stranger.pid), 1))
        assert not runs(folder)
        with embedded(folder) as addresses:
            assert addresses.owner is not None
            psycopg.connect(driver_url(addresses.owner)).close()


def link(socket: Path) -> None:
    elsewhere = socket.with_name(f"{socket.name}-elsewhere")
    elsewhere.mkdir(mode=0o700)
    socket.symlink_to(elsewhere)


def open_to_all(socket: Path) -> None:
    socket.mkdir()
    socket.chmod(0o755)


def somebody_elses(socket: Path) -> None:
    socket.mkdir(mode=0o700)
    os.chown(socket, 12345, -1)


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")


@pytest.mark.parametrize(
    "prepared", [link, Path.touch, open_to_all, pytest.param(somebody_elses, marks=AS_ROOT)]
)
def test_a_folder_for_the_socket_that_is_not_ours_alone_is_refused(
    folder: Path, prepared: Callable[[Path], None]
) -> None:
    """Its name can be guessed, and anybody may have made it in the temporary folder before us."""
    socket = socket_folder(folder)
    prepared(socket)
    try:
        with pytest.raises(CannotStart, match=f"{socket}, .* set TMPDIR"), embedded(folder):
            pass
        assert not (folder / "PG_VERSION").exists()
    finally:
        for made in socket.parent.glob(f"{socket.name}*"):
            made.rmdir() if made.is_dir() and not made.is_symlink() else made.unlink()


def test_the_folder_of_the_socket_is_closed_to_others(folder: Path) -> None:
    with embedded(folder):
        assert stat.S_IMODE(socket_folder(folder).stat().st_mode) == 0o700


def test_a_first_start_that_was_cut_off_is_begun_anew(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "half").write_text("what a killed initdb left")
    with embedded(folder) as addresses:
        assert addresses.owner is not None
        psycopg.connect(driver_url(addresses.owner)).close()


def test_with_a_database_url_no_server_is_started(tmp_path: Path) -> None:
    from pressroom.database import running

    settings = Settings(data_dir=tmp_path, database_url="postgres://program:secret@db.example/pressroom")
    with running(settings) as addresses:
        assert addresses.program == "postgresql+psycopg://program:secret@db.example/pressroom"
        assert addresses.owner is None
    assert list(tmp_path.iterdir()) == []

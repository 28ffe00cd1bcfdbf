"""Ends with the process that started us, also when that was killed and could tell nobody."""

import os
import signal
from threading import Thread

STDIN = 0
CHUNK = 4096


def end_with_parent() -> None:
    """Ask this process to stop as soon as stdin ends: the other end of the pipe dies with our parent."""
    Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    while os.read(STDIN, CHUNK):  # not sys.stdin: its lock would be held when the interpreter ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)

"""How long the engine waits for what."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Patience:
    """The times that publishing keeps to. Only `quiet` keeps a post from being published twice."""

    lease: timedelta = timedelta(seconds=30)
    """For which a worker holds a publication; renewed while it works, and over soon after it died."""
    quiet: timedelta = timedelta(minutes=5)
    """Before a call that the public may see is made again: longer than a call may take, and than Meta may
    take to show what it did."""
    looks: tuple[timedelta, ...] = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), quiet)
    """From one look for a post, whose answer was lost, to the next; then a person is asked."""
    first_pause: timedelta = timedelta(seconds=5)
    """Before something is tried again; from then on twice as long each time."""
    longest_pause: timedelta = timedelta(hours=1)
    lost_after: timedelta = timedelta(seconds=10)
    """From which a job that has not begun is taken for lost."""

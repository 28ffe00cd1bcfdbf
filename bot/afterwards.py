"""What comes after the real work: showing it. An error there must not look as if the work had failed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)


@contextmanager
def afterwards(what: str) -> Iterator[None]:
    """Show what is done already; what goes wrong is written down, and left at that.

    Said to the person, it would invite them to do the work once more: to publish twice.
    """
    try:
        yield
    except Exception:
        logger.exception("could not show %s", what)

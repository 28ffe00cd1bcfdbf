"""All that is logged in this process, as it is written."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import structlog

from pressroom.logs import configure, scrubbed


@contextmanager
def logbook() -> Iterator[io.StringIO]:
    """Have the log written here as Pressroom writes it, but before it is scrubbed: that hides mistakes."""
    root, lines = logging.getLogger(), io.StringIO()
    others, levels = root.handlers[:], levels_of(root)
    with redirect_stderr(lines):
        configure("DEBUG")
    [handler] = root.handlers
    unscrubbed(handler)
    structlog.configure(**{**structlog.get_config(), "cache_logger_on_first_use": False})
    for other in others:
        root.addHandler(other)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        structlog.reset_defaults()
        for logger, level in levels.items():
            logger.setLevel(level)


def levels_of(root: logging.Logger) -> dict[logging.Logger, int]:
    """Give the level of every logger that there is."""
    known = [one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    return {one: one.level for one in (root, *known)}


def unscrubbed(handler: logging.Handler) -> None:
    """Let a handler write its lines as they are."""
    formatter = handler.formatter
    assert isinstance(formatter, structlog.stdlib.ProcessorFormatter)
    assert scrubbed in formatter.processors
    formatter.processors = [one for one in formatter.processors if one is not scrubbed]

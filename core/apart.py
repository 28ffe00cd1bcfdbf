"""Agencies apart: what breaks for one of them, in a sweep over all, does not break it for the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

log = structlog.get_logger()


@contextmanager
def apart(agency_id: UUID, event: str) -> Iterator[None]:
    """Do something for one agency; write down what goes wrong, and go on with the next one."""
    try:
        yield
    except Exception:
        log.exception(event, agency_id=str(agency_id))

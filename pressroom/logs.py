"""Logs: one line of JSON an event (or coloured text in a terminal), without secrets."""

import logging
import re
import sys
from typing import Any

import structlog

SECRETS = re.compile(
    r"(xox[abeprs]-|xapp-|EAA)[A-Za-z0-9-]{6,}"  # Slack's and Meta's tokens
    r"|(?i:\b(?:bearer|oauth) )[A-Za-z0-9._~+/=-]{8,}"
    r"|(?i:(?:access_token|input_token|appsecret_proof|client_secret|code|ticket|state|signature)=)[^&\s\"']+"
    r"|(?<=/media/)[0-9]+\.[A-Za-z0-9_-]{8,}"  # the signature of a picture's address
    r"|(?<=/exports/)[0-9]+\.[A-Za-z0-9_-]{8,}"  # and of what a client takes along
    r"|(?<=://)[^\s/@\"']+:[^\s/\"']+(?=@)"  # who logs in, and the password, in the address of a database
    r"|https://hooks\.slack\.com/[^\s\"']+"
)


def scrub(text: str) -> str:
    """Blot out whatever looks like a secret."""
    return SECRETS.sub("[secret]", text)


def configure(level: str) -> None:
    """Send everything that anybody logs through one formatter, which scrubs."""
    terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, scrubbed],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in (
        "uvicorn",
        "httpx",
        "httpcore",
        "apscheduler",
        "procrastinate",
        "slack_sdk",
        "slack_bolt",
        "alembic",
        "aiohttp",
    ):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def scrubbed(_logger: object, _name: str, line: Any) -> str:
    """Scrub the finished line: what we said, what the libraries said, and tracebacks."""
    return scrub(str(line))

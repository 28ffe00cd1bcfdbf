"""How texts, numbers and times are written on the pages."""

import re
import zlib
from datetime import datetime

from markupsafe import Markup, escape

MARKED = re.compile(
    r"(?P<link>https?://[^\s<]+[^\s<.,!?)])|(?P<tag>(?<![\w&#/])#\w+)|(?P<mention>(?<![\w@.])@[\w.]*\w)"
)
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800


def linked(text: str) -> Markup:
    """Return a caption with its links, hashtags and mentions marked; everything else is escaped."""
    written, position = Markup(""), 0
    for found in MARKED.finditer(text):
        written += escape(text[position : found.start()])
        written += _mark(found)
        position = found.end()
    return written + escape(text[position:])


def counted(number: int) -> str:
    """Return 24.3K for 24310."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:.1f}K".replace(".0K", "K")


def initials(name: str) -> str:
    """Return MC for Maya Chen."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def hue(name: str) -> int:
    """Return a colour for a name, in degrees."""
    return zlib.crc32(name.encode()) % 360


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago something was, as short as can be."""
    seconds = max(0, (now - at).total_seconds())
    for unit, letter in ((WEEK, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if seconds >= unit:
            return f"{int(seconds // unit)}{letter}"
    return "now"


def _mark(found: re.Match[str]) -> Markup:
    text = found.group()
    if found["link"]:
        return Markup('<a href="{0}" rel="noopener nofollow" target="_blank">{0}</a>').format(text)
    return Markup('<span class="mark">{}</span>').format(text)

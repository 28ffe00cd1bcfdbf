"""What a person typed, held against what each platform takes.

How characters are counted: in UTF-16 units, so that an emoji counts for two or more. Meta does not say how it
counts; this is the strictest of the usual ways, so what passes here is not refused there for its length.
How hashtags and mentions are counted: every one, repeated or not.

Rules: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
and https://developers.facebook.com/docs/graph-api/reference/page/feed
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from core import limits
from core.limits import Limits

_AFTER_HASH = re.compile(r"[#\uff03](?=(\S))")
_MENTION = re.compile(r"(?<![A-Za-z0-9._])[@\uff20][A-Za-z0-9_]", re.ASCII)
_HOST = re.compile(r"[^\s.]+(\.[^\s.]+)+")


@dataclass(frozen=True)
class Problem:
    """Something to change before publishing: the field (caption, picture, alt_text, link) and a sentence."""

    field: str
    sentence: str


def problems(
    platform: str, *, caption: str, has_picture: bool, alt_text: str = "", link: str = ""
) -> tuple[Problem, ...]:
    """Say what stands in the way of publishing this on `platform`; nothing when it is fine.

    A link belongs to Facebook posts; it is not sent to Instagram, and therefore not checked for it.
    """
    allowed = limits.of(platform)
    sent_link = link.strip() if allowed.takes_link else ""
    found = (
        _presence(allowed, caption.strip() or sent_link, has_picture=has_picture),
        _too_long("caption", caption, allowed.caption, allowed),
        _too_many("hashtags", count_hashtags(caption), allowed.hashtags, allowed),
        _too_many("@mentions", count_mentions(caption), allowed.mentions, allowed),
        _too_long("alt_text", alt_text, allowed.alt_text, allowed),
        _link(sent_link),
    )
    return tuple(problem for problem in found if problem)


def length(text: str) -> int:
    """Count characters as the strictest platform would: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def count_hashtags(text: str) -> int:
    """Count hashtags in any script, also of emoji; the keycap emoji and a lone # are none."""
    return sum(_starts_hashtag(match[1]) for match in _AFTER_HASH.finditer(text))


def count_mentions(text: str) -> int:
    """Count @mentions; mail addresses are none."""
    return len(_MENTION.findall(text))


def _starts_hashtag(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character) == "So"


def _presence(allowed: Limits, words: str, *, has_picture: bool) -> Problem | None:
    if has_picture:
        return None
    if allowed.needs_picture:
        return Problem("picture", f"{allowed.name} needs a picture.")
    return None if words else Problem("caption", "Write something, or add a picture or a link.")


def _too_long(field: str, text: str, most: int | None, allowed: Limits) -> Problem | None:
    over = length(text) - most if most is not None else 0
    if over <= 0:
        return None
    characters = "1 character" if over == 1 else f"{over:,} characters"
    return Problem(field, f"{characters} too long for {allowed.name} ({most:,}).")


def _too_many(things: str, count: int, most: int | None, allowed: Limits) -> Problem | None:
    if most is None or count <= most:
        return None
    return Problem("caption", f"{count - most:,} too many {things} for {allowed.name} ({most:,}).")


def _link(link: str) -> Problem | None:
    if not link:
        return None
    parts = _parts(link)
    host = (parts.hostname or "") if parts else ""
    if not parts or parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return Problem("link", "Start the link with https:// and give the whole address.")
    if parts.username is not None or any(character.isspace() for character in link):
        return Problem("link", "Take the spaces, and any name or password, out of the link.")
    if host == "facebook.com" or host.endswith(".facebook.com"):
        # Meta's error 1609008.
        return Problem("link", "Facebook refuses links to facebook.com. Share that post on Facebook itself.")
    return None


def _parts(link: str) -> SplitResult | None:
    try:
        return urlsplit(link)
    except ValueError:
        return None

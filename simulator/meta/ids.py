"""Ids, tokens and codes in the shapes that Meta gives them."""

import random
import secrets
import string
from collections.abc import Container

ALPHANUMERIC = string.ascii_letters + string.digits
BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def digits(prefix: str, length: int, taken: Container[str] = ()) -> str:
    """Return an id of `length` digits that begins with `prefix` and is not taken."""
    while True:
        made = prefix + "".join(random.choices(string.digits, k=length - len(prefix)))
        if made not in taken:
            return made


def token() -> str:
    """Return an access token: EAA and 160 characters."""
    return "EAA" + "".join(secrets.choice(ALPHANUMERIC) for _ in range(160))


def code() -> str:
    """Return an authorization code."""
    return "AQ" + secrets.token_urlsafe(120)


def trace() -> str:
    """Return an `fbtrace_id`, by which Meta's support finds a call."""
    return "A" + "".join(random.choices(BASE64, k=22))


def shortcode(media_id: str) -> str:
    """Return the shortcode under which the public finds this media, as in /p/{shortcode}/: 11 characters."""
    number, made = int(media_id) * 3 + 1, ""
    while number:
        number, index = divmod(number, 64)
        made = BASE64[index] + made
    return made.rjust(11, "C")

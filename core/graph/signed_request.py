"""What Meta sends when a person removes the app, or wants their data deleted: signed with the app's secret.

https://developers.facebook.com/docs/facebook-login/guides/advanced/oidc-token#parsing-the-signed-request
"""

import base64
import binascii
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from core.errors import PressroomError

ALGORITHM = "HMAC-SHA256"
LONGEST = 4096  # characters
SHAPE = re.compile(r"([A-Za-z0-9_-]{43})=?\.([A-Za-z0-9_-]{1,4000}={0,2})")
USER_ID = re.compile(r"[0-9]{1,32}")
LATEST = 4_102_444_800  # the year 2100, in Unix seconds


class Forged(PressroomError):
    """This was not signed by Meta for this app."""


@dataclass(frozen=True)
class SignedRequest:
    """Whom it is about (the app's own id for a person), and when it was said, if that is told."""

    user_id: str
    issued_at: datetime | None


def read(text: str, secret: SecretStr) -> SignedRequest:
    """Check a signed request, and give what it says. Raise Forged for anything that Meta did not sign."""
    shape = SHAPE.fullmatch(text) if len(text) <= LONGEST else None
    if shape is None:
        raise Forged
    expected = hmac.digest(secret.get_secret_value().encode(), shape[2].encode(), "sha256")
    if not hmac.compare_digest(decoded(shape[1]), expected):
        raise Forged
    return said_by(payload(shape[2]))


def payload(text: str) -> dict[str, Any]:
    """Read what was signed; Forged when that is no JSON object."""
    try:
        said = json.loads(decoded(text))
    except (ValueError, RecursionError):
        raise Forged from None
    if not isinstance(said, dict):
        raise Forged
    return said


def said_by(said: dict[str, Any]) -> SignedRequest:
    """Take what we need; Forged for another algorithm, and without a person."""
    user_id, issued_at = str(said.get("user_id", "")), said.get("issued_at", 0)
    if str(said.get("algorithm", "")).upper() != ALGORITHM or not USER_ID.fullmatch(user_id):
        raise Forged
    is_told = isinstance(issued_at, int) and not isinstance(issued_at, bool) and 0 < issued_at < LATEST
    return SignedRequest(user_id, datetime.fromtimestamp(issued_at, UTC) if is_told else None)


def decoded(text: str) -> bytes:
    """Undo base64url, with or without its padding."""
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (ValueError, binascii.Error):
        raise Forged from None
